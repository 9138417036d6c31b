/* SPDX-License-Identifier: MIT
 *
 * The command that does a point of a sweep, and its options; see sim/sweep/sweep.h.
 */
#include "arch/evaluate/units.h"
#include "sim/cli/run.h"
#include "sim/cli/sweep.h"
#include "sim/config/value.h"

#include <string.h>

#define PROGRAM "/proc/self/exe" /* this very program, even if its file has been replaced since */

static const struct sim_param samples_param = {.key = "samples", .kind = SIM_PARAM_KIND_TEXT};
static const struct sim_param timesteps_param = {
    .key = "timesteps", .kind = SIM_PARAM_KIND_UINT, .min = 1, .max = 65535};
static const struct sim_param order_param = {
    .key = "order", .kind = SIM_PARAM_KIND_CHOICE, .choices = sim_order_names};
static const struct sim_param as_param = {
    .key = "as", .kind = SIM_PARAM_KIND_CHOICE, .choices = run_as_names};
static const struct sim_param count_param = {
    .key = "samples", .kind = SIM_PARAM_KIND_UINT64, .min = 1, .max = 9.2e18};
static const struct sim_param seeds_param = {
    .key = "seeds", .kind = SIM_PARAM_KIND_UINT, .min = 1, .max = 1000};
static const struct sim_param cycles_param = {
    .key = "cycles", .kind = SIM_PARAM_KIND_UINT64, .min = 1, .max = 1e15};
static const struct sim_param network_param = {
    .key = "network", .kind = SIM_PARAM_KIND_UINT64, .max = 1e6};
static const struct sim_param precision_param = {
    .key = "precision", .kind = SIM_PARAM_KIND_REAL, .min = 1e-6, .max = 1};
static const struct sim_param seed_param = {.key = "seed", .kind = SIM_PARAM_KIND_UINT64, .max = 9.2e18};

static const struct sim_sweep_key run_options[] = {
    {.path = "arch", .option = true, .file = true},
    {.path = "trace", .option = true, .file = true},
    {.path = "samples", .option = true, .param = &samples_param},
    {.path = "timesteps", .option = true, .param = &timesteps_param},
    {.path = "as", .option = true, .param = &as_param},
    {.path = "order", .option = true, .param = &order_param},
    {.path = "seed", .option = true, .param = &seed_param},
};

static const struct sim_sweep_key evaluate_options[] = {
    {.path = "arch", .option = true, .file = true},
    {.path = "trace", .option = true, .file = true},
    {.path = "samples", .option = true, .param = &count_param},
    {.path = "seeds", .option = true, .param = &seeds_param},
};

/* Of a recorded trace the first five, of a pattern all but the first. */
#define REPLAY_OPTIONS 5
static const struct sim_sweep_key traffic_options[] = {
    {.path = "trace", .option = true, .file = true},
    {.path = "arch", .option = true, .file = true},
    {.path = "network", .option = true, .param = &network_param},
    {.path = "audit", .option = true, .param = &cycles_param},
    {.path = "order", .option = true, .param = &order_param},
    {.path = "cycles", .option = true, .param = &cycles_param},
    {.path = "warmup", .option = true, .param = &cycles_param},
    {.path = "max-cycles", .option = true, .param = &cycles_param},
    {.path = "precision", .option = true, .param = &precision_param},
};

static const char *const run_head[] = {"run", "--output", "none", "--format", "json", NULL};
static const char *const evaluate_head[] = {"evaluate", "--jobs", "1", "--quiet", "--format", "json", NULL};

static const char *const traffic_head[] = {"traffic", "--brief", "--format", "json", NULL};

static const struct cli_sweep_command traffic = {
    traffic_head, "--arch=", traffic_options + 1, sizeof traffic_options / sizeof *traffic_options - 1};
static const struct cli_sweep_command replay = {traffic_head, "--arch=", traffic_options, REPLAY_OPTIONS};
static const struct cli_sweep_command run = {
    run_head, "--arch=", run_options, sizeof run_options / sizeof *run_options};
static const struct cli_sweep_command evaluate = {
    evaluate_head, "", evaluate_options, sizeof evaluate_options / sizeof *evaluate_options};

