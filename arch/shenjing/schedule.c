/* SPDX-License-Identifier: MIT
 *
 * Scheduling: the cycle of every operation, modulo the period.
 *
 * Nothing in the tile waits: there are no valid bits and no flow control, so correctness rests wholly
 * on the static schedule. All tiles run loops of the same length P (a timestep), so an operation in
 * cycle c occupies c mod P for ever (arch/shenjing/timetable.h).
 *
 *   sweep      R = axons / 2 rows: core word on at a, off at a + R + 1; local sums valid from a + R + 3 on,
 *              for P cycles
 *   partial    leaf SENDs at t; each further core of the chain ADDs when the sum arrives (two cycles),
 *   sums       then SENDs its own in the next:    t | t+1 t+2 | t+3 | t+4 t+5 | t+6 ...
 *              tiles between two cores BYPASS, a cycle each
 *   firing     root: FIRE when its sum is right, SEND one cycle later, then any other spike word
 *   max pool   after SEND the root fires on, from the sum register at rest, which is 0: its potentials lose
 *              the threshold of 1 for each further spike of the window, and are 0 again
 *   spikes     BYPASS in the cycle of arrival, one hop a cycle; RECEIVE takes two cycles; a tile that
 *              does both receives first and forwards while its axons hold
 *
 * The first operation on an arriving value stands exactly in the cycle of its arrival, so no standing
 * control ever sees a value that is not meant for it. Axons that come by the network follow their
 * link: they change one period after they were received, so the sweep must start 1 to P - R + 1
 * cycles after reception. The sweep of a shortcut, which skips layers, starts late, so that its sums
 * last until the sums that they are added to arrive.
 *
 * Groups are scheduled in the order of their layers. Chain and tree of a group are one rigid plan; it starts
 * as early as the timetable allows. If no start within a period works, a longer period may. Source of the
 * timing rules: the tile (arch/shenjing/tile.h), measured on the authors' RTL.
 */
#include "arch/shenjing/timetable.h"

#include <stdlib.h>
#include <string.h>

#define LAYER_CYCLES 64u /* of chain and tree between two layers: an estimate, for shortcuts only */

/* A sweep reads one row of each sub-core a cycle, and a sub-core has half of the axons. */
static uint32_t sweep_rows(const struct arch_mapping *map) { return map->core_axons / 2; }
static uint32_t sweep_control(const struct arch_mapping *map) { return sweep_rows(map) + 1; }
static uint32_t sweep_result(const struct arch_mapping *map) { return sweep_rows(map) + 3; }

/* One attempt at a period. */
struct attempt {
    struct arch_mapping *map;
    struct sim_arena *arena;
    struct arch_timetable table;
    struct arch_plan plan, sweep;
    const uint32_t *depth; /* [layers] layers on the longest way from an input */
};

static void put_ps(struct attempt *a, uint32_t tile, uint32_t offset, uint32_t hold,
                   struct noc_ps_control c) {
    arch_plan_word(&a->plan, tile, offset, hold, arch_shenjing_word_ps(c, 0).op, ARCH_SLOT_PLAIN, a->arena);
}

static void put_spike(struct attempt *a, uint32_t tile, uint32_t offset, uint32_t hold,
                      struct noc_spike_control c, enum arch_slot_kind kind) {
    arch_plan_word(&a->plan, tile, offset, hold, arch_shenjing_word_spike(c, 0).op, kind, a->arena);
}

/* Cycles for which a vector of `bits` bits occupies a link between chips. */
static uint32_t boundary_busy(const struct arch_mapping *map, uint32_t bits) {
    return map->boundary_width == 0 ? 1 : (bits + map->boundary_width - 1) / map->boundary_width;
}

/* ---- sweeps ------------------------------------------------------------------------------------ */

static bool book_sweep(struct attempt *a, struct arch_core *core, uint32_t cycle) {
    uint32_t on = arch_shenjing_word_core(0, arch_core_subcores(a->map, core), 0).op;
    uint32_t off = arch_shenjing_word_core(0, 0, 0).op, end = sweep_control(a->map);
    if (!arch_timetable_free(&a->table, core->tile, ARCH_RESOURCE_ISSUE, cycle, 1) ||
        !arch_timetable_free(&a->table, core->tile, ARCH_RESOURCE_ISSUE, cycle + end, 1))
        return false;
    a->sweep.uses = a->sweep.words = 0;
    arch_plan_word(&a->sweep, core->tile, 0, 0, on, ARCH_SLOT_PLAIN, a->arena);
    arch_plan_word(&a->sweep, core->tile, end, 0, off, ARCH_SLOT_PLAIN, a->arena);
    if (!arch_timetable_book(&a->table, &a->sweep, cycle))
        return false;
    core->acc = cycle;
    return true;
}

