/* SPDX-License-Identifier: MIT
 *
 * Spike routers and integrate-and-fire neurons: all planes of one tile.
 *
 * Each plane has four one-bit ports with an input register each, a spike register, an axon register (the
 * core's axon of the same number), four output registers, and a membrane potential. One control register,
 * shared by all planes, is obeyed in every cycle.
 *
 *      v = potential + (from_sum ? sum : local);  y = v - threshold;  above = sign bit of y is clear
 *      spike' = fire and above;  potential' = fire ? (above ? y : v) : potential
 *      in[0..3]' = link[0..3]                                   when none of bypass, send, buffer is set
 *      s = bypass ? link[in] : send ? spike : buffer ? 0 : in[in]
 *      bypass or send: out[out]' = s, the axon register keeps;   otherwise axon' = s
 *
 *      cycle     a           a+1           a+2
 *      FIRE      control     spike (for one cycle), potential
 *      SEND                  control       out register (= the wire to the neighbour)
 *      RECEIVE   on the link in register   axon register
 *
 * Sums wrap at the word's width; the soft reset subtracts the threshold; there is no leak.
 * Source: the published SystemVerilog (github.com/Angela-WangBo/Shenjing-RTL), spike_crossbar.sv and
 * spike_gen.sv.
 */
#ifndef NOC_SHENJING_SPIKE_ROUTER_H
#define NOC_SHENJING_SPIKE_ROUTER_H

#include "noc/shenjing/planes.h"
#include "noc/topology/mesh_port.h"
#include "sim/base/lanes.h"
#include "sim/kernel/link.h"
#include "sim/record/rate.h"

struct sim_arena;

#ifdef __cplusplus
extern "C" {
#endif

struct noc_spike_control {
    bool buffer, fire, from_sum, send, bypass;
    uint8_t in, out; /* enum noc_port */
};

#define NOC_SPIKE_EVENTS(X)                                                                        \
    X(spike_eval_planes, "evaluations of an integrate-and-fire neuron")                            \
    X(fire, "spikes: spike register set, planes x cycles")                                         \
    X(spike_bypass_planes, "spike output registers loaded from a link")                            \
    X(spike_send_planes, "spike output registers loaded from the spike register")                  \
    X(axon_reg_writes, "axon registers loaded")                                                    \
    X(spin_reg_writes, "spike input registers loaded")                                             \
    X(spike_link_bits_n, "bits changed on the outgoing spike link, north")                         \
    X(spike_link_bits_s, "bits changed on the outgoing spike link, south")                         \
    X(spike_link_bits_e, "bits changed on the outgoing spike link, east")                          \
    X(spike_link_bits_w, "bits changed on the outgoing spike link, west")                          \
    X(axon_reg_bits, "bits changed in axon registers (with count_toggles)")                        \
    X(spin_reg_bits, "bits changed in spike input registers (with count_toggles)")                 \
    X(spike_reg_bits, "bits changed in spike registers (with count_toggles)")                      \
    X(potential_bits, "bits changed in potentials (with count_toggles)")

/* Event numbers within the routers; the owner adds the number of its first one. */
enum noc_spike_event {
#define NOC_SPIKE_EVENT_NAME(name, help) NOC_SPIKE_EVENT_##name,
    NOC_SPIKE_EVENTS(NOC_SPIKE_EVENT_NAME)
#undef NOC_SPIKE_EVENT_NAME
    NOC_SPIKE_EVENT_COUNT
};

/* Sets of registers, as in noc/shenjing/ps_router.h. */
enum noc_spike_register {
    NOC_SPIKE_IN = 1 << 0,    /* the input registers show their links */
    NOC_SPIKE_AXON = 1 << 1,  /* the axon register shows its source */
    NOC_SPIKE_OUT = 1 << 2,   /* the chosen output register shows its source */
    NOC_SPIKE_QUIET = 1 << 3, /* the spike register is 0 */
    NOC_SPIKE_RESET = 1 << 4, /* all registers are 0 */
    NOC_SPIKE_FIRE = 1 << 5   /* never fresh: a neuron that fires integrates in every cycle */
};

struct noc_spike_routers {
    struct sim_component *owner; /* counts the events */
    uint32_t first_event;
    const struct sim_lanes *lanes;
    const struct noc_planes *clocked;
    uint32_t planes;
    uint32_t words; /* planes / 64 */
    uint32_t bits;  /* width of a potential, 1..16; lanes hold it sign-extended */
    bool count_toggles;
    bool in_reset;
    bool axon_moved; /* the axon registers have changed; the owner takes note and clears this */
    struct noc_spike_control control;
    int16_t threshold;
    const uint64_t
        *forced; /* [words] what fires in the place of what the neurons compute; NULL: nothing is */
    uint32_t fresh, need;                        /* sets of enum noc_spike_register */
    int16_t *potential;                          /* [planes] */
    const uint64_t *zero;                        /* [words] */
    int16_t *before;                             /* [planes] scratch, with count_toggles */
    uint64_t *spike_before;                      /* [words] scratch, with count_toggles */
    uint64_t *spike, *axon, *in[NOC_PORT_COUNT]; /* [words] */
    const uint64_t *link[NOC_PORT_COUNT];        /* visible value of a neighbour's output; 0 at the rim */
    struct sim_rate eval_rate, fire_rate, out_rate, axon_rate, in_rate;
    uint32_t out_event;                          /* what out_rate counts */
    struct sim_wire out[NOC_PORT_COUNT];         /* uint64_t[words] */
};

struct noc_spike_spec {
    uint32_t bits;
    bool count_toggles;
};

/* Registers, links and outputs 0; `clocked` is kept by the owner. */
void noc_spike_routers_init(struct noc_spike_routers *routers, const struct noc_spike_spec *spec,
                            const struct noc_planes *clocked, struct sim_component *owner,
                            uint32_t first_event, struct sim_arena *arena);

/* What holds from cycle `now` on: */
void noc_spike_routers_set_control(struct noc_spike_routers *routers, struct noc_spike_control control,
                                   sim_cycle now);
void noc_spike_routers_set_reset(struct noc_spike_routers *routers, bool in_reset, sim_cycle now);
/* `clocked` has changed. */
void noc_spike_routers_set_clocked(struct noc_spike_routers *routers, sim_cycle now);
void noc_spike_routers_set_link(struct noc_spike_routers *routers, enum noc_port port, const uint64_t *value);
static inline void noc_spike_routers_set_threshold(struct noc_spike_routers *routers, int16_t threshold) {
    routers->threshold = threshold;
}

/* Whether the next cycle changes anything. */
static inline bool noc_spike_routers_busy(const struct noc_spike_routers *routers) {
    return (routers->need & ~routers->fresh) != 0;
}

/* Whether an output register may change although links and control stand. */
static inline bool noc_spike_routers_restless(const struct noc_spike_routers *routers) {
    return noc_spike_routers_busy(routers) && (routers->need & (NOC_SPIKE_OUT | NOC_SPIKE_RESET)) != 0;
}

/* Executes cycle `now` with the local partial sums and the router's sums of that cycle; needed only when
 * busy. */
void noc_spike_routers_cycle(struct noc_spike_routers *routers, const int16_t *local, const int16_t *sum,
                             sim_cycle now);

void noc_spike_routers_settle(struct noc_spike_routers *routers, sim_cycle now);

#ifdef __cplusplus
}
#endif

#endif
