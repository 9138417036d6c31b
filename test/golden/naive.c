/* SPDX-License-Identifier: MIT
 *
 * Naive reference of the Shenjing tile; see naive.h. `old` is the state visible in cycle c, `tile` becomes
 * the state visible in cycle c + 1.
 */
#include "test/golden/naive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const naive_counter_name[NAIVE_COUNTER_COUNT] = {
#define NAIVE_COUNTER_TEXT(name, help) #name,
    NAIVE_COUNTERS(NAIVE_COUNTER_TEXT)
#undef NAIVE_COUNTER_TEXT
};

static void *must(void *memory) {
    if (memory == NULL) {
        fputs("naive: out of memory\n", stderr);
        abort();
    }
    return memory;
}

void naive_mesh_init(struct naive_mesh *mesh, uint32_t rows, uint32_t cols,
                     const struct arch_shenjing_tile_spec *spec) {
    mesh->rows = rows;
    mesh->cols = cols;
    mesh->tile = must(calloc((size_t)rows * cols, sizeof *mesh->tile));
    mesh->scratch = must(calloc((size_t)rows * cols, sizeof *mesh->scratch));
    for (uint32_t t = 0; t < rows * cols; t++) {
        struct naive_tile *tile = &mesh->tile[t];
        tile->spec = *spec;
        tile->memory = must(calloc(spec->imem_words, sizeof *tile->memory));
        for (uint32_t i = 0; i < spec->imem_words; i++)
            tile->memory[i] = arch_shenjing_word_nop(0);
        tile->weight = must(calloc((size_t)spec->axons * spec->neurons, 1));
        tile->q = arch_shenjing_word_nop((1u << spec->gap_bits) - 2);
        tile->last_select = 15;
        tile->input.pin.rstb = true;
        tile->input.pin.sequencer.start_instr_b = true;
        tile->input.pin.sequencer.read_or_write = true;
    }
}

void naive_mesh_release(struct naive_mesh *mesh) {
    for (uint32_t t = 0; t < mesh->rows * mesh->cols; t++) {
        free(mesh->tile[t].memory);
        free(mesh->tile[t].weight);
    }
    free(mesh->tile);
    free(mesh->scratch);
}

/* The `bits` low bits of v, sign-extended. */
static int32_t wrap(int32_t v, uint32_t bits) {
    uint32_t shift = 32 - bits;
    return (int32_t)((uint32_t)v << shift) >> shift;
}

static uint64_t changed(int32_t a, int32_t b, uint32_t bits) {
    return (uint64_t)__builtin_popcount((uint32_t)(a ^ b) & ((1u << bits) - 1));
}

static bool bit(const uint64_t *bits, uint32_t i) { return bits[i / 64] >> (i % 64) & 1; }

static bool axon_active(const struct naive_tile *old, uint32_t axon) {
    return bit(old->input.external, axon) || (axon < old->spec.neurons && old->axon[axon]);
}

/* ---- memory phase ------------------------------------------------------------------------------ */

static void count_issue(struct naive_tile *tile, uint32_t op) {
    uint64_t *count = tile->count;
    count[NAIVE_issue_total]++;
    switch (arch_shenjing_op_class(op)) {
    case ARCH_SHENJING_CLASS_PS:
        count[NAIVE_issue_ps]++;
        count[NAIVE_issue_ps_bypass] += op & 1;
        count[NAIVE_issue_ps_send_sum] += (op & 0x101) == 0x100;
        count[NAIVE_issue_ps_send_local] += (op & 0x301) == 0x200;
        count[NAIVE_issue_ps_sum] += (op & 0x006) == 0x004;
        count[NAIVE_issue_ps_consec] += op >> 1 & 1;
        count[NAIVE_issue_ps_idle] += (op & 0x307) == 0;
        break;
    case ARCH_SHENJING_CLASS_SPIKE:
        count[NAIVE_issue_spike]++;
        count[NAIVE_issue_spike_bypass] += op >> 1 & 1;
        count[NAIVE_issue_spike_send] += (op & 0x042) == 0x040;
        count[NAIVE_issue_spike_fire] += op >> 8 & 1;
        count[NAIVE_issue_spike_buffer] += op >> 9 & 1;
        count[NAIVE_issue_spike_receive] += (op & 0x242) == 0;
        break;
    case ARCH_SHENJING_CLASS_CORE:
        count[NAIVE_issue_core]++;
        count[NAIVE_issue_core_acc] += (op & 0x0f) != 0;
        count[NAIVE_issue_core_ldwt] += (op & 0xf0) != 0;
        count[NAIVE_issue_core_stop] += (op & 0xff) == 0;
        break;
    default:
        count[op == ARCH_SHENJING_OP_NOP ? NAIVE_issue_nop : NAIVE_issue_undefined]++;
        break;
    }
}

