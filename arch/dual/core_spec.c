/* SPDX-License-Identifier: MIT
 *
 * The description of the core of a dual chip; see core.h.
 */
#include "arch/dual/core.h"

#define SPEC struct arch_dual_core_spec

static const char *const neurons[] = {"if", "ssf", NULL};
static const char *const memories[] = {"register", "sram", "dram", NULL};
static const char *const event_reads[] = {"spike", "row", "window", NULL};
static const char *const frame_reads[] = {"step", "window", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_UINT(SPEC, axons, 1, 1u << 20, "4608", "most inputs of a neuron that a core takes"),
    SIM_PARAM_UINT(SPEC, neurons, 1, 4096, "64", "most neurons"),
    SIM_PARAM_UINT(SPEC, weight_bits, 1, 8, "8", "bits of a weight in the memory"),
    SIM_PARAM_UINT(SPEC, potential_bits, 8, 31, "24", "bits of a membrane potential, which saturates"),
    SIM_PARAM_UINT(SPEC, sum_bits, 8, 32, "24", "bits of a partial sum on the network"),
    SIM_PARAM_CHOICE(
        SPEC, neuron, neurons, "if",
        "of the SNN: integrate and fire in each timestep, or sum the spikes of the window and fire"),
    SIM_PARAM_CHOICE(SPEC, weight_memory, memories, "sram", "where weights are read from"),
    SIM_PARAM_QUANTITY(SPEC, weight_memory_b, "weight_memory_size", SIM_UNIT_BYTE, 0, 1e12, "0 B",
                       "its size; 0 B: axons x neurons x weight_bits; prices may scale by its square root"),
    SIM_PARAM_CHOICE(
        SPEC, event_reads, event_reads, "spike",
        "events: weights are read for each spike, kept for the last rows, or kept over the window"),
    SIM_PARAM_CHOICE(SPEC, frame_reads, frame_reads, "step",
                     "bitmaps: all weights are read in each timestep, or kept over the window"),
    SIM_PARAM_UINT(SPEC, row_buffer, 1, ARCH_DUAL_ROW_BUFFER_MAX, "8", "rows that `event_reads: row` keeps"),
    SIM_PARAM_UINT(SPEC, lanes, 1, 65536, "64", "synapses, or neurons, processed at a time"),
    SIM_PARAM_UINT(SPEC, start_cycles, 1, 1000000, "1", "from the tick to the first row"),
};

static const struct sim_type *const types[] = {&arch_dual_core_type, NULL};

const struct sim_schema arch_dual_core_schema = {
    .name = "arch.dual_core",
    .role = "core",
    .help =
        "A core that runs its share of a layer as a spiking network (additions, events or bitmaps) or as the "
        "equivalent quantised network (multiplications gated by zeros, activation words).",
    .size = sizeof(SPEC),
    SIM_SCHEMA_PARAMS(params),
    .types = types,
};
