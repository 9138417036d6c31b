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
 * Source: the published SystemVerilog (github.com/Angela-WangBo/Shenjing-RTL), spike_crossbar.sv, spike_gen.sv.
 */
#ifndef NOC_SPIKE_ROUTER_H
#define NOC_SPIKE_ROUTER_H

#include "noc/mesh_port.h"
#include "noc/planes.h"
#include "sim/link.h"
#include "sim/rate.h"

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

struct noc_spike_routers {
    struct sim_component *owner; /* counts the events */
    uint32_t first_event;
    uint32_t planes;
    uint32_t bits; /* width of a potential, 1..16; lanes hold it sign-extended */
    bool count_toggles;
    bool in_reset;
    struct noc_spike_control control;
    int16_t threshold;
    uint32_t fresh, need; /* sets of registers: as they will stay; obeyed by the control */
    int16_t *potential;                        /* [planes] */
    uint64_t *spike, *axon, *in[NOC_PORT_COUNT]; /* [planes / 64] */
    const uint64_t *link[NOC_PORT_COUNT];      /* visible value of each neighbour's output; zero at the rim */
    struct sim_wire out[NOC_PORT_COUNT];       /* uint64_t[planes / 64] */
    struct sim_rate eval_rate, out_rate, axon_rate, in_rate, fire_rate;
    uint32_t out_event; /* what out_rate counts */
};

#ifdef __cplusplus
}
#endif

#endif
