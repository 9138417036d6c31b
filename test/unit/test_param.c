/* SPDX-License-Identifier: MIT
 *
 * From a description to specs: defaults, every kind of value, collected faults, choice by type, settings of
 * the command line, and the effective configuration with its origins.
 */
#include "sim/config/config.h"
#include "sim/config/describe.h"
#include "sim/config/override.h"
#include "sim/config/yaml.h"

#include "test/suite.h"
#include "test/unit/sample_schema.h"
#include "test/fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct sim_binding binding = {sample_registry, &arena, &err};
static char file_name[64];

static void check_message(int index, const char *message) {
    ck_assert_int_lt(index, err.count);
    ck_assert_str_eq(err.message[index], message);
}

START_TEST(defaults_fill_everything) {
    struct sample_chip chip;
    memset(&chip, 0xA5, sizeof chip);
    ck_assert(sim_bind_text(&binding, &sample_chip_schema, "{}", &chip));
    ck_assert_uint_eq(chip.tile.axons, 16);
    ck_assert_int_eq(chip.tile.bias, -1);
    ck_assert(chip.tile.pitch_m == 1e-4);
    ck_assert(chip.clock_hz == 120e3 && chip.gain == 0.5 && chip.gated);
    ck_assert_str_eq(chip.label, "");
    ck_assert_uint_eq(chip.seed, 1);
    ck_assert_uint_eq(chip.network_count, 0);
    ck_assert_ptr_eq(chip.spare.schema, &sample_ring_schema);
    ck_assert_uint_eq(((const struct sample_ring *)chip.spare.spec)->stops, 8);
    ck_assert_uint_eq(chip.layer_count, 2);
    ck_assert_uint_eq(chip.layers[0], 784);
    ck_assert_uint_eq(chip.layers[1], 10);
}
END_TEST

START_TEST(every_kind_is_read) {
    struct sample_chip chip;
    ck_assert(sim_bind_text(&binding, &sample_chip_schema,
                            "tile: {axons: 0x80, bias: -8, pitch: 2 mm}\n"
                            "clock: 28.125 MHz\ngain: 1e-1\ngated: false\nlabel: 12\n"
                            "seed: 0xffffffffffffffff\n"
                            "networks: [{type: test.mesh, rows: 3, routing: adaptive}, "
                            "{stops: 5, type: test.ring}]\n"
                            "extra: [{axons: 1}, {}]\nlayers: []\nlevels: [-1, 0.25]\n",
                            &chip));
    ck_assert_uint_eq(chip.tile.axons, 128);
    ck_assert_int_eq(chip.tile.bias, -8);
    ck_assert(chip.tile.pitch_m == 2e-3 && chip.clock_hz == 28.125e6 && chip.gain == 0.1);
    ck_assert(!chip.gated);
    ck_assert_str_eq(chip.label, "12");
    ck_assert(chip.seed == UINT64_MAX);
    ck_assert_uint_eq(chip.network_count, 2);
    ck_assert_ptr_eq(chip.networks[0].schema, &sample_mesh_schema);
    const struct sample_mesh *mesh = chip.networks[0].spec;
    ck_assert_uint_eq(mesh->rows, 3);
    ck_assert_int_eq(mesh->routing, 2);
    ck_assert_uint_eq(((const struct sample_ring *)chip.networks[1].spec)->stops, 5);
    ck_assert_uint_eq(chip.extra_count, 2);
    ck_assert_uint_eq(chip.extra[0].axons, 1);
    ck_assert_uint_eq(chip.extra[1].axons, 16);
    ck_assert_uint_eq(chip.layer_count, 0);
    ck_assert(chip.levels[0] == -1 && chip.levels[1] == 0.25);
}
END_TEST

struct optional_chip {
    struct sample_tile tile;
    uint32_t tiles;
};

