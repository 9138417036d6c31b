/* SPDX-License-Identifier: MIT
 *
 * Collected user errors: places, limits, hostile text, and the "did you mean" distance.
 */
#include "sim/base/err.h"

#include "test/suite.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

static struct sim_err err;

static void set_up(void) { sim_err_init(&err); }
static void tear_down(void) { sim_err_release(&err); }

START_TEST(a_message_names_its_place) {
    static const struct {
        struct sim_where where;
        const char *message;
    } cases[] = {
        {{NULL, 3, 4}, "bad"},
        {{"a.yaml", 0, 0}, "a.yaml: bad"},
        {{"a.yaml", 3, 0}, "a.yaml:3: bad"},
        {{"a.yaml", 3, 4}, "a.yaml:3:4: bad"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert(!sim_err_add(&err, SIM_EXIT_CONFIG, &cases[i].where, "%s", "bad"));
        ck_assert_str_eq(err.message[i], cases[i].message);
    }
    sim_err_add(&err, SIM_EXIT_CONFIG, NULL, "n = %d", 7);
    ck_assert_str_eq(err.message[4], "n = 7");
}
END_TEST

START_TEST(a_long_path_keeps_its_line) {
    char path[5000];
    memset(path, 'd', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    struct sim_where where = {path, 12, 34};
    sim_err_add(&err, SIM_EXIT_IO, &where, "gone");
    ck_assert_uint_eq(strlen(err.message[0]), sizeof path - 1 + strlen(":12:34: gone"));
    ck_assert_str_eq(err.message[0] + sizeof path - 1, ":12:34: gone");
}
END_TEST

START_TEST(the_first_fault_decides_the_code) {
    ck_assert_int_eq(err.code, SIM_EXIT_OK);
    sim_err_add(&err, SIM_EXIT_IO, NULL, "first");
    sim_err_add(&err, SIM_EXIT_CONFIG, NULL, "second");
    ck_assert_int_eq(err.code, SIM_EXIT_IO);
    sim_err_release(&err);
    ck_assert_int_eq(err.code, SIM_EXIT_OK);
    ck_assert_int_eq(err.count, 0);
}
END_TEST

START_TEST(an_error_needs_a_code) { sim_err_add(&err, SIM_EXIT_OK, NULL, "no fault"); }
END_TEST

START_TEST(messages_beyond_the_limit_are_counted) {
    for (int i = 0; i < SIM_ERR_MAX; i++) {
        ck_assert(!sim_err_full(&err));
        sim_err_add(&err, SIM_EXIT_CONFIG, NULL, "fault %d", i);
    }
    ck_assert(sim_err_full(&err));
    for (int i = 0; i < 3; i++)
        sim_err_add(&err, SIM_EXIT_CONFIG, NULL, "beyond");
    ck_assert_int_eq(err.count, SIM_ERR_MAX);
    ck_assert_int_eq(err.dropped, 3);
    ck_assert_str_eq(err.message[SIM_ERR_MAX - 1], "fault 19");
}
END_TEST

START_TEST(print_shows_all_lines) {
    char *text = NULL;
    size_t size = 0;
    for (int i = 0; i < SIM_ERR_MAX + 2; i++)
        sim_err_add(&err, SIM_EXIT_CONFIG, NULL, "fault %d", i);
    FILE *out = open_memstream(&text, &size);
    sim_err_print(&err, out);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "nocsim: fault 0\n"));
    ck_assert_ptr_nonnull(strstr(text, "nocsim: fault 19\nnocsim: and 2 more\n"));
    free(text);
}
END_TEST

START_TEST(control_characters_are_hidden) {
    struct sim_where where = {"evil\n.yaml", 1, 1};
    sim_err_add(&err, SIM_EXIT_CONFIG, &where, "unknown key '%s'", "\x1b[2J\r\x7f\tü");
    ck_assert_str_eq(err.message[0], "evil?.yaml:1:1: unknown key '?[2J???ü'");
}
END_TEST

START_TEST(nearest_forgives_small_slips_only) {
    static const char *const keys[] = {"buffer_depth", "vcs", "routing", "latency", "x", "width"};
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"bufer_depth", "buffer_depth"},  /* a letter missing */
        {"bufferr_depth", "buffer_depth"}, /* one too many */
        {"buffer_dpeth", "buffer_depth"}, /* two swapped: one edit */
        {"bufer-dept", "buffer_depth"},   /* three edits in ten letters */
        {"bufr-dept", NULL},              /* four edits in nine */
        {"vc", "vcs"},
        {"v", NULL}, /* a single letter suggests nothing */
        {"y", NULL},
        {"xy", "x"},
        {"latncy", "latency"},
        {"tiles", NULL},
        {"", NULL},
        {"widht", "width"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *nearest = sim_err_nearest(cases[i].word, keys, sizeof keys / sizeof *keys);
        ck_assert_msg((nearest == NULL) == (cases[i].nearest == NULL) &&
                          (nearest == NULL || strcmp(nearest, cases[i].nearest) == 0),
                      "'%s' suggests %s", cases[i].word, nearest == NULL ? "nothing" : nearest);
    }
}
END_TEST

START_TEST(nearest_survives_huge_words) {
    char word[4096];
    memset(word, 'a', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    const char *keys[] = {word + 100, "short"};
    ck_assert_ptr_null(sim_err_nearest(word, keys, 2));
    ck_assert_ptr_null(sim_err_nearest("short_", keys, 1));
    ck_assert_ptr_null(sim_err_nearest("short", keys, 0));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/base/err");
    TCase *list = suite_case(suite, "list");
    tcase_add_checked_fixture(list, set_up, tear_down);
    tcase_add_test(list, a_message_names_its_place);
    tcase_add_test(list, a_long_path_keeps_its_line);
    tcase_add_test(list, the_first_fault_decides_the_code);
    tcase_add_test_raise_signal(list, an_error_needs_a_code, SIGABRT);
    tcase_add_test(list, messages_beyond_the_limit_are_counted);
    tcase_add_test(list, print_shows_all_lines);
    tcase_add_test(list, control_characters_are_hidden);
    TCase *nearest = suite_case(suite, "nearest");
    tcase_add_test(nearest, nearest_forgives_small_slips_only);
    tcase_add_test(nearest, nearest_survives_huge_words);
    return suite_run(suite);
}
