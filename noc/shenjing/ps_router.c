/* SPDX-License-Identifier: MIT
 *
 * Partial-sum routers; see ps_router.h. In a cycle the registers are computed in the order out, sum, op1, in,
 * so that each reads what its sources showed before the edge.
 */
#include "noc/shenjing/ps_router.h"

#include "sim/base/arena.h"

#include <string.h>

#define EVENT(routers, name) ((routers)->first_event + NOC_PS_EVENT_##name)

void noc_ps_routers_init(struct noc_ps_routers *routers, const struct noc_ps_spec *spec,
                         const struct noc_planes *clocked, struct sim_component *owner,
                         uint32_t first_event, struct sim_arena *arena) {
    memset(routers, 0, sizeof *routers);
    routers->owner = owner;
    routers->first_event = first_event;
    routers->lanes = sim_lanes();
    routers->clocked = clocked;
    routers->planes = clocked->planes;
    routers->bits = spec->bits;
    routers->count_toggles = spec->count_toggles;
    routers->op1 = SIM_NEW_ARRAY(arena, int16_t, routers->planes);
    routers->sum = SIM_NEW_ARRAY(arena, int16_t, routers->planes);
    routers->zero = SIM_NEW_ARRAY(arena, int16_t, routers->planes);
    if (spec->count_toggles)
        routers->before = SIM_NEW_ARRAY(arena, int16_t, routers->planes);
    for (int port = 0; port < NOC_PORT_COUNT; port++) {
        routers->in[port] = SIM_NEW_ARRAY(arena, int16_t, routers->planes);
        routers->link[port] = routers->zero;
        sim_wire_init(&routers->out[port], routers->planes * (uint32_t)sizeof(int16_t), 1, arena);
    }
}

/* ---- control ----------------------------------------------------------------------------------- */

static bool from_link(const struct noc_ps_control *c) { return c->bypass; }
static bool from_sum(const struct noc_ps_control *c) { return !c->bypass && (c->send_sum || c->consec); }
static bool from_local(const struct noc_ps_control *c) { return !c->bypass && !c->send_sum && !c->consec; }

static bool drives(const struct noc_ps_control *c) {
    return c->out < NOC_PORT_COUNT && (c->bypass || c->send_sum || c->send_local);
}

static uint32_t obeyed(const struct noc_ps_routers *routers) {
    const struct noc_ps_control *c = &routers->control;
    if (routers->clocked->count == 0)
        return 0;
    if (routers->in_reset)
        return NOC_PS_RESET;
    uint32_t need = c->consec ? NOC_PS_OP1_SUM : NOC_PS_OP1_LOCAL;
    if (!c->consec)
        need |= c->add ? NOC_PS_SUM_ADDED : NOC_PS_SUM_ZERO;
    if (!c->bypass)
        need |= (uint32_t)NOC_PS_IN << c->in;
    if (drives(c))
        need |= NOC_PS_OUT;
    return need;
}

static void count_with(struct noc_ps_routers *routers, struct sim_rate *rate, uint32_t *event,
                       uint32_t next, uint64_t planes, sim_cycle now) {
    if (*event != next) {
        sim_rate_set(rate, routers->owner, routers->first_event + *event, 0, now);
        *event = next;
    }
    sim_rate_set(rate, routers->owner, routers->first_event + next, planes, now);
}

static void obey(struct noc_ps_routers *routers, sim_cycle now) {
    const struct noc_ps_control *c = &routers->control;
    uint64_t planes = routers->in_reset ? 0 : routers->clocked->count;
    routers->need = obeyed(routers);
    count_with(routers, &routers->sum_rate, &routers->sum_event,
               c->consec ? NOC_PS_EVENT_ps_hold_planes : NOC_PS_EVENT_ps_sum_planes,
               c->consec || c->add ? planes : 0, now);
    uint32_t event = from_link(c)  ? NOC_PS_EVENT_ps_bypass_planes
                     : c->send_sum ? NOC_PS_EVENT_ps_send_sum_planes
                     : c->consec   ? NOC_PS_EVENT_ps_send_op1sum_planes
                                   : NOC_PS_EVENT_ps_send_local_planes;
    count_with(routers, &routers->out_rate, &routers->out_event, event, drives(c) ? planes : 0, now);
    sim_rate_set(&routers->in_rate, routers->owner, EVENT(routers, psin_reg_writes), c->bypass ? 0 : planes,
                 now);
}

void noc_ps_routers_set_control(struct noc_ps_routers *routers, struct noc_ps_control control,
                                sim_cycle now) {
    routers->control = control;
    routers->fresh &= ~(uint32_t)(NOC_PS_SUM_ADDED | NOC_PS_OUT);
    obey(routers, now);
}

void noc_ps_routers_set_reset(struct noc_ps_routers *routers, bool in_reset, sim_cycle now) {
    routers->in_reset = in_reset;
    routers->fresh = 0;
    obey(routers, now);
}

void noc_ps_routers_set_clocked(struct noc_ps_routers *routers, sim_cycle now) {
    routers->fresh = 0;
    obey(routers, now);
}

void noc_ps_routers_set_link(struct noc_ps_routers *routers, enum noc_port port, const int16_t *value) {
    routers->link[port] = value;
    routers->fresh &= ~((uint32_t)NOC_PS_IN << port);
    if (from_link(&routers->control) && routers->control.in == port)
        routers->fresh &= ~(uint32_t)NOC_PS_OUT;
}