static void instruction_memory(struct naive_tile *tile) {
    const struct arch_sequencer_pins *pin = &tile->input.pin.sequencer;
    if (pin->start_instr_b || !pin->read_or_write)
        tile->issued = false;
    if (tile->last_select == 0 || pin->start_instr_b)
        return;
    uint32_t address = (tile->address | pin->addr_count) % tile->spec.imem_words;
    if (!pin->read_or_write) {
        tile->memory[address] = pin->instr_in;
        tile->count[NAIVE_imem_writes]++;
        return;
    }
    struct arch_shenjing_word word = tile->memory[address];
    tile->count[NAIVE_imem_reads]++;
    tile->count[NAIVE_imem_q_bits] +=
        changed(word.op, tile->q.op, 12) + changed(word.gap, tile->q.gap, tile->spec.gap_bits);
    tile->q = word;
    if (tile->input.pin.rstb && !tile->issued) {
        count_issue(tile, word.op);
        tile->issued = true;
    }
}

static void weight_memory(struct naive_tile *tile, uint32_t k) {
    if ((tile->last_select & tile->input.pin.subcore_sel & 1u << k) == 0)
        return;
    struct naive_subcore *sub = &tile->sub[k];
    uint32_t half = tile->spec.neurons / 2, axon = sub->row + (k >= 2 ? tile->spec.axons / 2 : 0);
    int8_t *row = tile->weight + (size_t)axon * tile->spec.neurons + (k & 1) * half;
    bool mac = tile->core_op >> k & 1, wt = tile->core_op >> (4 + k) & 1;
    if (mac && (wt || axon_active(tile, axon))) {
        for (uint32_t n = 0; n < half; n++)
            tile->count[NAIVE_sram_q_bits_sc0 + k] += changed(row[n], sub->q[n], tile->spec.weight_bits);
        memcpy(sub->q, row, half);
        tile->count[NAIVE_sram_row_reads_sc0 + k]++;
    } else if (!mac && wt) {
        memcpy(row, tile->input.bus[k], half);
        tile->count[NAIVE_sram_row_writes_sc0 + k]++;
    }
}

/* ---- edges ------------------------------------------------------------------------------------- */

static void sequencer(struct naive_tile *tile, const struct naive_tile *old) {
    const struct arch_shenjing_pins *pin = &old->input.pin;
    if (pin->subcore_sel == 0)
        return;
    tile->count[NAIVE_tile_clock_cycles]++;
    if (!pin->rstb) {
        tile->start_r = tile->read_r = false;
        tile->issued = false;
        tile->address = tile->gap = 0;
        tile->ps_op = tile->spike_op = tile->core_op = 0;
        return;
    }
    tile->start_r = pin->sequencer.start_instr_b;
    tile->read_r = pin->sequencer.read_or_write;
    uint32_t restart = (1u << old->spec.gap_bits) - 1;
    tile->address = tile->gap = 0;
    if (!old->start_r && old->read_r) {
        if (old->q.gap == restart ? old->address != 0 : old->gap == old->q.gap)
            tile->issued = false;
        if (old->q.gap != restart && old->gap == old->q.gap) {
            tile->address = (old->address + 1) % old->spec.imem_words;
        } else if (old->q.gap != restart) {
            tile->address = old->address;
            tile->gap = (old->gap + 1) & restart;
        }
    }
    uint16_t op = old->q.op;
    switch (arch_shenjing_op_class(op)) {
    case ARCH_SHENJING_CLASS_PS:
        tile->ps_op = op & 0x3ff;
        break;
    case ARCH_SHENJING_CLASS_SPIKE:
        tile->spike_op = op & 0x3fe;
        break;
    case ARCH_SHENJING_CLASS_CORE:
        tile->core_op = op & 0xff;
        break;
    default:
        break;
    }
}

