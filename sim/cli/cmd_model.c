/* SPDX-License-Identifier: MIT
 *
 * nocsim model NAME --version V: evaluates a closed-form energy model, at one point, over ranges, or at the
 * value of a parameter where its ratio is 1.
 */
#include "sim/cli/commands.h"
#include "sim/cli/model.h"
#include "sim/cli/options.h"
#include "sim/config/describe.h"

#include <string.h>

static const struct sim_where set_place = {"--set", 0, 0};

static int parse_set(void *user, char *text) {
    struct model_request *request = user;
    char *equal = strchr(text, '=');
    if (equal == NULL || equal == text || equal[1] == '\0')
        return cli_usage("model", "--set takes KEY=VALUE, not '%s'", text);
    if (request->sets == MODEL_SETS_MAX)
        return cli_usage("model", "more than %d --set", MODEL_SETS_MAX);
    *equal = '\0';
    request->set[request->sets++] = (struct sim_sweep_setting){text, equal + 1, set_place};
    return SIM_EXIT_OK;
}

static const struct cli_option option_table[] = {
    {"version", 'v', "V", "version of the model (see above)", CLI_TEXT(struct model_request, version)},
    {"set", 's', "KEY=VALUE", "change a parameter", CLI_PARSED(parse_set)},
    {"over", 0, "KEY=RANGE",
     "evaluate for each value: A,B,C or A..B/N (N values, even)\nor A..B*N (even in the logarithm); several "
     "make a grid",
     CLI_LIST(struct model_request, over, overs)},
    {"solve", 0, "KEY=A..B",
     "also find, by bisection, the least value of KEY between A and B\nat which the ratio passes 1",
     CLI_TEXT(struct model_request, solve)},
    {"results", 'r', "NAMES",
     "which results, separated by commas (default: all; in text over\nranges only the main ones)",
     CLI_TEXT(struct model_request, results)},
    {"format", 'f', "FORMAT", "text (default), json or csv",
     CLI_TEXT_JSON_OR_CSV(struct model_request, format)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "model",
    .usage = "Usage: nocsim model NAME --version V [OPTION]...\n"
             "Evaluates the published formulas of a model.\n\n",
    .option = option_table,
    .least = 1,
    .most = 1,
    .missing = "which model?",
    .surplus = "one model at a time",
};

/* ---- help ------------------------------------------------------------------------------------- */

static void list_models(FILE *out) {
    fputs("Models:\n", out);
    for (size_t i = 0; arch_models[i] != NULL; i++) {
        const struct arch_model *model = arch_models[i];
        fprintf(out, "  %s --version %s\n      %s\n", model->name, model->version, model->trust);
    }
    fputs("With NAME and V given, --help describes the model: its parameters and results.\n", out);
}

/* The page of one model: parameters from the tables, then what it gives. */
static void describe_model(const struct arch_model *model, FILE *out) {
    const struct sim_schema *const registry[] = {model->schema, NULL};
    struct sim_catalogue catalogue;
    sim_catalogue_init(&catalogue, registry, NULL);
    for (uint32_t i = 0; i < catalogue.count; i++) {
        sim_describe_page(&catalogue, catalogue.schema[i], out);
        fputc('\n', out);
    }
    fprintf(out, "Trust: %s\n\nResults:\n", model->trust);
    for (uint32_t i = 0; i < model->results; i++)
        fprintf(out, "  %-18s  %s\n", model->result[i].name, model->result[i].help);
}

static void print_help(const struct model_request *request) {
    const struct arch_model *model = request->name != NULL && request->version != NULL
                                         ? arch_model_find(request->name, request->version)
                                         : NULL;
    if (model != NULL) {
        describe_model(model, stdout);
        return;
    }
    fputs(command.usage, stdout);
    list_models(stdout);
    fputs("\nOptions:\n", stdout);
    cli_options_help(option_table, stdout);
}

static bool run(struct model_request *request, struct sim_sweep *sweep, struct cli_sweep_subject *subject,
                struct sim_err *err) {
    struct model_output output = {.request = request, .subject = subject};
    struct cli_sweep_evaluator evaluator;
    bool good = cli_sweep_subject_load(subject, sweep, err) &&
                sim_sweep_bind(sweep, subject->key, subject->keys, err) &&
                model_choose_results(&output, err) && model_parse_solve(&output, &subject->arena, err);
    if (!good)
        return false;
    good = cli_sweep_evaluator_init(&evaluator, subject, err) && model_print(&output, &evaluator, err);
    cli_sweep_evaluator_release(&evaluator);
    return good;
}

int cmd_model(int argc, char **argv) {
    struct model_request request = {.format = CLI_FORMAT_TEXT};
    bool help;
    int code = cli_command_options(&command, argc, argv, &request, &help);
    if (code != SIM_EXIT_OK)
        return code;
    request.name = optind < argc ? argv[optind] : NULL;
    if (help) {
        print_help(&request);
        return cli_flush("model", SIM_EXIT_OK);
    }
    code = cli_command_operands(&command, argc, argv);
    if (code != SIM_EXIT_OK)
        return code;
    if (request.version == NULL)
        return cli_usage("model", "--version is needed: numbers of versions do not mix");
    struct sim_err err;
    struct sim_sweep sweep;
    struct cli_sweep_subject subject;
    sim_err_init(&err);
    if (model_make_sweep(&request, &sweep, &err)) {
        run(&request, &sweep, &subject, &err);
        cli_sweep_subject_release(&subject);
    }
    sim_sweep_release(&sweep);
    return cli_flush("model", cli_finish(&err));
}
