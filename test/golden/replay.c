/* SPDX-License-Identifier: MIT
 *
 * Replays golden cases on the simulator's tile and compares every register, every control register and every
 * activity counter.
 *
 *     replay FOLDER...        each folder is a case, or holds cases at any depth
 *
 * Each case runs several times: observed in every cycle, and observed at random cycles only, so that the
 * tiles are left alone for long and catch up; stepped sparsely, densely and in random order; on every
 * variant of the vector code. For a case that fails, the first difference is printed with cycle, tile,
 * signal, plane, expected and found value. Exit code 0: all passed; 1: usage; 2: a difference or a
 * malformed case; 4: a file cannot be read.
 */
#define _XOPEN_SOURCE 700 /* nftw */
#include "sim/base/rng.h"
#include "test/golden/source.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define OPEN_FOLDERS_MAX 16
#define STRIDE_MAX 200 /* longest time between two observations */

struct run_spec {
    const char *name;
    enum sim_order order;
    uint32_t lanes; /* variant number + 1, or 0: as chosen at start-up */
    bool every_cycle, toggles;
};

static const struct run_spec runs[] = {
    {"sparse, every cycle", SIM_ORDER_SPARSE, 0, true, true},
    {"sparse", SIM_ORDER_SPARSE, 0, false, false},
    {"dense", SIM_ORDER_DENSE, 0, false, false},
    {"shuffled", SIM_ORDER_SHUFFLED, 0, false, false},
    {"shuffled, toggles counted", SIM_ORDER_SHUFFLED, 0, false, true},
    {"sparse, scalar", SIM_ORDER_SPARSE, 1, false, false},
    {"sparse, avx2", SIM_ORDER_SPARSE, 2, false, false},
    {"sparse, avx512", SIM_ORDER_SPARSE, 3, false, false},
};

/* What a tile shows according to the case. */
struct expectation {
    uint64_t hash[GOLDEN_SIGNAL_COUNT];
    int16_t probe[GOLDEN_SIGNAL_COUNT][GOLDEN_PROBES_MAX];
    uint16_t control[GOLDEN_CONTROL_COUNT];
};

struct replay {
    const struct golden_case *c;
    const struct run_spec *spec;
    struct bench bench;
    struct expectation *expect; /* [tile] */
    size_t next_probe, next_hash, next_control;
};

static bool differs(const struct replay *r, sim_cycle cycle, uint32_t tile, const char *signal) {
    printf("%s: %s: cycle %" PRIu64 " tile %u,%u %s", r->c->path, r->spec->name, cycle, tile / r->c->cols,
           tile % r->c->cols, signal);
    return false;
}

/* Brings the expectation to cycle `cycle`. */
static void expect_until(struct replay *r, sim_cycle cycle) {
    const struct golden_case *c = r->c;
    const struct golden_change *probe = c->expected.item, *hash = c->hashes.item,
                               *control = c->control.item;
    for (; r->next_probe < c->expected.count && probe[r->next_probe].cycle <= cycle; r->next_probe++) {
        const struct golden_change *p = &probe[r->next_probe];
        r->expect[p->tile].probe[p->signal][p->plane] = (int16_t)p->value;
    }
    for (; r->next_hash < c->hashes.count && hash[r->next_hash].cycle <= cycle; r->next_hash++)
        r->expect[hash[r->next_hash].tile].hash[hash[r->next_hash].signal] = hash[r->next_hash].value;
    for (; r->next_control < c->control.count && control[r->next_control].cycle <= cycle;
         r->next_control++) {
        const struct golden_change *p = &control[r->next_control];
        r->expect[p->tile].control[p->signal] = (uint16_t)p->value;
    }
}

static bool is_output(enum golden_signal signal) {
    return signal <= GOLDEN_PS_OUT_W || (signal >= GOLDEN_SPIKE_OUT_N && signal <= GOLDEN_SPIKE_OUT_W);
}

