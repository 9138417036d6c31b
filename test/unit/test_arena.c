/* SPDX-License-Identifier: MIT
 *
 * The arena: zeroed, aligned, disjoint blocks, and no allocation after elaboration.
 */
#include "sim/base/arena.h"
#include "sim/base/memory.h"

#include "test/suite.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define MEBIBYTE ((size_t)1 << 20)

static struct sim_arena arena;

static void set_up(void) { sim_arena_init(&arena); }
static void tear_down(void) { sim_arena_release(&arena); }

static bool is_zero(const unsigned char *block, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        if (block[i] != 0)
            return false;
    return true;
}

/* Small, chunk-sized and larger blocks, each filled before the next is asked for: a block that overlapped
 * another, or was not zeroed, would show the filling. */
START_TEST(blocks_are_zeroed_aligned_and_disjoint) {
    static const size_t sizes[] = {1,        63,           64,           65, 1000, MEBIBYTE - 64,
                                   MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE, 7};
    enum { COUNT = sizeof sizes / sizeof *sizes };
    unsigned char *block[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        block[i] = sim_arena_alloc(&arena, sizes[i], 1);
        ck_assert_ptr_nonnull(block[i]);
        ck_assert_uint_eq((uintptr_t)block[i] % 64, 0);
        ck_assert(is_zero(block[i], sizes[i]));
        memset(block[i], (int)i + 1, sizes[i]);
    }
    size_t overwritten = 0;
    for (size_t i = 0; i < COUNT; i++)
        for (size_t byte = 0; byte < sizes[i]; byte++)
            overwritten += block[i][byte] != i + 1;
    ck_assert_uint_eq(overwritten, 0);
}
END_TEST

START_TEST(bytes_count_whole_lines) {
    sim_arena_alloc(&arena, 1, 1);
    ck_assert_uint_eq(arena.bytes, 64);
    sim_arena_alloc(&arena, 3, 50);
    ck_assert_uint_eq(arena.bytes, 64 + 192);
    sim_arena_alloc(&arena, 0, 8);
    ck_assert_uint_eq(arena.bytes, 64 + 192);
}
END_TEST

/* Small blocks share lines, cross none, and are zeroed and apart. */
START_TEST(packed_blocks_share_lines) {
    static const size_t sizes[] = {8, 16, 3, 24, 64, 1, 40, 32, 96, 128, 4096, 5000, 8, 0, 17};
    enum { COUNT = sizeof sizes / sizeof *sizes, ROUNDS = 100 };
    unsigned char *block[COUNT * ROUNDS];
    ck_assert_ptr_nonnull(sim_arena_pack(&arena, 0, 8)); /* also the first of all */
    for (size_t i = 0; i < COUNT * ROUNDS; i++) {
        size_t bytes = sizes[i % COUNT];
        block[i] = sim_arena_pack(&arena, bytes, 1);
        uintptr_t first = (uintptr_t)block[i];
        ck_assert(bytes == 0 || bytes > 64 || first / 64 == (first + bytes - 1) / 64);
        ck_assert_uint_eq(first % 8, 0);
        if (bytes % 64 == 0)
            ck_assert(bytes == 0 || first % 64 == 0);
        ck_assert(is_zero(block[i], bytes));
        memset(block[i], (int)(i % 255) + 1, bytes);
    }
    size_t overwritten = 0;
    for (size_t i = 0; i < COUNT * ROUNDS; i++)
        for (size_t byte = 0; byte < sizes[i % COUNT]; byte++)
            overwritten += block[i][byte] != i % 255 + 1;
    ck_assert_uint_eq(overwritten, 0);
    size_t before = arena.bytes;
    for (int i = 0; i < 512; i++)
        sim_arena_pack(&arena, 1, 16);
    ck_assert_uint_le(arena.bytes, before + 512 * 16 + 64);
}
END_TEST