static void subcore(struct naive_tile *tile, const struct naive_tile *old, uint32_t k) {
    struct naive_subcore *sub = &tile->sub[k];
    const struct naive_subcore *was = &old->sub[k];
    uint32_t half = old->spec.neurons / 2, rows = old->spec.axons / 2, bits = old->spec.sum_bits;
    bool mac = old->core_op >> k & 1, wt = old->core_op >> (4 + k) & 1;
    bool x = (old->input.pin.subcore_sel >> k & 1) && axon_active(old, was->row + (k >= 2 ? rows : 0));
    if (!old->input.pin.rstb) {
        sub->mac_r = sub->wt_r = sub->done = false;
        sub->row = sub->steps = 0;
        memset(sub->acc, 0, sizeof sub->acc);
        memset(sub->out, 0, sizeof sub->out);
    } else {
        sub->mac_r = mac;
        sub->wt_r = wt;
        sub->row = was->mac_r || was->wt_r ? (was->row + 1) % rows : 0;
        sub->done = was->mac_r && was->steps == rows - 1;
        sub->steps = was->mac_r ? (was->steps + 1) % rows : 0;
        for (uint32_t n = 0; n < half; n++) {
            sub->acc[n] = !was->mac_r ? 0 : x ? wrap(was->acc[n] + was->q[n], bits) : was->acc[n];
            if (was->done)
                sub->out[n] = was->acc[n];
        }
        tile->count[NAIVE_acc_captures_sc0 + k] += was->done;
    }
    for (uint32_t n = 0; n < half; n++) {
        tile->count[NAIVE_acc_adds_sc0 + k] += was->mac_r && x && was->q[n] != 0;
        tile->count[NAIVE_acc_reg_bits_sc0 + k] += changed(sub->acc[n], was->acc[n], bits);
        tile->count[NAIVE_subcore_out_bits] += changed(sub->out[n], was->out[n], bits);
    }
}

static void neuron_core(struct naive_tile *tile, const struct naive_tile *old) {
    const struct arch_shenjing_pins *pin = &old->input.pin;
    for (uint32_t k = 0; k < NAIVE_SUBCORES; k++)
        subcore(tile, old, k);
    tile->count[NAIVE_subcore_clock_cycles] += (uint64_t)__builtin_popcount(pin->subcore_sel);
    uint32_t half = old->spec.neurons / 2;
    for (uint32_t n = 0; n < old->spec.neurons; n++) {
        uint32_t k = n / half;
        bool low = pin->subcore_sel >> k & 1, high = pin->subcore_sel >> (k + 2) & 1;
        if (!pin->rstb)
            tile->local_ps[n] = 0;
        else if (low || high)
            tile->local_ps[n] = (int16_t)wrap((low ? old->sub[k].out[n % half] : 0) +
                                                  (high ? old->sub[k + 2].out[n % half] : 0),
                                              old->spec.sum_bits);
        tile->count[NAIVE_local_ps_bits] +=
            changed(tile->local_ps[n], old->local_ps[n], old->spec.sum_bits);
    }
}

static void ps_router(struct naive_tile *tile, const struct naive_tile *old, uint32_t p,
                      const int16_t *link) {
    uint64_t *count = tile->count;
    uint32_t bits = old->spec.ps_bits;
    struct noc_ps_control c = arch_shenjing_op_ps(old->ps_op);
    if (!old->input.pin.rstb) {
        tile->op1[p] = tile->sum[p] = 0;
        for (int port = 0; port < NOC_PORT_COUNT; port++)
            tile->ps_in[port][p] = tile->ps_out[port][p] = 0;
    } else {
        int16_t op1 = c.consec ? old->sum[p] : old->local_ps[p];
        tile->op1[p] = op1;
        if (!c.bypass) {
            tile->ps_in[c.in][p] = link[c.in];
            count[NAIVE_psin_reg_writes]++;
        }
        if (c.out < NOC_PORT_COUNT && (c.bypass || c.send_sum || c.send_local)) {
            tile->ps_out[c.out][p] = c.bypass ? link[c.in] : c.send_sum ? old->sum[p] : op1;
            count[c.bypass     ? NAIVE_ps_bypass_planes
                  : c.send_sum ? NAIVE_ps_send_sum_planes
                  : c.consec   ? NAIVE_ps_send_op1sum_planes
                               : NAIVE_ps_send_local_planes]++;
        }
        if (c.consec)
            count[NAIVE_ps_hold_planes]++;
        else if (c.add)
            count[NAIVE_ps_sum_planes]++;
        if (!c.consec)
            tile->sum[p] =
                (int16_t)(c.add ? wrap(old->op1[p] + (c.bypass ? 0 : old->ps_in[c.in][p]), bits) : 0);
    }
    count[NAIVE_op1_reg_bits] += changed(tile->op1[p], old->op1[p], bits);
    count[NAIVE_sum_reg_bits] += changed(tile->sum[p], old->sum[p], bits);
    for (int port = 0; port < NOC_PORT_COUNT; port++) {
        count[NAIVE_psin_reg_bits] += changed(tile->ps_in[port][p], old->ps_in[port][p], bits);
        count[NAIVE_ps_link_bits_n + port] += changed(tile->ps_out[port][p], old->ps_out[port][p], bits);
    }
}

