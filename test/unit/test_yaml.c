/* SPDX-License-Identifier: MIT
 *
 * Reading descriptions: the tree, where everything stands, includes, merges, and every refusal with its
 * place. What hostile files cost is the subject of test_yaml_hostile.c.
 */
#include "sim/config/yaml.h"

#include "test/suite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct sim_arena arena;
static struct sim_err err;
static char folder[64], back[4096];

static void set_up(void) {
    sim_arena_init(&arena);
    sim_err_init(&err);
    strcpy(folder, "/tmp/nocsim-yaml-XXXXXX");
    ck_assert_ptr_nonnull(getcwd(back, sizeof back));
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void tear_down(void) {
    static const char *const files[] = {"a.yaml", "parts/b.yaml", "parts/c.yaml", "pipe"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(files[i]);
    rmdir("parts");
    ck_assert_int_eq(chdir(back), 0);
    rmdir(folder);
    sim_arena_release(&arena);
    sim_err_release(&err);
}

static void write_file(const char *name, const char *text) {
    if (strncmp(name, "parts/", 6) == 0)
        mkdir("parts", 0700);
    FILE *file = fopen(name, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static struct sim_node *parse(const char *text) {
    return sim_yaml_parse(text, strlen(text), "t", true, &arena, &err);
}

/* The tree as text, with the place of every value: "{a=1@1:4,b=[x@2:5]@2:4}@1:1". */
static void dump(const struct sim_node *node, FILE *out) {
    if (node->kind == SIM_NODE_SCALAR)
        fprintf(out, node->quoted ? "'%s'" : "%s", node->text);
    else {
        fputc(node->kind == SIM_NODE_MAPPING ? '{' : '[', out);
        for (uint32_t i = 0; i < node->count; i++) {
            fprintf(out, "%s%s%s", i > 0 ? "," : "", node->item[i].key ? node->item[i].key : "",
                    node->item[i].key ? "=" : "");
            dump(node->item[i].value, out);
        }
        fputc(node->kind == SIM_NODE_MAPPING ? '}' : ']', out);
    }
    fprintf(out, "@%s%s%d:%d", strcmp(node->where.file, "t") == 0 ? "" : node->where.file,
            strcmp(node->where.file, "t") == 0 ? "" : ":", node->where.line, node->where.column);
}

static void check_tree(const struct sim_node *node, const char *expected) {
    ck_assert_msg(node != NULL, "%s", err.count > 0 ? err.message[0] : "no tree, no message");
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    dump(node, out);
    fclose(out);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(values_know_their_place) {
    check_tree(parse("a: 1\nb: [x, \"y\"]\nc:\n  d: 'é'\n  e:\n"),
               "{a=1@1:4,b=[x@2:5,'y'@2:8]@2:4,c={d='é'@4:6,e=@5:5}@4:3}@1:1");
}
END_TEST

START_TEST(keys_know_their_place) {
    const struct sim_node *root = parse("a: 1\n\n  \nlong key: 2\n");
    const struct sim_item *item = sim_node_find(root, "long key");
    ck_assert_int_eq(item->where.line, 4);
    ck_assert_int_eq(item->where.column, 1);
    ck_assert_str_eq(sim_node_origin(item->value, &arena), "t:4");
    ck_assert_ptr_null(sim_node_get(root, "b"));
}
END_TEST

START_TEST(aliases_are_copies) {
    struct sim_node *root = parse("a: &x {b: 1}\nc: *x\n");
    check_tree(root, "{a={b=1@1:11}@1:4,c={b=1@1:11}@1:4}@1:1");
    ck_assert_ptr_ne(sim_node_get(root, "a"), sim_node_get(root, "c"));
}
END_TEST

START_TEST(crlf_and_byte_order_mark_are_read) {
    check_tree(parse("\xEF\xBB\xBF" "a: 1\r\nb: 2\r\n"), "{a=1@1:4,b=2@2:4}@1:1");
}
END_TEST

START_TEST(merge_overrides_deeply) {
    check_tree(parse("a: &x {p: 1, q: {r: 2, s: [3]}}\nb: {<<: *x, q: {s: 4}, t: 5}\n"),
               "{a={p=1@1:11,q={r=2@1:21,s=[3@1:28]@1:27}@1:17}@1:4,"
               "b={p=1@1:11,q={r=2@1:21,s=4@2:20}@2:16,t=5@2:27}@2:4}@1:1");
}
END_TEST

START_TEST(earlier_bases_win) {
    check_tree(parse("<<: [{a: 1}, {a: 2, b: 3}]\n"), "{a=1@1:10,b=3@1:24}@1:1");
}
END_TEST

START_TEST(includes_are_relative_to_their_file) {
    write_file("a.yaml", "chip:\n  <<: !include parts/b.yaml\n  y: 9\n");
    write_file("parts/b.yaml", "x: !include c.yaml\ny: 1\n");
    write_file("parts/c.yaml", "[7]\n");
    check_tree(sim_yaml_load("a.yaml", &arena, &err),
               "{chip={x=[7@parts/c.yaml:1:2]@parts/c.yaml:1:1,y=9@a.yaml:3:6}@a.yaml:2:3}@a.yaml:1:1");
}
END_TEST

START_TEST(a_fault_names_the_included_file) {
    write_file("a.yaml", "chip: !include parts/b.yaml\n");
    write_file("parts/b.yaml", "x: 1\nx: 2\n");
    ck_assert_ptr_null(sim_yaml_load("a.yaml", &arena, &err));
    ck_assert_str_eq(err.message[0], "parts/b.yaml:2:1: key 'x' is given twice (first in line 1)");
    ck_assert_int_eq(err.count, 1);
}
END_TEST

START_TEST(circular_includes_are_refused) {
    write_file("a.yaml", "x: !include parts/b.yaml\n");
    write_file("parts/b.yaml", "y: !include ../parts/../a.yaml\n");
    ck_assert_ptr_null(sim_yaml_load("a.yaml", &arena, &err));
    ck_assert_str_eq(err.message[0],
                     "parts/b.yaml:1:4: 'parts/../parts/../a.yaml' includes itself");
}
END_TEST

START_TEST(what_cannot_be_read_is_an_io_error) {
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    static const struct {
        const char *file, *why;
    } cases[] = {{"none.yaml", "cannot read 'none.yaml': No such file or directory"},
                 {".", "cannot read '.': it is a directory"},
                 {"pipe", "cannot read 'pipe': it is a pipe, not a regular file"},
                 {"/dev/zero", "cannot read '/dev/zero': it is not a regular file"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_ptr_null(sim_yaml_load(cases[i].file, &arena, &err));
        ck_assert_str_eq(err.message[0], cases[i].why);
        ck_assert_int_eq(err.code, SIM_EXIT_IO);
        sim_err_release(&err);
    }
    write_file("a.yaml", "\nx: !include none.yaml\n");
    ck_assert_ptr_null(sim_yaml_load("a.yaml", &arena, &err));
    ck_assert_str_eq(err.message[0],
                     "a.yaml:2:4: cannot read 'none.yaml': No such file or directory");
    sim_err_release(&err);
    chmod("a.yaml", 0);
    if (access("a.yaml", R_OK) != 0) { /* root may read everything */
        ck_assert_ptr_null(sim_yaml_load("a.yaml", &arena, &err));
        ck_assert_str_eq(err.message[0], "cannot read 'a.yaml': Permission denied");
    }
}
END_TEST

START_TEST(faults_are_located) {
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "t:1:1: nothing is written here"},
        {"# only a comment\n", "t:2:1: nothing is written here"},
        {"a: 1\na: 2\n", "t:2:1: key 'a' is given twice (first in line 1)"},
        {"a: {b: 1, b: 2}\n", "t:1:11: key 'b' is given twice (first in line 1)"},
        {"a: *b\n", "t:1:4: alias '*b' has no anchor '&b' before it"},
        {"a: &a [*a]\n", "t:1:8: alias '*a' contains itself"},
        {"a:\n\tb: 1\n", "t:2:1: a tab in the indentation: use spaces"},
        {"a: [1\nb: 2\n", "t:2:2: not valid YAML: did not find expected ',' or ']' (while parsing a "
                          "flow sequence that begins at line 1)"},
        {"a: b: c\n", "t:1:5: not valid YAML: mapping values are not allowed in this context"},
        {"a: @b\n", "t:1:4: not valid YAML: found character that cannot start any token"},
        {"a: \"x\n", "t:2:1: not valid YAML: found unexpected end of stream (while scanning a quoted "
                     "scalar that begins at line 1)"},
        {"a: 1\n---\nb: 2\n", "t:2:1: a second document begins here: a file holds one"},
        {"%YAML 1.1\n---\na: 1\n",
         "t:1:1: a line must not begin with '%' (YAML directives are not used)"},
        {"a: !!int 1\n",
         "t:1:4: unknown tag 'tag:yaml.org,2002:int' (only '!include FILE' is known)"},
        {"a: !inclde b\n", "t:1:4: unknown tag '!inclde' (only '!include FILE' is known)"},
        {"a: !include {b: 1}\n", "t:1:4: unknown tag '!include' (only '!include FILE' is known)"},
        {"a: !include\n", "t:1:4: !include needs the path of a file"},
        {"[a]: 1\n",
         "t:1:1: a key must be a simple text (no list, mapping, alias, anchor or tag)"},
        {"? {a: 1}\n: 2\n",
         "t:1:3: a key must be a simple text (no list, mapping, alias, anchor or tag)"},
        {"&x a: 1\n",
         "t:1:1: a key must be a simple text (no list, mapping, alias, anchor or tag)"},
        {"\"\": 1\n", "t:1:1: a key must have 1 to 256 bytes, no control characters"},
        {"\"a\\0\": 1\n", "t:1:1: a key must have 1 to 256 bytes, no control characters"},
        {"a: \"b\\0c\"\n", "t:1:4: a text must not contain the character NUL"},
        {"a: b\xFF\n", "t:1:5: byte 0xFF is not UTF-8 text"},
        {"\n a: \xC0\x80\n", "t:2:5: byte 0xC0 is not UTF-8 text"}, /* overlong NUL */
        {"a: \xED\xA0\x80\n", "t:1:4: byte 0xED is not UTF-8 text"}, /* surrogate */
        {"a: \xE2\x82", "t:1:4: byte 0xE2 is not UTF-8 text"},       /* cut short */
        {"a: \x1b[2J\n", "t:1:4: control character (its last byte is 0x1B) in a text"},
        {"a: b\rc\n", "t:1:5: control character (its last byte is 0x0D) in a text"},
        {"a: \xEF\xBF\xBE\n", "t:1:4: control character (its last byte is 0xBE) in a text"},
        {"<<: 3\n", "t:1:1: '<<' takes a mapping or a list of mappings to build on"},
        {"<<: []\n", "t:1:1: '<<' takes a mapping or a list of mappings to build on"},
        {"<<: [{a: 1}, 2]\n", "t:1:1: '<<' takes a mapping or a list of mappings to build on"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(parse(cases[i].text) == NULL, "accepted: %s", cases[i].text);
        ck_assert_int_eq(err.count, 1);
        ck_assert_str_eq(err.message[0], cases[i].message);
        ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
        sim_err_release(&err);
    }
}
END_TEST

START_TEST(a_nul_byte_is_located) {
    static const char text[] = "a: 1\nb: \0\n";
    ck_assert_ptr_null(sim_yaml_parse(text, sizeof text - 1, "t", true, &arena, &err));
    ck_assert_str_eq(err.message[0], "t:2:4: control character (its last byte is 0x00) in a text");
}
END_TEST

START_TEST(without_a_place_the_name_stands_alone) {
    ck_assert_ptr_null(sim_yaml_parse("[1", 2, "--set 3", false, &arena, &err));
    ck_assert_str_eq(err.message[0], "--set 3: not valid YAML: did not find expected ',' or ']'");
}
END_TEST

START_TEST(needed_children_are_checked) {
    const struct sim_node *root = parse("a: 1\nlist: []\n");
    ck_assert_ptr_nonnull(sim_node_need(root, "a", SIM_NODE_SCALAR, "thing", &err));
    ck_assert_ptr_null(sim_node_need(root, "b", SIM_NODE_SCALAR, "thing", &err));
    ck_assert_ptr_null(sim_node_need(root, "list", SIM_NODE_MAPPING, "thing", &err));
    ck_assert_str_eq(err.message[0], "t:1:1: thing: key 'b' is missing");
    ck_assert_str_eq(err.message[1], "t:2:7: thing.list: a mapping is expected, not a list");
    static const char *const keys[] = {"a", "lists"};
    ck_assert(!sim_node_check_keys(root, keys, 2, "thing", &err));
    ck_assert_str_eq(err.message[2], "t:2:1: thing: unknown key 'list' (did you mean 'lists'?)");
}
END_TEST

START_TEST(quotes_are_short_and_printable) {
    char quote[SIM_QUOTE_SIZE], text[5000];
    for (int fill = 1; fill < 256; fill++) {
        memset(text, fill, sizeof text - 1);
        text[sizeof text - 1] = '\0';
        sim_quote(quote, text);
        ck_assert_uint_lt(strlen(quote), SIM_QUOTE_SIZE);
        ck_assert_ptr_eq(strpbrk(quote, "\x01\x02\x1b\n\r\t\x7f"), NULL);
    }
    ck_assert_str_eq(sim_quote(quote, "a\nb"), "a\\x0Ab");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/config/yaml");
    TCase *tree = suite_case(suite, "tree");
    tcase_add_checked_fixture(tree, set_up, tear_down);
    tcase_add_test(tree, values_know_their_place);
    tcase_add_test(tree, keys_know_their_place);
    tcase_add_test(tree, aliases_are_copies);
    tcase_add_test(tree, crlf_and_byte_order_mark_are_read);
    tcase_add_test(tree, merge_overrides_deeply);
    tcase_add_test(tree, earlier_bases_win);
    tcase_add_test(tree, includes_are_relative_to_their_file);
    tcase_add_test(tree, needed_children_are_checked);
    tcase_add_test(tree, quotes_are_short_and_printable);
    TCase *faults = suite_case(suite, "faults");
    tcase_add_checked_fixture(faults, set_up, tear_down);
    tcase_add_test(faults, faults_are_located);
    tcase_add_test(faults, a_nul_byte_is_located);
    tcase_add_test(faults, a_fault_names_the_included_file);
    tcase_add_test(faults, circular_includes_are_refused);
    tcase_add_test(faults, what_cannot_be_read_is_an_io_error);
    tcase_add_test(faults, without_a_place_the_name_stands_alone);
    return suite_run(suite);
}