const struct cli_sweep_command *cli_sweep_command_of(const struct cli_sweep_subject *subject) {
    if (subject->sweep->has_traffic)
        return subject->sweep->trace != NULL ? &replay : &traffic;
    return subject->config.chip.schema == &arch_units_schema ? &evaluate : &run;
}

bool cli_sweep_check_setting(const struct sim_sweep_setting *setting, const struct sim_sweep_key *key,
                             struct sim_err *err) {
    if (key->param == NULL || key->param->kind == SIM_PARAM_KIND_TEXT)
        return true;
    const struct sim_node node = {
        .kind = SIM_NODE_SCALAR, .where = setting->where, .text = setting->value};
    return sim_value_read(key->param, key->param->kind, &node, key->path, &(uint64_t){0}, NULL, err);
}

bool cli_sweep_check_options(const struct cli_sweep_subject *subject, struct sim_err *err) {
    const struct sim_sweep *sweep = subject->sweep;
    bool good = true;
    for (uint32_t i = 0; i < sweep->options; i++) {
        const struct sim_sweep_setting *option = &sweep->option[i];
        const struct sim_sweep_key *key = sim_sweep_find_key(
            subject->command->option, subject->command->options, option->key, true, &option->where, err);
        good = key != NULL && cli_sweep_check_setting(option, key, err) && good;
        struct cli_range range;
        if (key != NULL && key->param == &samples_param && !cli_parse_range(option->value, &range))
            good = sim_err_add(err, SIM_EXIT_CONFIG, &option->where,
                               "samples: N or a:b is expected, as behind --samples");
        if (key != NULL && key->file)
            good = sim_err_add(err, SIM_EXIT_CONFIG, &option->where,
                               "sweep.options: '%s' stands beside 'options', not in it", option->key);
    }
    return good;
}

char **cli_sweep_command_line(const struct cli_sweep_subject *subject, uint32_t candidate,
                              struct sim_arena *arena) {
    const struct sim_sweep *sweep = subject->sweep;
    const struct sim_sweep_value *value[SIM_SWEEP_AXES_MAX];
    sim_sweep_values(sweep, candidate, value);
    const char *arch = sweep->arch, *trace = sweep->trace;
    size_t room = 16 + 2 * (sweep->sets + sweep->options), used = 0;
    for (uint32_t a = 0; a < sweep->axes; a++)
        room += 2 * sweep->axis[a]->keys;
    char **argv = SIM_NEW_ARRAY(arena, char *, room);
    argv[used++] = (char *)(uintptr_t)PROGRAM;
    for (const char *const *head = subject->command->head; *head != NULL; head++)
        argv[used++] = (char *)(uintptr_t)*head;
    for (uint32_t i = 0; i < sweep->sets; i++) {
        argv[used++] = (char *)(uintptr_t) "--set";
        argv[used++] = sim_arena_format(arena, "%s=%s", sweep->set[i].key, sweep->set[i].value);
    }
    for (uint32_t i = 0; i < sweep->options; i++)
        argv[used++] = sim_arena_format(arena, "--%s=%s", sweep->option[i].key, sweep->option[i].value);
    for (uint32_t a = 0; a < sweep->axes; a++)
        for (uint32_t k = 0; k < sweep->axis[a]->keys; k++) {
            const struct sim_sweep_key *key = sweep->axis[a]->key[k];
            if (key->option && strcmp(key->path, "arch") == 0) {
                arch = value[a]->text;
            } else if (key->option && strcmp(key->path, "trace") == 0) {
                trace = value[a]->text;
            } else if (sim_sweep_traffic_key(key->path) != NULL) {
                continue;
            } else if (key->option) {
                argv[used++] = sim_arena_format(arena, "--%s=%s", key->path, value[a]->text);
            } else {
                argv[used++] = (char *)(uintptr_t) "--set";
                argv[used++] = sim_arena_format(arena, "%s=%s", key->path, value[a]->text);
            }
        }
    if (!sweep->has_traffic)
        argv[used++] = sim_arena_format(arena, "--trace=%s", trace);
    else if (trace != NULL)
        argv[used++] = sim_arena_format(arena, "--traffic=trace=%s", trace);
    else
        argv[used++] = cli_sweep_traffic_text(subject, value, arena);
    argv[used++] = sim_arena_format(arena, "%s%s", subject->command->arch, arch);
    return argv;
}
