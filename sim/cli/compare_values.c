/* SPDX-License-Identifier: MIT
 *
 * The layer's description, the named numbers of a comparison, and why simulation and closed form part; see
 * compare.h.
 */
#include "sim/cli/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LAYER struct compare_layer

static const char *const activities[] = {"middle", "best", "worst", "given", NULL};
static const char *const movements[] = {"chip", "sparse", "dense", "auto", NULL};
static const char *const event_reads[] = {"chip", "spike", "row", "window", NULL};
static const char *const frame_reads[] = {"chip", "step", "window", NULL};
static const char *const deliveries[] = {"chip", "neuron", "core", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_UINT(LAYER, fan_in, 1, ARCH_DUAL_LAYER_INPUTS_MAX, "4096", "inputs of a neuron"),
    SIM_PARAM_UINT(LAYER, fan_out, 1, 65536, "64", "neurons, each of which reads all inputs"),
    SIM_PARAM_UINT(LAYER, timesteps, 1, ARCH_DUAL_TIMESTEPS_MAX, "5",
                   "timesteps T of the SNN; the QNN has T + 1 levels"),
    SIM_PARAM_REAL(LAYER, rate, 0, 1, "0.05", "spikes an input and timestep"),
    SIM_PARAM_CHOICE(LAYER, activity, activities, "middle",
                     "inputs that spike at all: 2 T rate / (T + 1), T rate, rate, or `density`"),
    SIM_PARAM_REAL(LAYER, density, 0, 1, "0.5", "share of inputs that spike at all; `activity: given`"),
    SIM_PARAM_REAL(LAYER, hops, 0, ARCH_DUAL_LAYER_HOPS_MAX, "1",
                   "mean hops from inputs to neurons; fractions mix two distances"),
    SIM_PARAM_UINT(LAYER, weight_bits, 0, 8, "0", "bits of a weight; 0: the chip's"),
    SIM_PARAM_CHOICE(LAYER, movement, movements, "chip", "how spikes move (arch.dual_chip)"),
    SIM_PARAM_CHOICE(LAYER, event_reads, event_reads, "chip", "weight reads for events (arch.dual_core)"),
    SIM_PARAM_CHOICE(LAYER, frame_reads, frame_reads, "chip", "weight reads for bitmaps (arch.dual_core)"),
    SIM_PARAM_CHOICE(LAYER, delivery, deliveries, "chip", "who shares a delivery (arch.dual_chip)"),
    SIM_PARAM_REAL(LAYER, eta, 0, 1e6, "0",
                   "price of an event's bit over that of a frame's bit; 0: the technology's"),
    SIM_PARAM_BOOL(LAYER, amortised, "false", "reading weights costs nothing"),
    SIM_PARAM_BOOL(LAYER, pooling, "false",
                   "synapses have no weights: none are read, and the QNN adds where it would multiply"),
    SIM_PARAM_UINT64(LAYER, seed, 0, 9.2e18, "1", "of spikes and weights"),
};

const struct sim_schema compare_layer_schema = {
    .name = "compare.layer",
    .help = "A synthetic layer for nocsim compare: shape, activity, distance, and changes of the chip.",
    .role = "layer",
    .size = sizeof(LAYER),
    SIM_SCHEMA_PARAMS(params),
};

/* ---- named numbers ---------------------------------------------------------------------------- */

#define VALUE(name, expression)                                                                              \
    static double name(const struct compare_result *r) {                                                     \
        return (double)(expression);                                                                         \
    }
#define SNN r->run[ARCH_DUAL_SNN]
#define QNN r->run[ARCH_DUAL_QNN]

