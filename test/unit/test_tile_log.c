/* SPDX-License-Identifier: MIT
 *
 * The event rows of the Shenjing tile: they do not depend on how the tile is stepped, and for each kind they
 * add up to the counter. The logger's entry point is replaced by one that keeps the rows.
 */
#include "test/suite.h"
#include "test/unit/tile_rig.h"

#include "sim/base/rng.h"

#include <stdlib.h>
#include <string.h>

#define CYCLES 700

struct row {
    uint64_t cycle, component, event, count, latency;
};

struct rows {
    struct row *row;
    size_t count, capacity;
};

static struct rows *sink;

void sim_log_event(struct sim_log *log, sim_cycle cycle, uint32_t component, uint32_t event, uint64_t count,
                   uint64_t latency) {
    (void)log;
    if (sink->count == sink->capacity) {
        sink->capacity = sink->capacity == 0 ? 1024 : 2 * sink->capacity;
        sink->row = realloc(sink->row, sink->capacity * sizeof *sink->row);
        ck_assert_ptr_nonnull(sink->row);
    }
    sink->row[sink->count++] = (struct row){cycle, component, event, count, latency};
}

static int by_content(const void *a, const void *b) { return memcmp(a, b, sizeof(struct row)); }

/* The same random programs, weights and spikes for a seed, whatever the order. */
static void load(struct rig *rig, uint64_t seed) {
    uint64_t rng = sim_rng_stream(seed, 0);
    for (uint32_t t = 0; t < RIG_TILES; t++) {
        struct arch_shenjing_word words[64];
        for (uint32_t i = 0; i < 64; i++) {
            uint32_t op = (uint32_t)sim_rng_below(&rng, 0x1000), gap = (uint32_t)sim_rng_below(&rng, 6);
            words[i] = i % 16 == 0 ? arch_shenjing_word_core(0, 15, 128) : arch_shenjing_word_op(op, gap);
        }
        arch_shenjing_tile_load_program(&rig->tile[t], words, 64);
        for (uint32_t axon = 0; axon < 256; axon++)
            rig_weights(rig, t, axon, (int8_t)((int)sim_rng_below(&rng, 32) - 16));
        for (uint32_t axon = 0; axon < 256; axon += 1 + (uint32_t)sim_rng_below(&rng, 9))
            rig_axons(rig, t, axon, axon + 1);
    }
}

static struct rows record(uint64_t seed, enum sim_order order, bool toggles, uint64_t total[]) {
    static int log; /* only its address matters */
    struct rows rows = {0};
    struct rig rig;
    rig_init(&rig, order, toggles);
    for (uint32_t t = 0; t < RIG_TILES; t++)
        rig.tile[t].base.log = (struct sim_log *)&log;
    load(&rig, seed);
    sink = &rows;
    rig_run(&rig, CYCLES);
    for (uint32_t t = 0; t < RIG_TILES; t++)
        for (uint32_t e = 0; e < ARCH_SHENJING_TILE_EVENT_COUNT; e++)
            total[t * ARCH_SHENJING_TILE_EVENT_COUNT + e] = rig.tile[t].base.count[e];
    rig_release(&rig);
    qsort(rows.row, rows.count, sizeof *rows.row, by_content);
    return rows;
}

START_TEST(rows_do_not_depend_on_the_order) {
    uint64_t total[RIG_TILES * ARCH_SHENJING_TILE_EVENT_COUNT],
        again[RIG_TILES * ARCH_SHENJING_TILE_EVENT_COUNT];
    bool toggles = _i % 2 == 1;
    struct rows sparse = record((uint64_t)_i, SIM_ORDER_SPARSE, toggles, total);
    ck_assert_uint_gt(sparse.count, 1000);
    for (int order = SIM_ORDER_DENSE; order < SIM_ORDER_COUNT; order++) {
        struct rows other = record((uint64_t)_i, (enum sim_order)order, toggles, again);
        ck_assert_uint_eq(other.count, sparse.count);
        ck_assert_mem_eq(other.row, sparse.row, sparse.count * sizeof *sparse.row);
        ck_assert_mem_eq(again, total, sizeof total);
        free(other.row);
    }
    free(sparse.row);
}
END_TEST

START_TEST(rows_add_up_to_the_counters) {
    uint64_t total[RIG_TILES * ARCH_SHENJING_TILE_EVENT_COUNT];
    struct rows rows = record((uint64_t)_i, SIM_ORDER_SPARSE, true, total);
    for (size_t i = 0; i < rows.count; i++) {
        const struct row *row = &rows.row[i];
        ck_assert_uint_gt(row->count, 0);
        ck_assert_uint_lt(row->cycle, CYCLES);
        total[row->component * ARCH_SHENJING_TILE_EVENT_COUNT + row->event] -= row->count;
    }
    for (size_t i = 0; i < sizeof total / sizeof *total; i++)
        ck_assert_msg(total[i] == 0, "%s",
                      arch_shenjing_tile_type.events[i % ARCH_SHENJING_TILE_EVENT_COUNT].name);
    free(rows.row);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("Shenjing tile log");
    TCase *log = suite_case(suite, "rows");
    tcase_add_loop_test(log, rows_do_not_depend_on_the_order, 0, 20);
    tcase_add_loop_test(log, rows_add_up_to_the_counters, 0, 20);
    return suite_run(suite);
}
