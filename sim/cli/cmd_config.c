/* SPDX-License-Identifier: MIT
 *
 * nocsim config --arch FILE [--set key.path=value ...]: the effective configuration, with the origin of
 * each value. As text it is YAML again, the origins standing behind the values as comments.
 */
#include "sim/base/number.h"
#include "sim/cli/cli.h"
#include "sim/cli/commands.h"
#include "sim/cli/json.h"
#include "sim/cli/options.h"
#include "sim/config/config.h"
#include "sim/config/quantity.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct request {
    const char *arch;
    const char *set[CLI_SETS_MAX];
    uint32_t sets;
    enum cli_format format;
};

static const struct cli_option option_table[] = {
    {"arch", 'a', "FILE", "chip description", CLI_TEXT(struct request, arch)},
    {"set", 's', "KEY=VALUE", "change a value of the description; may be repeated",
     CLI_LIST(struct request, set, sets)},
    {"format", 'f', "FORMAT", "text (default): a description again, origins as comments; json",
     CLI_TEXT_OR_JSON(struct request, format)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "config",
    .usage = "Usage: nocsim config --arch FILE [OPTION]...\n"
             "Shows every value that a run with this description uses, and where it comes from:\n"
             "FILE:LINE, 'default', or '--set N'.\n\nOptions:\n",
    .option = option_table,
};

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
    if (good)
        cli_json_print(object, 17, stdout);
    else
        json_decref(object);
    return good;
}

static void print_config(const struct request *request, struct sim_err *err) {
    struct sim_config config;
    if (!cli_config_load(&config, request->arch, request->set, request->sets, err))
        return;
    if (request->format == CLI_FORMAT_JSON && !put_json(&config))
        sim_err_add(err, SIM_EXIT_CONFIG, NULL, "a file name is not UTF-8 and does not fit into JSON");
    else if (request->format == CLI_FORMAT_TEXT)
        sim_effective_print(config.effective, &config.arena, stdout);
    sim_config_release(&config);
}

int cmd_config(int argc, char **argv) {
    struct request request = {.format = CLI_FORMAT_TEXT};
    int code;
    if (!cli_command_line(&command, argc, argv, &request, &code))
        return code;
    if (request.arch == NULL)
        return cli_usage("config", "--arch is needed");
    struct sim_err err;
    sim_err_init(&err);
    print_config(&request, &err);
    return cli_flush("config", cli_finish(&err));
}
