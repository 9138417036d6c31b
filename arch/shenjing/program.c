/* SPDX-License-Identifier: MIT
 *
 * Program: the instruction memory of each tile.
 *
 * A loop of `period` cycles: word 0 at offset 0, the last word at offset period - 1 with the restart
 * gap, no operations where nothing else stands there or a gap would be too long for its field.
 *
 * Spike words need the tile's standing state, the last RECEIVE or BYPASS before them (around the loop):
 * FIRE carries its fields so that the axons do not move, and REST restores it after SEND. A tile that does
 * neither is fed by the input pins; its standing state is `buffer`, which keeps the axons at zero.
 */
#include "arch/shenjing/mapping.h"

#include <string.h>

static struct noc_spike_control standing_state(uint32_t op) {
    struct noc_spike_control state = arch_shenjing_op_spike(op);
    state.fire = state.send = state.from_sum = false;
    return state;
}

/* The state in which the loop begins: that which the last round left. */
static struct noc_spike_control first_state(const struct arch_tile_plan *plan) {
    struct noc_spike_control state = {.buffer = true};
    for (uint32_t i = 0; i < plan->slot_count; i++)
        if (plan->slot[i].kind == ARCH_SLOT_RECEIVE || plan->slot[i].kind == ARCH_SLOT_BYPASS)
            state = standing_state(plan->slot[i].op);
    return state;
}

/* For each tile the port by which its own axons come, if no other spikes come that way; else NOC_PORT_COUNT.
 */
static uint8_t *private_ports(const struct arch_mapping *map, struct sim_arena *arena) {
    uint32_t tiles = map->rows * map->cols;
    uint8_t *own = SIM_NEW_ARRAY(arena, uint8_t, tiles), *foreign = SIM_NEW_ARRAY(arena, uint8_t, tiles);
    memset(own, NOC_PORT_COUNT, tiles);
    for (uint32_t i = 0; i < map->nodes; i++) {
        const struct arch_node *node = &map->node[i];
        if (node->core != ARCH_NOBODY)
            own[node->tile] = (uint8_t)node->in;
        else if (node->parent != ARCH_NOBODY)
            foreign[node->tile] = (uint8_t)(foreign[node->tile] | 1u << node->in);
    }
    for (uint32_t tile = 0; tile < tiles; tile++)
        if (foreign[tile] >> own[tile] & 1)
            own[tile] = NOC_PORT_COUNT;
    return own;
}

/* The state after a SEND to `out`. A standing bypass to the same port would overwrite the spikes just sent,
 * before they are taken; the axons must hold by other means. */
static bool state_after_send(const struct arch_mapping *map, uint32_t tile, const struct arch_slot *slot,
                             uint8_t private_port, struct noc_spike_control *state) {
    const struct arch_tile_plan *plan = &map->tile[tile];
    if (!state->bypass || state->out != arch_shenjing_op_spike(slot->op).out)
        return true;
    if (plan->core == ARCH_NOBODY || map->core[plan->core].external) {
        *state = (struct noc_spike_control){.buffer = true};
        return true;
    }
    if (private_port < NOC_PORT_COUNT) {
        *state = (struct noc_spike_control){.in = private_port};
        return true;
    }
    if (slot->free & ARCH_SLOT_AXONS_IDLE)
        *state = (struct noc_spike_control){.buffer = true};
    else if (slot->free != 0)
        state->out = (uint8_t)__builtin_ctz(slot->free);
    return slot->free != 0;
}

