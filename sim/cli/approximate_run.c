/* SPDX-License-Identifier: MIT
 *
 * One run of an approximator, and its price; see approximate.h.
 */
#include "sim/base/rng.h"
#include "sim/cli/approximate.h"
#include "sim/kernel/kernel.h"
#include "sim/record/energy.h"

#include <assert.h>
#include <math.h>

#define PARAMETERS_MAX 8u
#define WATCHDOG 100000u

bool cli_approximate_load(struct sim_config *config, const struct approximate_options *options,
                          const struct arch_lanes_spec **lanes, struct sim_err *err) {
    if (!cli_config_load(config, options->arch, options->set, options->sets, err))
        return false;
    *lanes = config->chip.schema == &arch_lanes_schema ? config->chip.spec : NULL;
    if (*lanes != NULL)
        return true;
    sim_err_add(err, SIM_EXIT_CONFIG, &(struct sim_where){.file = options->arch},
                "a chip of type '%s' has no vector lanes; approximate takes arch.lanes",
                config->chip.schema->name);
    sim_config_release(config);
    return false;
}

/* ---- the run ---------------------------------------------------------------------------------- */

/* Arguments drawn evenly from each function's range. For softmax a vector of reciprocals follows as many
 * vectors of exponentials as a core has lanes: rows as long as a core is wide. */
static struct arch_lanes_job draw_job(const struct arch_lanes_setup *setup,
                                      const struct approximate_options *options, struct sim_arena *arena) {
    uint32_t waves = (uint32_t)options->waves;
    size_t vector = (size_t)setup->cores * setup->lanes;
    uint32_t *function = SIM_NEW_ARRAY(arena, uint32_t, waves);
    int32_t *x = SIM_NEW_ARRAY(arena, int32_t, waves * vector);
    uint64_t rng = sim_rng_stream(options->seed, 0);
    for (uint32_t wave = 0; wave < waves; wave++) {
        function[wave] = setup->functions > 1 && wave % (setup->lanes + 1) == setup->lanes;
        const struct arch_fixed *table = setup->table[function[wave]];
        uint64_t range = (uint64_t)(table->high - table->low) + 1;
        for (size_t i = 0; i < vector; i++)
            x[wave * vector + i] = table->low + (int32_t)sim_rng_below(&rng, range);
    }
    return (struct arch_lanes_job){waves, function, x, SIM_NEW_ARRAY(arena, int32_t, waves * vector), NULL};
}

static double largest_error(const struct arch_lanes_setup *setup, const struct arch_lanes_job *job) {
    size_t vector = (size_t)setup->cores * setup->lanes;
    double most = 0;
    for (size_t i = 0; i < job->waves * vector; i++) {
        const struct arch_fixed *table = setup->table[job->function[i / vector]];
        double exact = table->function->value(ldexp(job->x[i], -table->x_fraction));
        most = fmax(most, fabs(ldexp(job->y[i], -table->y_fraction) - exact));
    }
    return most;
}

/* ---- the price -------------------------------------------------------------------------------- */

struct parameters {
    struct sim_energy_parameter parameter[PARAMETERS_MAX];
    size_t count;
};

static void add_parameter(void *user, const char *type, const char *name, double value) {
    struct parameters *p = user;
    assert(p->count < PARAMETERS_MAX);
    p->parameter[p->count++] = (struct sim_energy_parameter){type, name, value};
}

static bool priced_before(const struct sim_kernel *kernel, uint32_t id) {
    for (uint32_t other = 0; other < id; other++)
        if (kernel->component[other]->type == kernel->component[id]->type)
            return true;
    return false;
}

/* Prices all components of the type of component `first`. */
static bool price_type(const struct sim_kernel *kernel, uint32_t first, const struct sim_energy *technology,
                       const struct sim_energy_point *point, struct approximate_result *result,
                       struct sim_err *err) {
    const struct sim_type *type = kernel->component[first]->type;
    struct sim_energy_price price;
    uint64_t components = 0;
    for (uint32_t id = first; id < kernel->components; id++)
        components += kernel->component[id]->type == type;
    if (!sim_energy_price(technology, type->name, SIM_ENERGY_LEAKAGE, point, &price, err))
        return false;
    result->leakage_j += price.unit_energy_j * (double)(components * kernel->now);
    for (uint32_t event = 0; event < type->event_count; event++) {
        uint64_t count = 0;
        for (uint32_t id = first; id < kernel->components; id++)
            if (kernel->component[id]->type == type)
                count += kernel->component[id]->count[event];
        if (!sim_energy_price(technology, type->name, type->events[event].name, point, &price, err))
            return false;
        double energy_j = price.unit_energy_j * (double)count;
        result->dynamic_j += energy_j;
        if (count > 0 && result->events < APPROXIMATE_EVENTS_MAX)
            result->event[result->events++] =
                (struct approximate_event){type->name, type->events[event].name, count, energy_j};
    }
    return true;
}