static bool compare_signal(const struct replay *r, uint32_t t, enum golden_signal signal, sim_cycle cycle) {
    const struct expectation *expect = &r->expect[t];
    int16_t lane[GOLDEN_LANES];
    golden_look(&r->bench.tile[t], signal, cycle, lane);
    for (uint32_t i = 0; i < r->c->probes; i++) {
        uint32_t plane = r->c->probe[i];
        if (lane[plane] == expect->probe[signal][i])
            continue;
        differs(r, cycle, t, golden_signal_name[signal]);
        printf(" plane %u: expected %d, got %d\n", plane, expect->probe[signal][i], lane[plane]);
        return false;
    }
    uint64_t hash = golden_hash_of(signal, lane);
    if (hash == expect->hash[signal])
        return true;
    differs(r, cycle, t, golden_signal_name[signal]);
    printf(" plane not among the probes: expected hash %016" PRIx64 ", got %016" PRIx64 "\n",
           expect->hash[signal], hash);
    return false;
}

static bool compare_control(const struct replay *r, uint32_t t, sim_cycle cycle) {
    const struct arch_sequencer *s = &r->bench.tile[t].sequencer;
    const uint16_t got[GOLDEN_CONTROL_COUNT] = {[GOLDEN_IM_ADDR] = (uint16_t)s->address,
                                                [GOLDEN_PS_CTL] = s->ps_op,
                                                [GOLDEN_SPIKE_CTL] = s->spike_op >> 1,
                                                [GOLDEN_CORE_CTL] = s->core_op};
    for (int i = 0; i < GOLDEN_CONTROL_COUNT; i++) {
        if (got[i] == r->expect[t].control[i])
            continue;
        differs(r, cycle, t, golden_control_name[i]);
        printf(" plane -: expected %x, got %x\n", r->expect[t].control[i], got[i]);
        return false;
    }
    return true;
}

/* Compares what can be seen in `cycle`: the outputs, and the registers if the tiles are settled. */
static bool compare(struct replay *r, sim_cycle cycle, bool settled) {
    expect_until(r, cycle);
    for (uint32_t t = 0; t < r->c->rows * r->c->cols; t++) {
        if (settled && !compare_control(r, t, cycle))
            return false;
        for (int signal = 0; signal < GOLDEN_SIGNAL_COUNT; signal++)
            if ((settled || is_output((enum golden_signal)signal)) &&
                !compare_signal(r, t, (enum golden_signal)signal, cycle))
                return false;
    }
    return true;
}

/* ---- activity ---------------------------------------------------------------------------------- */

/* The reference counts toggles of the instruction memory's output from its state after the memories of
 * cycle 0 were clocked; the simulator from its state before. */
static uint64_t toggles_of_cycle_0(const struct replay *r, uint32_t t) {
    struct golden_source source;
    struct naive_inputs *inputs = calloc(r->c->rows * r->c->cols, sizeof *inputs);
    if (inputs == NULL)
        abort();
    for (uint32_t i = 0; i < r->c->rows * r->c->cols; i++)
        inputs[i].pin.sequencer =
            (struct arch_sequencer_pins){.start_instr_b = true, .read_or_write = true};
    golden_source_init(&source, r->c);
    source.base.advance(&source.base, 0, inputs);
    struct arch_sequencer_pins pins = inputs[t].pin.sequencer;
    free(inputs);
    if (pins.start_instr_b || !pins.read_or_write)
        return 0;
    struct arch_shenjing_word word = r->c->tile[t].program[pins.addr_count];
    struct arch_shenjing_word idle =
        arch_shenjing_word_nop(arch_shenjing_gap_restart(GOLDEN_GAP_BITS) - 1u);
    return (uint64_t)(__builtin_popcount((unsigned)(word.op ^ idle.op)) +
                      __builtin_popcount((unsigned)(word.gap ^ idle.gap)));
}

/* Sub-core K's share of a counter called NAME_scK; false when there is none of that name. */
static bool subcore_count(const struct arch_shenjing_tile *tile, const char *counter, uint64_t *value) {
    const char *end = strstr(counter, "_sc");
    if (end == NULL || end[3] < '0' || end[3] >= '0' + ARCH_NEURON_CORE_SUBCORES || end[4] != '\0')
        return false;
    const struct arch_subcore *sub = &tile->core.sub[end[3] - '0'];
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {{"sram_row_reads", sub->row_reads}, {"sram_row_writes", sub->row_writes},
                  {"sram_q_bits", sub->q_bits},       {"acc_adds", sub->adds},
                  {"acc_captures", sub->captures},    {"acc_reg_bits", sub->acc_bits}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        size_t length = strlen(counts[i].name);
        if (length == (size_t)(end - counter) && memcmp(counts[i].name, counter, length) == 0) {
            *value = counts[i].value;
            return true;
        }
    }
    return false;
}

