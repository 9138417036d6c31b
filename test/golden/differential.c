/* SPDX-License-Identifier: MIT
 *
 * Differential test: random meshes, sizes, programs, weights and stimuli, run on the simulator's tile and
 * on the naive reference; every register, memory and counter must agree.
 *
 *     differential [--seed N] [--count N]      seeds N, N + 1, ...
 *
 * The tile is looked at in cycles of random distance, its outputs in every cycle; order of stepping and
 * vector code change with the seed. The first difference is printed with the seed that shows it.
 * Exit code 0: no difference; 1: usage; 2: a difference.
 */
#include "sim/base/rng.h"
#include "test/golden/bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED_COUNT 60
#define CYCLES_MIN 300
#define CYCLES_MAX 1500
#define OBSERVE_MAX 150

static uint32_t below(uint64_t *rng, uint32_t n) { return (uint32_t)sim_rng_below(rng, n); }
static bool one_in(uint64_t *rng, uint32_t n) { return below(rng, n) == 0; }

/* ---- random input ------------------------------------------------------------------------------ */

struct random_source {
    struct bench_source base;
    uint64_t rng;
    struct arch_shenjing_tile_spec spec;
    uint32_t tiles;
    uint32_t distance; /* mean cycles between two changes */
    bool wild;         /* resets, stops, gating and loading in the middle of everything */
};

static void random_bits(uint64_t *rng, uint64_t *bits, uint32_t count) {
    uint32_t density = below(rng, 4);
    for (uint32_t i = 0; i < count / 64; i++) {
        uint64_t a = sim_rng_next(rng), b = sim_rng_next(rng), c = sim_rng_next(rng);
        bits[i] = density == 0 ? 0 : density == 1 ? a & b & c : density == 2 ? a : ~UINT64_C(0);
    }
}

static int8_t random_weight(uint64_t *rng, uint32_t bits) {
    int range = 1 << bits;
    return (int8_t)((int)below(rng, (uint32_t)range) - range / 2);
}

static struct arch_shenjing_word random_word(uint64_t *rng, const struct arch_shenjing_tile_spec *spec) {
    uint32_t restart = (1u << spec->gap_bits) - 1, gap = below(rng, 4);
    if (one_in(rng, 4))
        gap = below(rng, 12);
    if (one_in(rng, 40))
        gap = below(rng, restart + 1);
    if (one_in(rng, 30))
        gap = restart;
    gap &= restart;
    uint32_t op = below(rng, 0x400);
    switch (below(rng, 8)) {
    case 0:
    case 1:
    case 2:
        if (one_in(rng, 2))
            op &= ~1u; /* fewer bypasses */
        break;
    case 3:
    case 4:
    case 5:
        op = 1u << 10 | (one_in(rng, 2) ? op & ~2u : op);
        break;
    case 6: {
        const uint32_t common[] = {0x0f, 0x00, 0x0f, 0x00, op & 15, op & 0xff, 0xf0, 0x05};
        op = 2u << 10 | common[below(rng, 8)];
        if (op != (2u << 10))
            gap = (spec->axons / 2 - 2 + below(rng, 5)) & restart;
        break;
    }
    default:
        op = one_in(rng, 3) ? 3u << 10 | op : ARCH_SHENJING_OP_NOP;
        break;
    }
    return arch_shenjing_word_op(op, gap);
}

static int16_t random_threshold(uint64_t *rng) {
    return (int16_t)(one_in(rng, 3) ? (int)below(rng, 0x10000) - 0x8000 : (int)below(rng, 200));
}