/* Sweeps of cores that the input pins feed: as early as they can be used. In a long chain each core
 * starts when the sum of those before it is on its way. Cycle 0 is left free: word 0 stands a cycle
 * longer in the first round. */
static bool book_input_sweeps(struct attempt *a, const struct arch_group *group, const uint32_t *turn) {
    bool skew = turn[group->cores - 1] + 3 > a->map->period;
    for (uint32_t k = 0; k < group->cores; k++) {
        struct arch_core *core = &a->map->core[group->first_core + k];
        if (!core->external)
            continue;
        uint32_t first = 1 + (skew ? turn[k] : 0), delay = 0;
        while (delay < a->map->period && !book_sweep(a, core, first + delay))
            delay++;
        if (delay == a->map->period)
            return false;
    }
    return true;
}

/* Spikes received at `received`: the sweep that uses them, 1 to P - R + 1 cycles later. */
static bool book_reading_sweep(struct attempt *a, struct arch_core *core, uint32_t received) {
    uint32_t last = a->map->period - sweep_rows(a->map) + 1;
    uint32_t skipped = a->depth[core->layer] - a->depth[core->source] - 1;
    uint32_t wanted = 1 + skipped * (sweep_result(a->map) + LAYER_CYCLES);
    wanted = wanted < last ? wanted : last;
    for (uint32_t delay = wanted; delay <= last; delay++)
        if (book_sweep(a, core, received + delay))
            return true;
    for (uint32_t delay = wanted - 1; delay >= 1; delay--)
        if (book_sweep(a, core, received + delay))
            return true;
    return false;
}

/* ---- the plan of a group ----------------------------------------------------------------------- */

/* One way of a partial sum, sent at `cycle` by `from`: the cycle in which it arrives, and by which port. */
static uint32_t plan_way(struct attempt *a, const struct arch_group *group, uint32_t from, uint32_t to,
                         uint32_t cycle, enum noc_port *in) {
    struct arch_mapping *map = a->map;
    for (uint32_t tile = from;;) {
        enum noc_port out = arch_towards(map, tile, to);
        uint32_t next = arch_neighbour(map, tile, out), hop = arch_hop(map, tile, next);
        *in = noc_port_opposite(out);
        cycle += hop;
        if (hop > 1)
            arch_plan_use(&a->plan, next, ARCH_RESOURCE_PS_LINK + *in, cycle,
                          boundary_busy(map, group->neurons * map->ps_bits), a->arena);
        if (next == to)
            return cycle;
        put_ps(a, next, cycle, 1,
               (struct noc_ps_control){
                   .bypass = true, .in = (uint8_t)*in, .out = (uint8_t)arch_towards(map, next, to)});
        tile = next;
    }
}

/* The chain, the leaf's SEND at 0. turn[k]: the cycle in which core k uses its local sum. Returns the cycle
 * in which the root's sum is right. */
static uint32_t plan_chain(struct attempt *a, const struct arch_group *group, uint32_t *turn) {
    const struct arch_core *core = &a->map->core[group->first_core];
    uint32_t cycle = 0, last = group->cores - 1;
    enum noc_port in = NOC_PORT_NORTH;
    turn[0] = 0;
    for (uint32_t k = 0; k < last; k++) {
        uint32_t tile = core[k].tile, next = core[k + 1].tile;
        put_ps(a, tile, cycle, 1,
               (struct noc_ps_control){.send_local = k == 0,
                                       .send_sum = k > 0,
                                       .out = (uint8_t)arch_towards(a->map, tile, next)});
        cycle = plan_way(a, group, tile, next, cycle, &in);
        put_ps(a, next, cycle, 2, (struct noc_ps_control){.add = true, .in = (uint8_t)in, .out = 4});
        turn[k + 1] = cycle;
        cycle += 2;
    }
    return cycle;
}