/* One round of the loop from a standing state on, which becomes that of its end. */
static bool complete_round(const struct arch_mapping *map, uint32_t tile, uint8_t private_port,
                           struct noc_spike_control *state) {
    struct arch_tile_plan *plan = &map->tile[tile];
    for (uint32_t i = 0; i < plan->slot_count; i++) {
        struct arch_slot *slot = &plan->slot[i];
        if (slot->kind == ARCH_SLOT_RECEIVE || slot->kind == ARCH_SLOT_BYPASS) {
            *state = standing_state(slot->op);
        } else if (slot->kind == ARCH_SLOT_FIRE) {
            struct noc_spike_control fire = *state;
            fire.fire = true;
            fire.from_sum = arch_shenjing_op_spike(slot->op).from_sum;
            slot->op = arch_shenjing_word_spike(fire, 0).op;
        } else if (slot->kind == ARCH_SLOT_SEND) {
            if (!state_after_send(map, tile, slot, private_port, state))
                return false;
        } else if (slot->kind == ARCH_SLOT_REST) {
            slot->op = arch_shenjing_word_spike(*state, 0).op;
        }
    }
    return true;
}

/* A SEND may stand at the end of the loop and its REST at the beginning: the second round knows. */
static bool complete_tile(const struct arch_mapping *map, uint32_t tile, uint8_t private_port) {
    struct noc_spike_control state = first_state(&map->tile[tile]);
    return complete_round(map, tile, private_port, &state) && complete_round(map, tile, private_port, &state);
}

/* Appends `op` at `offset`, after no operations that bridge a long way; returns the new length. */
static uint32_t append(const struct arch_mapping *map, struct arch_shenjing_word *word, uint32_t length,
                       uint32_t *at, uint32_t offset, uint32_t op) {
    while (offset - *at > map->gap_limit) {
        if (word != NULL) {
            word[length - 1].gap = (uint16_t)(map->gap_limit - 1);
            word[length] = arch_shenjing_word_nop(0);
        }
        *at += map->gap_limit;
        length++;
    }
    if (word != NULL) {
        if (length > 0)
            word[length - 1].gap = (uint16_t)(offset - *at - 1);
        word[length] = (struct arch_shenjing_word){.op = (uint16_t)op, .gap = 0};
    }
    *at = offset;
    return length + 1;
}

/* Writes the loop to `word`, or only counts its words. */
static uint32_t emit(const struct arch_mapping *map, const struct arch_tile_plan *plan,
                     struct arch_shenjing_word *word) {
    uint32_t length = 0, at = 0, last = map->period - 1;
    if (plan->slot_count == 0 || plan->slot[0].offset != 0)
        length = append(map, word, length, &at, 0, ARCH_SHENJING_OP_NOP);
    for (uint32_t i = 0; i < plan->slot_count; i++)
        length = append(map, word, length, &at, plan->slot[i].offset, plan->slot[i].op);
    if (at != last)
        length = append(map, word, length, &at, last, ARCH_SHENJING_OP_NOP);
    if (word != NULL)
        word[length - 1].gap = (uint16_t)map->gap_limit; /* all ones: restart */
    return length;
}

static uint32_t power_of_two(uint32_t n) {
    uint32_t p = 2;
    while (p < n)
        p *= 2;
    return p;
}

bool arch_complete_spike_words(struct arch_mapping *map) {
    struct sim_arena scratch;
    sim_arena_init(&scratch);
    const uint8_t *private_port = private_ports(map, &scratch);
    bool complete = true;
    for (uint32_t tile = 0; complete && tile < map->rows * map->cols; tile++)
        complete = !map->tile[tile].used || complete_tile(map, tile, private_port[tile]);
    sim_arena_release(&scratch);
    return complete;
}

bool arch_program(struct arch_mapping *map, struct sim_err *err) {
    bool fits = true;
    for (uint32_t tile = 0; tile < map->rows * map->cols; tile++) {
        struct arch_tile_plan *plan = &map->tile[tile];
        if (!plan->used)
            continue;
        plan->words = emit(map, plan, NULL);
        if (plan->words > map->imem_words) {
            fits = sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "tile (%u, %u) needs %u instruction words and has %u (--set chip.tile.imem_words=%u "
                "would do)",
                tile / map->cols, tile % map->cols, plan->words, map->imem_words, power_of_two(plan->words));
            continue;
        }
        plan->word = SIM_NEW_ARRAY(map->arena, struct arch_shenjing_word, plan->words);
        emit(map, plan, plan->word);
    }
    return fits;
}