static void change(struct random_source *s, struct naive_inputs *in) {
    uint64_t *rng = &s->rng;
    struct arch_shenjing_pins *pin = &in->pin;
    struct arch_sequencer_pins *seq = &pin->sequencer;
    in->changed |= NAIVE_INPUT_PIN | NAIVE_INPUT_EXTERNAL | NAIVE_INPUT_BUS;
    switch (below(rng, s->wild ? 12 : 4)) {
    case 0:
    case 1:
        random_bits(rng, in->external, s->spec.axons);
        break;
    case 2:
        pin->threshold = random_threshold(rng);
        break;
    case 3:
        for (uint32_t k = 0; k < NAIVE_SUBCORES; k++)
            for (uint32_t n = 0; n < s->spec.neurons / 2; n++)
                in->bus[k][n] = random_weight(rng, s->spec.weight_bits);
        break;
    case 4:
        random_bits(rng, pin->noc_sel, s->spec.neurons);
        break;
    case 5:
        pin->subcore_sel = (uint8_t)(one_in(rng, 2) ? 15 : below(rng, 16));
        break;
    case 6:
        pin->rstb = !one_in(rng, 3);
        break;
    case 7:
        seq->start_instr_b = one_in(rng, 3);
        break;
    case 8:
        seq->read_or_write = !one_in(rng, 3);
        seq->instr_in = random_word(rng, &s->spec);
        break;
    case 9:
        seq->addr_count = (uint16_t)(one_in(rng, 2) ? 0 : below(rng, s->spec.imem_words));
        break;
    case 10: /* back to an ordinary state */
        memset(pin->noc_sel, 0xff, s->spec.neurons / 8);
        pin->subcore_sel = 15;
        pin->rstb = true;
        break;
    default:
        *seq = (struct arch_sequencer_pins){.start_instr_b = false, .read_or_write = true};
        pin->rstb = true;
        break;
    }
}

static sim_cycle advance(struct bench_source *base, sim_cycle cycle, struct naive_inputs *inputs) {
    struct random_source *s = (struct random_source *)base;
    for (uint32_t t = 0; t < s->tiles; t++) {
        if (cycle == 0) {
            struct arch_shenjing_pins *pin = &inputs[t].pin;
            memset(pin->noc_sel, 0xff, s->spec.neurons / 8);
            pin->subcore_sel = (uint8_t)(one_in(&s->rng, 4) ? below(&s->rng, 16) : 15);
            pin->threshold = random_threshold(&s->rng);
            pin->sequencer.start_instr_b = one_in(&s->rng, 4);
            random_bits(&s->rng, inputs[t].external, s->spec.axons);
        } else if (one_in(&s->rng, s->tiles)) {
            change(s, &inputs[t]);
        }
    }
    return cycle + 1 + below(&s->rng, 2 * s->distance);
}

static struct bench_spec random_spec(uint64_t *rng) {
    struct bench_spec spec = {.rows = 1 + below(rng, 3), .cols = 1 + below(rng, 3)};
    struct arch_shenjing_tile_spec *tile = &spec.tile;
    *tile = (struct arch_shenjing_tile_spec){256, 256, 5, 13, 16, 64, 8, false};
    if (one_in(rng, 2)) {
        const uint32_t lanes[] = {128, 256, 384};
        tile->axons = lanes[below(rng, 3)];
        tile->neurons = lanes[below(rng, 3)];
        tile->weight_bits = 2 + below(rng, 7);
        tile->sum_bits = tile->weight_bits + below(rng, 17 - tile->weight_bits);
        tile->ps_bits = tile->sum_bits + below(rng, 17 - tile->sum_bits);
        tile->imem_words = 2u << below(rng, 7);
        tile->gap_bits = 2 + below(rng, 9);
    }
    tile->count_toggles = one_in(rng, 2);
    spec.kernel.order = (enum sim_order)(one_in(rng, 2) ? SIM_ORDER_SPARSE : below(rng, SIM_ORDER_COUNT));
    spec.kernel.seed = sim_rng_next(rng);
    do
        spec.lanes = sim_lanes_variant(below(rng, SIM_LANES_VARIANTS));
    while (spec.lanes == NULL);
    return spec;
}

