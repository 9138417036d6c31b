/* SPDX-License-Identifier: MIT
 *
 * nocsim compare: a synthetic layer as SNN and as the QNN it equals, simulated on a dual chip: energy by
 * kind of event, cycles, their ratio, the closed form's ratio, and why the two part.
 */
#include "sim/cli/cli.h"
#include "sim/cli/commands.h"
#include "sim/cli/compare.h"
#include "sim/cli/compare_crossover.h"
#include "sim/cli/compare_network.h"
#include "sim/cli/options.h"
#include "sim/cli/json.h"
#include "sim/base/number.h"
#include "sim/config/quantity.h"
#include "sim/config/registry.h"
#include "sim/base/table.h"
#include "sim/kernel/kernel.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#define LAYER_KEYS_MAX 64
#define REASON_LEAST 1e-3 /* effects on the ratio below this are not told */
#define ROUNDED 0.01      /* a deviation from what was asked for above this is told */

struct request {
    const char *arch, *network, *crossover;
    const char *set[CLI_SETS_MAX];
    char *layer[LAYER_KEYS_MAX];
    uint32_t sets, layers;
    bool whole_windows;
    enum cli_format format;
};

static const struct cli_option option_table[] = {
    {"arch", 'a', "FILE", "chip description of type arch.dual_chip (configs/snn-qnn.yaml)",
     CLI_TEXT(struct request, arch)},
    {"layer", 'L', "KEY=VALUE,...", "the layer (nocsim describe compare.layer); may be repeated",
     CLI_LIST(struct request, layer, layers)},
    {"network", 'N', "FILE",
     "all layers of a network (configs/networks/*.yaml); --layer then\nsays what they have in common",
     CLI_TEXT(struct request, network)},
    {"whole-windows", 'w', NULL,
     "of a network: count every window as a whole one, also at borders, and\nleave pooling out, as published "
     "formulas do",
     CLI_FLAG(struct request, whole_windows)},
    {"crossover", 'c', "KEY[=A..B]",
     "also find, by bisection, the least value of rate, hops, density\nor eta at which the ratio passes 1",
     CLI_TEXT(struct request, crossover)},
    {"set", 's', "KEY=VALUE", "change a value of the description", CLI_LIST(struct request, set, sets)},
    {"format", 'f', "FORMAT", "text (default) or json", CLI_TEXT_OR_JSON(struct request, format)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "compare",
    .usage =
        "Usage: nocsim compare --arch FILE [--layer KEY=VALUE,...] [OPTION]...\n"
        "Simulates a synthetic layer as a spiking network and as the quantised network it equals, on the "
        "same\n"
        "chip (or the layers of a network), and prints where the energy goes, beside the closed form with "
        "the same prices.\n\nOptions:\n",
    .option = option_table,
};

static const struct sim_where layer_place = {"--layer", 0, 0};

/* ---- the layer -------------------------------------------------------------------------------- */

/* "fan_in=64,rate=0.1" as a mapping. */
static bool add_pairs(struct sim_node *mapping, char *text, struct sim_arena *arena, struct sim_err *err) {
    char *rest = NULL, quote[SIM_QUOTE_SIZE];
    for (char *pair = strtok_r(text, ",", &rest); pair != NULL; pair = strtok_r(NULL, ",", &rest)) {
        char *equal = strchr(pair, '=');
        if (equal == NULL || equal == pair || equal[1] == '\0')
            return sim_err_add(err, SIM_EXIT_CONFIG, &layer_place, "KEY=VALUE is expected, not '%s'",
                               sim_quote(quote, pair));
        *equal = '\0';
        if (sim_node_get(mapping, pair) != NULL)
            return sim_err_add(err, SIM_EXIT_CONFIG, &layer_place, "'%s' is given twice",
                               sim_quote(quote, pair));
        sim_node_append(mapping, pair, &layer_place, sim_node_scalar(equal + 1, &layer_place, arena), arena);
    }
    return true;
}

/* Of a network these are the layers' own. */
static bool check_common(const struct sim_node *mapping, struct sim_err *err) {
    static const char *const own[] = {"fan_in", "fan_out", "pooling"};
    bool sound = true;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (sim_node_get(mapping, own[i]) != NULL)
            sound = sim_err_add(err, SIM_EXIT_CONFIG, &layer_place, "'%s' is said by the network (--network)",
                                own[i]);
    return sound;
}

static bool read_layer(const struct request *request, struct compare_layer *layer, struct sim_arena *arena,
                       struct sim_err *err) {
    struct sim_node *mapping = sim_node_new(SIM_NODE_MAPPING, &layer_place, arena);
    for (uint32_t i = 0; i < request->layers; i++)
        if (!add_pairs(mapping, request->layer[i], arena, err))
            return false;
    if (request->network != NULL && !check_common(mapping, err))
        return false;
    struct sim_binding binding = {sim_registry, arena, err};
    return sim_bind(&binding, &compare_layer_schema, mapping, layer) != NULL;
}

/* ---- output ----------------------------------------------------------------------------------- */

static void energy_cell(struct sim_table *table, double value) {
    char text[48];
    sim_table_cell(table, "%s", sim_quantity_format(text, sizeof text, value, SIM_UNIT_JOULE));
}

static void row(struct sim_table *table, const char *name, const double simulated[2], const double model[2],
                const double total[2]) {
    sim_table_cell(table, "%s", name);
    for (int mode = 0; mode < 2; mode++) {
        energy_cell(table, simulated[mode]);
        sim_table_cell(table, "%.1f %%", total[mode] > 0 ? 100 * simulated[mode] / total[mode] : 0);
        energy_cell(table, model[mode]);
    }
}

static void print_shares(const struct compare_result *result) {
    const struct compare_run *run = result->run;
    const double total[2] = {run[0].energy_j, run[1].energy_j}, model[2] = {run[0].model_j, run[1].model_j};
    struct sim_table table;
    sim_table_init(&table);
    sim_table_column(&table, "energy", SIM_TABLE_LEFT);
    for (int mode = 0; mode < 2; mode++) {
        sim_table_column(&table, mode == 0 ? "SNN" : "QNN", SIM_TABLE_RIGHT);
        sim_table_column(&table, "share", SIM_TABLE_RIGHT);
        sim_table_column(&table, "closed form", SIM_TABLE_RIGHT);
    }
    for (int s = 0; s < COMPARE_SHARE_COUNT; s++) {
        double simulated[2] = {run[0].share_j[s], run[1].share_j[s]};
        double formula[2] = {run[0].model_share_j[s], run[1].model_share_j[s]};
        if (simulated[0] + simulated[1] + formula[0] + formula[1] > 0)
            row(&table, compare_share_names[s], simulated, formula, total);
    }
    row(&table, "total", total, model, total);
    sim_table_print(&table, 2, stdout);
    sim_table_release(&table);
}

static const char *name_of(bool snn) { return snn ? "SNN" : "QNN"; }

static const char *crossing_text(double value, char buffer[32]) {
    if (!isfinite(value))
        return "none";
    snprintf(buffer, 32, "%.5f", value);
    return buffer;
}

/* Who costs less; on either side, or in the whole range where nothing crosses. */
static void print_winner(double value, bool snn_first, const struct compare_crossover *range) {
    if (isfinite(value))
        printf("%s costs less below, %s just above", name_of(snn_first), name_of(!snn_first));
    else
        printf("%s costs less from %s = %g to %g", name_of(snn_first), range->key, range->low, range->high);
}

static void print_crossover(const struct compare_crossover *c) {
    char simulated[32], model[32];
    if (c->key == NULL)
        return;
    printf("Crossover  %s = %s simulated, %s closed form\n           ", c->key,
           crossing_text(c->simulated, simulated), crossing_text(c->model, model));
    print_winner(c->simulated, c->snn_first, c);
    if (isfinite(c->simulated) != isfinite(c->model) || c->snn_first != c->model_snn_first) {
        printf("; by the closed form ");
        print_winner(c->model, c->model_snn_first, c);
    }
    putchar('\n');
}

/* Whether so few spikes, active inputs or hops were drawn that rounding shows. */
static bool is_rounded(const struct compare_result *r) {
    const struct compare_layer *asked = &r->layer;
    return fabs(r->rate - asked->rate) > ROUNDED * asked->rate ||
           fabs(r->density - compare_layer_density(asked)) > ROUNDED * compare_layer_density(asked) ||
           fabs(r->hops - asked->hops) > ROUNDED * asked->hops;
}

static void print_text(const struct request *request, const struct compare_result *r,
                       const struct compare_crossover *crossover) {
    const struct compare_run *snn = &r->run[ARCH_DUAL_SNN], *qnn = &r->run[ARCH_DUAL_QNN];
    char part[48];
    printf("Chip       %s, %u-bit weights\n", request->arch, r->chip.core.weight_bits);
    printf("Layer      %u input%s, %u neuron%s, T = %u (QNN: %u-bit activations)\n", r->layer.fan_in,
           sim_plural(r->layer.fan_in), r->layer.fan_out, sim_plural(r->layer.fan_out), r->layer.timesteps,
           arch_dual_bits(r->layer.timesteps));
    printf("Activity   %llu spike%s on %llu input%s: rate %.4f, density %.4f; %.4f hops%s\n",
           (unsigned long long)r->spikes, sim_plural(r->spikes), (unsigned long long)r->active,
           sim_plural(r->active), r->rate, r->density, r->hops,
           is_rounded(r) ? " (whole numbers near what was asked for)" : "");
    printf("Cycles     SNN %llu (%llu waited), QNN %llu (%llu waited)\n",
           (unsigned long long)snn->outcome.cycles, (unsigned long long)snn->wait_cycles,
           (unsigned long long)qnn->outcome.cycles, (unsigned long long)qnn->wait_cycles);
    printf("Outputs    %llu spike%s, sum of levels %llu\n\n", (unsigned long long)snn->outcome.outputs,
           sim_plural(snn->outcome.outputs), (unsigned long long)qnn->outcome.outputs);
    print_shares(r);
    printf("\nRatio      %.4f simulated, %.4f closed form, deviation %s\n", r->ratio, r->model_ratio,
           sim_number_percent(part, sizeof part, r->deviation, 2));
    struct compare_reason reason[COMPARE_REASONS_MAX];
    uint32_t reasons = compare_reasons(r, REASON_LEAST, reason);
    for (uint32_t i = 0; i < reasons; i++)
        printf("%s%s  %s\n", i == 0 ? "Why        " : "           ",
               sim_number_percent(part, sizeof part, reason[i].effect, 2), reason[i].text);
    print_crossover(crossover);
}

static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static void put_crossover(json_t *root, const struct compare_crossover *crossover) {
    if (crossover->key == NULL)
        return;
    json_object_set_new(root, "crossover_key", json_string(crossover->key));
    json_object_set_new(root, "crossover", number(crossover->simulated));
    json_object_set_new(root, "model_crossover", number(crossover->model));
    json_object_set_new(root, "crossover_range", json_pack("[f, f]", crossover->low, crossover->high));
    json_object_set_new(root, "cheaper_below", json_string(crossover->snn_first ? "snn" : "qnn"));
    json_object_set_new(root, "model_cheaper_below", json_string(crossover->model_snn_first ? "snn" : "qnn"));
}

static void print_json(const struct request *request, const struct compare_result *r,
                       const struct compare_crossover *crossover) {
    json_t *root =
        json_pack("{s:s, s:I, s:I, s:I, s:I}", "arch", request->arch, "fan_in", (json_int_t)r->layer.fan_in,
                  "fan_out", (json_int_t)r->layer.fan_out, "timesteps", (json_int_t)r->layer.timesteps,
                  "weight_bits", (json_int_t)r->chip.core.weight_bits);
    for (const struct compare_value *value = compare_values; value->name != NULL; value++)
        json_object_set_new(root, value->name, number(value->of(r)));
    json_t *events = json_object();
    static const char *const modes[] = {"snn", "qnn"};
    for (int mode = 0; mode < 2; mode++)
        for (int t = 0; t < ARCH_DUAL_TYPE_COUNT; t++)
            for (uint32_t i = 0; i < arch_dual_types[t]->event_count; i++) {
                uint64_t count = r->run[mode].outcome.count[t][i];
                char key[160];
                snprintf(key, sizeof key, "%s.%s.%s", modes[mode], arch_dual_types[t]->name,
                         arch_dual_types[t]->events[i].name);
                if (count > 0)
                    json_object_set_new(events, key,
                                        json_pack("{s:I, s:f}", "count", (json_int_t)count, "energy_j",
                                                  (double)count * r->prices.unit[t][i]));
            }
    json_object_set_new(root, "events", events);
    struct compare_reason reason[COMPARE_REASONS_MAX];
    uint32_t reasons = compare_reasons(r, REASON_LEAST, reason);
    json_t *list = json_array();
    for (uint32_t i = 0; i < reasons; i++)
        json_array_append_new(list,
                              json_pack("{s:f, s:s}", "effect", reason[i].effect, "reason", reason[i].text));
    json_object_set_new(root, "reasons", list);
    put_crossover(root, crossover);
    cli_json_print(root, 15, stdout);
}

/* ---- command ---------------------------------------------------------------------------------- */

static bool compare_network(const struct request *request, const struct compare_chip *chip,
                            const struct compare_layer *layer, struct sim_arena *arena, struct sim_err *err) {
    struct compare_network network;
    if (!compare_network_load(&network, request->network, request->whole_windows, arena, err))
        return false;
    struct compare_result *result = compare_network_run(chip, &network, layer, arena, err);
    if (result == NULL)
        return false;
    struct compare_crossover crossover = {.key = NULL};
    if (request->crossover != NULL &&
        !compare_network_crossover(chip, &network, layer, request->crossover, arena, &crossover, err))
        return false;
    if (request->format != CLI_FORMAT_JSON) {
        compare_network_text(&network, result, stdout);
        print_crossover(&crossover);
        return true;
    }
    json_t *root = compare_network_json(&network, result);
    put_crossover(root, &crossover);
    cli_json_print(root, 15, stdout);
    return true;
}

static bool compare(const struct request *request, const struct compare_chip *chip, struct sim_arena *arena,
                    struct sim_err *err) {
    struct compare_layer layer;
    struct compare_result result;
    struct compare_crossover crossover = {.key = NULL};
    if (!read_layer(request, &layer, arena, err))
        return false;
    if (request->network != NULL)
        return compare_network(request, chip, &layer, arena, err);
    if (!compare_layer_run(chip, &layer, &layer_place, &result, err) ||
        (request->crossover != NULL &&
         !compare_find_crossover(chip, &layer, NULL, 1, request->crossover, &crossover, err)))
        return false;
    if (request->format == CLI_FORMAT_JSON)
        print_json(request, &result, &crossover);
    else
        print_text(request, &result, &crossover);
    return true;
}

static bool compare_all(const struct request *request, struct sim_err *err) {
    struct sim_config config;
    if (!cli_config_load(&config, request->arch, request->set, request->sets, err))
        return false;
    struct compare_chip chip;
    struct sim_arena arena;
    sim_arena_init(&arena);
    bool done = compare_chip_open(&chip, &config, err) && compare(request, &chip, &arena, err);
    compare_chip_close(&chip);
    sim_arena_release(&arena);
    sim_config_release(&config);
    return done;
}

int cmd_compare(int argc, char **argv) {
    struct request request = {.arch = NULL};
    int code;
    if (!cli_command_line(&command, argc, argv, &request, &code))
        return code;
    if (request.arch == NULL)
        return cli_usage("compare", "--arch is needed");
    if (request.network == NULL && request.whole_windows)
        return cli_usage("compare", "--whole-windows is of a network (--network)");
    struct sim_err err;
    sim_err_init(&err);
    compare_all(&request, &err);
    return cli_flush("compare", cli_finish(&err));
}
