/* SPDX-License-Identifier: MIT
 *
 * Line network for broadcasting slope and bias pairs; see line.h.
 */
#include "noc/line/line.h"

#include <assert.h>
#include <math.h>

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct noc_line_spec, link_bits, 2, 65536, "257",
                   "width of the link; 257 = 8 pairs of 2 x 16 bits and a tag (recalled, unverified)"),
    SIM_PARAM_UINT(struct noc_line_spec, clock_ratio, 1, 64, "2",
                   "cycles of the network in a cycle of the lanes (recalled, unverified)"),
    SIM_PARAM_QUANTITY(struct noc_line_spec, hop_m, "hop", SIM_UNIT_METRE, 1e-6, 0.1, "1 mm",
                       "from router to router (recalled, unverified)"),
    SIM_PARAM_QUANTITY(
        struct noc_line_spec, delay_per_mm_s, "delay_per_mm", SIM_UNIT_SECOND, 1e-13, 1e-6, "62.5 ps",
        "delay of a millimetre of repeated link; 62.5 ps: 8 mm in a cycle at 2 GHz (SMART, DATE 2013)"),
    SIM_PARAM_QUANTITY(struct noc_line_spec, setup_s, "setup", SIM_UNIT_SECOND, 0, 1e-6, "0 s",
                       "part of a cycle that is not for travelling"),
};

static const struct sim_event events[] = {NOC_LINE_EVENTS(SIM_EVENT_ROW)};

static const struct sim_type *const types[] = {&noc_line_type, NULL};

const struct sim_schema noc_line_schema = {
    .name = "noc.line",
    .help = "Line network that broadcasts slope and bias pairs past the lanes of all cores.",
    .size = sizeof(struct noc_line_spec),
    SIM_SCHEMA_PARAMS(params),
    .types = types,
};

uint32_t noc_line_reach(const struct noc_line_spec *spec, double network_hz) {
    double hop_s = spec->hop_m * 1e3 * spec->delay_per_mm_s;
    double hops = floor((1 / network_hz - spec->setup_s) / hop_s * (1 + 1e-12));
    return hops < 1 ? 0 : hops > 1e6 ? 1000000 : (uint32_t)hops;
}

static uint32_t tag_bits(uint32_t flits) {
    uint32_t bits = 0;
    while (1u << bits < flits)
        bits++;
    return bits;
}

uint32_t noc_line_flits(const struct noc_line_spec *spec, uint32_t pairs, uint32_t pair_bits,
                        uint32_t *pairs_of_flit) {
    for (uint32_t flits = 1; flits <= pairs; flits++) {
        uint32_t tag = tag_bits(flits);
        *pairs_of_flit = spec->link_bits > tag ? (spec->link_bits - tag) / pair_bits : 0;
        if (*pairs_of_flit == 0)
            return 0;
        if ((uint64_t)*pairs_of_flit * flits >= pairs) {
            *pairs_of_flit = (pairs + flits - 1) / flits;
            return flits;
        }
    }
    return 0;
}

/* ---- a span ----------------------------------------------------------------------------------- */

static void pass_on(struct noc_line *line, const struct noc_line_flit *flit, sim_cycle now) {
    const struct noc_line_plan *plan = line->plan;
    uint64_t bits = plan->spec->link_bits;
    uint64_t hop_um = (uint64_t)llround(plan->spec->hop_m * 1e6),
             core_um = (uint64_t)llround(plan->core_m * 1e6);
    for (uint32_t r = 0; r < line->routers; r++)
        noc_line_link_send(&line->tap[r], now, *flit);
    if (line->next != NULL)
        noc_line_link_send(&line->next->in, now, *flit);
    sim_count(&line->base, NOC_LINE_EVENT_flits, 1, now, 1);
    sim_count(&line->base, NOC_LINE_EVENT_register_bits, bits, now, 1);
    sim_count(&line->base, NOC_LINE_EVENT_link_bit_um, bits * hop_um * line->routers, now, 1);
    sim_count(&line->base, NOC_LINE_EVENT_tap_bit_um, bits * core_um * line->routers, now, 1);
}

static sim_cycle step_head(struct noc_line *line, sim_cycle now) {
    const struct noc_line_plan *plan = line->plan;
    const struct noc_line_order *order = noc_line_order_link_peek(line->order, now);
    sim_cycle ratio = plan->spec->clock_ratio;
    if (!line->busy && order != NULL) {
        if (now % ratio != 0)
            return now + ratio - now % ratio;
        line->busy = true;
        line->current = *order;
        noc_line_order_link_take(line->order);
    }
    if (!line->busy)
        return SIM_NEVER;
    uint32_t first = line->sent * line->pairs_of_flit, left = plan->pairs - first;
    struct noc_line_flit flit = {
        .broadcast = line->current.broadcast,
        .tag = (uint16_t)line->sent,
        .pairs = (uint16_t)(left < line->pairs_of_flit ? left : line->pairs_of_flit),
        .pair = plan->table[line->current.table] + first,
    };
    pass_on(line, &flit, now);
    if (++line->sent == line->flits) {
        line->sent = 0;
        line->busy = false;
        if (sim_link_count(&line->order->base) == 0)
            return SIM_NEVER;
    }
    return now + 1;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct noc_line *line = self;
    if (line->order != NULL)
        return step_head(line, now);
    const struct noc_line_flit *flit = noc_line_link_peek(&line->in, now);
    if (flit != NULL) {
        pass_on(line, flit, now);
        noc_line_link_take(&line->in);
    }
    return SIM_NEVER;
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct noc_line *line = self;
    (void)now;
    if (line->busy)
        fprintf(out, "%s: broadcast %u, %u of %u flits sent\n", line->base.path, line->current.broadcast,
                line->sent, line->flits);
}

static bool audit(const void *self, sim_cycle now, struct sim_err *err) {
    const struct noc_line *line = self;
    if (line->sent < line->flits && line->routers > 0)
        return true;
    return sim_err_add(err, SIM_EXIT_STOPPED, NULL, "at %llu: %s has sent %u of %u flits",
                       (unsigned long long)now, line->base.path, line->sent, line->flits);
}

const struct sim_type noc_line_type = {
    .name = "noc.line",
    .help = "Span of a line network: the routers that a flit passes in one cycle.",
    .events = events,
    .event_count = NOC_LINE_EVENT_COUNT,
    .step = step,
    .explain = explain,
    .audit = audit,
};