static void random_contents(uint64_t *rng, struct bench *bench, struct naive_mesh *naive) {
    for (uint32_t t = 0; t < bench->spec.rows * bench->spec.cols; t++) {
        const struct arch_shenjing_tile_spec *spec = &bench->spec.tile;
        struct naive_tile *reference = &naive->tile[t];
        for (uint32_t i = 0; i < spec->imem_words; i++)
            reference->memory[i] = random_word(rng, spec);
        if (one_in(rng, 2)) /* a sensible beginning: accumulate, then stop */
            reference->memory[0] =
                arch_shenjing_word_core(0, 15, spec->axons / 2 & ((1u << spec->gap_bits) - 1));
        arch_shenjing_tile_load_program(&bench->tile[t], reference->memory, spec->imem_words);
        uint32_t sparsity = 1 + below(rng, 4);
        for (uint32_t axon = 0; axon < spec->axons; axon++) {
            int8_t *row = reference->weight + (size_t)axon * spec->neurons;
            for (uint32_t n = 0; n < spec->neurons; n++)
                row[n] = one_in(rng, sparsity) ? random_weight(rng, spec->weight_bits) : (int8_t)0;
            arch_shenjing_tile_load_weights(&bench->tile[t], axon, 0, spec->neurons, row);
        }
    }
}

/* ---- comparison -------------------------------------------------------------------------------- */

struct comparison {
    uint64_t seed;
    sim_cycle cycle;
    uint32_t tile, cols;
    const struct bench *bench;
};

static bool fault(const struct comparison *c, const char *signal, uint32_t index, int64_t expected,
                  int64_t got) {
    const struct arch_shenjing_tile_spec *s = &c->bench->spec.tile;
    printf("seed %" PRIu64 ": cycle %" PRIu64 " tile %u,%u %s[%u]: expected %" PRId64 ", got %" PRId64 "\n",
           c->seed, c->cycle, c->tile / c->cols, c->tile % c->cols, signal, index, expected, got);
    printf("  (axons %u neurons %u weight %u sum %u ps %u words %u gap %u toggles %d order %d lanes %s)\n",
           s->axons, s->neurons, s->weight_bits, s->sum_bits, s->ps_bits, s->imem_words, s->gap_bits,
           s->count_toggles, (int)c->bench->spec.kernel.order, c->bench->spec.lanes->name);
    return false;
}

static bool same_words(const struct comparison *c, const char *signal, const int16_t *expected,
                       const int16_t *got, uint32_t count) {
    for (uint32_t p = 0; p < count; p++)
        if (expected[p] != got[p])
            return fault(c, signal, p, expected[p], got[p]);
    return true;
}

static bool same_bits(const struct comparison *c, const char *signal, const bool *expected,
                      const uint64_t *got, uint32_t count) {
    for (uint32_t p = 0; p < count; p++)
        if (expected[p] != (got[p / 64] >> (p % 64) & 1))
            return fault(c, signal, p, expected[p], !expected[p]);
    return true;
}

static bool same_number(const struct comparison *c, const char *signal, uint64_t expected, uint64_t got) {
    return expected == got || fault(c, signal, 0, (int64_t)expected, (int64_t)got);
}

static bool same_outputs(const struct comparison *c, const struct naive_tile *naive,
                         const struct arch_shenjing_tile *tile) {
    uint32_t planes = tile->spec.neurons;
    bool same = true;
    for (int port = 0; same && port < NOC_PORT_COUNT; port++)
        same = same_words(c, "ps_out", naive->ps_out[port], sim_wire_read(&tile->ps.out[port], c->cycle),
                          planes) &&
               same_bits(c, "spike_out", naive->spike_out[port],
                         sim_wire_read(&tile->spike.out[port], c->cycle), planes);
    return same;
}

