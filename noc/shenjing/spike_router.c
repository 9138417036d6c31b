/* SPDX-License-Identifier: MIT
 *
 * Spike routers and integrate-and-fire neurons; see spike_router.h. In a cycle the registers are computed in
 * the order out or axon, in, spike and potential, so that each reads what its sources showed before the edge.
 */
#include "noc/shenjing/spike_router.h"

#include "sim/base/arena.h"

#include <string.h>

#define EVENT(routers, name) ((routers)->first_event + NOC_SPIKE_EVENT_##name)

void noc_spike_routers_init(struct noc_spike_routers *routers, const struct noc_spike_spec *spec,
                            const struct noc_planes *clocked, struct sim_component *owner,
                            uint32_t first_event, struct sim_arena *arena) {
    memset(routers, 0, sizeof *routers);
    routers->owner = owner;
    routers->first_event = first_event;
    routers->lanes = sim_lanes();
    routers->clocked = clocked;
    routers->planes = clocked->planes;
    routers->words = clocked->planes / 64;
    routers->bits = spec->bits;
    routers->count_toggles = spec->count_toggles;
    routers->potential = SIM_NEW_ARRAY(arena, int16_t, routers->planes);
    /* In one piece: registers of a few words each would take a line of the cache each. */
    uint64_t *word = SIM_NEW_ARRAY(arena, uint64_t, (size_t)(2 + NOC_PORT_COUNT) * routers->words);
    routers->spike = word;
    routers->axon = word + routers->words;
    routers->spike_before = SIM_NEW_ARRAY(arena, uint64_t, routers->words);
    routers->zero = SIM_NEW_ARRAY(arena, uint64_t, routers->words);
    if (spec->count_toggles)
        routers->before = SIM_NEW_ARRAY(arena, int16_t, routers->planes);
    for (int port = 0; port < NOC_PORT_COUNT; port++) {
        routers->in[port] = word + (size_t)(2 + port) * routers->words;
        routers->link[port] = routers->zero;
        sim_wire_init(&routers->out[port], routers->words * (uint32_t)sizeof(uint64_t), 1, arena);
    }
}

/* ---- control ----------------------------------------------------------------------------------- */

static bool drives(const struct noc_spike_control *c) { return c->bypass || c->send; }
static bool receives(const struct noc_spike_control *c) { return !c->bypass && !c->send && !c->buffer; }

static uint32_t obeyed(const struct noc_spike_routers *routers) {
    const struct noc_spike_control *c = &routers->control;
    if (routers->clocked->count == 0)
        return 0;
    if (routers->in_reset)
        return NOC_SPIKE_RESET;
    uint32_t need = c->fire ? NOC_SPIKE_FIRE : NOC_SPIKE_QUIET;
    need |= drives(c) ? NOC_SPIKE_OUT : NOC_SPIKE_AXON;
    if (receives(c))
        need |= NOC_SPIKE_IN;
    return need;
}

static void obey(struct noc_spike_routers *routers, sim_cycle now) {
    const struct noc_spike_control *c = &routers->control;
    struct sim_component *owner = routers->owner;
    uint64_t planes = routers->in_reset ? 0 : routers->clocked->count;
    uint32_t event = c->bypass ? NOC_SPIKE_EVENT_spike_bypass_planes : NOC_SPIKE_EVENT_spike_send_planes;
    routers->need = obeyed(routers);
    if (event != routers->out_event) {
        sim_rate_set(&routers->out_rate, owner, routers->first_event + routers->out_event, 0, now);
        routers->out_event = event;
    }
    sim_rate_set(&routers->out_rate, owner, routers->first_event + event, drives(c) ? planes : 0, now);
    sim_rate_set(&routers->axon_rate, owner, EVENT(routers, axon_reg_writes), drives(c) ? 0 : planes, now);
    sim_rate_set(&routers->in_rate, owner, EVENT(routers, spin_reg_writes), receives(c) ? planes : 0, now);
    sim_rate_set(&routers->eval_rate, owner, EVENT(routers, spike_eval_planes), c->fire ? planes : 0, now);
}

