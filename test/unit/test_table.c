/* SPDX-License-Identifier: MIT
 *
 * Text tables, compared with what they must look like.
 */
#include "sim/base/table.h"

#include "test/suite.h"

#include <stdlib.h>
#include <string.h>

static struct sim_table table;

static void set_up(void) { sim_table_init(&table); }
static void tear_down(void) { sim_table_release(&table); }

static void assert_prints(int indent, const char *expected) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    sim_table_print(&table, indent, out);
    fclose(out);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(columns_are_aligned) {
    sim_table_column(&table, "layer", SIM_TABLE_RIGHT);
    sim_table_column(&table, "name", SIM_TABLE_LEFT);
    sim_table_column(&table, "neurons", SIM_TABLE_RIGHT);
    sim_table_cell(&table, "%d", 0);
    sim_table_cell(&table, "image");
    sim_table_cell(&table, "%u", 784u);
    sim_table_cell(&table, "%d", 10);
    sim_table_cell(&table, "%s", "o");
    sim_table_cell(&table, "%d", 100000000);
    assert_prints(2, "  layer  name     neurons\n"
                     "  -----  -----  ---------\n"
                     "      0  image        784\n"
                     "     10  o      100000000\n");
}
END_TEST

START_TEST(nothing_trails) {
    sim_table_column(&table, "a", SIM_TABLE_LEFT);
    sim_table_column(&table, "b", SIM_TABLE_LEFT);
    sim_table_column(&table, "c", SIM_TABLE_RIGHT);
    static const char *const cells[] = {"long", "", "", "", "", "1", "x", "yyy", ""};
    for (int i = 0; i < 9; i++)
        sim_table_cell(&table, "%s", cells[i]);
    assert_prints(0, "a     b    c\n"
                     "----  ---  -\n"
                     "long\n"
                     "           1\n"
                     "x     yyy\n");
}
END_TEST

START_TEST(width_is_characters_and_controls_are_harmless) {
    sim_table_column(&table, "µm²", SIM_TABLE_LEFT);
    sim_table_column(&table, "n", SIM_TABLE_RIGHT);
    sim_table_cell(&table, "%s", "a\x1b[2Jb");
    sim_table_cell(&table, "1");
    assert_prints(0, "µm²     n\n"
                     "------  -\n"
                     "a?[2Jb  1\n");
}
END_TEST

START_TEST(a_table_grows) {
    sim_table_column(&table, "n", SIM_TABLE_RIGHT);
    for (int i = 0; i < 1000; i++)
        sim_table_cell(&table, "%d", i);
    ck_assert_uint_eq(table.cells, 1001);
    ck_assert_str_eq(table.cell[1000], "999");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/base/table");
    TCase *tcase = suite_case(suite, "layout");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, columns_are_aligned);
    tcase_add_test(tcase, nothing_trails);
    tcase_add_test(tcase, width_is_characters_and_controls_are_harmless);
    tcase_add_test(tcase, a_table_grows);
    return suite_run(suite);
}