static bool same_sequencer(const struct comparison *c, const struct naive_tile *naive,
                           const struct arch_sequencer *s) {
    bool same = same_number(c, "im_addr", naive->address, s->address) &&
                same_number(c, "ps_ctl", naive->ps_op, s->ps_op) &&
                same_number(c, "spike_ctl", naive->spike_op, s->spike_op) &&
                same_number(c, "core_ctl", naive->core_op, s->core_op) &&
                same_number(c, "q.op", naive->q.op, s->q.op) &&
                same_number(c, "q.gap", naive->q.gap, s->q.gap);
    for (uint32_t i = 0; same && i < s->words; i++)
        same =
            same_number(c, "instruction memory", (uint64_t)naive->memory[i].op << 16 | naive->memory[i].gap,
                        (uint64_t)s->memory[i].op << 16 | s->memory[i].gap);
    return same;
}

static bool same_core(const struct comparison *c, const struct naive_tile *naive,
                      const struct arch_neuron_core *core) {
    uint32_t half = core->neurons / 2;
    for (uint32_t k = 0; k < NAIVE_SUBCORES; k++) {
        const struct naive_subcore *expected = &naive->sub[k];
        const struct arch_subcore *got = &core->sub[k];
        if (!same_number(c, "row", expected->row, got->row) ||
            !same_number(c, "done", expected->done, got->done))
            return false;
        for (uint32_t n = 0; n < half; n++) {
            uint32_t mask = (1u << core->sum_bits) - 1;
            if (((uint32_t)(expected->acc[n] ^ got->acc[n]) & mask) != 0)
                return fault(c, "accumulator", k * half + n, expected->acc[n], got->acc[n]);
            if (expected->out[n] != got->out[n])
                return fault(c, "sub-core sum", k * half + n, expected->out[n], got->out[n]);
            if (expected->q[n] != got->q[n])
                return fault(c, "weight output", k * half + n, expected->q[n], got->q[n]);
        }
    }
    return same_words(c, "local_ps", naive->local_ps, core->local_ps, core->neurons);
}

static bool same_routers(const struct comparison *c, const struct naive_tile *naive,
                         const struct arch_shenjing_tile *tile) {
    uint32_t planes = tile->spec.neurons;
    bool same = same_words(c, "op1", naive->op1, tile->ps.op1, planes) &&
                same_words(c, "sum_reg", naive->sum, tile->ps.sum, planes) &&
                same_words(c, "potential", naive->potential, tile->spike.potential, planes) &&
                same_bits(c, "spike", naive->spike, tile->spike.spike, planes) &&
                same_bits(c, "axon_reg", naive->axon, tile->spike.axon, planes);
    for (int port = 0; same && port < NOC_PORT_COUNT; port++)
        same = same_words(c, "ps_in", naive->ps_in[port], tile->ps.in[port], planes) &&
               same_bits(c, "spike_in", naive->spike_in[port], tile->spike.in[port], planes);
    return same;
}

/* The reference's count of an event: under the same name, or split over the sub-cores. */
static uint64_t naive_count(const struct naive_tile *naive, const char *event) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < NAIVE_COUNTER_COUNT; i++) {
        const char *name = naive_counter_name[i];
        size_t length = strlen(event);
        if (strncmp(name, event, length) == 0 &&
            (name[length] == '\0' || strncmp(name + length, "_sc", 3) == 0))
            sum += naive->count[i];
    }
    return sum;
}

static bool same_counts(const struct comparison *c, const struct naive_tile *naive,
                        const struct arch_shenjing_tile *tile) {
    for (uint32_t e = 0; e < ARCH_SHENJING_TILE_EVENT_COUNT; e++) {
        const char *name = arch_shenjing_tile_type.events[e].name;
        bool toggle = strstr(name, "_bits") != NULL && strstr(name, "link_bits") == NULL;
        if (toggle && !tile->spec.count_toggles)
            continue;
        if (!same_number(c, name, naive_count(naive, name), tile->base.count[e]))
            return false;
    }
    return true;
}

static bool same_weights(const struct comparison *c, const struct naive_tile *naive,
                         const struct arch_neuron_core *core) {
    for (uint32_t i = 0; i < core->axons * core->neurons; i++)
        if (naive->weight[i] != core->weight[i])
            return fault(c, "weight", i, naive->weight[i], core->weight[i]);
    return true;
}