void noc_spike_routers_set_control(struct noc_spike_routers *routers, struct noc_spike_control control,
                                   sim_cycle now) {
    routers->control = control;
    routers->fresh &= ~(uint32_t)(NOC_SPIKE_AXON | NOC_SPIKE_OUT);
    obey(routers, now);
}

void noc_spike_routers_set_reset(struct noc_spike_routers *routers, bool in_reset, sim_cycle now) {
    routers->in_reset = in_reset;
    routers->fresh = 0;
    obey(routers, now);
}

void noc_spike_routers_set_clocked(struct noc_spike_routers *routers, sim_cycle now) {
    routers->fresh = 0;
    obey(routers, now);
}

void noc_spike_routers_set_link(struct noc_spike_routers *routers, enum noc_port port,
                                const uint64_t *value) {
    routers->link[port] = value;
    routers->fresh &= ~(uint32_t)NOC_SPIKE_IN;
    if (routers->control.bypass && routers->control.in == port)
        routers->fresh &= ~(uint32_t)NOC_SPIKE_OUT;
}

/* ---- one cycle --------------------------------------------------------------------------------- */

static void count_bits(struct noc_spike_routers *routers, uint32_t event, uint32_t bits, sim_cycle now) {
    sim_count(routers->owner, routers->first_event + event, bits, now, 1);
}

/* Loads a register in the clocked planes; true when it changes. `event` counts the bits. */
static bool load(struct noc_spike_routers *routers, uint64_t *to, const uint64_t *from, uint32_t event,
                 sim_cycle now) {
    const uint64_t *clocked = routers->clocked->bits;
    uint64_t any = 0;
    uint32_t bits = 0;
    for (uint32_t i = 0; i < routers->words; i++) {
        uint64_t flips = (to[i] ^ from[i]) & clocked[i];
        to[i] ^= flips;
        any |= flips;
        if (routers->count_toggles)
            bits += (uint32_t)__builtin_popcountll(flips);
    }
    count_bits(routers, event, bits, now);
    return any != 0;
}

/* Loads an output register; the wire is driven only when a bit changes. */
static void drive(struct noc_spike_routers *routers, enum noc_port port, const uint64_t *from,
                  sim_cycle now) {
    const uint64_t *last = sim_wire_last(&routers->out[port]), *clocked = routers->clocked->bits;
    uint32_t bits = 0;
    for (uint32_t i = 0; i < routers->words; i++) {
        uint64_t flips = (last[i] ^ from[i]) & clocked[i];
        if (flips != 0)
            bits += (uint32_t)__builtin_popcountll(flips);
    }
    if (bits == 0)
        return;
    uint64_t *next = sim_wire_drive(&routers->out[port], now);
    for (uint32_t i = 0; i < routers->words; i++)
        next[i] = last[i] ^ ((last[i] ^ from[i]) & clocked[i]);
    sim_count(routers->owner, EVENT(routers, spike_link_bits_n) + port, bits, now, 1);
}

/* The spike registers have been loaded in cycle `now`: each that is set counts in every cycle. */
static void count_spikes(struct noc_spike_routers *routers, sim_cycle now) {
    uint32_t set = 0;
    for (uint32_t i = 0; i < routers->words; i++)
        if (routers->spike[i] != 0)
            set += (uint32_t)__builtin_popcountll(routers->spike[i]);
    sim_rate_set(&routers->fire_rate, routers->owner, EVENT(routers, fire), set, now);
}

static void count_potential(struct noc_spike_routers *routers, sim_cycle now) {
    uint16_t mask = (uint16_t)((1u << routers->bits) - 1);
    uint32_t bits =
        routers->lanes->differ(routers->potential, routers->before, mask, NULL, routers->planes);
    sim_count(routers->owner, EVENT(routers, potential_bits), bits, now, 1);
}

static void keep_potential(struct noc_spike_routers *routers) {
    memcpy(routers->before, routers->potential, routers->planes * sizeof *routers->potential);
}