VALUE(ratio, r->ratio)
VALUE(model_ratio, r->model_ratio)
VALUE(deviation, r->deviation)
VALUE(energy_snn, SNN.energy_j)
VALUE(energy_qnn, QNN.energy_j)
VALUE(model_snn, SNN.model_j)
VALUE(model_qnn, QNN.model_j)
VALUE(cycles_snn, SNN.outcome.cycles)
VALUE(cycles_qnn, QNN.outcome.cycles)
VALUE(waits_snn, SNN.wait_cycles)
VALUE(waits_qnn, QNN.wait_cycles)
VALUE(spikes, r->spikes)
VALUE(active, r->active)
VALUE(rate, r->rate)
VALUE(density, r->density)
VALUE(hops, r->hops)
VALUE(bits, arch_dual_bits(r->layer.timesteps))
VALUE(snn_move, SNN.share_j[COMPARE_MOVE])
VALUE(snn_sums, SNN.share_j[COMPARE_SUMS])
VALUE(snn_weight, SNN.share_j[COMPARE_WEIGHT])
VALUE(snn_compute, SNN.share_j[COMPARE_COMPUTE])
VALUE(snn_neuron, SNN.share_j[COMPARE_NEURON])
VALUE(qnn_move, QNN.share_j[COMPARE_MOVE])
VALUE(qnn_sums, QNN.share_j[COMPARE_SUMS])
VALUE(qnn_weight, QNN.share_j[COMPARE_WEIGHT])
VALUE(qnn_compute, QNN.share_j[COMPARE_COMPUTE])
VALUE(qnn_neuron, QNN.share_j[COMPARE_NEURON])

static double is_dense(const struct compare_result *r) {
    double frames = (double)SNN.outcome.count[ARCH_DUAL_TYPE_CORE][ARCH_DUAL_CORE_FRAME_IN];
    double synaptic = (double)r->layer.fan_in * r->layer.timesteps;
    double cores = ceil((double)r->layer.fan_out / r->chip.core.neurons);
    return frames / (synaptic * cores);
}

const struct compare_value compare_values[] = {
    {"ratio", "energy of the SNN over that of the QNN, simulated: below 1 the SNN wins", ratio},
    {"model_ratio", "the same of the closed form with the chip's prices", model_ratio},
    {"deviation", "ratio / model_ratio - 1", deviation},
    {"energy_snn_j", "an inference of the layer as SNN", energy_snn},
    {"energy_qnn_j", "an inference of the layer as QNN", energy_qnn},
    {"model_snn_j", "closed form", model_snn},
    {"model_qnn_j", "closed form", model_qnn},
    {"cycles_snn", "of an inference", cycles_snn},
    {"cycles_qnn", "of an inference", cycles_qnn},
    {"wait_cycles_snn", "that streams waited for each other", waits_snn},
    {"wait_cycles_qnn", "that streams waited for each other", waits_qnn},
    {"spikes", "input spikes drawn", spikes},
    {"active", "inputs that spike at all", active},
    {"drawn_rate", "spikes an input and timestep, as drawn", rate},
    {"drawn_density", "share of active inputs, as drawn", density},
    {"placed_hops", "mean hops, as placed", hops},
    {"activation_bits", "bits of the QNN's activations", bits},
    {"is_dense", "share of the spikes' timesteps that moved as bitmaps", is_dense},
    {"snn_move_j", "SNN: movement", snn_move},
    {"snn_sums_j", "SNN: partial sums", snn_sums},
    {"snn_weight_j", "SNN: weight reads", snn_weight},
    {"snn_compute_j", "SNN: additions", snn_compute},
    {"snn_neuron_j", "SNN: potentials and thresholds", snn_neuron},
    {"qnn_move_j", "QNN: movement", qnn_move},
    {"qnn_sums_j", "QNN: partial sums", qnn_sums},
    {"qnn_weight_j", "QNN: weight reads", qnn_weight},
    {"qnn_compute_j", "QNN: multiplications", qnn_compute},
    {"qnn_neuron_j", "QNN: quantisers", qnn_neuron},
    {NULL, NULL, NULL},
};

/* ---- reasons ---------------------------------------------------------------------------------- */

