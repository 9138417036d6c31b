/* SPDX-License-Identifier: MIT
 *
 * Errors of piecewise-linear functions over segments and words; operators on the vector unit; see
 * approximate.h.
 */
#include "arch/vector/unit.h"
#include "sim/base/rng.h"
#include "sim/base/table.h"
#include "sim/cli/approximate.h"
#include "sim/cli/json.h"
#include "sim/config/quantity.h"
#include "sim/record/energy.h"

#include <jansson.h>

/* ---- errors ----------------------------------------------------------------------------------- */

static const uint32_t segment_counts[] = {4, 8, 16, 32, 64};
static const uint32_t words[] = {8, 12, 16};

#define WORDS (sizeof words / sizeof *words)

static void add_error(struct sim_table *table, json_t *list, enum arch_scalar function, uint32_t segments,
                      enum arch_cut cut) {
    struct arch_piecewise pieces;
    struct arch_fixed fixed;
    arch_piecewise_fit(&pieces, function, segments, cut);
    struct arch_error real = arch_piecewise_error(&pieces);
    json_t *of_words = json_array();
    sim_table_cell(table, "%s", arch_scalar_name[function]);
    sim_table_cell(table, "%u", segments);
    sim_table_cell(table, "%s", arch_cut_name[cut]);
    sim_table_cell(table, "%.2e", real.most);
    sim_table_cell(table, "%.2e", real.rms);
    for (size_t w = 0; w < WORDS; w++) {
        arch_fixed_init(&fixed, &pieces, words[w]);
        struct arch_error error = arch_fixed_error(&fixed);
        sim_table_cell(table, "%.2e", error.most);
        json_array_append_new(of_words, json_pack("{s:I, s:f, s:f}", "bits", (json_int_t)words[w], "most",
                                                  error.most, "rms", error.rms));
    }
    json_array_append_new(list,
                          json_pack("{s:s, s:I, s:s, s:f, s:f, s:o}", "function", arch_scalar_name[function],
                                    "segments", (json_int_t)segments, "cut", arch_cut_name[cut], "most",
                                    real.most, "rms", real.rms, "words", of_words));
}

bool cli_approximate_errors(const struct approximate_options *options, struct sim_err *err) {
    (void)err;
    struct sim_table table;
    json_t *list = json_array();
    sim_table_init(&table);
    sim_table_column(&table, "function", SIM_TABLE_LEFT);
    sim_table_column(&table, "segments", SIM_TABLE_RIGHT);
    sim_table_column(&table, "cut", SIM_TABLE_LEFT);
    sim_table_column(&table, "largest error", SIM_TABLE_RIGHT);
    sim_table_column(&table, "rms", SIM_TABLE_RIGHT);
    for (size_t w = 0; w < WORDS; w++) {
        char heading[32];
        snprintf(heading, sizeof heading, "in %u bits", words[w]);
        sim_table_column(&table, heading, SIM_TABLE_RIGHT);
    }
    for (int function = 0; function < ARCH_SCALAR_COUNT; function++)
        for (size_t s = 0; s < sizeof segment_counts / sizeof *segment_counts; s++)
            for (int cut = 0; cut < ARCH_CUT_COUNT; cut++)
                add_error(&table, list, (enum arch_scalar)function, segment_counts[s], (enum arch_cut)cut);
    if (options->format == CLI_FORMAT_TEXT)
        sim_table_print(&table, 0, stdout);
    else
        cli_json_print(json_incref(list), APPROXIMATE_DIGITS, stdout);
    json_decref(list);
    sim_table_release(&table);
    return true;
}

/* ---- operators -------------------------------------------------------------------------------- */

#define STATES 16u

/* Random operands, as every operator takes them. */
struct operands {
    int32_t *row, *out, *state;
    const int32_t *more[ARCH_OPERANDS_MAX];
};

static void draw_operands(struct operands *o, const struct arch_operation_type *type, uint32_t n,
                          uint64_t seed, struct sim_arena *arena) {
    uint64_t rng = sim_rng_stream(seed, 1);
    uint32_t matrix = n * STATES;
    o->row = SIM_NEW_ARRAY(arena, int32_t, n);
    o->out = SIM_NEW_ARRAY(arena, int32_t, n);
    o->state = SIM_NEW_ARRAY(arena, int32_t, matrix);
    for (uint32_t i = 0; i < n; i++)
        o->row[i] = (int32_t)sim_rng_below(&rng, 1024) - 512;
    for (uint32_t k = 0; k < arch_operation_operands(type); k++) {
        int32_t *operand = SIM_NEW_ARRAY(arena, int32_t, matrix);
        for (uint32_t i = 0; i < matrix; i++)
            operand[i] =
                (int32_t)sim_rng_below(&rng, 256) - (type->operand[k].shape == ARCH_OPERAND_MATRIX ? 256 : 0);
        o->more[k] = operand;
    }
}

static const struct arch_vector_unit_spec *find_unit(const struct arch_lanes_spec *lanes) {
    for (uint32_t i = 0; i < lanes->approximators; i++)
        if (lanes->approximator[i].schema == &arch_vector_unit_schema)
            return lanes->approximator[i].spec;
    return NULL;
}