static bool compare(struct comparison *c, const struct naive_mesh *naive, bool settled, bool last) {
    bool same = true;
    for (c->tile = 0; same && c->tile < naive->rows * naive->cols; c->tile++) {
        const struct naive_tile *expected = &naive->tile[c->tile];
        const struct arch_shenjing_tile *got = &c->bench->tile[c->tile];
        same = same_outputs(c, expected, got);
        if (settled)
            same = same && same_sequencer(c, expected, &got->sequencer) &&
                   same_core(c, expected, &got->core) && same_routers(c, expected, got) &&
                   same_counts(c, expected, got);
        if (last)
            same = same && same_weights(c, expected, &got->core);
        if (!same)
            break;
    }
    return same;
}

/* ---- one seed ---------------------------------------------------------------------------------- */

static bool run_seed(uint64_t seed) {
    uint64_t rng = sim_rng_stream(seed, 0);
    struct bench_spec spec = random_spec(&rng);
    struct bench bench;
    struct naive_mesh naive;
    bench_init(&bench, &spec);
    naive_mesh_init(&naive, spec.rows, spec.cols, &spec.tile);
    random_contents(&rng, &bench, &naive);

    uint32_t tiles = spec.rows * spec.cols;
    struct random_source ours = {.base = {.advance = advance},
                                 .rng = sim_rng_stream(seed, 1),
                                 .spec = spec.tile,
                                 .tiles = tiles,
                                 .distance = 1 + below(&rng, 1 + below(&rng, 150)),
                                 .wild = !one_in(&rng, 4)};
    struct random_source theirs = ours;
    struct naive_inputs *inputs = calloc(tiles, sizeof *inputs);
    if (inputs == NULL)
        abort();
    for (uint32_t t = 0; t < tiles; t++)
        inputs[t] = naive.tile[t].input;
    bench_start(&bench, &ours.base);

    sim_cycle cycles = CYCLES_MIN + below(&rng, CYCLES_MAX - CYCLES_MIN), next = 0, observe = 0;
    struct comparison c = {.seed = seed, .cols = spec.cols, .bench = &bench};
    bool same = true;
    for (c.cycle = 0; same && c.cycle <= cycles; c.cycle++) {
        bool settled = c.cycle == observe || c.cycle == cycles;
        bench_run(&bench, c.cycle);
        if (settled) {
            bench_settle(&bench);
            observe = c.cycle + 1 + below(&rng, 1 + below(&rng, OBSERVE_MAX));
        }
        same = compare(&c, &naive, settled, c.cycle == cycles);
        if (c.cycle == next)
            next = theirs.base.advance(&theirs.base, c.cycle, inputs);
        for (uint32_t t = 0; t < tiles; t++)
            naive.tile[t].input = inputs[t];
        naive_mesh_cycle(&naive);
    }
    free(inputs);
    naive_mesh_release(&naive);
    bench_release(&bench);
    return same;
}

static bool argument(const char *text, uint64_t *value) {
    char *end;
    *value = strtoull(text, &end, 10);
    return *text != '\0' && *text != '-' && *end == '\0';
}

int main(int argc, char **argv) {
    uint64_t seed = 1, count = SEED_COUNT;
    for (int i = 1; i < argc; i += 2) {
        bool is_seed = strcmp(argv[i], "--seed") == 0;
        if ((!is_seed && strcmp(argv[i], "--count") != 0) || i + 1 == argc ||
            !argument(argv[i + 1], is_seed ? &seed : &count)) {
            fprintf(stderr, "usage: %s [--seed N] [--count N]\n", argv[0]);
            return SIM_EXIT_USAGE;
        }
    }
    for (uint64_t i = 0; i < count; i++)
        if (!run_seed(seed + i)) {
            printf("reproduce: %s --seed %" PRIu64 " --count 1\n", argv[0], seed + i);
            return SIM_EXIT_CONFIG;
        }
    printf("%" PRIu64 " seeds from %" PRIu64 " on: no difference\n", count, seed);
    return SIM_EXIT_OK;
}
