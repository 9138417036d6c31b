/* SPDX-License-Identifier: MIT
 *
 * Golden stimuli and observation; see source.h.
 */
#include "test/golden/source.h"

#include <string.h>

const struct arch_shenjing_tile_spec golden_tile_spec = {.axons = GOLDEN_LANES,
                                                         .neurons = GOLDEN_LANES,
                                                         .weight_bits = 5,
                                                         .sum_bits = 13,
                                                         .ps_bits = 16,
                                                         .imem_words = GOLDEN_IMEM,
                                                         .gap_bits = GOLDEN_GAP_BITS};

/* 5-bit two's complement weights, neuron n in bits 5n + 4 .. 5n. */
static void unpack_weights(const uint64_t *value, int8_t *bus) {
    for (uint32_t n = 0; n < GOLDEN_LANES / 2; n++) {
        int weight = 0;
        for (uint32_t b = 0; b < 5; b++)
            weight |= (int)(value[(5 * n + b) / 64] >> ((5 * n + b) % 64) & 1) << b;
        bus[n] = (int8_t)(weight < 16 ? weight : weight - 32);
    }
}

static void apply(const struct golden_stimulus *s, struct naive_inputs *inputs) {
    struct arch_shenjing_pins *pin = &inputs->pin;
    uint64_t value = s->value[0];
    bool weights = s->input >= GOLDEN_IN_WEIGHT0 && s->input <= GOLDEN_IN_WEIGHT3;
    inputs->changed |= s->input == GOLDEN_IN_SPIKES ? NAIVE_INPUT_EXTERNAL
                       : weights                    ? NAIVE_INPUT_BUS
                                                    : NAIVE_INPUT_PIN;
    switch (s->input) {
    case GOLDEN_IN_SPIKES:
        memcpy(inputs->external, s->value, GOLDEN_LANES / 8);
        break;
    case GOLDEN_IN_NOC_SEL:
        memcpy(pin->noc_sel, s->value, GOLDEN_LANES / 8);
        break;
    case GOLDEN_IN_WEIGHT0:
    case GOLDEN_IN_WEIGHT1:
    case GOLDEN_IN_WEIGHT2:
    case GOLDEN_IN_WEIGHT3:
        unpack_weights(s->value, inputs->bus[s->input - GOLDEN_IN_WEIGHT0]);
        break;
    case GOLDEN_IN_THRESHOLD:
        pin->threshold = (int16_t)value;
        break;
    case GOLDEN_IN_SUBCORE_SEL:
        pin->subcore_sel = (uint8_t)value;
        break;
    case GOLDEN_IN_START:
        pin->sequencer.start_instr_b = value != 0;
        break;
    case GOLDEN_IN_READ_OR_WRITE:
        pin->sequencer.read_or_write = value != 0;
        break;
    case GOLDEN_IN_ADDR_COUNT:
        pin->sequencer.addr_count = (uint16_t)value;
        break;
    case GOLDEN_IN_INSTR:
        pin->sequencer.instr_in = arch_shenjing_word_op((uint32_t)(value >> GOLDEN_GAP_BITS),
                                                        value & ((1u << GOLDEN_GAP_BITS) - 1));
        break;
    case GOLDEN_IN_RSTB:
        pin->rstb = value != 0;
        break;
    case GOLDEN_INPUT_COUNT:
        break;
    }
}

static void initial(const struct golden_case *c, struct naive_inputs *inputs) {
    for (uint32_t t = 0; t < c->rows * c->cols; t++) {
        struct arch_shenjing_pins *pin = &inputs[t].pin;
        pin->threshold = (int16_t)c->tile[t].threshold;
        pin->subcore_sel = c->tile[t].subcore_sel;
        memcpy(pin->noc_sel, c->tile[t].noc_sel, GOLDEN_LANES / 8);
    }
}

static sim_cycle advance(struct bench_source *base, sim_cycle cycle, struct naive_inputs *inputs) {
    struct golden_source *source = (struct golden_source *)base;
    const struct golden_case *c = source->c;
    const struct golden_stimulus *stimulus = c->stimulus.item;
    if (cycle == 0)
        initial(c, inputs);
    for (; source->at < c->stimulus.count && stimulus[source->at].cycle == cycle; source->at++)
        for (uint32_t t = 0; t < c->rows * c->cols; t++)
            if (stimulus[source->at].tile < 0 || (uint32_t)stimulus[source->at].tile == t)
                apply(&stimulus[source->at], &inputs[t]);
    return source->at < c->stimulus.count ? stimulus[source->at].cycle : SIM_NEVER;
}

void golden_source_init(struct golden_source *source, const struct golden_case *c) {
    *source = (struct golden_source){.base = {.advance = advance}, .c = c};
}

void golden_load(struct bench *bench, const struct golden_case *c) {
    for (uint32_t t = 0; t < c->rows * c->cols; t++) {
        arch_shenjing_tile_load_program(&bench->tile[t], c->tile[t].program, GOLDEN_IMEM);
        for (uint32_t axon = 0; axon < GOLDEN_LANES; axon++)
            arch_shenjing_tile_load_weights(&bench->tile[t], axon, 0, GOLDEN_LANES,
                                            c->tile[t].weight[axon]);
    }
}

static void look_words(const int16_t *words, int16_t *lane) {
    memcpy(lane, words, GOLDEN_LANES * sizeof *lane);
}

static void look_bits(const uint64_t *bits, int16_t *lane) {
    for (uint32_t p = 0; p < GOLDEN_LANES; p++)
        lane[p] = bits[p / 64] >> (p % 64) & 1;
}

void golden_look(const struct arch_shenjing_tile *tile, enum golden_signal signal, sim_cycle now,
                 int16_t lane[GOLDEN_LANES]) {
    switch (signal) {
    case GOLDEN_SUM_REG:
        look_words(tile->ps.sum, lane);
        break;
    case GOLDEN_LOCAL_PS:
        look_words(tile->core.local_ps, lane);
        break;
    case GOLDEN_POTENTIAL:
        look_words(tile->spike.potential, lane);
        break;
    case GOLDEN_AXON_REG:
        look_bits(tile->spike.axon, lane);
        break;
    case GOLDEN_SPIKE:
        look_bits(tile->spike.spike, lane);
        break;
    default:
        if (signal < GOLDEN_WORDS)
            look_words(sim_wire_read(&tile->ps.out[signal - GOLDEN_PS_OUT_N], now), lane);
        else
            look_bits(sim_wire_read(&tile->spike.out[signal - GOLDEN_SPIKE_OUT_N], now), lane);
        break;
    }
}

uint64_t golden_hash_of(enum golden_signal signal, const int16_t lane[GOLDEN_LANES]) {
    unsigned char bytes[GOLDEN_LANES * 2] = {0};
    if (signal >= GOLDEN_WORDS) {
        for (uint32_t p = 0; p < GOLDEN_LANES; p++)
            bytes[p / 8] |= (unsigned char)(lane[p] << (p % 8));
        return golden_hash(bytes, GOLDEN_LANES / 8);
    }
    for (uint32_t p = 0; p < GOLDEN_LANES; p++) {
        bytes[2 * p] = (unsigned char)(lane[p] & 0xff);
        bytes[2 * p + 1] = (unsigned char)((uint16_t)lane[p] >> 8);
    }
    return golden_hash(bytes, sizeof bytes);
}
