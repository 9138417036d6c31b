/* SPDX-License-Identifier: MIT
 *
 * Scheduling: the cycle of every operation, modulo the period.
 *
 * Nothing in the tile waits: there are no valid bits and no flow control, so correctness rests wholly
 * on the static schedule. All tiles run loops of the same length P (a timestep), so an operation in
 * cycle c occupies c mod P for ever. What an operation occupies:
 *
 *   issue      one instruction word a tile and cycle, whatever its class
 *   ps, spike  the control register of the class, for as long as the operation needs it
 *   link       a spike input link, from the arrival of a value until its last use
 *
 *   sweep      R = axons / 2 rows: core word on at a, off at a + R + 1; local sums valid from a + R + 3 on,
 *              for P cycles
 *   partial    leaf SENDs at t; each further core of the chain ADDs when the sum arrives (two cycles),
 *   sums       then SENDs its own in the next:    t | t+1 t+2 | t+3 | t+4 t+5 | t+6 ...
 *   firing     root: FIRE when its sum is right, SEND one cycle later, then any other spike word
 *   spikes     BYPASS in the cycle of arrival, one hop a cycle; RECEIVE takes two cycles; a tile that
 *              does both receives first and forwards while its axons hold
 *
 * The first operation on an arriving value stands exactly in the cycle of its arrival, so no standing
 * control ever sees a value that is not meant for it. Axons that come by the network follow their
 * link: they change one period after they were received, so the sweep must start 1 to P - R + 1
 * cycles after reception.
 *
 * Groups are scheduled in the order of their layers; each starts as early as possible and is moved
 * later, cycle by cycle, until nothing conflicts. If no start within a period works, a longer period
 * may. Source of the timing rules: the tile (arch/shenjing_tile.h), measured on the authors' RTL.
 */
#include "arch/mapping.h"

#include <string.h>

#define CHAIN_HOP 3u /* SEND and ADD of one core of a chain */

enum resource { ISSUE, PS, SPIKE, LINK_N, LINK_S, LINK_E, LINK_W, RESOURCE_COUNT };

/* A sweep reads one row of each sub-core a cycle, and a sub-core has half of the axons. */
static uint32_t sweep_rows(const struct arch_mapping *map) { return map->core_axons / 2; }
static uint32_t sweep_control(const struct arch_mapping *map) { return sweep_rows(map) + 1; }
static uint32_t sweep_result(const struct arch_mapping *map) { return sweep_rows(map) + 3; }

/* Reservations, and a log by which a failed attempt is undone. */
struct table {
    struct arch_mapping *map;
    uint32_t period;
    uint8_t *busy; /* [tile][resource][period] */
    uint32_t *slots; /* log: index of each reservation in busy */
    uint32_t logged, log_capacity;
    struct arch_slot_entry {
        uint32_t tile;
        struct arch_slot slot;
    } *entry; /* the instructions of all tiles, in order of scheduling */
    uint32_t entries, entry_capacity;
};

struct mark {
    uint32_t logged, entries;
};

static uint32_t cell(const struct table *table, uint32_t tile, enum resource resource, uint32_t cycle) {
    return (tile * RESOURCE_COUNT + (uint32_t)resource) * table->period + cycle % table->period;
}

/* Reserves `cycles` cycles from `cycle` on; false, with nothing reserved, if one is taken. */
static bool reserve(struct table *table, uint32_t tile, enum resource resource, uint32_t cycle,
                    uint32_t cycles) {
    if (cycles > table->period)
        return false;
    for (uint32_t i = 0; i < cycles; i++)
        if (table->busy[cell(table, tile, resource, cycle + i)])
            return false;
    for (uint32_t i = 0; i < cycles; i++) {
        uint32_t at = cell(table, tile, resource, cycle + i);
        table->busy[at] = 1;
        assert(table->logged < table->log_capacity);
        table->slots[table->logged++] = at;
    }
    return true;
}

static struct mark mark(const struct table *table) {
    return (struct mark){.logged = table->logged, .entries = table->entries};
}

static void undo(struct table *table, struct mark mark) {
    while (table->logged > mark.logged)
        table->busy[table->slots[--table->logged]] = 0;
    table->entries = mark.entries;
}

