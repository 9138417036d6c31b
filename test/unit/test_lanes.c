/* SPDX-License-Identifier: MIT
 *
 * Vector lanes and their approximators: how many cycles a look-up takes, "not at n - 1, yes at n"; what a
 * vector counts; what does not go together.
 */
#include "arch/vector/lanes.h"
#include "arch/vector/nova.h"
#include "arch/vector/table_lanes.h"
#include "arch/vector/unit.h"
#include "sim/config/bind.h"
#include "sim/kernel/kernel.h"
#include "test/suite.h"

#include <string.h>

static const struct sim_schema *const registry[] = {&arch_nova_schema, &arch_lane_table_schema,
                                                    &arch_core_table_schema, &arch_vector_unit_schema, NULL};

struct rig {
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct sim_err err;
    struct arch_lanes_spec spec;
    struct arch_lanes *lanes;
};

/* Lanes of a description; NULL lanes and messages on a fault. */
static void rig_open(struct rig *rig, const char *text) {
    struct sim_kernel_spec spec = {0};
    sim_arena_init(&rig->arena);
    sim_err_init(&rig->err);
    sim_kernel_init(&rig->kernel, &spec, &rig->arena);
    struct sim_binding binding = {.registry = registry, .arena = &rig->arena, .err = &rig->err};
    rig->lanes = sim_bind_text(&binding, &arch_lanes_schema, text, &rig->spec)
                     ? arch_lanes_build(&rig->spec, 0, 0, "chip", &rig->kernel, &rig->err)
                     : NULL;
}

static void rig_close(struct rig *rig) {
    sim_err_release(&rig->err);
    sim_arena_release(&rig->arena);
}

/* Runs `waves` vectors; the latency of the first, in base cycles. */
static uint64_t rig_run(struct rig *rig, uint32_t waves) {
    ck_assert_msg(rig->lanes != NULL, "%s", rig->err.message[0]);
    size_t elements = (size_t)waves * rig->lanes->setup.cores * rig->lanes->setup.lanes;
    int32_t *x = SIM_NEW_ARRAY(&rig->arena, int32_t, elements);
    uint32_t *function = SIM_NEW_ARRAY(&rig->arena, uint32_t, waves);
    for (size_t i = 0; i < elements; i++)
        x[i] = (int32_t)(i * 37 % 4001) - 2000;
    struct arch_lanes_job job = {waves, function, x, NULL, NULL};
    sim_kernel_start(&rig->kernel);
    arch_lanes_begin(rig->lanes, &job, &rig->kernel);
    ck_assert_int_eq(sim_kernel_run(&rig->kernel, 1000000), SIM_STOP_FINISHED);
    return rig->lanes->host.latency_first;
}

/* Cycles of the lanes for the first of `waves` vectors, and in *interval between two, in steady state. */
static uint64_t latency(const char *text, double *interval) {
    struct rig rig;
    rig_open(&rig, text);
    uint64_t cycles = rig_run(&rig, 50);
    uint32_t ratio = rig.lanes->ratio;
    const struct arch_lanes_host *host = &rig.lanes->host;
    ck_assert_uint_eq(cycles % ratio, 0);
    *interval = (double)(host->last_result - host->first_shown - cycles) / 49 / ratio;
    rig_close(&rig);
    return cycles / ratio;
}

#define NOVA(segments, cores, link, ratio)                                                                   \
    "{clock: 1.4 GHz, lanes: 8, cores: " cores ", segments: " segments ", approximator: [{type: arch.nova,"  \
    " line: {link_bits: " link ", clock_ratio: " ratio "}}]}"