/* A value that stands on the input of `node` from `cycle` on: what the tile does with it. */
static void plan_node(struct attempt *a, const struct arch_group *group, struct arch_node *node) {
    struct arch_mapping *map = a->map;
    uint32_t cycle = node->arrival, parent = map->node[node->parent].tile;
    uint32_t uses = node->children + (node->exits ? 1 : 0) + (node->core != ARCH_NOBODY ? 2 : 0);
    uint32_t busy = arch_hop(map, parent, node->tile) > 1 ? boundary_busy(map, group->neurons) : 1;
    arch_plan_use(&a->plan, node->tile, ARCH_RESOURCE_LINK + node->in, cycle, uses > busy ? uses : busy,
                  a->arena);
    if (node->core != ARCH_NOBODY) {
        struct noc_spike_control receive = {.in = (uint8_t)node->in};
        put_spike(a, node->tile, cycle, 2, receive, ARCH_SLOT_RECEIVE);
        cycle += 2;
    }
    struct noc_spike_control bypass = {.in = (uint8_t)node->in, .bypass = true};
    if (node->exits) {
        bypass.out = (uint8_t)node->exit;
        put_spike(a, node->tile, cycle, 1, bypass, ARCH_SLOT_BYPASS);
        node->exit_arrival = ++cycle;
    }
    for (uint32_t i = 0; i < node->children; i++) {
        struct arch_node *child = &map->node[map->child[node->first_child + i]];
        bypass.out = (uint8_t)noc_port_opposite(child->in);
        put_spike(a, node->tile, cycle, 1, bypass, ARCH_SLOT_BYPASS);
        child->arrival = cycle + arch_hop(map, node->tile, child->tile);
        cycle++;
    }
}

/* What a root does from `cycle` on, once it has sent. Firing on takes the sum register, which an addition
 * that stands would fill again. */
static void plan_rest(struct attempt *a, const struct arch_group *group, uint32_t cycle) {
    uint32_t tile = a->map->core[arch_root(group)].tile,
             drain = arch_drain(&a->map->graph->layer[group->layer]);
    struct noc_spike_control fire = {.fire = true, .from_sum = true}, rest = {.fire = false};
    if (drain > 0 && group->cores > 1) {
        put_spike(a, tile, cycle++, 1, rest, ARCH_SLOT_REST);
        put_ps(a, tile, cycle++, 1, (struct noc_ps_control){.out = 4});
    }
    if (drain > 0)
        put_spike(a, tile, cycle, drain, fire, ARCH_SLOT_FIRE);
    put_spike(a, tile, cycle + drain, 1, rest, ARCH_SLOT_REST);
}

/* FIRE at `cycle`, then the whole tree. */
static void plan_spikes(struct attempt *a, const struct arch_group *group, uint32_t cycle) {
    struct arch_mapping *map = a->map;
    struct arch_node *root = &map->node[group->first_node];
    struct noc_spike_control fire = {.fire = true, .from_sum = group->cores > 1};
    root->arrival = root->exit_arrival = cycle;
    put_spike(a, root->tile, cycle, 1, fire, ARCH_SLOT_FIRE);
    if (root->exits || root->children > 0) {
        struct noc_spike_control send = {.send = true, .out = (uint8_t)root->exit};
        if (root->children > 0) {
            struct arch_node *child = &map->node[map->child[root->first_child]];
            send.out = (uint8_t)noc_port_opposite(child->in);
            child->arrival = cycle + 1 + arch_hop(map, root->tile, child->tile);
        } else {
            root->exit_arrival = cycle + 2;
        }
        put_spike(a, root->tile, ++cycle, 1, send, ARCH_SLOT_SEND);
    }
    plan_rest(a, group, cycle + 1);
    for (uint32_t i = 1; i < group->nodes; i++)
        plan_node(a, group, root + i);
}

/* The window of starts in which every core's local sum is valid when its turn comes. */
static void chain_window(const struct attempt *a, const struct arch_group *group, const uint32_t *turn,
                         uint32_t *first, uint32_t *end) {
    *first = 0;
    *end = UINT32_MAX;
    for (uint32_t k = 0; k < group->cores; k++) {
        uint32_t valid = a->map->core[group->first_core + k].acc + sweep_result(a->map);
        uint32_t earliest = valid > turn[k] ? valid - turn[k] : 0;
        uint32_t stale = valid + a->map->period;
        uint32_t latest = stale > turn[k] ? stale - turn[k] : 0;
        if (earliest > *first)
            *first = earliest;
        if (latest < *end)
            *end = latest;
    }
}