/* Issues an instruction at `cycle` whose control must stand for `hold` cycles. */
static bool issue(struct table *table, uint32_t tile, uint32_t cycle, uint32_t hold, uint32_t op,
                  enum arch_slot_kind kind) {
    if (!reserve(table, tile, ISSUE, cycle, 1))
        return false;
    enum arch_shenjing_class class = arch_shenjing_op_class(op);
    if (class == ARCH_SHENJING_CLASS_PS && !reserve(table, tile, PS, cycle, hold))
        return false;
    if (class == ARCH_SHENJING_CLASS_SPIKE && !reserve(table, tile, SPIKE, cycle, hold))
        return false;
    assert(table->entries < table->entry_capacity);
    table->entry[table->entries++] = (struct arch_slot_entry){
        .tile = tile,
        .slot = {.offset = cycle % table->period, .op = (uint16_t)op, .kind = (uint8_t)kind},
    };
    return true;
}

static bool issue_ps(struct table *table, uint32_t tile, uint32_t cycle, uint32_t hold,
                     struct noc_ps_control c) {
    return issue(table, tile, cycle, hold, arch_shenjing_word_ps(c, 0).op, ARCH_SLOT_PLAIN);
}

static bool issue_spike(struct table *table, uint32_t tile, uint32_t cycle, uint32_t hold,
                        struct noc_spike_control c, enum arch_slot_kind kind) {
    return issue(table, tile, cycle, hold, arch_shenjing_word_spike(c, 0).op, kind);
}

/* ---- sweeps ----------------------------------------------------------------------------------- */

static bool schedule_sweep(struct table *table, struct arch_core *core, uint32_t cycle) {
    struct mark start = mark(table);
    uint32_t on = arch_shenjing_word_core(0, arch_core_subcores(table->map, core), 0).op;
    uint32_t off = arch_shenjing_word_core(0, 0, 0).op;
    if (issue(table, core->tile, cycle, 0, on, ARCH_SLOT_PLAIN) &&
        issue(table, core->tile, cycle + sweep_control(table->map), 0, off, ARCH_SLOT_PLAIN)) {
        core->acc = cycle;
        return true;
    }
    undo(table, start);
    return false;
}

/* Sweeps of cores that the input pins feed: as early as they can be used. In a long chain each core
 * starts when the sum of those before it is on its way. Cycle 0 is left free: word 0 stands a cycle
 * longer in the first round. */
static bool schedule_input_sweeps(struct table *table, const struct arch_group *group) {
    bool skew = CHAIN_HOP * group->cores + 3 > table->period;
    for (uint32_t k = 0; k < group->cores; k++) {
        struct arch_core *core = &table->map->core[group->first_core + k];
        if (!core->external)
            continue;
        uint32_t first = 1 + (skew && k > 0 ? CHAIN_HOP * k - 2 : 0), delay = 0;
        while (delay < table->period && !schedule_sweep(table, core, first + delay))
            delay++;
        if (delay == table->period)
            return false;
    }
    return true;
}

/* ---- partial sums ----------------------------------------------------------------------------- */

static enum noc_port port_between(const struct arch_mapping *map, uint32_t from, uint32_t to) {
    for (int port = 0; port < NOC_PORT_COUNT; port++)
        if (arch_neighbour(map, from, (enum noc_port)port) == to)
            return (enum noc_port)port;
    assert(!"cores of a group stand side by side");
    return NOC_PORT_NORTH;
}

/* The chain from its leaf (SEND at `cycle`) to the root's addition; *fire: when the root's sum is right. */
static bool schedule_chain(struct table *table, const struct arch_group *group, uint32_t cycle,
                           uint32_t *fire) {
    const struct arch_mapping *map = table->map;
    const struct arch_core *core = &map->core[group->first_core];
    uint32_t last = group->cores - 1;
    *fire = cycle;
    for (uint32_t k = 0; k < group->cores; k++) {
        uint32_t tile = core[k].tile;
        bool leaf = k == 0, root = k == last;
        enum noc_port out = root ? NOC_PORT_NORTH : port_between(map, tile, core[k + 1].tile);
        if (!leaf) {
            enum noc_port in = port_between(map, tile, core[k - 1].tile);
            if (!issue_ps(table, tile, cycle, 2, (struct noc_ps_control){.add = true, .in = in, .out = 4}))
                return false;
            cycle += 2;
        }
        if (root)
            *fire = cycle;
        else if (!issue_ps(table, tile, cycle, 1,
                           (struct noc_ps_control){.send_local = leaf, .send_sum = !leaf, .out = out}))
            return false;
        cycle++;
    }
    return true;
}