static bool price(const struct sim_config *config, const struct arch_lanes *lanes,
                  const struct sim_kernel *kernel, struct approximate_result *result, struct sim_err *err) {
    if (config->tech == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, &(struct sim_where){.file = config->file},
                           "no technology: the key 'tech' is missing");
    struct sim_energy *technology = sim_energy_read(config->tech, err);
    if (technology == NULL)
        return false;
    struct parameters parameters = {.count = 0};
    arch_lanes_parameters(lanes, add_parameter, &parameters);
    struct sim_energy_point point = {.voltage_v = lanes->spec->voltage_v,
                                     .clock_hz = lanes->spec->clock_hz * lanes->ratio,
                                     .parameter = parameters.parameter,
                                     .parameters = parameters.count};
    bool priced = true;
    for (uint32_t id = 0; priced && id < kernel->components; id++)
        if (!priced_before(kernel, id))
            priced = price_type(kernel, id, technology, &point, result, err);
    sim_energy_free(technology);
    return priced;
}

/* ---- both ------------------------------------------------------------------------------------- */

static void measure(const struct arch_lanes *lanes, const struct sim_kernel *kernel,
                    const struct arch_lanes_job *job, struct approximate_result *result) {
    const struct arch_lanes_host *host = &lanes->host;
    double ratio = lanes->ratio;
    result->latency = (double)host->latency_first / ratio;
    result->interval = job->waves < 2
                           ? 0
                           : (double)(host->last_result - host->first_shown - host->latency_first) / ratio /
                                 (job->waves - 1);
    result->elements = (double)job->waves * lanes->setup.cores * lanes->setup.lanes;
    result->seconds = (double)kernel->now / ratio / lanes->spec->clock_hz;
    result->area_m2 = arch_lanes_total_area(lanes);
    result->error = largest_error(&lanes->setup, job);
}

bool cli_approximate_run(const struct sim_config *config, const struct arch_lanes_spec *lanes_spec,
                         uint32_t which, const struct approximate_options *options,
                         struct approximate_result *result, struct sim_err *err) {
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct sim_kernel_spec spec = *(const struct sim_kernel_spec *)config->run;
    spec.watchdog = WATCHDOG;
    sim_arena_init(&arena);
    sim_kernel_init(&kernel, &spec, &arena);
    *result = (struct approximate_result){.kind = lanes_spec->approximator[which].schema->name};
    struct arch_lanes *lanes = arch_lanes_build(lanes_spec, which, 0, "chip", &kernel, err);
    bool done = lanes != NULL;
    if (done) {
        struct arch_lanes_job job = draw_job(&lanes->setup, options, &arena);
        sim_kernel_start(&kernel);
        arch_lanes_begin(lanes, &job, &kernel);
        done = sim_kernel_run(&kernel, SIM_NEVER) == SIM_STOP_FINISHED ||
               sim_err_add(err, SIM_EXIT_STOPPED, NULL, "%s: no progress", result->kind);
        measure(lanes, &kernel, &job, result);
        done = done && price(config, lanes, &kernel, result, err);
    }
    sim_arena_release(&arena);
    return done;
}

bool cli_approximate_run_all(const struct approximate_options *options, struct approximate_result *result,
                             uint32_t *count, struct arch_lanes_spec *lanes_copy, struct sim_err *err) {
    struct sim_config config;
    const struct arch_lanes_spec *lanes;
    if (!cli_approximate_load(&config, options, &lanes, err))
        return false;
    bool done = lanes->approximators <= APPROXIMATE_KINDS_MAX;
    if (!done)
        sim_err_add(err, SIM_EXIT_CONFIG, &(struct sim_where){.file = options->arch},
                    "more than %u approximators", APPROXIMATE_KINDS_MAX);
    for (uint32_t i = 0; done && i < lanes->approximators; i++)
        done = cli_approximate_run(&config, lanes, i, options, &result[i], err);
    *count = lanes->approximators;
    *lanes_copy = *lanes;
    sim_config_release(&config);
    return done;
}
