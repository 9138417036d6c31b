/* SPDX-License-Identifier: MIT
 *
 * Elaboration of a run: description, trace, kernel, chip; see run.h.
 */
#include "sim/cli/run.h"

#include "arch/dual/chip.h"
#include "arch/overlay/chip.h"
#include "arch/packet/chip.h"
#include "arch/packet/multiplex_chip.h"
#include "arch/shenjing/chip.h"
#include "sim/cli/samples.h"

#include <string.h>

#define RATE_SAMPLES 8u /* that tell how often the layers spike, for placement */

/* Every kind of chip, one line each. */
static const struct arch_chip_type *const chip_types[] = {
    &arch_shenjing_chip_type,
    &arch_packet_chip_type,
    &arch_dual_chip_type,
    &arch_overlay_type,
    &arch_multiplex_type,
};

const struct arch_chip_type *run_chip_type(const struct sim_schema *schema) {
    for (size_t i = 0; i < sizeof chip_types / sizeof *chip_types; i++)
        if (chip_types[i]->schema == schema)
            return chip_types[i];
    return NULL;
}

static struct sim_kernel_spec kernel_spec(const struct run *run, const struct run_options *options) {
    struct sim_kernel_spec spec = *(const struct sim_kernel_spec *)run->config.run;
    if (options->order_given)
        spec.order = (int)options->order;
    if (options->seed_given)
        spec.seed = options->seed;
    return spec;
}

/* Shows the chip the samples that it may choose its codes by. */
static bool calibrate(struct run *run, const struct run_options *options, struct sim_err *err) {
    struct sim_arena arena;
    struct arch_samples samples;
    uint64_t count = run->trace.samples < options->samples.end ? run->trace.samples : options->samples.end;
    sim_arena_init(&arena);
    bool sound =
        cli_load_samples(&run->trace, count < ARCH_CALIBRATION_SAMPLES ? count : ARCH_CALIBRATION_SAMPLES,
                         &samples, &arena, err) &&
        run->chip->type->calibrate(run->chip, &samples, err);
    sim_arena_release(&arena);
    return sound;
}

/* Computed where that is possible, replayed where it is not or is asked for. */
static bool choose_mode(struct run *run, const struct arch_chip_type *type, const struct run_options *options,
                        struct sim_err *err) {
    struct sim_where where = {.file = options->trace};
    struct sim_trace *trace = &run->trace;
    trace->graph.replayed = options->replay || !trace->functional;
    if (!trace->graph.replayed)
        return true;
    if (!trace->replay)
        return sim_err_add(err, SIM_EXIT_CONFIG, &where,
                           trace->functional
                               ? "not every layer has recorded spikes: it cannot be replayed"
                               : "neither weights nor spikes of every layer are there: it cannot "
                                 "be run (nocsim trace info tells what is missing)");
    if (!type->replays)
        return sim_err_add(err, SIM_EXIT_CONFIG, &where, "%s, and %s computes its spikes itself",
                           options->replay ? "--replay" : "the trace has no weights", type->schema->name);
    return true;
}

bool run_build(struct run *run, const struct run_options *options, struct sim_err *err) {
    memset(run, 0, sizeof *run);
    if (!cli_config_load(&run->config, options->arch, options->set, options->sets, err))
        return false;
    run->config_loaded = true;
    const struct arch_chip_type *type = run_chip_type(run->config.chip.schema);
    const struct sim_node *chip = sim_node_get(run->config.root, "chip");
    if (type == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG,
                           chip != NULL ? &chip->where : &(struct sim_where){.file = options->arch},
                           "a chip of type '%s' does not run traces (noc.chip: --traffic, arch.units: "
                           "nocsim evaluate)",
                           run->config.chip.schema->name);
    if (!sim_trace_open(&run->trace, options->trace, err))
        return false;
    run->trace_open = true;
    if (!choose_mode(run, type, options, err))
        return false;
    if (!sim_trace_rates(&run->trace, RATE_SAMPLES, err))
        return false;
    if (run->trace.graph.window != 0 && run_timesteps(run, options) != run->trace.timesteps)
        return sim_err_add(err, SIM_EXIT_CONFIG, &(struct sim_where){.file = options->trace},
                           "timesteps %u: a sequence of token windows needs all %u timesteps",
                           options->timesteps, run->trace.timesteps);
    sim_arena_init(&run->arena);
    struct sim_kernel_spec spec = kernel_spec(run, options);
    sim_kernel_init(&run->kernel, &spec, &run->arena);
    run->chip = type->build(run->config.chip.spec, &run->trace.graph, &run->kernel, err);
    if (run->chip == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, &(struct sim_where){.file = options->arch},
                           "the network of %s cannot be laid out on this chip", options->trace);
    return run_execute(run, options, err) &&
           (run->chip->type->calibrate == NULL || calibrate(run, options, err));
}

void run_release(struct run *run) {
    if (run->engine.type != NULL)
        sim_engine_close(&run->engine);
    sim_arena_release(&run->arena);
    if (run->trace_open)
        sim_trace_close(&run->trace);
    if (run->config_loaded)
        sim_config_release(&run->config);
}