static bool tile_count(const struct arch_shenjing_tile *tile, const char *counter, uint64_t *value) {
    for (uint32_t e = 0; e < ARCH_SHENJING_TILE_EVENT_COUNT; e++)
        if (strcmp(arch_shenjing_tile_type.events[e].name, counter) == 0) {
            *value = tile->base.count[e];
            return true;
        }
    return subcore_count(tile, counter, value);
}

/* Counted only with count_toggles, where the links are not registers of their own. */
static bool is_toggle(const char *counter) {
    const char *links[] = {"ps_link_bits", "spike_link_bits"};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        if (strncmp(counter, links[i], strlen(links[i])) == 0)
            return false;
    return strstr(counter, "_bits") != NULL;
}

static uint64_t expected_count(const struct replay *r, uint32_t tile, const char *counter) {
    const struct golden_activity *a = r->c->activity.item;
    for (size_t i = 0; i < r->c->activity.count; i++)
        if (a[i].tile == tile && strcmp(a[i].counter, counter) == 0)
            return a[i].value;
    return 0;
}

static bool compare_count(const struct replay *r, uint32_t t, const char *counter, uint64_t expected) {
    uint64_t got = 0;
    if (is_toggle(counter) && !r->spec->toggles)
        return true;
    if (!tile_count(&r->bench.tile[t], counter, &got)) {
        differs(r, r->c->cycles, t, counter);
        printf(" plane -: no such counter\n");
        return false;
    }
    if (strcmp(counter, "imem_q_bits") == 0)
        got -= toggles_of_cycle_0(r, t);
    if (got == expected)
        return true;
    differs(r, r->c->cycles, t, counter);
    printf(" plane -: expected %" PRIu64 ", got %" PRIu64 "\n", expected, got);
    return false;
}

/* Every counter of the case, and every event of the tile that the case leaves out because it is 0. */
static bool compare_activity(const struct replay *r) {
    const struct golden_activity *a = r->c->activity.item;
    for (size_t i = 0; i < r->c->activity.count; i++)
        if (!compare_count(r, a[i].tile, a[i].counter, a[i].value))
            return false;
    for (uint32_t t = 0; t < r->c->rows * r->c->cols; t++)
        for (uint32_t e = 0; e < ARCH_SHENJING_TILE_EVENT_COUNT; e++) {
            const char *name = arch_shenjing_tile_type.events[e].name;
            uint64_t split = 0;
            char part[64];
            snprintf(part, sizeof part, "%s_sc0", name);
            if (subcore_count(&r->bench.tile[t], part, &split))
                continue; /* a sum over the sub-cores, whose parts are compared */
            if (!compare_count(r, t, name, expected_count(r, t, name)))
                return false;
        }
    return true;
}

/* A sub-core's counters that the case leaves out must be 0, and the parts must add up to the event. */
static bool compare_subcores(const struct replay *r) {
    static const char *const names[] = {"sram_row_reads", "sram_row_writes", "acc_adds",
                                        "acc_captures",   "sram_q_bits",     "acc_reg_bits"};
    for (uint32_t t = 0; t < r->c->rows * r->c->cols; t++)
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            uint64_t sum = 0;
            for (int k = 0; k < ARCH_NEURON_CORE_SUBCORES; k++) {
                char name[64];
                snprintf(name, sizeof name, "%s_sc%d", names[i], k);
                uint64_t expected = expected_count(r, t, name);
                sum += expected;
                if (!compare_count(r, t, name, expected))
                    return false;
            }
            if (!compare_count(r, t, names[i], sum))
                return false;
        }
    return true;
}

/* ---- runs -------------------------------------------------------------------------------------- */

