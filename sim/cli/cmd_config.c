/* SPDX-License-Identifier: MIT
 *
 * nocsim config --arch FILE [--set key.path=value ...]: the effective configuration, with the origin of
 * each value. As text it is YAML again, the origins standing behind the values as comments.
 */
#include "sim/cli/cli.h"
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/config.h"
#include "sim/number.h"
#include "sim/quantity.h"
#include "sim/registry.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const struct cli_option options_table[] = {
    {"arch", 'a', "FILE", "chip description"},
    {"set", 's', "KEY=VALUE", "change a value of the description; may be repeated"},
    {"format", 'f', "FORMAT", "text (default): a description again, origins as comments; json"},
    {"help", 'h', NULL, "this text"},
    {NULL, 0, NULL, NULL},
};

static int print_help(void) {
    fputs("Usage: nocsim config --arch FILE [OPTION]...\n"
          "Shows every value that a run with this description uses, and where it comes from:\n"
          "FILE:LINE, 'default', or '--set N'.\n\nOptions:\n",
          stdout);
    cli_options_help(options_table, stdout);
    return cli_flush("config", SIM_EXIT_OK);
}

/* A value as JSON: numbers and truth values as such, everything else as text. Integers beyond the 63 bits
 * of a JSON integer are text. */
static json_t *json_value(const struct sim_setting *setting) {
    const struct sim_param *param = setting->param;
    enum sim_param_kind kind = param == NULL ? SIM_PARAM_KIND_TEXT
                               : param->kind == SIM_PARAM_KIND_LIST ? param->item
                                                                    : param->kind;
    int64_t integer;
    double real;
    bool whole = kind == SIM_PARAM_KIND_UINT || kind == SIM_PARAM_KIND_UINT64 ||
                 kind == SIM_PARAM_KIND_INT;
    if (whole && sim_number_int(setting->value, &integer))
        return json_integer(integer);
    if (kind == SIM_PARAM_KIND_REAL && sim_number_real(setting->value, &real))
        return json_real(real);
    if (kind == SIM_PARAM_KIND_BOOL)
        return json_boolean(setting->value[0] == 't');
    return json_string(setting->value);
}

static json_t *json_setting(const struct sim_setting *setting) {
    json_t *object = json_pack("{s:s, s:o, s:s}", "path", setting->path, "value",
                               json_value(setting), "origin", setting->origin);
    char why[SIM_QUANTITY_SIZE];
    double si;
    if (object != NULL && setting->param != NULL &&
        setting->param->kind == SIM_PARAM_KIND_QUANTITY &&
        sim_quantity_parse(setting->value, setting->param->unit, &si, why)) {
        json_object_set_new(object, "si", json_real(si));
        json_object_set_new(object, "unit", json_string(sim_unit_symbol(setting->param->unit)));
    }
    return object;
}

/* False when a name is not UTF-8, which JSON cannot hold. */
static bool put_json(const struct sim_config *config) {
    bool good = true;
    json_t *settings = json_array();
    for (uint32_t i = 0; i < config->settings; i++)
        good &= json_array_append_new(settings, json_setting(&config->setting[i])) == 0;
    json_t *object = json_pack("{s:s, s:s, s:o}", "arch", config->file, "chip",
                               config->chip.schema->name, "settings", settings);
    good &= object != NULL;
    if (good) {
        json_dumpf(object, stdout, JSON_INDENT(2));
        fputc('\n', stdout);
    }
    json_decref(object);
    return good;
}

static int print_config(const struct sim_config_request *request, enum cli_format format) {
    struct sim_err err;
    struct sim_config config;
    sim_err_init(&err);
    if (!sim_config_load(&config, request, &err))
        return cli_finish(&err);
    if (format == CLI_FORMAT_JSON && !put_json(&config))
        sim_err_add(&err, SIM_EXIT_CONFIG, NULL, "a file name is not UTF-8 and does not fit into JSON");
    else if (format == CLI_FORMAT_TEXT)
        sim_effective_print(config.effective, &config.arena, stdout);
    sim_config_release(&config);
    return cli_flush("config", cli_finish(&err));
}

/* Parses the options; `set` has room for all of them. Returns an exit code, or -1 to go on. */
static int parse(int argc, char **argv, struct sim_config_request *request, const char **set,
                 enum cli_format *format) {
    struct option longs[CLI_OPTIONS_MAX + 1];
    char letters[2 * CLI_OPTIONS_MAX + 2];
    cli_options_getopt(options_table, longs, letters);
    cli_getopt_reset();
    for (int answer; (answer = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        switch (answer) {
        case 'a':
            if (request->file != NULL)
                return cli_usage("config", "--arch is given twice");
            request->file = optarg;
            break;
        case 's': set[request->sets++] = optarg; break;
        case 'f':
            if (!cli_parse_format(optarg, CLI_ALLOW(CLI_FORMAT_TEXT) | CLI_ALLOW(CLI_FORMAT_JSON),
                                  format))
                return cli_usage("config", "--format takes text or json, not '%s'", optarg);
            break;
        case 'h': return print_help();
        default: return cli_usage_getopt("config", argv, answer);
        }
    }
    if (optind < argc)
        return cli_usage("config", "'%s' is no option", argv[optind]);
    if (request->file == NULL)
        return cli_usage("config", "--arch is needed");
    return -1;
}

int cmd_config(int argc, char **argv) {
    const char **set = calloc((size_t)argc + 1, sizeof *set);
    if (set == NULL)
        abort();
    struct sim_config_request request = {
        .set = set, .registry = sim_registry, .run = &sim_run_schema};
    enum cli_format format = CLI_FORMAT_TEXT;
    int code = parse(argc, argv, &request, set, &format);
    if (code < 0)
        code = print_config(&request, format);
    free(set);
    return code;
}
