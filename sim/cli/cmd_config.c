/* SPDX-License-Identifier: MIT
 *
 * nocsim config --arch FILE [--set key.path=value ...]: the effective configuration, with the origin of
 * each value. As text it is YAML again, the origins standing behind the values as comments.
 */
#include "sim/cli/cli.h"
#include "sim/config.h"
#include "sim/number.h"
#include "sim/quantity.h"
#include "sim/registry.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cmd_config(int argc, char **argv);

static const char help[] =
    "Usage: nocsim config --arch FILE [--set KEY.PATH=VALUE ...] [--format text|json]\n"
    "\n"
    "Prints every value that a run with this description uses, and where it came from:\n"
    "FILE:LINE, 'default', or '--set N'. As text the output is a description again.\n"
    "\n"
    "  --arch FILE           the description\n"
    "  --set KEY.PATH=VALUE  changes one value; may be repeated\n"
    "  --format text|json    form of the output (default: text)\n"
    "  --help                this page\n";

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

static void put_json(const struct sim_config *config) {
    json_t *settings = json_array();
    for (uint32_t i = 0; i < config->settings; i++)
        json_array_append_new(settings, json_setting(&config->setting[i]));
    json_t *object = json_pack("{s:s, s:s, s:o}", "arch", config->file, "chip",
                               config->chip.schema->name, "settings", settings);
    json_dumpf(object, stdout, JSON_INDENT(2));
    fputc('\n', stdout);
    json_decref(object);
}

static int print_config(const struct sim_config_request *request, enum cli_format format) {
    struct sim_err err;
    struct sim_config config;
    sim_err_init(&err);
    if (!sim_config_load(&config, request, &err))
        return cli_finish(&err);
    if (format == CLI_FORMAT_JSON)
        put_json(&config);
    else
        sim_effective_print(config.effective, &config.arena, stdout);
    sim_config_release(&config);
    return cli_flush("config", SIM_EXIT_OK);
}

/* Parses the options; `request->set` has room for all of them. Returns an exit code, or -1 to go on. */
static int parse(int argc, char **argv, struct sim_config_request *request, const char **set,
                 enum cli_format *format) {
    static const struct option options[] = {{"arch", required_argument, NULL, 'a'},
                                            {"set", required_argument, NULL, 's'},
                                            {"format", required_argument, NULL, 'f'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    cli_getopt_reset();
    for (int option; (option = getopt_long(argc, argv, ":h", options, NULL)) != -1;) {
        switch (option) {
        case 'a':
            if (request->file != NULL)
                return cli_usage("config", "--arch is given twice");
            request->file = optarg;
            break;
        case 's': set[request->sets++] = optarg; break;
        case 'f':
            if (!cli_parse_format(optarg, CLI_ALLOW(CLI_FORMAT_TEXT) | CLI_ALLOW(CLI_FORMAT_JSON),
                                  format))
                return cli_usage("config", "--format is 'text' or 'json', not '%s'", optarg);
            break;
        case 'h': fputs(help, stdout); return cli_flush("config", SIM_EXIT_OK);
        default: return cli_usage_getopt("config", argv, option);
        }
    }
    if (optind < argc)
        return cli_usage("config", "unexpected argument '%s'", argv[optind]);
    if (request->file == NULL)
        return cli_usage("config", "--arch FILE is missing");
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