/* A cycle for the look-up, one for the multiply-add, until the flits or the spans no longer fit a cycle. */
START_TEST(a_look_up_takes_one_cycle) {
    double interval;
    ck_assert_uint_eq(latency(NOVA("8", "4", "257", "2"), &interval), 2);
    ck_assert_double_eq(interval, 1);
    ck_assert_uint_eq(latency(NOVA("16", "4", "257", "2"), &interval), 2);
    ck_assert_double_eq(interval, 1);
    ck_assert_uint_eq(latency(NOVA("17", "4", "257", "2"), &interval), 3);
    ck_assert_double_eq(interval, 2);
    ck_assert_uint_eq(latency(NOVA("21", "4", "257", "2"), &interval),
                      3); /* 3 flits; the next start at an edge */
    ck_assert_double_eq(interval, 2);
    ck_assert_uint_eq(latency(NOVA("16", "4", "256", "2"), &interval), 3); /* 7 pairs and a tag */
    ck_assert_double_eq(interval, 2);
    ck_assert_uint_eq(latency(NOVA("16", "4", "257", "1"), &interval), 3);
    ck_assert_uint_eq(latency(NOVA("32", "2", "258", "4"), &interval), 2);
    ck_assert_double_eq(interval, 1);
}
END_TEST

/* 1.4 GHz x 2: 357 ps, 5 hops of 62.5 ps; x 1: 714 ps, 11 hops. */
START_TEST(spans_lie_as_far_as_a_flit_gets) {
    double interval;
    struct noc_line_spec spec = {.link_bits = 257, .hop_m = 1e-3, .delay_per_mm_s = 62.5e-12};
    ck_assert_uint_eq(noc_line_reach(&spec, 2e9), 8); /* SMART: 8 mm in a cycle at 2 GHz */
    ck_assert_uint_eq(noc_line_reach(&spec, 2.001e9), 7);
    ck_assert_uint_eq(noc_line_reach(&spec, 16.1e9), 0);
    ck_assert_uint_eq(latency(NOVA("8", "5", "257", "2"), &interval), 2);
    ck_assert_uint_eq(latency(NOVA("8", "10", "257", "2"), &interval),
                      2); /* one flit, the second half cycle */
    ck_assert_uint_eq(latency(NOVA("8", "11", "257", "2"), &interval), 3);
    ck_assert_uint_eq(latency(NOVA("16", "5", "257", "2"), &interval), 2);
    ck_assert_uint_eq(latency(NOVA("16", "6", "257", "2"), &interval), 3); /* two flits and a register */
    ck_assert_double_eq(interval, 1);
}
END_TEST

START_TEST(tables_and_unit_take_their_time) {
    double interval;
    ck_assert_uint_eq(latency("{lanes: 32, approximator: [{type: arch.lane_table}]}", &interval), 2);
    ck_assert_double_eq(interval, 1);
    ck_assert_uint_eq(latency("{lanes: 32, approximator: [{type: arch.core_table, ports: 8}]}", &interval),
                      5);
    ck_assert_double_eq(interval, 4);
    ck_assert_uint_eq(latency("{lanes: 33, approximator: [{type: arch.core_table, ports: 8}]}", &interval),
                      6);
    /* 32 / 16 * (8 + 1) = 18 cycles a core, one after another */
    ck_assert_uint_eq(latency("{lanes: 32, cores: 3, approximator: [{type: arch.vector_unit}]}", &interval),
                      55);
    ck_assert_double_eq_tol(interval, 54, 1e-9);
}
END_TEST

static uint64_t counted(const struct rig *rig, const struct sim_type *type, uint32_t event) {
    uint64_t count = 0;
    for (uint32_t id = 0; id < rig->kernel.components; id++)
        if (rig->kernel.component[id]->type == type)
            count += rig->kernel.component[id]->count[event];
    return count;
}

