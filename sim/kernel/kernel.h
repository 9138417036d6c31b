/* SPDX-License-Identifier: MIT
 *
 * The native kernel: steps the components of one chip through time.
 *
 * Life of a kernel:  init -> add ... -> connect ... -> start -> run ... -> settle -> (caller's arena
 * is released). Elaboration ends with `start`, which seals the arena: nothing is allocated afterwards.
 *
 * Three orders give the same run, bit for bit (laws L2 and L3): `sparse` steps only who is due, by
 * ascending id, and jumps idle stretches; `dense` steps everybody in every cycle; `shuffled` is dense
 * in a fresh random permutation each cycle. For the same reason several threads can share the components
 * of a cycle, where their connections allow it: shards.h.
 */
#ifndef SIM_KERNEL_KERNEL_H
#define SIM_KERNEL_KERNEL_H

#include "sim/base/arena.h"
#include "sim/kernel/component.h"
#include "sim/kernel/link.h"
#include "sim/kernel/wheel.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_order { SIM_ORDER_SPARSE, SIM_ORDER_DENSE, SIM_ORDER_SHUFFLED, SIM_ORDER_COUNT };

extern const char *const sim_order_names[SIM_ORDER_COUNT + 1]; /* "sparse", ...; ends with NULL */

/* Why sim_kernel_run came back. */
enum sim_stop {
    SIM_STOP_TIME,     /* the given cycle was reached */
    SIM_STOP_FINISHED, /* no component has work left */
    SIM_STOP_STALLED,  /* nothing was sent for `watchdog` cycles, or nobody is due, while work is left */
    SIM_STOP_COUNT
};

struct sim_kernel_spec {
    enum sim_order order;
    uint64_t seed;      /* of the shuffle */
    sim_cycle watchdog; /* cycles without any send while work is left; 0 = off */
    bool unlisted;      /* connections are not kept in a list: there is nobody who asks for them */
};

/* A registered connection, for reports, waveforms and other engines. */
struct sim_connection {
    const char *name;           /* "ps.east" as the producer calls it */
    uint32_t from, to;          /* component ids; `to` is SIM_NOBODY at the rim */
    struct sim_wire *wire; /* exactly one of the two is set */
    struct sim_link *link;
};

#define SIM_NOBODY UINT32_MAX

struct sim_kernel {
    struct sim_kernel_spec spec;
    struct sim_arena *arena;
    struct sim_wheel wheel;
    struct sim_component **component; /* [id] */
    uint32_t components, component_capacity;
    struct sim_connection *connection; /* none if spec.unlisted */
    uint32_t connections, connection_capacity;
    sim_cycle now;      /* next cycle to be stepped */
    uint32_t *shuffle;  /* scratch: a permutation of the ids */
    uint32_t *due;      /* scratch: who is stepped in this cycle */
    bool large;         /* than the caches */
    uint64_t steps;     /* calls of step functions */
    uint64_t rng;
    bool started;
    struct sim_shards *shards; /* who steps the components instead (shards.h), or NULL */
};

void sim_kernel_init(struct sim_kernel *kernel, const struct sim_kernel_spec *spec,
                     struct sim_arena *arena);

/* Makes room for so many more, where they are many and their number is known. */
void sim_kernel_reserve(struct sim_kernel *kernel, uint32_t components, uint32_t connections);

/* Registers a component; `component` is the first member of the model's state, `path` must live as
 * long as the arena. Returns its id. Counters are allocated here. */
uint32_t sim_kernel_add(struct sim_kernel *kernel, struct sim_component *component,
                        const struct sim_type *type, const char *path);

/* Connects a wire or link from component `from` to component `to` (SIM_NOBODY: it is not read). */
void sim_kernel_connect_wire(struct sim_kernel *kernel, struct sim_wire *wire, const char *name,
                             uint32_t from, uint32_t to);
void sim_kernel_connect_link(struct sim_kernel *kernel, struct sim_link *link, const char *name,
                             uint32_t from, uint32_t to);

/* Ends elaboration: every component is due at cycle 0, the arena is sealed. */
void sim_kernel_start(struct sim_kernel *kernel);

/* Steps cycles now .. until - 1, or fewer when all work is finished or the run stalls. */
enum sim_stop sim_kernel_run(struct sim_kernel *kernel, sim_cycle until);

/* Makes `id` due at cycle kernel->now or later: how a caller that changed a component's state between
 * runs (a host given new work) tells it so. */
void sim_kernel_poke(struct sim_kernel *kernel, uint32_t id);

/* Brings all counters to the state before cycle kernel->now. */
void sim_kernel_settle(struct sim_kernel *kernel);

/* Audits every component; false and messages on a fault. */
bool sim_kernel_audit(const struct sim_kernel *kernel, struct sim_err *err);

/* Who waits for whom: one line for each component that has something to say. */
void sim_kernel_explain(const struct sim_kernel *kernel, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