/* The window of starts in which every core's local sum is valid when its turn comes. */
static void chain_window(const struct table *table, const struct arch_group *group, uint32_t *first,
                         uint32_t *end) {
    *first = 0;
    *end = UINT32_MAX;
    for (uint32_t k = 0; k < group->cores; k++) {
        /* The local sum of core k is used k hops after the leaf's SEND (by an ADD: in its first cycle). */
        uint32_t use = k == 0 ? 0 : 1 + CHAIN_HOP * (k - 1);
        uint32_t valid = table->map->core[group->first_core + k].acc + sweep_result(table->map);
        uint32_t earliest = valid > use ? valid - use : 0;
        if (earliest > *first)
            *first = earliest;
        uint32_t stale = valid + table->period;
        uint32_t latest = stale > use ? stale - use : 0;
        if (latest < *end)
            *end = latest;
    }
}

/* ---- spikes ----------------------------------------------------------------------------------- */

/* Spikes received at `cycle`: the sweep that uses them, 1 to P - R + 1 cycles later. */
static bool schedule_reading_sweep(struct table *table, struct arch_core *core, uint32_t received) {
    for (uint32_t delay = 1; delay + sweep_rows(table->map) - 1 <= table->period; delay++)
        if (schedule_sweep(table, core, received + delay))
            return true;
    return false;
}

/* A value that stands on the input of `node` from `cycle` on: what the tile does with it. */
static bool schedule_node(struct table *table, struct arch_node *node, uint32_t cycle) {
    struct arch_mapping *map = table->map;
    uint32_t uses = node->children + (node->exits ? 1 : 0) + (node->core != ARCH_NOBODY ? 2 : 0);
    node->arrival = cycle;
    if (!reserve(table, node->tile, (enum resource)(LINK_N + (int)node->in), cycle, uses))
        return false;
    if (node->core != ARCH_NOBODY) {
        struct noc_spike_control receive = {.in = node->in};
        if (!issue_spike(table, node->tile, cycle, 2, receive, ARCH_SLOT_RECEIVE) ||
            !schedule_reading_sweep(table, &map->core[node->core], cycle))
            return false;
        cycle += 2;
    }
    struct noc_spike_control bypass = {.in = node->in, .bypass = true};
    if (node->exits) {
        bypass.out = node->exit;
        if (!issue_spike(table, node->tile, cycle, 1, bypass, ARCH_SLOT_BYPASS))
            return false;
        node->exit_arrival = ++cycle;
    }
    for (uint32_t i = 0; i < node->children; i++) {
        struct arch_node *child = &map->node[map->child[node->first_child + i]];
        bypass.out = port_between(map, node->tile, child->tile);
        if (!issue_spike(table, node->tile, cycle, 1, bypass, ARCH_SLOT_BYPASS))
            return false;
        child->arrival = ++cycle;
    }
    return true;
}

/* FIRE at `cycle`, then the whole tree. */
static bool schedule_spikes(struct table *table, struct arch_group *group, uint32_t cycle) {
    struct arch_mapping *map = table->map;
    struct arch_node *root = &map->node[group->first_node];
    struct noc_spike_control fire = {.fire = true, .from_sum = group->cores > 1};
    struct noc_spike_control send = {.send = true, .out = root->exit};
    if (root->children > 0)
        send.out = port_between(map, root->tile, map->node[map->child[root->first_child]].tile);
    if (!issue_spike(table, root->tile, cycle, 1, fire, ARCH_SLOT_FIRE) ||
        !issue_spike(table, root->tile, cycle + 1, 1, send, ARCH_SLOT_SEND) ||
        !issue_spike(table, root->tile, cycle + 2, 1, (struct noc_spike_control){.fire = false},
                     ARCH_SLOT_REST))
        return false;
    if (root->exits)
        root->exit_arrival = cycle + 2;
    else
        map->node[map->child[root->first_child]].arrival = cycle + 2;
    for (uint32_t i = 1; i < group->nodes; i++) {
        struct arch_node *node = root + i;
        if (!schedule_node(table, node, node->arrival))
            return false;
    }
    return true;
}

static bool schedule_group(struct table *table, struct arch_group *group) {
    if (!schedule_input_sweeps(table, group))
        return false;
    uint32_t first, end;
    chain_window(table, group, &first, &end);
    struct mark start = mark(table);
    for (uint32_t cycle = first; cycle < end; cycle++) {
        if (schedule_chain(table, group, cycle, &group->fire) && schedule_spikes(table, group, group->fire)) {
            group->send = cycle;
            return true;
        }
        undo(table, start);
    }
    return false;
}

/* ---- quiet ------------------------------------------------------------------------------------ */