/* Books the plan at `start`, and the sweeps of the readers; times of the nodes become absolute. */
static bool book_group(struct attempt *a, struct arch_group *group, uint32_t start) {
    struct arch_mapping *map = a->map;
    struct arch_timetable_mark before = arch_timetable_mark(&a->table);
    if (!arch_timetable_book(&a->table, &a->plan, start))
        return false;
    for (uint32_t i = 0; i < group->nodes; i++) {
        const struct arch_node *node = &map->node[group->first_node + i];
        if (node->core != ARCH_NOBODY &&
            !book_reading_sweep(a, &map->core[node->core], start + node->arrival)) {
            arch_timetable_undo(&a->table, before);
            return false;
        }
    }
    group->send += start;
    group->fire += start;
    for (uint32_t i = 0; i < group->nodes; i++) {
        map->node[group->first_node + i].arrival += start;
        map->node[group->first_node + i].exit_arrival += start;
    }
    return true;
}

static bool schedule_group(struct attempt *a, struct arch_group *group, uint32_t *turn) {
    a->plan.uses = a->plan.words = 0;
    group->send = 0;
    group->fire = plan_chain(a, group, turn);
    plan_spikes(a, group, group->fire);
    if (!book_input_sweeps(a, group, turn))
        return false;
    uint32_t first, end;
    chain_window(a, group, turn, &first, &end);
    if (end > first + a->map->period)
        end = first + a->map->period;
    arch_timetable_forbid(&a->table, &a->plan);
    for (uint32_t start = first; start < end; start++)
        if (!arch_timetable_forbidden(&a->table, start) && book_group(a, group, start))
            return true;
    return false;
}

/* ---- result ------------------------------------------------------------------------------------ */

static void widen(uint32_t *planes, uint32_t n) {
    if (n > *planes)
        *planes = n;
}

/* The planes and links that each tile's routers need: the other planes stay clock-gated. */
static void count_planes(struct arch_mapping *map) {
    map->latency = 0;
    for (uint32_t tile = 0; tile < map->rows * map->cols; tile++)
        map->tile[tile].ps_links = map->tile[tile].spike_links = 0;
    for (uint32_t g = 0; g < map->groups; g++) {
        const struct arch_group *group = &map->group[g];
        for (uint32_t k = 0; k < group->cores; k++) {
            uint32_t tile = map->core[group->first_core + k].tile;
            uint32_t to = k + 1 < group->cores ? map->core[group->first_core + k + 1].tile : tile;
            widen(&map->tile[tile].ps_planes, group->neurons);
            for (; tile != to; tile = arch_neighbour(map, tile, arch_towards(map, tile, to))) {
                widen(&map->tile[tile].ps_planes, group->neurons);
                map->tile[tile].ps_links |= (uint8_t)(1u << arch_towards(map, tile, to));
            }
        }
        for (uint32_t i = 0; i < group->nodes; i++) {
            const struct arch_node *node = &map->node[group->first_node + i];
            widen(&map->tile[node->tile].spike_planes, group->neurons);
            if (node->parent != ARCH_NOBODY)
                map->tile[map->node[node->parent].tile].spike_links |=
                    (uint8_t)(1u << noc_port_opposite(node->in));
            if (node->exits && node->exit_arrival > map->latency)
                map->latency = node->exit_arrival;
        }
    }
}

static uint32_t *measure_depth(const struct arch_mapping *map, struct sim_arena *arena) {
    uint32_t *depth = SIM_NEW_ARRAY(arena, uint32_t, map->graph->layers);
    for (uint32_t id = 0; id < map->graph->layers; id++)
        for (uint32_t port = 0; port < map->graph->layer[id].operands; port++)
            if (depth[map->graph->layer[id].operand[port]] + 1 > depth[id])
                depth[id] = depth[map->graph->layer[id].operand[port]] + 1;
    return depth;
}

bool arch_schedule(struct arch_mapping *map, uint32_t period, struct sim_err *err) {
    (void)err;
    if (period <= sweep_control(map))
        return false;
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    struct attempt a = {.map = map, .arena = &scratch, .depth = measure_depth(map, &scratch)};
    uint32_t *turn = SIM_NEW_ARRAY(&scratch, uint32_t, map->cores);
    arch_timetable_init(&a.table, map->rows * map->cols, period, &scratch);
    map->period = period;
    bool done = true;
    for (uint32_t g = 0; done && g < map->groups; g++)
        done = schedule_group(&a, &map->group[g], turn);
    if (done) {
        arch_distribute(map, &a.table);
        count_planes(map);
        done = arch_complete_spike_words(map);
    }
    sim_arena_release(&scratch);
    return done;
}