struct list {
    struct compare_reason *reason;
    uint32_t count;
};

/* Terms with the same reason are one. */
static void add_reason(struct list *list, double effect, const char *text) {
    uint32_t i = 0;
    while (i < list->count && strcmp(list->reason[i].text, text) != 0)
        i++;
    if (i == COMPARE_REASONS_MAX)
        return;
    if (i == list->count)
        list->reason[list->count++] = (struct compare_reason){0, text};
    list->reason[i].effect += effect;
}

static double excess(const struct compare_run *run, enum compare_share share) {
    return (run->share_j[share] - run->model_share_j[share]) / run->model_j;
}

static int by_effect(const void *a, const void *b) {
    double x = fabs(((const struct compare_reason *)a)->effect);
    double y = fabs(((const struct compare_reason *)b)->effect);
    return (x < y) - (x > y);
}

static const char *weight_reason(const struct compare_result *r, bool mixed) {
    if (r->chip.core.neuron == ARCH_DUAL_SSF)
        return "sum and fire reads a row once for each active input, the formula for each spike";
    if (mixed)
        return "each timestep and distance chooses between events and bitmaps, the formula once";
    if (r->chip.core.event_reads == ARCH_DUAL_READ_WINDOW)
        return "kept weights are read once for each active input, the formula divides all reads by T";
    if (r->chip.core.event_reads == ARCH_DUAL_READ_ROW)
        return "rows that repeat within the row buffer are not read again";
    return "weight reads";
}

uint32_t compare_reasons(const struct compare_result *r, double least,
                         struct compare_reason reason[COMPARE_REASONS_MAX]) {
    struct list list = {.reason = reason};
    const struct compare_run *snn = &SNN, *qnn = &QNN;
    const uint64_t *core = snn->outcome.count[ARCH_DUAL_TYPE_CORE];
    bool mixed = core[ARCH_DUAL_CORE_EVENT_IN] > 0 && core[ARCH_DUAL_CORE_FRAME_IN] > 0;
    double subtracted =
        (double)core[ARCH_DUAL_CORE_SUBTRACT] * r->prices.unit[ARCH_DUAL_TYPE_CORE][ARCH_DUAL_CORE_SUBTRACT];
    add_reason(&list, excess(snn, COMPARE_MOVE),
               fabs(r->spike_hops - r->hops) > 1e-9 * r->hops && !mixed
                   ? "whole spikes do not divide over the distances as the sources do"
                   : "each timestep and distance chooses between events and bitmaps, the formula once");
    add_reason(&list, excess(snn, COMPARE_WEIGHT), weight_reason(r, mixed));
    add_reason(&list, excess(snn, COMPARE_COMPUTE), "additions of sum-and-fire neurons");
    add_reason(&list, subtracted / snn->model_j, "thresholds that spikes subtract are not in the formula");
    add_reason(&list, excess(snn, COMPARE_NEURON) - subtracted / snn->model_j,
               "small fan-in: potentials are not in the formula for bitmaps, or cheaper in sum-and-fire");
    add_reason(&list, excess(snn, COMPARE_SUMS),
               "SNN: partial sums in each timestep, the layer is cut over its inputs");
    add_reason(&list, excess(snn, COMPARE_OTHER), "SNN: leakage and other priced events");
    add_reason(&list, -excess(qnn, COMPARE_MOVE), "QNN: movement");
    add_reason(&list, -excess(qnn, COMPARE_NEURON),
               "small fan-in: the QNN's quantiser is not in the formula");
    add_reason(&list, -excess(qnn, COMPARE_SUMS), "QNN: partial sums, the layer is cut over its inputs");
    add_reason(&list, -excess(qnn, COMPARE_OTHER), "QNN: leakage and other priced events");
    qsort(reason, list.count, sizeof *reason, by_effect);
    while (list.count > 0 && !(fabs(reason[list.count - 1].effect) > least))
        list.count--;
    return list.count;
}