START_TEST(a_part_may_be_none) {
    static const struct sim_param params[] = {
        SIM_PARAM_OPTIONAL(struct optional_chip, tile, tiles, &sample_tile_schema, "a tile"),
    };
    static const struct sim_schema schema = {.name = "test.optional",
                                             .help = "a chip with a tile or none",
                                             .size = sizeof(struct optional_chip),
                                             SIM_SCHEMA_PARAMS(params)};
    static const struct {
        const char *yaml;
        uint32_t tiles, axons;
    } good[] = {{"{}", 1, 16}, {"tile: {axons: 3}", 1, 3}, {"tile: none", 0, 16}};
    struct optional_chip chip;
    ck_assert(sim_schema_audit(&schema, &err));
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        memset(&chip, 0xA5, sizeof chip);
        ck_assert(sim_bind_text(&binding, &schema, good[i].yaml, &chip));
        ck_assert_uint_eq(chip.tiles, good[i].tiles);
        ck_assert_uint_eq(chip.tile.axons, good[i].axons);
    }
    ck_assert(!sim_bind_text(&binding, &schema, "tile: nothing", &chip));
    ck_assert(!sim_bind_text(&binding, &schema, "tile: \"none\"", &chip));
    ck_assert(!sim_bind_text(&binding, &schema, "tile: [none]", &chip));
    ck_assert_int_eq(err.count, 3);
    ck_assert_ptr_nonnull(strstr(err.message[0], "test.optional.tile: a mapping is expected"));
}
END_TEST

