/* SPDX-License-Identifier: MIT
 *
 * Hostile descriptions: each is read in a process of its own that may use little time and little memory,
 * and must be refused with a located message. Under the sanitizers, which need memory of their own, only the
 * time is limited.
 */
#include "sim/config/yaml.h"

#include "test/suite.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define CPU_SECONDS 2
#define MEMORY_BYTES ((size_t)256 << 20) /* all of the process, libraries included */

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static FILE *file;
static char name[64];

static void set_up(void) {
    strcpy(name, "/tmp/nocsim-hostile-XXXXXX");
    int descriptor = mkstemp(name);
    ck_assert_int_ge(descriptor, 0);
    file = fdopen(descriptor, "w");
    ck_assert_ptr_nonnull(file);
}

static void tear_down(void) { unlink(name); }

static void limit(void) {
    struct rlimit memory = {MEMORY_BYTES, MEMORY_BYTES};
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    rlim_t seconds = (rlim_t)used.ru_utime.tv_sec + CPU_SECONDS * (SANITIZED ? 5 : 1) + 1;
    struct rlimit time = {seconds, seconds};
    ck_assert_int_eq(setrlimit(RLIMIT_CPU, &time), 0);
    if (!SANITIZED)
        ck_assert_int_eq(setrlimit(RLIMIT_AS, &memory), 0);
}

/* Reads the file just written; it must be refused with this message (without the file's name). */
static void check_refused(const char *message) {
    struct sim_arena arena;
    struct sim_err err;
    ck_assert_int_eq(fclose(file), 0);
    limit();
    sim_arena_init(&arena);
    sim_err_init(&err);
    ck_assert_ptr_null(sim_yaml_load(name, &arena, &err));
    ck_assert_int_eq(err.count, 1);
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_msg(strstr(err.message[0], message) != NULL, "%s", err.message[0]);
    ck_assert_uint_lt(strlen(err.message[0]), 1000);
    sim_err_release(&err);
    sim_arena_release(&arena);
}

static void repeat(const char *text, size_t count) {
    for (size_t i = 0; i < count; i++)
        fputs(text, file);
}