static bool price_work(const struct sim_energy *technology, const struct arch_lanes_spec *lanes,
                       const uint64_t *work, double *energy_j, struct sim_err *err) {
    const char *type = arch_vector_unit_type.name;
    struct sim_energy_parameter parameter[] = {{type, "bits", lanes->bits},
                                               {type, "bits_squared", (double)lanes->bits * lanes->bits},
                                               {type, "table_rows", lanes->segments}};
    struct sim_energy_point point = {.voltage_v = lanes->voltage_v,
                                     .clock_hz = lanes->clock_hz,
                                     .parameter = parameter,
                                     .parameters = sizeof parameter / sizeof *parameter};
    *energy_j = 0;
    for (uint32_t kind = 0; kind < ARCH_WORK_COUNT; kind++) {
        struct sim_energy_price price;
        if (!sim_energy_price(technology, type, arch_vector_unit_type.events[kind].name, &point, &price, err))
            return false;
        *energy_j += price.unit_energy_j * (double)work[kind];
    }
    return true;
}

static bool add_operator(struct sim_table *table, json_t *list, const struct arch_operation_type *type,
                         const struct approximate_options *options, const struct arch_lanes_spec *lanes,
                         const struct sim_energy *technology, struct sim_err *err) {
    struct sim_arena arena;
    struct arch_operation op;
    struct operands operands;
    uint64_t work[ARCH_WORK_COUNT] = {0};
    uint32_t n = (uint32_t)options->row;
    struct arch_operation_spec spec = {.name = type->name,
                                       .in_fraction = 8,
                                       .out_fraction = 8,
                                       .out_bits = lanes->bits,
                                       .epsilon = 1e-5,
                                       .segments = lanes->segments,
                                       .table_bits = lanes->bits,
                                       .cut = lanes->cut,
                                       .states = type->state ? STATES : 1};
    double energy_j = 0;
    sim_arena_init(&arena);
    bool done = arch_operation_init(&op, &spec, &arena, err);
    if (done) {
        draw_operands(&operands, type, n, options->seed, &arena);
        arch_operation_apply(&op, operands.row, n, operands.more, operands.state, operands.out, work);
        done = price_work(technology, lanes, work, &energy_j, err);
    }
    sim_arena_release(&arena);
    if (!done)
        return false;
    uint64_t cycles = arch_vector_unit_cycles(find_unit(lanes), work);
    char text[48];
    sim_table_cell(table, "%s", type->name);
    sim_table_cell(table, "%s", type->integer ? "yes" : "no");
    sim_table_cell(table, "%llu", (unsigned long long)cycles);
    sim_table_cell(table, "%s", sim_quantity_format(text, sizeof text, energy_j / n, SIM_UNIT_JOULE));
    sim_table_cell(table, "%s", type->help);
    json_t *counts = json_object();
    for (uint32_t kind = 0; kind < ARCH_WORK_COUNT; kind++)
        json_object_set_new(counts, arch_vector_unit_type.events[kind].name,
                            json_integer((json_int_t)work[kind]));
    json_array_append_new(list, json_pack("{s:s, s:b, s:I, s:I, s:f, s:o}", "operator", type->name, "integer",
                                          type->integer, "elements", (json_int_t)n, "cycles",
                                          (json_int_t)cycles, "energy_j", energy_j, "work", counts));
    return true;
}

static bool print_operators(const struct approximate_options *options, const struct arch_lanes_spec *lanes,
                            const struct sim_energy *technology, struct sim_err *err) {
    struct sim_table table;
    json_t *list = json_array();
    bool done = true;
    sim_table_init(&table);
    sim_table_column(&table, "operator", SIM_TABLE_LEFT);
    sim_table_column(&table, "integer", SIM_TABLE_LEFT);
    sim_table_column(&table, "cycles/row", SIM_TABLE_RIGHT);
    sim_table_column(&table, "energy/element", SIM_TABLE_RIGHT);
    sim_table_column(&table, "", SIM_TABLE_LEFT);
    for (const struct arch_operation_type *const *type = arch_operation_types; done && *type != NULL; type++)
        done = add_operator(&table, list, *type, options, lanes, technology, err);
    if (done && options->format == CLI_FORMAT_TEXT) {
        sim_table_print(&table, 0, stdout);
        printf(
            "\nRows of %llu elements of %u bits on a vector unit of %u lanes; scan: %u states an element.\n",
            (unsigned long long)options->row, lanes->bits, find_unit(lanes)->lanes, STATES);
    } else if (done) {
        cli_json_print(json_incref(list), APPROXIMATE_DIGITS, stdout);
    }
    json_decref(list);
    sim_table_release(&table);
    return done;
}

bool cli_approximate_operators(const struct approximate_options *options, struct sim_err *err) {
    struct sim_config config;
    const struct arch_lanes_spec *lanes;
    if (!cli_approximate_load(&config, options, &lanes, err))
        return false;
    struct sim_energy *technology = config.tech != NULL ? sim_energy_read(config.tech, err) : NULL;
    bool done = technology != NULL && find_unit(lanes) != NULL;
    if (done)
        done = print_operators(options, lanes, technology, err);
    else if (err->code == SIM_EXIT_OK)
        sim_err_add(err, SIM_EXIT_CONFIG, &(struct sim_where){.file = options->arch},
                    "operators need an approximator of type arch.vector_unit and a technology");
    if (technology != NULL)
        sim_energy_free(technology);
    sim_config_release(&config);
    return done;
}