START_TEST(limits_are_inclusive) {
    static const struct {
        const char *yaml;
        bool good;
    } cases[] = {{"axons: 1", true},       {"axons: 256", true},  {"axons: 0", false},
                 {"axons: 257", false},    {"bias: -8", true},    {"bias: -9", false},
                 {"bias: 7", true},        {"bias: 8", false},    {"pitch: 1 um", true},
                 {"pitch: 0.99 um", false}, {"pitch: 1e4 um", true}, {"pitch: 10.1 mm", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sample_tile tile;
        ck_assert_msg(sim_bind_text(&binding, &sample_tile_schema, cases[i].yaml, &tile) ==
                          cases[i].good,
                      "%s", cases[i].yaml);
        ck_assert_int_eq(err.count, !cases[i].good);
        sim_err_release(&err);
    }
}
END_TEST

START_TEST(all_faults_are_collected) {
    struct sample_chip chip;
    ck_assert(!sim_bind_text(&binding, &sample_chip_schema,
                             "clok: 1 GHz\n"
                             "tile:\n"
                             "  axons: 300\n"
                             "  bias: 1.5\n"
                             "gated: yes\n"
                             "networks:\n"
                             "  - {type: test.mehs}\n"
                             "  - {type: test.mesh, rows: [1]}\n"
                             "  - 7\n"
                             "layers: [1, x]\n",
                             &chip));
    check_message(0, "test.chip:1:1: test.chip: unknown key 'clok' (did you mean 'clock'?)");
    check_message(1, "test.chip:3:10: test.tile.axons: '300' is out of range: an integer from 1 to "
                     "256 is expected");
    check_message(2, "test.chip:4:9: test.tile.bias: '1.5' is not a whole number: an integer from -8 to "
                     "7 is expected");
    check_message(3, "test.chip:5:8: test.chip.gated: 'yes' is neither: true or false is expected");
    check_message(4, "test.chip:7:12: test.chip.networks[0].type: 'test.mehs' is not a network (did you "
                     "mean 'test.mesh'?): one of test.mesh, test.ring is expected");
    check_message(5, "test.chip:8:29: test.mesh.rows: an integer from 1 to 64 is expected, not a list");
    check_message(6, "test.chip:9:5: test.chip.networks[2]: a mapping is expected, not a text");
    check_message(7, "test.chip:10:13: test.chip.layers[1]: 'x' is not a number: an integer from 1 "
                     "to 1000 is expected");
    ck_assert_int_eq(err.count, 8);
}
END_TEST

START_TEST(no_more_than_twenty_messages) {
    char yaml[4096] = "";
    for (int i = 0; i < 100; i++)
        sprintf(yaml + strlen(yaml), "wrong%d: 1\n", i);
    struct sample_tile tile;
    ck_assert(!sim_bind_text(&binding, &sample_tile_schema, yaml, &tile));
    ck_assert_int_eq(err.count, SIM_ERR_MAX);
}
END_TEST

START_TEST(a_required_key_is_required) {
    struct sample_mesh mesh;
    ck_assert(!sim_bind_text(&binding, &sample_mesh_schema, "\nvcs: 3\n", &mesh));
    check_message(0, "test.mesh:2:1: test.mesh.rows is missing: an integer from 1 to 64 is expected");
}
END_TEST

START_TEST(combinations_are_checked_last) {
    struct sample_mesh mesh;
    ck_assert(!sim_bind_text(&binding, &sample_mesh_schema, "rows: 1\nvcs: 1\nrouting: adaptive\n",
                             &mesh));
    check_message(0, "test.mesh:1:1: test.mesh: adaptive routing needs 2 vcs, not 1");
    sim_err_release(&err);
    ck_assert(!sim_bind_text(&binding, &sample_mesh_schema, "vcs: 1\nrouting: adaptive\n", &mesh));
    ck_assert_int_eq(err.count, 1); /* rows is missing; nothing is said about what cannot be judged */
}
END_TEST

START_TEST(a_role_is_kept) {
    struct sim_any any;
    struct sim_node *node = sim_yaml_parse("type: test.chip", 15, "t", true, &arena, &err);
    ck_assert_ptr_null(sim_bind_any(&binding, "network", node, "net", &any));
    check_message(0, "t:1:7: net.type: 'test.chip' is not a network: one of test.mesh, test.ring is "
                     "expected");
    ck_assert_ptr_nonnull(sim_bind_any(&binding, NULL, node, "net", &any));
    ck_assert_ptr_eq(any.schema, &sample_chip_schema);
}
END_TEST

START_TEST(single_values_are_read) {
    const struct sim_node *node = sim_yaml_parse("a: 3 pJ\nb: 7\n", 13, "t", true, &arena, &err);
    double energy;
    uint32_t count;
    ck_assert(sim_bind_quantity(sim_node_get(node, "a"), "x.a", SIM_UNIT_JOULE, 0, 1, &energy, &err));
    ck_assert(energy == 3e-12);
    ck_assert(sim_bind_uint(sim_node_get(node, "b"), "x.b", 0, 7, &count, &err));
    ck_assert_uint_eq(count, 7);
    ck_assert(!sim_bind_uint(sim_node_get(node, "b"), "x.b", 0, 6, &count, &err));
    check_message(0, "t:2:4: x.b: '7' is out of range: an integer from 0 to 6 is expected");
    ck_assert(!sim_bind_quantity(sim_node_get(node, "b"), "x.b", SIM_UNIT_JOULE, 0, 1, &energy, &err));
    check_message(1, "t:2:4: x.b: '7' has no unit: an energy such as '3.2 pJ' is expected");
}
END_TEST

/* ---- settings --------------------------------------------------------------------------------- */

static const char *set_and_show(const char *yaml, const char *setting) {
    struct sim_node *root = sim_yaml_parse(yaml, strlen(yaml), "t", true, &arena, &err);
    ck_assert_ptr_nonnull(root);
    if (!sim_override(root, setting, 1, &arena, &err))
        return NULL;
    uint32_t count;
    const struct sim_setting *list = sim_effective_list(root, &arena, &count);
    char *text = sim_arena_format(&arena, "%s", "");
    for (uint32_t i = 0; i < count; i++)
        text = sim_arena_format(&arena, "%s%s=%s@%s;", text, list[i].path, list[i].value,
                                list[i].origin);
    return text;
}

START_TEST(settings_change_the_tree) {
    static const struct {
        const char *yaml, *setting, *result;
    } cases[] = {
        {"a: 1", "a=2", "a=2@--set 1;"},
        {"a: 1", "b=2", "a=1@t:1;b=2@--set 1;"},
        {"a: 1", "b.c.d=120 kHz", "a=1@t:1;b.c.d=120 kHz@--set 1;"},
        {"a: [1, 2]", "a[1]=3", "a[0]=1@t:1;a[1]=3@--set 1;"},
        {"a: [{b: 1}]", "a[0].b=[]", "a[0].b=[]@--set 1;"},
        {"a: [[1, 2]]", "a[0][0]=3", "a[0][0]=3@--set 1;a[0][1]=2@t:1;"},
        {"a: [1, 2]", "a=[3]", "a[0]=3@--set 1;"},
        {"a: {b: 1, c: 2}", "a={b: 3}", "a.b=3@--set 1;"},
        {"e: {x.y: {z: 1}, x: 2}", "e.x.y.z=3", "e.x.y.z=3@--set 1;e.x=2@t:1;"},
        {"e: {x.y: {z: 1}, x: 2}", "e.x=3", "e.x.y.z=1@t:1;e.x=3@--set 1;"},
        {"a:", "a.b=1", "a.b=1@--set 1;"},
        {"a: 1", "a=b=c", "a=b=c@--set 1;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *result = set_and_show(cases[i].yaml, cases[i].setting);
        ck_assert_msg(result != NULL, "%s: %s", cases[i].setting, err.count ? err.message[0] : "");
        ck_assert_str_eq(result, cases[i].result);
    }
}
END_TEST

START_TEST(bad_settings_are_refused) {
    static const struct {
        const char *setting, *message;
    } cases[] = {
        {"a", "--set 1: 'a' is not of the form key.path=value"},
        {"=1", "--set 1: '=1' is not of the form key.path=value"},
        {"a=", "--set 1: 'a=' is not of the form key.path=value"},
        {"a.b=1", "--set 1: a.b: leads into something that is not a mapping"},
        {"a[0]=1", "--set 1: a[0]: an index does not lead into a list that is written in the description"},
        {"l[2]=1", "--set 1: l[2]: the list has 2 elements, counted from 0"},
        {"l[-1]=1", "--set 1: l[-1]: an index such as [0] is expected after '['"},
        {"l[]=1", "--set 1: l[]: an index such as [0] is expected after '['"},
        {"l[99999999999999999999]=1",
         "--set 1: l[99999999999999999999]: an index such as [0] is expected after '['"},
        {"l[0=1", "--set 1: l[0: an index such as [0] is expected after '['"},
        {"l[0]x=1", "--set 1: l[0]x: '.' or '[' is expected after ']'"},
        {"l.x=1", "--set 1: l.x: leads into something that is not a mapping"},
        {".a=1", "--set 1: .a: a key is missing in the path"},
        {"b.=1", "--set 1: b.: a key is missing in the path"},
        {"[0]=1", "--set 1: [0]: a key is missing in the path"},
        {"b=[1", "--set 1: not valid YAML: did not find expected ',' or ']'"},
        {"b=\xFF", "--set 1: byte 0xFF is not UTF-8 text"},
        {"b=\t", "--set 1: a tab in the indentation: use spaces"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(set_and_show("a: 1\nl: [1, 2]\n", cases[i].setting) == NULL, "accepted: %s",
                      cases[i].setting);
        check_message(0, cases[i].message);
        ck_assert_int_eq(err.count, 1);
        sim_err_release(&err);
    }
}
END_TEST

/* ---- the whole -------------------------------------------------------------------------------- */

static void write_config(const char *text) {
    strcpy(file_name, "/tmp/nocsim-config-XXXXXX");
    int descriptor = mkstemp(file_name);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
    close(descriptor);
}

static bool load_config(struct sim_config *config, const char *const *set, int sets) {
    const struct sim_config_request request = {.file = file_name,
                                               .set = set,
                                               .sets = sets,
                                               .registry = sample_registry,
                                               .run = &sample_run_schema};
    return sim_config_load(config, &request, &err);
}

static const struct sim_setting *find_setting(const struct sim_config *config, const char *path) {
    for (uint32_t i = 0; i < config->settings; i++)
        if (strcmp(config->setting[i].path, path) == 0)
            return &config->setting[i];
    ck_abort_msg("no setting %s", path);
    return NULL;
}

static const char *const example = "name: example\n"
                                   "chip:\n"
                                   "  type: test.chip\n"
                                   "  clock: 1000 Hz\n"
                                   "  networks: [{type: test.mesh, rows: 2}]\n"
                                   "  label: \"yes # no\"\n"
                                   "tech:\n"
                                   "  energy: {reads: 3 pJ, source: \"a: b\"}\n";

START_TEST(a_configuration_knows_its_origins) {
    struct sim_config config;
    static const char *const set[] = {"chip.tile.axons=99", "chip.networks[0].vcs=4"};
    write_config(example);
    ck_assert_msg(load_config(&config, set, 2), "%s", err.count ? err.message[0] : "");
    unlink(file_name);
    char line4[80];
    snprintf(line4, sizeof line4, "%s:4", file_name);
    const struct {
        const char *path, *value, *origin;
    } cases[] = {{"chip.clock", "1 kHz", line4},
                 {"chip.tile.axons", "99", "--set 1"},
                 {"chip.networks[0].vcs", "4", "--set 2"},
                 {"chip.networks[0].routing", "xy", "default"},
                 {"chip.levels", "[]", "default"},
                 {"run.watchdog", "100000", "default"},
                 {"description", "", "default"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct sim_setting *setting = find_setting(&config, cases[i].path);
        ck_assert_str_eq(setting->value, cases[i].value);
        ck_assert_str_eq(setting->origin, cases[i].origin);
    }
    const struct sample_chip *chip = config.chip.spec;
    ck_assert_ptr_eq(config.chip.schema, &sample_chip_schema);
    ck_assert_uint_eq(chip->tile.axons, 99);
    ck_assert_str_eq(config.name, "example");
    ck_assert_uint_eq(((const struct sample_run *)config.run)->watchdog, 100000);
    ck_assert_ptr_nonnull(sim_node_get(config.tech, "energy"));
    sim_config_release(&config);
}
END_TEST

/* What `nocsim config` prints is a description of the same configuration. */
START_TEST(the_effective_text_reads_back) {
    struct sim_config config, again;
    write_config(example);
    ck_assert_msg(load_config(&config, NULL, 0), "%s", err.count ? err.message[0] : "");
    unlink(file_name);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    sim_effective_print(config.effective, &config.arena, out);
    fclose(out);
    write_config(text);
    ck_assert_msg(load_config(&again, NULL, 0), "%s\n%s", err.count ? err.message[0] : "", text);
    unlink(file_name);
    free(text);
    ck_assert_uint_eq(config.settings, again.settings);
    for (uint32_t i = 0; i < config.settings; i++) {
        ck_assert_str_eq(config.setting[i].path, again.setting[i].path);
        ck_assert_str_eq(config.setting[i].value, again.setting[i].value);
    }
    sim_config_release(&config);
    sim_config_release(&again);
}
END_TEST

/* Texts that YAML would take for something else, or that would end early, survive printing. */
START_TEST(awkward_texts_survive_printing) {
    static const char *const texts[] = {
        "",      " ",     "true",  "12",   "0x1F",  "1e5",        "~",          "null",      "a: b",
        "a #b",  "#a",    "- a",   "-a",   "[a",    "{a",         "&a",         "*a",        "!a",
        "%a",    "@a",    "`a",    "'a'",  "\"a\"", "a\\b",       "a\nb\n",     "\ttab",     "a ",
        "12:30", "=",     "<<",    "no",   "é",     "a\xC2\x85z", "\xEF\xBB\xBF", "\xE2\x80\xA8", "a,b",
        "a]b",   "? a",   "a: ",   "---",  "...",   "\x01\x7f",   "x\\",        "|",         ">",
        "a'b",   "-5 Hz", "- ",    ":",    "a:b",   "1.",         ".5",         "+1",        "0"};
    struct sim_where nowhere = {"here", 0, 0};
    struct sim_node *root = sim_node_new(SIM_NODE_MAPPING, &nowhere, &arena);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct sim_node *value = sim_node_scalar(texts[i], &nowhere, &arena);
        value->quoted = true;
        sim_node_append(root, sim_arena_format(&arena, "k%zu", i), &nowhere, value, &arena);
        if (texts[i][0] != '\0' && strpbrk(texts[i], "\n\t\x01") == NULL && strcmp(texts[i], "<<") != 0)
            sim_node_append(root, texts[i], &nowhere, sim_node_scalar("v", &nowhere, &arena), &arena);
    }
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    sim_effective_print(root, &arena, out);
    fclose(out);
    const struct sim_node *back = sim_yaml_parse(text, size, "t", true, &arena, &err);
    ck_assert_msg(back != NULL, "%s\n%s", err.count ? err.message[0] : "", text);
    ck_assert_uint_eq(back->count, root->count);
    for (uint32_t i = 0; i < root->count; i++) {
        ck_assert_str_eq(back->item[i].key, root->item[i].key);
        ck_assert_str_eq(back->item[i].value->text, root->item[i].value->text);
    }
    free(text);
}
END_TEST

START_TEST(a_configuration_needs_its_keys) {
    static const struct {
        const char *yaml, *message;
    } cases[] = {
        {"a: 1\n", ":1:1: configuration: unknown key 'a'"},
        {"name: x\n", ":1:1: configuration: key 'chip' is missing"},
        {"[1]\n", ":1:1: a configuration is a mapping with the key 'chip', not a list"},
        {"chip: {}\n", ":1:7: chip: key 'type' is missing"},
        {"chip: {type: test.mesh}\n", ":1:14: chip.type: 'test.mesh' is not a chip: one of test.chip"},
        {"chip: {type: test.chip}\ntech: 3\n", ":2:7: configuration.tech: a mapping is expected"},
        {"chip: {type: test.chip}\nrun: {seed: 3}\n", ":2:7: test.run: unknown key 'seed'"},
        {"chip: {type: test.chip}\nname: []\n", ":2:7: configuration.name: a text is expected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sim_config config;
        write_config(cases[i].yaml);
        ck_assert(!load_config(&config, NULL, 0));
        unlink(file_name);
        ck_assert_msg(strstr(err.message[0], cases[i].message) != NULL, "%s", err.message[0]);
        ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
        sim_err_release(&err);
    }
}
END_TEST

/* ---- tables and pages ------------------------------------------------------------------------- */

START_TEST(tables_are_audited) {
    for (size_t i = 0; sample_registry[i] != NULL; i++)
        ck_assert_msg(sim_bind_audit(&binding, sample_registry[i]), "%s",
                      err.count ? err.message[0] : "");
    static const struct sim_param params[] = {
        SIM_PARAM_UINT(struct sample_tile, axons, 5, 4, NULL, "empty range"),
        SIM_PARAM_INT(struct sample_tile, bias, 0, 1, NULL, ""),
        SIM_PARAM_INT(struct sample_tile, bias, 0, 1e10, NULL, "too wide"),
        {.key = "bias", .kind = SIM_PARAM_KIND_INT, .offset = 4000, .max = 1, .help = "outside"},
        SIM_PARAM_UINT(struct sample_tile, axons, 0, 4, NULL, "twice"),
    };
    static const struct sim_schema schema = {
        .name = "bad", .help = "Bad.", .size = sizeof(struct sample_tile), SIM_SCHEMA_PARAMS(params)};
    ck_assert(!sim_schema_audit(&schema, &err));
    check_message(0, "schema bad: parameter 'axons' has an empty range");
    check_message(1, "schema bad: parameter 'bias' has no help");
    check_message(2, "schema bad: parameter 'bias' has a range beyond int32_t");
    check_message(3, "schema bad: parameter 'bias' lies outside of the spec");
    check_message(4, "schema bad: parameter 'axons' is there twice");
}
END_TEST

START_TEST(defaults_are_audited) {
    static const struct sim_param params[] = {
        SIM_PARAM_UINT(struct sample_tile, axons, 1, 4, "5", "default out of range"),
        SIM_PARAM_QUANTITY(struct sample_tile, pitch_m, "pitch", SIM_UNIT_METRE, 0, 1, "3", "no unit"),
    };
    static const struct sim_schema schema = {
        .name = "bad", .help = "Bad.", .size = sizeof(struct sample_tile), SIM_SCHEMA_PARAMS(params)};
    ck_assert(!sim_bind_audit(&binding, &schema));
    check_message(0, "default: bad.axons: '5' is out of range: an integer from 1 to 4 is expected");
    check_message(1, "default: bad.pitch: '3' has no unit: a length such as '1 mm' is expected");
}
END_TEST

START_TEST(pages_show_every_parameter) {
    struct sim_catalogue catalogue;
    sim_catalogue_init(&catalogue, sample_registry, &sample_run_schema);
    ck_assert_uint_eq(catalogue.count, 5); /* with the nested tile and the run */
    const char *nearest = NULL;
    ck_assert_ptr_eq(sim_catalogue_find(&catalogue, "test.tile", &nearest), &sample_tile_schema);
    ck_assert_ptr_null(sim_catalogue_find(&catalogue, "test.tiel", &nearest));
    ck_assert_str_eq(nearest, "test.tile");
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    sim_describe_page(&catalogue, &sample_chip_schema, out);
    fclose(out);
    ck_assert_ptr_nonnull(strstr(text, "test.chip (chip)\n"));
    ck_assert_ptr_nonnull(strstr(text, "  clock: a frequency from 1 Hz to 100 GHz, such as '120 kHz'; "
                                       "default 120 kHz\n      base clock\n"));
    ck_assert_ptr_nonnull(strstr(text, "type: test.mesh, test.ring\n"));
    for (uint32_t i = 0; i < sample_chip_schema.param_count; i++)
        ck_assert_ptr_nonnull(strstr(text, sample_chip_schema.params[i].help));
    free(text);
    json_t *page = sim_describe_json_page(&sample_chip_schema);
    ck_assert_uint_eq(json_array_size(json_object_get(page, "parameters")),
                      sample_chip_schema.param_count);
    json_decref(page);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/config/param");
    TCase *bind = suite_case(suite, "bind");
    tcase_add_checked_fixture(bind, set_up, tear_down);
    tcase_add_test(bind, defaults_fill_everything);
    tcase_add_test(bind, every_kind_is_read);
    tcase_add_test(bind, a_part_may_be_none);
    tcase_add_test(bind, limits_are_inclusive);
    tcase_add_test(bind, all_faults_are_collected);
    tcase_add_test(bind, no_more_than_twenty_messages);
    tcase_add_test(bind, a_required_key_is_required);
    tcase_add_test(bind, combinations_are_checked_last);
    tcase_add_test(bind, a_role_is_kept);
    tcase_add_test(bind, single_values_are_read);
    TCase *set = suite_case(suite, "set");
    tcase_add_checked_fixture(set, set_up, tear_down);
    tcase_add_test(set, settings_change_the_tree);
    tcase_add_test(set, bad_settings_are_refused);
    TCase *config = suite_case(suite, "config");
    tcase_add_checked_fixture(config, set_up, tear_down);
    tcase_add_test(config, a_configuration_knows_its_origins);
    tcase_add_test(config, the_effective_text_reads_back);
    tcase_add_test(config, awkward_texts_survive_printing);
    tcase_add_test(config, a_configuration_needs_its_keys);
    TCase *describe = suite_case(suite, "describe");
    tcase_add_checked_fixture(describe, set_up, tear_down);
    tcase_add_test(describe, tables_are_audited);
    tcase_add_test(describe, defaults_are_audited);
    tcase_add_test(describe, pages_show_every_parameter);
    return suite_run(suite);
}