static void spike_router(struct naive_tile *tile, const struct naive_tile *old, uint32_t p,
                         const bool *link) {
    uint64_t *count = tile->count;
    uint32_t bits = old->spec.ps_bits;
    struct noc_spike_control c = arch_shenjing_op_spike(old->spike_op);
    if (!old->input.pin.rstb) {
        tile->potential[p] = 0;
        tile->spike[p] = tile->axon[p] = false;
        for (int port = 0; port < NOC_PORT_COUNT; port++)
            tile->spike_in[port][p] = tile->spike_out[port][p] = false;
    } else {
        int32_t v = wrap(old->potential[p] + (c.from_sum ? old->sum[p] : old->local_ps[p]), bits);
        int32_t y = wrap(v - old->input.pin.threshold, bits);
        tile->spike[p] = c.fire && y >= 0;
        if (c.fire) {
            tile->potential[p] = (int16_t)(y >= 0 ? y : v);
            count[NAIVE_spike_eval_planes]++;
        }
        if (!c.bypass && !c.send && !c.buffer) {
            for (int port = 0; port < NOC_PORT_COUNT; port++)
                tile->spike_in[port][p] = link[port];
            count[NAIVE_spin_reg_writes]++;
        }
        bool s = c.bypass ? link[c.in] : c.send ? old->spike[p] : c.buffer ? false : old->spike_in[c.in][p];
        if (c.bypass || c.send) {
            tile->spike_out[c.out][p] = s;
            count[c.bypass ? NAIVE_spike_bypass_planes : NAIVE_spike_send_planes]++;
        } else {
            tile->axon[p] = s;
            count[NAIVE_axon_reg_writes]++;
        }
    }
    count[NAIVE_potential_bits] += changed(tile->potential[p], old->potential[p], bits);
    count[NAIVE_spike_reg_bits] += tile->spike[p] != old->spike[p];
    count[NAIVE_axon_reg_bits] += tile->axon[p] != old->axon[p];
    for (int port = 0; port < NOC_PORT_COUNT; port++) {
        count[NAIVE_spin_reg_bits] += tile->spike_in[port][p] != old->spike_in[port][p];
        count[NAIVE_spike_link_bits_n + port] += tile->spike_out[port][p] != old->spike_out[port][p];
    }
}

static void planes(struct naive_tile *tile, const struct naive_mesh *mesh, uint32_t number) {
    const struct naive_tile *old = &mesh->scratch[number];
    uint32_t row = number / mesh->cols, col = number % mesh->cols;
    const struct naive_tile *side[NOC_PORT_COUNT] = {
        [NOC_PORT_NORTH] = row > 0 ? old - mesh->cols : NULL,
        [NOC_PORT_SOUTH] = row + 1 < mesh->rows ? old + mesh->cols : NULL,
        [NOC_PORT_EAST] = col + 1 < mesh->cols ? old + 1 : NULL,
        [NOC_PORT_WEST] = col > 0 ? old - 1 : NULL,
    };
    for (uint32_t p = 0; p < old->spec.neurons; p++) {
        if (!bit(old->input.pin.noc_sel, p))
            continue;
        int16_t word[NOC_PORT_COUNT];
        bool spike[NOC_PORT_COUNT];
        for (int port = 0; port < NOC_PORT_COUNT; port++) {
            enum noc_port theirs = noc_port_opposite((enum noc_port)port);
            word[port] = (int16_t)(side[port] != NULL ? side[port]->ps_out[theirs][p] : 0);
            spike[port] = side[port] != NULL && side[port]->spike_out[theirs][p];
        }
        tile->count[NAIVE_plane_clocks]++;
        ps_router(tile, old, p, word);
        spike_router(tile, old, p, spike);
    }
}

void naive_mesh_cycle(struct naive_mesh *mesh) {
    uint32_t tiles = mesh->rows * mesh->cols;
    for (uint32_t t = 0; t < tiles; t++) {
        instruction_memory(&mesh->tile[t]);
        for (uint32_t k = 0; k < NAIVE_SUBCORES; k++)
            weight_memory(&mesh->tile[t], k);
    }
    memcpy(mesh->scratch, mesh->tile, tiles * sizeof *mesh->tile);
    for (uint32_t t = 0; t < tiles; t++) {
        struct naive_tile *tile = &mesh->tile[t];
        const struct naive_tile *old = &mesh->scratch[t];
        sequencer(tile, old);
        neuron_core(tile, old);
        planes(tile, mesh, t);
        for (uint32_t p = 0; p < tile->spec.neurons; p++)
            tile->count[NAIVE_fire] += tile->spike[p];
        tile->last_select = old->input.pin.subcore_sel;
    }
}