START_TEST(alias_bomb) {
    fputs("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n", file);
    for (int i = 1; i < 100; i++) {
        fprintf(file, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            fprintf(file, "*a%d,", i - 1);
        fputs("]\n", file);
    }
    check_refused(":5:38: more than 100000 values (aliases counted each time)");
}
END_TEST

START_TEST(merge_bomb) {
    fputs("a0: &a0 {x: {y: {z: 1}}}\n", file);
    for (int i = 1; i < 100; i++)
        fprintf(file, "a%d: &a%d {<<: [*a%d, *a%d], k%d: *a%d}\n", i, i, i - 1, i - 1, i, i - 1);
    check_refused("more than 100000 values");
}
END_TEST

START_TEST(deep_aliases) {
    fputs("a0: &a0 [x]\n", file);
    for (int i = 1; i < 200; i++)
        fprintf(file, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    check_refused("nested deeper than 64 levels");
}
END_TEST

START_TEST(deep_flow) {
    repeat("[", 100000);
    check_refused(":1:66: nested deeper than 64 levels");
}
END_TEST

START_TEST(deep_mappings) {
    repeat("{a: ", 100000);
    check_refused(":1:261: nested deeper than 64 levels");
}
END_TEST

START_TEST(deep_block) {
    repeat("- ", 100000);
    check_refused("nested deeper than 64 levels");
}
END_TEST

START_TEST(deep_keys) {
    repeat("? ", 100000);
    check_refused("a key must be a simple text");
}
END_TEST

START_TEST(huge_scalar) {
    fputs("a: ", file);
    repeat("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", (size_t)1 << 20);
    check_refused("it has 67108867 bytes, more than the limit of 4194304");
}
END_TEST

START_TEST(large_scalar) {
    fputs("a: ", file);
    repeat("x", 4000000);
    check_refused(":1:4: a text of 4000000 bytes is longer than the limit of 65536");
}
END_TEST

START_TEST(large_block_scalar) {
    fputs("a: |\n", file);
    repeat("  x\n", 1000000);
    check_refused("is longer than the limit of 65536");
}
END_TEST

START_TEST(large_key) {
    repeat("k", 1000);
    fputs(": 1\n", file);
    check_refused(":1:1: a key must have 1 to 256 bytes");
}
END_TEST

START_TEST(ten_million_nodes) {
    repeat("- 1\n", 10000000);
    check_refused("more than the limit of 4194304");
}
END_TEST

START_TEST(a_million_nodes) {
    repeat("- 1\n", 1000000);
    check_refused(":100000:3: more than 100000 values");
}
END_TEST

START_TEST(a_million_empty_nodes) {
    fputs("[", file);
    repeat("{},", 1300000);
    check_refused(":1:299999: more than 100000 values");
}
END_TEST

START_TEST(many_keys) {
    for (int i = 0; i < 200000; i++)
        fprintf(file, "k%d: 1\n", i);
    check_refused(":1025:1: a mapping has more than 1024 keys");
}
END_TEST

START_TEST(many_anchors) {
    for (int i = 0; i < 100000; i++)
        fprintf(file, "- &a%d x\n", i);
    check_refused(":257:3: more than 256 anchors");
}
END_TEST

START_TEST(many_directives) {
    for (int i = 0; i < 100000; i++)
        fprintf(file, "%%TAG !%d! x\n", i);
    check_refused(":1:1: a line must not begin with '%'");
}
END_TEST

START_TEST(random_bytes) {
    for (int i = 0; i < 4000000; i++)
        fputc((int)((unsigned)i * 2654435761u >> 24) | 0x80, file);
    check_refused(":1:1: byte 0x80 is not UTF-8 text");
}
END_TEST

START_TEST(nul_bytes) {
    fputs("a: 1\n", file);
    for (int i = 0; i < 4000000; i++)
        fputc('\0', file);
    check_refused(":2:1: control character");
}
END_TEST

START_TEST(utf16) {
    fwrite("\xFF\xFE" "a\0:\0 \0001\0\n", 1, 11, file);
    check_refused(":1:1: byte 0xFF is not UTF-8 text");
}
END_TEST

START_TEST(include_of_itself_by_many_names) {
    char target[128];
    snprintf(target, sizeof target, "%s-link", name);
    ck_assert_int_eq(symlink(name, target), 0);
    fprintf(file, "a: !include %s\n", target);
    check_refused("includes itself");
    unlink(target);
}
END_TEST

/* A file that includes one large file often: the total is bounded, not just each file. */
START_TEST(include_bomb) {
    char part[128];
    snprintf(part, sizeof part, "%s-part", name);
    FILE *out = fopen(part, "w");
    ck_assert_ptr_nonnull(out);
    fprintf(out, "a: 1\n#");
    for (int i = 0; i < 3000000; i++)
        fputc('x', out);
    ck_assert_int_eq(fclose(out), 0);
    for (int i = 0; i < 1000; i++)
        fprintf(file, "- !include %s\n", part);
    check_refused(":6:3: cannot read");
    unlink(part);
}
END_TEST

/* What is large but honest is still read, within the same limits. */
START_TEST(honest_large_file) {
    struct sim_arena arena;
    struct sim_err err;
    for (int i = 0; i < 900; i++) {
        fprintf(file, "key%d: [", i);
        repeat("12345, ", 100);
        fputs("]\n", file);
    }
    ck_assert_int_eq(fclose(file), 0);
    limit();
    sim_arena_init(&arena);
    sim_err_init(&err);
    const struct sim_node *root = sim_yaml_load(name, &arena, &err);
    ck_assert_msg(root != NULL, "%s", err.count ? err.message[0] : "");
    ck_assert_uint_eq(sim_node_size(root), 1 + 900 * 101);
    sim_arena_release(&arena);
    sim_err_release(&err);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/config/yaml, hostile files");
    TCase *bombs = suite_case(suite, "bounded");
    tcase_add_checked_fixture(bombs, set_up, tear_down);
    tcase_set_timeout(bombs, 60);
    static const TTest *const *const tests[] = {
        &alias_bomb,        &merge_bomb,   &deep_aliases,    &deep_flow,       &deep_mappings,
        &deep_block,        &deep_keys,    &huge_scalar,     &large_scalar,    &large_block_scalar,
        &large_key,         &ten_million_nodes, &a_million_nodes, &a_million_empty_nodes,
        &many_keys,         &many_anchors, &many_directives, &random_bytes,    &nul_bytes,
        &utf16,             &include_of_itself_by_many_names, &include_bomb,   &honest_large_file,
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tcase_add_test(bombs, *tests[i]);
    return suite_run(suite);
}
