/* SPDX-License-Identifier: MIT
 *
 * From the timetable to the instructions of each tile, and what they need once all are known.
 *
 * Quiet: a standing partial-sum control works in every cycle: all planes add or write their output registers.
 * As soon as it is not needed any more an idle word stops it, if there is a free cycle and a free word of
 * memory. (A sum that was sent would also be followed by a zero on the link.)
 *
 * Rest: after a SEND the tile must hold its axons, by a bypass. Which ports a bypass may write, because
 * nobody listens to them until the tile's next spikes, is noted with the SEND (used in program.c).
 */
#include "arch/shenjing/timetable.h"

#include <stdlib.h>
#include <string.h>

static int by_offset(const void *a, const void *b) {
    const struct arch_slot *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static bool is_ps(const struct arch_slot *slot) {
    return arch_shenjing_op_class(slot->op) == ARCH_SHENJING_CLASS_PS;
}

/* Words that a tile's program can hold besides its slots: no operations at both ends and in long gaps. */
static uint32_t room_for_words(const struct arch_mapping *map) {
    uint32_t fillers = 2 + map->period / map->gap_limit + 1;
    return map->imem_words > fillers ? map->imem_words - fillers : 0;
}

static void quiet(struct arch_mapping *map, struct arch_timetable *table, uint32_t tile) {
    const uint16_t idle_op = (uint16_t)arch_shenjing_word_ps((struct noc_ps_control){.out = 4}, 0).op;
    struct arch_tile_plan *plan = &map->tile[tile];
    uint32_t scheduled = plan->slot_count, room = room_for_words(map), ps = 0;
    for (uint32_t i = 0; i < scheduled; i++)
        ps += is_ps(&plan->slot[i]);
    for (uint32_t i = 0; i < scheduled && plan->slot_count < room; i++) {
        if (!is_ps(&plan->slot[i]) || plan->slot[i].op == idle_op)
            continue;
        uint32_t hold = arch_shenjing_op_ps(plan->slot[i].op).add ? 2 : 1, next = map->period;
        for (uint32_t j = 1; ps > 1 && j < scheduled; j++) {
            const struct arch_slot *other = &plan->slot[(i + j) % scheduled];
            if (is_ps(other)) {
                next = (other->offset + map->period - plan->slot[i].offset) % map->period;
                break;
            }
        }
        for (uint32_t delay = hold; delay + 1 < next; delay++) {
            uint32_t cycle = (plan->slot[i].offset + delay) % map->period;
            if (!arch_timetable_free(table, tile, ARCH_RESOURCE_ISSUE, cycle, 1))
                continue;
            struct arch_plan word = {0};
            arch_plan_word(&word, tile, 0, 1, idle_op, ARCH_SLOT_PLAIN, table->arena);
            if (arch_timetable_book(table, &word, cycle))
                plan->slot[plan->slot_count++] = (struct arch_slot){.offset = cycle, .op = idle_op};
            break;
        }
    }
    qsort(plan->slot, plan->slot_count, sizeof *plan->slot, by_offset);
}

static bool is_forward(const struct arch_slot *slot) {
    return slot->kind == ARCH_SLOT_RECEIVE || slot->kind == ARCH_SLOT_BYPASS;
}

/* Whether a tile's spike routers look at `port` in any of `length` cycles from `cycle` on: by a bypass that
 * stands, or, as a core may at any time, to hold the axons that come by it. */
static bool listens(const struct arch_mapping *map, uint32_t tile, enum noc_port port, uint32_t cycle,
                    uint32_t length) {
    const struct arch_tile_plan *plan = &map->tile[tile];
    uint32_t last = map->period; /* cycles since the last forward before `cycle` */
    bool stood = false;
    for (uint32_t i = 0; i < plan->slot_count; i++) {
        const struct arch_slot *slot = &plan->slot[i];
        if (!is_forward(slot))
            continue;
        bool here = arch_shenjing_op_spike(slot->op).in == port;
        uint32_t ahead = (slot->offset + map->period - cycle % map->period) % map->period;
        if (here && (slot->kind == ARCH_SLOT_RECEIVE || ahead < length))
            return true;
        uint32_t since = (map->period - ahead) % map->period;
        if (since < last) {
            last = since;
            stood = here;
        }
    }
    return stood;
}

/* Ports of the tile at which nobody looks in `length` cycles from `cycle` on. */
static uint8_t free_ports(const struct arch_mapping *map, uint32_t tile, uint32_t cycle, uint32_t length) {
    uint8_t ports = 0;
    for (int port = 0; port < NOC_PORT_COUNT; port++) {
        uint32_t to = arch_neighbour(map, tile, (enum noc_port)port);
        bool unused = to == ARCH_NOBODY
                          ? !map->tile[tile].exits[port]
                          : arch_hop(map, tile, to) == 1 &&
                                !listens(map, to, noc_port_opposite((enum noc_port)port), cycle, length);
        ports = (uint8_t)(ports | (unused ? 1u << port : 0));
    }
    return ports;
}

/* Whether the axons of the tile's core are not needed from the cycle after `sent` until the next are
 * received: its sweep is over, the next has not begun. */
static bool axons_idle(const struct arch_mapping *map, uint32_t tile, uint32_t sent) {
    const struct arch_tile_plan *plan = &map->tile[tile];
    if (plan->core == ARCH_NOBODY || map->core[plan->core].external)
        return true;
    uint32_t acc = map->core[plan->core].acc % map->period, period = map->period;
    uint32_t rest = (sent + 1 + period - acc) % period, received = period;
    for (uint32_t i = 0; i < plan->slot_count; i++)
        if (plan->slot[i].kind == ARCH_SLOT_RECEIVE)
            received = (plan->slot[i].offset + period - acc) % period;
    return rest > map->core_axons / 2 && rest < received;
}

static void note_free_ports(const struct arch_mapping *map, uint32_t tile) {
    struct arch_tile_plan *plan = &map->tile[tile];
    for (uint32_t i = 0; i < plan->slot_count; i++) {
        if (plan->slot[i].kind != ARCH_SLOT_SEND)
            continue;
        uint32_t length = map->period;
        for (uint32_t j = 1; j < plan->slot_count; j++) {
            const struct arch_slot *next = &plan->slot[(i + j) % plan->slot_count];
            if (is_forward(next)) {
                length = (next->offset + map->period - plan->slot[i].offset) % map->period;
                break;
            }
        }
        /* The word after SEND stands from the next cycle on and shows a cycle later. */
        plan->slot[i].free = free_ports(map, tile, plan->slot[i].offset + 2, length);
        if (axons_idle(map, tile, plan->slot[i].offset))
            plan->slot[i].free |= ARCH_SLOT_AXONS_IDLE;
    }
}

void arch_distribute(struct arch_mapping *map, struct arch_timetable *table) {
    uint32_t tiles = map->rows * map->cols;
    for (uint32_t i = 0; i < table->booked.words; i++)
        map->tile[table->booked.word[i].tile].slot_count++;
    for (uint32_t tile = 0; tile < tiles; tile++) {
        struct arch_tile_plan *plan = &map->tile[tile];
        plan->slot = SIM_NEW_ARRAY(map->arena, struct arch_slot, 2 * plan->slot_count + 1);
        plan->slot_count = 0;
    }
    for (uint32_t i = 0; i < table->booked.words; i++) {
        const struct arch_word *word = &table->booked.word[i];
        struct arch_tile_plan *plan = &map->tile[word->tile];
        plan->slot[plan->slot_count++] =
            (struct arch_slot){.offset = word->offset, .op = word->op, .kind = word->kind};
    }
    for (uint32_t i = 0; i < map->nodes; i++)
        if (map->node[i].exits)
            map->tile[map->node[i].tile].exits[map->node[i].exit] = true;
    for (uint32_t tile = 0; tile < tiles; tile++) {
        struct arch_tile_plan *plan = &map->tile[tile];
        qsort(plan->slot, plan->slot_count, sizeof *plan->slot, by_offset);
        quiet(map, table, tile);
    }
    for (uint32_t tile = 0; tile < tiles; tile++)
        note_free_ports(map, tile);
}