START_TEST(format_copies_text) {
    const char *tile = sim_arena_format(&arena, "chip.tile[%d][%d]", 3, 14);
    const char *empty = sim_arena_format(&arena, "%s", "");
    ck_assert_str_eq(tile, "chip.tile[3][14]");
    ck_assert_str_eq(empty, "");
}
END_TEST

/* Texts share a block; a long one has its own. */
START_TEST(texts_stand_close_together) {
    const char *text[40];
    char longer[3000];
    for (int i = 0; i < 40; i++)
        text[i] = sim_arena_format(&arena, "text %d", i);
    ck_assert_uint_eq(arena.bytes, 1024);
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    ck_assert_str_eq(sim_arena_format(&arena, "%s", longer), longer);
    for (int i = 0; i < 40; i++)
        ck_assert_int_eq(atoi(text[i] + 5), i);
}
END_TEST

/* The spans hold exactly the blocks handed out. */
START_TEST(spans_cover_the_blocks) {
    static const size_t sizes[] = {100, 2 * MEBIBYTE, 4000};
    for (size_t i = 0; i < 3; i++)
        memset(sim_arena_alloc(&arena, sizes[i], 1), 0xa5, sizes[i]);
    size_t bytes, total = 0, filled = 0;
    const unsigned char *span;
    for (size_t i = 0; (span = sim_arena_span(&arena, i, &bytes)) != NULL; i++) {
        total += bytes;
        for (size_t byte = 0; byte < bytes; byte++)
            filled += span[byte] == 0xa5;
    }
    ck_assert_uint_eq(total, arena.bytes);
    ck_assert_uint_eq(filled, 100 + 2 * MEBIBYTE + 4000);
}
END_TEST

START_TEST(release_makes_it_new) {
    sim_arena_alloc(&arena, 10, 10);
    sim_arena_seal(&arena);
    sim_arena_release(&arena);
    ck_assert_uint_eq(arena.bytes, 0);
    ck_assert_ptr_nonnull(sim_arena_alloc(&arena, 1, 1));
}
END_TEST

START_TEST(sealed_refuses) {
    sim_arena_seal(&arena);
    sim_arena_alloc(&arena, 1, 1);
}
END_TEST

START_TEST(product_overflow_refuses) { sim_arena_alloc(&arena, SIZE_MAX / 2, 3); }
END_TEST

START_TEST(sum_overflow_refuses) { sim_arena_alloc(&arena, SIZE_MAX - 64, 1); }
END_TEST

/* Address space for it there is; the pages would not be. */
START_TEST(more_than_the_machine_has_refuses) {
    uint64_t available = sim_memory_available();
    ck_assert_uint_gt(available, 0);
    ck_assert_uint_lt(available, UINT64_MAX);
    sim_arena_alloc(&arena, available + available / 4, 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/base/arena");
    TCase *use = suite_case(suite, "use");
    tcase_add_checked_fixture(use, set_up, tear_down);
    tcase_add_test(use, blocks_are_zeroed_aligned_and_disjoint);
    tcase_add_test(use, packed_blocks_share_lines);
    tcase_add_test(use, bytes_count_whole_lines);
    tcase_add_test(use, format_copies_text);
    tcase_add_test(use, texts_stand_close_together);
    tcase_add_test(use, spans_cover_the_blocks);
    tcase_add_test(use, release_makes_it_new);
    TCase *limits = suite_case(suite, "limits");
    tcase_add_checked_fixture(limits, set_up, tear_down);
    tcase_add_test_raise_signal(limits, sealed_refuses, SIGABRT);
    tcase_add_exit_test(limits, product_overflow_refuses, SIM_EXIT_CONFIG);
    tcase_add_exit_test(limits, sum_overflow_refuses, SIM_EXIT_CONFIG);
    tcase_add_exit_test(limits, more_than_the_machine_has_refuses, SIM_EXIT_CONFIG);
    return suite_run(suite);
}