START_TEST(a_vector_counts) {
    struct rig rig;
    rig_open(&rig, NOVA("16", "6", "257", "2"));
    rig_run(&rig, 10); /* 6 cores, 2 spans of 5 and 1, 2 flits, 8 lanes */
    ck_assert_uint_eq(counted(&rig, &noc_line_type, NOC_LINE_EVENT_flits), 10 * 2 * 2);
    ck_assert_uint_eq(counted(&rig, &noc_line_type, NOC_LINE_EVENT_link_bit_um), 10 * 2 * 6 * 257 * 1000);
    ck_assert_uint_eq(counted(&rig, &noc_line_type, NOC_LINE_EVENT_tap_bit_um), 10 * 2 * 6 * 257 * 40);
    ck_assert_uint_eq(counted(&rig, &noc_line_type, NOC_LINE_EVENT_register_bits), 10 * 2 * 2 * 257);
    ck_assert_uint_eq(counted(&rig, &arch_nova_type, ARCH_LANES_EVENT_comparisons), 10 * 6 * 8 * 15);
    ck_assert_uint_eq(counted(&rig, &arch_nova_type, ARCH_LANES_EVENT_tag_matches), 10 * 6 * 8 * 2);
    ck_assert_uint_eq(counted(&rig, &arch_nova_type, ARCH_LANES_EVENT_latch_bits), 10 * 6 * 8 * 32);
    ck_assert_uint_eq(counted(&rig, &arch_nova_type, ARCH_LANES_EVENT_macs), 10 * 6 * 8);
    rig_close(&rig);
    rig_open(&rig,
             "{lanes: 32, lane_pitch: 5 um, cores: 2, approximator: [{type: arch.core_table, ports: 8}]}");
    rig_run(&rig, 10);
    ck_assert_uint_eq(counted(&rig, &arch_core_table_type, ARCH_LANES_EVENT_table_bits), 10 * 2 * 32 * 32);
    ck_assert_uint_eq(counted(&rig, &arch_core_table_type, ARCH_LANES_EVENT_table_bit_um),
                      10 * 2 * 32 * 32 * 40);
    rig_close(&rig);
    rig_open(&rig, "{lanes: 32, cores: 3, core_pitch: 1 mm, approximator: [{type: arch.vector_unit}]}");
    rig_run(&rig, 10);
    ck_assert_uint_eq(counted(&rig, &arch_vector_unit_type, ARCH_VECTOR_UNIT_EVENT_functions), 10 * 3 * 32);
    ck_assert_uint_eq(counted(&rig, &arch_vector_unit_type, ARCH_VECTOR_UNIT_EVENT_transfer_bit_um),
                      10 * 2 * (1 + 0 + 1) * 32 * 16 * 1000);
    rig_close(&rig);
}
END_TEST

START_TEST(what_does_not_go_together) {
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"{approximator: []}", "the list 'approximator' is empty"},
        {NOVA("16", "4", "31", "2"), "does not hold a pair of 32 bits"},
        {NOVA("16", "4", "32", "2"), "does not hold a pair of 32 bits and its tag"},
        {"{clock: 20 GHz, approximator: [{type: arch.nova}]}", "longer than a cycle of the network"},
        {"{approximator: [{type: arch.novae}]}", "did you mean 'arch.nova'?"},
        {"{segments: 300, approximator: [{type: arch.nova}]}", "out of range"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct rig rig;
        rig_open(&rig, bad[i].text);
        ck_assert(rig.lanes == NULL);
        ck_assert_int_eq(rig.err.code, SIM_EXIT_CONFIG);
        ck_assert_msg(strstr(rig.err.message[0], bad[i].words) != NULL, "%s", rig.err.message[0]);
        rig_close(&rig);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("lanes");
    TCase *timing = suite_case(suite, "timing");
    tcase_add_test(timing, a_look_up_takes_one_cycle);
    tcase_add_test(timing, spans_lie_as_far_as_a_flit_gets);
    tcase_add_test(timing, tables_and_unit_take_their_time);
    TCase *events = suite_case(suite, "events");
    tcase_add_test(events, a_vector_counts);
    TCase *bad = suite_case(suite, "bad");
    tcase_add_test(bad, what_does_not_go_together);
    return suite_run(suite);
}