/* Cycles from partial-sum entry `i` to the tile's next one, around the loop. */
static uint32_t cycles_to_next_ps(const struct table *table, uint32_t i) {
    const struct arch_slot_entry *entry = &table->entry[i];
    uint32_t nearest = table->period;
    for (uint32_t j = 0; j < table->entries; j++) {
        const struct arch_slot_entry *other = &table->entry[j];
        if (j == i || other->tile != entry->tile ||
            arch_shenjing_op_class(other->slot.op) != ARCH_SHENJING_CLASS_PS)
            continue;
        uint32_t distance = (other->slot.offset + table->period - entry->slot.offset) % table->period;
        if (distance < nearest)
            nearest = distance;
    }
    return nearest;
}

/* A standing partial-sum control works in every cycle: all planes add or write their output registers. As
 * soon as it is not needed any more an idle word stops it, if there is a free cycle. (A sum that was sent
 * would also be followed by a zero on the link.) */
static void quiet_partial_sums(struct table *table) {
    const struct noc_ps_control idle = {.out = 4};
    uint32_t scheduled = table->entries;
    for (uint32_t i = 0; i < scheduled; i++) {
        struct arch_slot_entry entry = table->entry[i];
        if (arch_shenjing_op_class(entry.slot.op) != ARCH_SHENJING_CLASS_PS)
            continue;
        uint32_t hold = arch_shenjing_op_ps(entry.slot.op).add ? 2 : 1, next = cycles_to_next_ps(table, i);
        for (uint32_t delay = hold; delay + 1 < next; delay++)
            if (issue_ps(table, entry.tile, entry.slot.offset + delay, 1, idle))
                break;
    }
}

/* ---- result ----------------------------------------------------------------------------------- */

/* Hands every tile its instructions, sorted by offset. */
static void distribute(struct arch_mapping *map, const struct table *table) {
    for (uint32_t i = 0; i < table->entries; i++)
        map->tile[table->entry[i].tile].slot_count++;
    for (uint32_t tile = 0; tile < map->rows * map->cols; tile++) {
        map->tile[tile].slot = SIM_NEW_ARRAY(map->arena, struct arch_slot, map->tile[tile].slot_count + 1);
        map->tile[tile].slot_count = 0;
    }
    for (uint32_t i = 0; i < table->entries; i++) {
        struct arch_tile_plan *plan = &map->tile[table->entry[i].tile];
        uint32_t at = plan->slot_count++;
        while (at > 0 && plan->slot[at - 1].offset > table->entry[i].slot.offset) {
            plan->slot[at] = plan->slot[at - 1];
            at--;
        }
        plan->slot[at] = table->entry[i].slot;
    }
}

static void widen(uint32_t *planes, uint32_t n) {
    if (n > *planes)
        *planes = n;
}

/* The planes that each tile's routers need: the others stay clock-gated. */
static void count_planes(struct arch_mapping *map) {
    for (uint32_t g = 0; g < map->groups; g++) {
        const struct arch_group *group = &map->group[g];
        for (uint32_t k = 0; k < group->cores; k++)
            widen(&map->tile[map->core[group->first_core + k].tile].ps_planes, group->neurons);
        for (uint32_t i = 0; i < group->nodes; i++) {
            const struct arch_node *node = &map->node[group->first_node + i];
            widen(&map->tile[node->tile].spike_planes, group->neurons);
            if (node->exits && node->exit_arrival > map->latency)
                map->latency = node->exit_arrival;
        }
    }
}

bool arch_schedule(struct arch_mapping *map, uint32_t period, struct sim_err *err) {
    (void)err;
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    size_t tiles = (size_t)map->rows * map->cols;
    /* Upper bounds: every node and core makes at most eight reservations of at most two cycles, links more.
     */
    uint32_t operations = 8 * (map->cores + map->nodes + map->child_count + map->groups);
    struct table table = {
        .map = map,
        .period = period,
        .busy = SIM_NEW_ARRAY(&scratch, uint8_t, tiles * RESOURCE_COUNT * period),
        .log_capacity = 4 * operations,
        .entry_capacity = operations,
    };
    table.slots = SIM_NEW_ARRAY(&scratch, uint32_t, table.log_capacity);
    table.entry = SIM_NEW_ARRAY(&scratch, struct arch_slot_entry, table.entry_capacity);
    bool done = period > sweep_control(map);
    for (uint32_t g = 0; done && g < map->groups; g++)
        done = schedule_group(&table, &map->group[g]);
    if (done) {
        map->period = period;
        map->latency = 0;
        quiet_partial_sums(&table);
        distribute(map, &table);
        count_planes(map);
    }
    sim_arena_release(&scratch);
    return done;
}
