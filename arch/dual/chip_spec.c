/* SPDX-License-Identifier: MIT
 *
 * The description of a dual chip; see chip.h.
 */
#include "arch/dual/chip.h"

#include <math.h>

#define SPEC struct arch_dual_chip_spec

static const char *const movements[] = {"sparse", "dense", "auto", NULL};
static const char *const deliveries[] = {"neuron", "core", NULL};

static const struct sim_param layer_params[] = {
    SIM_PARAM_TEXT(struct arch_dual_layer_movement, layer, NULL, "name of the layer whose spikes move so"),
    SIM_PARAM_CHOICE(struct arch_dual_layer_movement, movement, movements, NULL, "its movement"),
};

static const struct sim_schema layer_schema = {
    .name = "arch.dual_layer_movement",
    .help = "How the spikes of one layer move.",
    .size = sizeof(struct arch_dual_layer_movement),
    SIM_SCHEMA_PARAMS(layer_params),
};

static const struct sim_param params[] = {
    SIM_PARAM_UINT(SPEC, rows, 1, 1024, "4", "rows of tiles"),
    SIM_PARAM_UINT(SPEC, cols, 1, 1024, "4", "columns of tiles"),
    SIM_PARAM_BOOL(SPEC, grow, "false", "the mesh gets rows and columns as the network needs them"),
    SIM_PARAM_UINT(SPEC, cores_per_tile, 1, 11, "1", "cores at each router"),
    SIM_PARAM_QUANTITY(SPEC, clock_hz, "clock", SIM_UNIT_HERTZ, 1, 1e12, "1 GHz", "clock of the whole chip"),
    SIM_PARAM_QUANTITY(SPEC, voltage_v, "voltage", SIM_UNIT_VOLT, 0.1, 5, "0.8 V",
                       "supply voltage; scales the unit energies of the technology"),
    SIM_PARAM_SPEC(SPEC, core, &arch_dual_core_schema, "every core"),
    SIM_PARAM_SPEC(SPEC, placement, &arch_placement_schema,
                   "which tile gets which core; the chip's own order is row by row"),
    SIM_PARAM_CHOICE(SPEC, movement, movements, "auto",
                     "how spikes move: as events, as bitmaps, or each timestep the cheaper way"),
    SIM_PARAM_LIST(SPEC, layers, layer_count, &layer_schema, "layers whose spikes move otherwise"),
    SIM_PARAM_CHOICE(SPEC, delivery, deliveries, "neuron",
                     "a copy of an activation for each target neuron, or one for all neurons of a core"),
    SIM_PARAM_UINT(SPEC, event_bits, 1, 64, "1", "priced bits of an event's packet"),
    SIM_PARAM_UINT(SPEC, event_cycles, 1, 64, "1", "cycles that a packet holds a channel"),
    SIM_PARAM_UINT(SPEC, frame_bits, 1, 4096, "64",
                   "bits that a channel of the frame network carries a cycle"),
    SIM_PARAM_UINT(SPEC, hop_cycles, 1, 255, "1", "from router to router"),
    SIM_PARAM_UINT(SPEC, buffer_streams, 1, 64, "4",
                   "trains or pieces of frames at an input; a power of two"),
    SIM_PARAM_UINT(SPEC, barrier_cycles, 1, 1000000, "2",
                   "from the last arrival of a step to the start of the next"),
};

static bool check(const void *spec_, const struct sim_where *where, struct sim_err *err) {
    const SPEC *spec = spec_;
    if ((spec->buffer_streams & (spec->buffer_streams - 1)) != 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "arch.dual_chip: buffer_streams (%u) is no power of two", spec->buffer_streams);
    return true;
}

static const struct sim_type *const types[] = {&arch_dual_host_type, &noc_event_router_type,
                                               &noc_frame_router_type, &arch_barrier_type, NULL};

const struct sim_schema arch_dual_chip_schema = {
    .name = "arch.dual_chip",
    .role = "chip",
    .help =
        "Cores that run a network as spikes or as the equivalent quantised activations, on an event network "
        "and a circuit-switched frame network.",
    .size = sizeof(SPEC),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
    .types = types,
};

void arch_dual_chip_parameters(const SPEC *spec,
                               void (*report)(void *user, const char *type, const char *name, double value),
                               void *user) {
    const struct arch_dual_core_spec *core = &spec->core;
    const char *type = arch_dual_core_type.name;
    double bits = core->weight_memory_b > 0 ? 8 * core->weight_memory_b
                                            : (double)core->axons * core->neurons * core->weight_bits;
    report(user, type, "axons", core->axons);
    report(user, type, "neurons", core->neurons);
    report(user, type, "weight_bits", core->weight_bits);
    report(user, type, "potential_bits", core->potential_bits);
    report(user, type, "sum_bits", core->sum_bits);
    report(user, type, "memory_side", sqrt(bits));
}