static bool play(struct replay *r) {
    const struct golden_case *c = r->c;
    uint64_t rng = sim_rng_stream(c->cycles, (uint64_t)(r->spec - runs));
    sim_cycle observe = 0;
    for (sim_cycle cycle = 0; cycle <= c->cycles; cycle++) {
        bool settle = r->spec->every_cycle || cycle == observe || cycle == c->cycles;
        bench_run(&r->bench, cycle);
        if (settle)
            bench_settle(&r->bench);
        if (!compare(r, cycle, settle))
            return false;
        if (cycle == observe)
            observe += 1 + sim_rng_below(&rng, 1 + sim_rng_below(&rng, STRIDE_MAX));
    }
    return compare_activity(r) && compare_subcores(r);
}

static bool replay_once(const struct golden_case *c, const struct run_spec *spec) {
    struct replay r = {.c = c, .spec = spec};
    struct bench_spec bench = {.tile = golden_tile_spec,
                               .kernel = {.order = spec->order, .seed = c->cycles},
                               .lanes = spec->lanes > 0 ? sim_lanes_variant(spec->lanes - 1) : NULL,
                               .rows = c->rows,
                               .cols = c->cols};
    bench.tile.count_toggles = spec->toggles;
    if (spec->lanes > 0 && bench.lanes == NULL)
        return true; /* not on this processor */
    uint32_t tiles = c->rows * c->cols;
    r.expect = calloc(tiles, sizeof *r.expect);
    if (r.expect == NULL)
        abort();
    const int16_t zero[GOLDEN_LANES] = {0};
    for (uint32_t t = 0; t < tiles; t++)
        for (int signal = 0; signal < GOLDEN_SIGNAL_COUNT; signal++)
            r.expect[t].hash[signal] = golden_hash_of((enum golden_signal)signal, zero);
    struct golden_source source;
    golden_source_init(&source, c);
    bench_init(&r.bench, &bench);
    golden_load(&r.bench, c);
    bench_start(&r.bench, &source.base);
    bool same = play(&r);
    bench_release(&r.bench);
    free(r.expect);
    return same;
}

/* Replays the case in `path` and counts the result; returns the exit code of an unreadable case. */
static enum sim_exit replay_case(const char *path, int *passed, int *failed) {
    struct golden_case c;
    struct sim_err err;
    sim_err_init(&err);
    bool same = golden_case_read(&c, path, &err);
    enum sim_exit code = err.code;
    if (!same)
        sim_err_print(&err, stdout);
    for (size_t i = 0; same && i < sizeof runs / sizeof *runs; i++)
        same = replay_once(&c, &runs[i]);
    printf("%s %s\n", same ? "ok  " : "FAIL", path);
    *(same ? passed : failed) += 1;
    golden_case_release(&c);
    sim_err_release(&err);
    return same ? SIM_EXIT_OK : code == SIM_EXIT_IO ? code : SIM_EXIT_CONFIG;
}

/* ---- folders ----------------------------------------------------------------------------------- */

static char **cases;
static size_t case_count;

static int note_case(const char *path, const struct stat *info, int kind, struct FTW *where) {
    (void)info;
    (void)where;
    if (kind != FTW_D || !golden_case_is(path))
        return 0;
    cases = realloc(cases, (case_count + 1) * sizeof *cases);
    if (cases == NULL || (cases[case_count++] = strdup(path)) == NULL)
        abort();
    return 0;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 2) {
        fprintf(stderr, "usage: %s FOLDER...\n", argv[0]);
        return SIM_EXIT_USAGE;
    }
    for (int i = 1; i < argc; i++) {
        size_t before = case_count;
        if (nftw(argv[i], note_case, OPEN_FOLDERS_MAX, 0) != 0) {
            perror(argv[i]);
            return SIM_EXIT_IO;
        }
        if (case_count == before) {
            fprintf(stderr, "%s: no case found (a folder with case.yaml or case.yaml.gz)\n", argv[i]);
            return SIM_EXIT_CONFIG;
        }
    }
    qsort(cases, case_count, sizeof *cases, by_name);
    int passed = 0, failed = 0;
    enum sim_exit code = SIM_EXIT_OK;
    for (size_t i = 0; i < case_count; i++) {
        enum sim_exit result = replay_case(cases[i], &passed, &failed);
        code = result > code ? result : code;
        free(cases[i]);
    }
    free(cases);
    printf("%d passed, %d failed\n", passed, failed);
    return (int)code;
}