void noc_ps_routers_moved_local(struct noc_ps_routers *routers) {
    routers->fresh &= ~(uint32_t)NOC_PS_OP1_LOCAL;
    if (from_local(&routers->control))
        routers->fresh &= ~(uint32_t)NOC_PS_OUT;
}

bool noc_ps_routers_send_local(const struct noc_ps_routers *routers) {
    const struct noc_ps_control *c = &routers->control;
    if ((routers->need & NOC_PS_OUT) == 0 || c->bypass || c->consec)
        return false;
    return !c->send_sum || c->add;
}

/* ---- one cycle --------------------------------------------------------------------------------- */

static uint16_t word_mask(const struct noc_ps_routers *routers) {
    return (uint16_t)((1u << routers->bits) - 1);
}

/* Loads an output register; the wire is driven only when a bit changes. */
static void drive(struct noc_ps_routers *routers, enum noc_port port, const int16_t *source,
                  sim_cycle now) {
    const int16_t *mask = noc_planes_lanes(routers->clocked), *last = sim_wire_last(&routers->out[port]);
    uint32_t bits = routers->lanes->differ(source, last, word_mask(routers), mask, routers->planes);
    if (bits == 0)
        return;
    int16_t *next = sim_wire_drive(&routers->out[port], now);
    if (mask != NULL)
        memcpy(next, last, routers->planes * sizeof *next);
    routers->lanes->copy(next, source, mask, routers->planes);
    sim_count(routers->owner, EVENT(routers, ps_link_bits_n) + port, bits, now, 1);
}

/* Loads a register: from a, or a + b. */
static void load(struct noc_ps_routers *routers, int16_t *to, const int16_t *a, const int16_t *b,
                 uint32_t event, sim_cycle now) {
    const int16_t *mask = noc_planes_lanes(routers->clocked);
    if (routers->count_toggles)
        memcpy(routers->before, to, routers->planes * sizeof *to);
    if (b == NULL)
        routers->lanes->copy(to, a, mask, routers->planes);
    else
        routers->lanes->add(to, a, b, 16 - routers->bits, mask, routers->planes);
    if (routers->count_toggles) {
        uint32_t bits =
            routers->lanes->differ(to, routers->before, word_mask(routers), NULL, routers->planes);
        sim_count(routers->owner, routers->first_event + event, bits, now, 1);
    }
}

static void reset(struct noc_ps_routers *routers, sim_cycle now) {
    const int16_t *zero = routers->zero;
    load(routers, routers->op1, zero, NULL, NOC_PS_EVENT_op1_reg_bits, now);
    load(routers, routers->sum, zero, NULL, NOC_PS_EVENT_sum_reg_bits, now);
    for (int port = 0; port < NOC_PORT_COUNT; port++) {
        load(routers, routers->in[port], zero, NULL, NOC_PS_EVENT_psin_reg_bits, now);
        drive(routers, (enum noc_port)port, zero, now);
    }
    routers->fresh = NOC_PS_RESET;
}

static const int16_t *output_source(const struct noc_ps_routers *routers, const int16_t *local) {
    const struct noc_ps_control *c = &routers->control;
    return from_link(c) ? routers->link[c->in] : from_sum(c) ? routers->sum : local;
}

void noc_ps_routers_cycle(struct noc_ps_routers *routers, const int16_t *local, sim_cycle now) {
    const struct noc_ps_control *c = &routers->control;
    uint32_t todo = routers->need & ~routers->fresh, stale = 0;
    if (todo & NOC_PS_RESET) {
        reset(routers, now);
        return;
    }
    if (todo & NOC_PS_OUT)
        drive(routers, (enum noc_port)c->out, output_source(routers, local), now);
    if (todo & (NOC_PS_SUM_ADDED | NOC_PS_SUM_ZERO)) {
        const int16_t *a = c->add ? routers->op1 : routers->zero;
        const int16_t *b = c->add && !c->bypass ? routers->in[c->in] : NULL;
        load(routers, routers->sum, a, b, NOC_PS_EVENT_sum_reg_bits, now);
        routers->fresh &= ~(uint32_t)(NOC_PS_SUM_ADDED | NOC_PS_SUM_ZERO);
        stale |= NOC_PS_OP1_SUM | (from_sum(c) ? NOC_PS_OUT : 0);
    }
    if (todo & (NOC_PS_OP1_LOCAL | NOC_PS_OP1_SUM)) {
        load(routers, routers->op1, c->consec ? routers->sum : local, NULL, NOC_PS_EVENT_op1_reg_bits, now);
        routers->fresh &= ~(uint32_t)(NOC_PS_OP1_LOCAL | NOC_PS_OP1_SUM);
        stale |= NOC_PS_SUM_ADDED;
    }
    if (todo & ((uint32_t)NOC_PS_IN << c->in)) {
        load(routers, routers->in[c->in], routers->link[c->in], NULL, NOC_PS_EVENT_psin_reg_bits, now);
        stale |= NOC_PS_SUM_ADDED;
    }
    routers->fresh = (routers->fresh | todo) & ~stale;
}

void noc_ps_routers_settle(struct noc_ps_routers *routers, sim_cycle now) {
    sim_rate_settle(&routers->sum_rate, routers->owner, routers->first_event + routers->sum_event, now);
    sim_rate_settle(&routers->out_rate, routers->owner, routers->first_event + routers->out_event, now);
    sim_rate_settle(&routers->in_rate, routers->owner, EVENT(routers, psin_reg_writes), now);
}