static void fire(struct noc_spike_routers *routers, const int16_t *input, sim_cycle now) {
    if (routers->count_toggles) {
        keep_potential(routers);
        memcpy(routers->spike_before, routers->spike, routers->words * sizeof *routers->spike);
    }
    routers->lanes->fire(routers->potential, input, routers->threshold, 16 - routers->bits,
                         noc_planes_lanes(routers->clocked), routers->spike, routers->planes);
    for (uint32_t i = 0; routers->forced != NULL && i < routers->words; i++)
        routers->spike[i] ^= (routers->spike[i] ^ routers->forced[i]) & routers->clocked->bits[i];
    if (routers->count_toggles) {
        count_potential(routers, now);
        /* Loading the new value over the old one counts the difference. */
        load(routers, routers->spike_before, routers->spike, NOC_SPIKE_EVENT_spike_reg_bits, now);
    }
    count_spikes(routers, now);
}

static void clear_spikes(struct noc_spike_routers *routers, sim_cycle now) {
    load(routers, routers->spike, routers->zero, NOC_SPIKE_EVENT_spike_reg_bits, now);
    count_spikes(routers, now);
}

static void load_axon(struct noc_spike_routers *routers, const uint64_t *from, sim_cycle now) {
    routers->axon_moved |= load(routers, routers->axon, from, NOC_SPIKE_EVENT_axon_reg_bits, now);
}

static void reset(struct noc_spike_routers *routers, sim_cycle now) {
    const int16_t *mask = noc_planes_lanes(routers->clocked);
    for (int port = 0; port < NOC_PORT_COUNT; port++) {
        drive(routers, (enum noc_port)port, routers->zero, now);
        load(routers, routers->in[port], routers->zero, NOC_SPIKE_EVENT_spin_reg_bits, now);
    }
    load_axon(routers, routers->zero, now);
    clear_spikes(routers, now);
    if (routers->count_toggles)
        keep_potential(routers);
    for (uint32_t p = 0; p < routers->planes; p++)
        if (mask == NULL || mask[p] != 0)
            routers->potential[p] = 0;
    if (routers->count_toggles)
        count_potential(routers, now);
    routers->fresh = NOC_SPIKE_RESET;
}

static const uint64_t *routed(const struct noc_spike_routers *routers) {
    const struct noc_spike_control *c = &routers->control;
    return c->bypass   ? routers->link[c->in]
           : c->send   ? routers->spike
           : c->buffer ? routers->zero
                       : routers->in[c->in];
}

void noc_spike_routers_cycle(struct noc_spike_routers *routers, const int16_t *local, const int16_t *sum,
                             sim_cycle now) {
    const struct noc_spike_control *c = &routers->control;
    uint32_t todo = routers->need & ~routers->fresh, stale = NOC_SPIKE_FIRE;
    if (todo & NOC_SPIKE_RESET) {
        reset(routers, now);
        return;
    }
    if (todo & NOC_SPIKE_OUT)
        drive(routers, (enum noc_port)c->out, routed(routers), now);
    if (todo & NOC_SPIKE_AXON)
        load_axon(routers, routed(routers), now);
    if (todo & NOC_SPIKE_IN) {
        for (int port = 0; port < NOC_PORT_COUNT; port++)
            load(routers, routers->in[port], routers->link[port], NOC_SPIKE_EVENT_spin_reg_bits, now);
        stale |= NOC_SPIKE_AXON;
    }
    if (todo & NOC_SPIKE_FIRE) {
        fire(routers, c->from_sum ? sum : local, now);
        stale |= NOC_SPIKE_OUT | NOC_SPIKE_QUIET;
    }
    if (todo & NOC_SPIKE_QUIET) {
        clear_spikes(routers, now);
        stale |= NOC_SPIKE_OUT;
    }
    routers->fresh = (routers->fresh | todo) & ~stale;
}

void noc_spike_routers_settle(struct noc_spike_routers *routers, sim_cycle now) {
    struct sim_component *owner = routers->owner;
    sim_rate_settle(&routers->out_rate, owner, routers->first_event + routers->out_event, now);
    sim_rate_settle(&routers->axon_rate, owner, EVENT(routers, axon_reg_writes), now);
    sim_rate_settle(&routers->in_rate, owner, EVENT(routers, spin_reg_writes), now);
    sim_rate_settle(&routers->eval_rate, owner, EVENT(routers, spike_eval_planes), now);
    sim_rate_settle(&routers->fire_rate, owner, EVENT(routers, fire), now);
}
