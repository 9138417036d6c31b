/* SPDX-License-Identifier: MIT
 *
 * Toy hardware for the laws: small, but with everything that real hardware can get wrong.
 *
 *   node       a packet switch: input buffers, credits, round-robin outputs, multicast, drops after too
 *              long a wait, a source with random gaps, occupancy as a time-weighted sum
 *   gate       a function of held wires, driven on change only, with wires fanning out
 *   metronome  beats at random, often far, times and holds its beat count on a wire
 *
 *      metronome ==wire==> gate ==wire==> gate ...          wires hold, links carry
 *                           ||
 *                          wire (dial: changes the tags of new flits)
 *                           \/
 *                          node --flits--> node --flits--> ...
 *                               <-credits-      <-credits-
 *
 * Latencies are 1 .. SIM_WHEEL_SLOTS - 1. Nothing here models real timing.
 */
#ifndef TEST_LAWS_TOYS_H
#define TEST_LAWS_TOYS_H

#include "sim/kernel/kernel.h"

/* ---- node ----------------------------------------------------------------------------------------- */

#define TOY_PORTS 4

struct toy_flit {
    uint64_t tag; /* decides the route, nothing else */
    uint64_t hops;
};

SIM_LINK_DEFINE(toy_flit_link, struct toy_flit)
SIM_LINK_DEFINE(toy_credit_link, uint64_t)

/* Invariant: buffer[head .. head + count - 1] (mod depth) are the waiting flits; `todo` are the outputs that
 * the first still has to go to, 0 while it has no route. */
struct toy_input {
    struct toy_flit_link *flits;     /* NULL: the source's queue */
    struct toy_credit_link *credits; /* to the sender */
    struct toy_flit *buffer;
    uint32_t depth, head, count, todo;
    sim_cycle first_since; /* how long the first has been first */
};

struct toy_output {
    struct toy_flit_link *flits;
    struct toy_credit_link *credits; /* from the receiver */
    uint32_t depth, free;            /* the receiver's buffer, and our credits for it */
    uint32_t granted;                /* the input that went last */
    uint32_t reserved;
};

enum toy_node_event {
    TOY_NODE_INJECT,
    TOY_NODE_COPY,
    TOY_NODE_FORWARD,
    TOY_NODE_DELIVER,
    TOY_NODE_DROP,
    TOY_NODE_OCCUPANCY,
    TOY_NODE_EVENT_COUNT
};

struct toy_node {
    struct sim_component base;
    struct toy_input input[TOY_PORTS + 1]; /* the first is the source's queue */
    struct toy_output output[TOY_PORTS];
    uint32_t inputs, outputs;
    const struct sim_wire *dial; /* or NULL */
    sim_cycle patience;          /* a first flit is dropped after this long; SIM_NEVER: waits */
    uint64_t rng, to_inject, gap;
    sim_cycle inject_at;
    uint64_t buffered; /* flits in all buffers, since `since` */
    sim_cycle since;
};

extern const struct sim_type toy_node_type;

/* ---- gate and metronome --------------------------------------------------------------------------- */

/* Wires have one reader: a value that fans out has one wire for each reader. */
struct toy_fan {
    struct sim_wire *wire[TOY_PORTS];
    uint32_t wires;
};

enum toy_gate_event { TOY_GATE_CHANGE, TOY_GATE_TOGGLE, TOY_GATE_ONES, TOY_GATE_EVENT_COUNT };

struct toy_gate {
    struct sim_component base;
    const struct sim_wire *input[TOY_PORTS];
    uint32_t inputs;
    uint32_t kind; /* and, or, xor, majority */
    struct toy_fan fan;
    uint64_t value;  /* driven last */
    sim_cycle since; /* the ones of value are counted up to here */
};

extern const struct sim_type toy_gate_type;

enum toy_metronome_event { TOY_METRONOME_BEAT, TOY_METRONOME_EVENT_COUNT };

struct toy_metronome {
    struct sim_component base;
    struct toy_fan fan;
    uint64_t rng, beats, left;
    sim_cycle beat_at;
};

extern const struct sim_type toy_metronome_type;

/* ---- systems -------------------------------------------------------------------------------------- */

struct toy_system {
    struct toy_node **node;
    uint32_t nodes;
};

/* A random system; with `patience` false no flit is ever dropped for waiting and no gates form rings, so
 * systems deadlock, come to rest, and stall. */
struct toy_system *toy_build(struct sim_kernel *kernel, uint64_t seed, bool patience);

/* L4: for every channel credits + flits on the link + buffered + credits on the way = depth. */
bool toy_audit_credits(const void *system, const struct sim_kernel *kernel, struct sim_err *err);

/* L5: injected + copies = delivered + dropped + in the network; and the open work is just that. */
bool toy_audit_conservation(const void *system, const struct sim_kernel *kernel, struct sim_err *err);

#endif
