/* SPDX-License-Identifier: MIT
 *
 * SNN against QNN, version 4 as reconstructed; see snn_vs_qnn_v4.h.
 */
#include "arch/model/snn_vs_qnn_v4.h"

#include <math.h>

#define ENERGY_MAX_J 1e-6
#define CROSSING_STEPS 64
#define PARITY_HOPS_MAX 64

/* ---- parameters ------------------------------------------------------------------------------- */

#define MAC(field, key, value, help)                                                                         \
    SIM_PARAM_QUANTITY(struct arch_model_v4_macs, field, key, SIM_UNIT_JOULE, 0, ENERGY_MAX_J, value, help)

static const struct sim_param mac_params[] = {
    MAC(b1w4_j, "b1w4", "0.06 pJ", "1-bit activation, 4-bit weight (a choice)"),
    MAC(b2w4_j, "b2w4", "0.11 pJ", "2-bit activation, 4-bit weight (fitted)"),
    MAC(b3w4_j, "b3w4", "0.172 pJ", "3-bit activation, 4-bit weight (fitted)"),
    MAC(b4w4_j, "b4w4", "0.2 pJ", "4-bit activation, 4-bit weight (fitted)"),
    MAC(b1w8_j, "b1w8", "0.07 pJ", "1-bit activation, 8-bit weight (a choice)"),
    MAC(b2w8_j, "b2w8", "0.115 pJ", "2-bit activation, 8-bit weight (fitted)"),
    MAC(b3w8_j, "b3w8", "0.266 pJ", "3-bit activation, 8-bit weight (fitted)"),
    MAC(b4w8_j, "b4w8", "0.29 pJ", "4-bit activation, 8-bit weight (fitted to one row)"),
};

static const struct sim_schema mac_schema = {
    .name = "model.snn_vs_qnn_v4.mac_table",
    .help =
        "Energy of a multiply-accumulate by activation and weight bits. Not published: calibration values.",
    .size = sizeof(struct arch_model_v4_macs),
    SIM_SCHEMA_PARAMS(mac_params),
};

static const char *const mode_names[] = {"auto", "sparse", "dense", NULL};
static const char *const activity_names[] = {"middle", "best", "worst", "given", NULL};
static const char *const sparse_read_names[] = {"spike", "window", NULL};
static const char *const dense_read_names[] = {"step", "window", NULL};
static const char *const mac_names[] = {"table", "fixed", NULL};

#define SPEC struct arch_model_v4_spec

static const struct sim_param params[] = {
    SIM_PARAM_UINT(SPEC, timesteps, 1, 65535, "5", "timesteps T of the SNN; the QNN has T + 1 levels"),
    SIM_PARAM_UINT(SPEC, weight_bits, 1, 32, "4", "bits of a weight, the same in both networks"),
    SIM_PARAM_REAL(SPEC, spike_rate, 0, 1, "0.05", "spikes a neuron and timestep, s_r"),
    SIM_PARAM_REAL(SPEC, fan_in, 1, 1e9, "4096", "synapses of a neuron, which share its potential's energy"),
    SIM_PARAM_REAL(SPEC, hops, 0, 1024, "1", "mean hops between neurons of consecutive layers"),
    SIM_PARAM_CHOICE(SPEC, mode, mode_names, "auto",
                     "how spikes move: as events, as bitmaps, or the cheaper way"),
    SIM_PARAM_CHOICE(
        SPEC, activity, activity_names, "middle",
        "how spikes spread over neurons: density of the QNN 2 T s_r / (T + 1), T s_r, s_r, or `density`"),
    SIM_PARAM_REAL(SPEC, density, 0, 1, "0.5",
                   "share of the QNN's activations that are not zero; `activity: given`"),
    SIM_PARAM_QUANTITY(SPEC, sparse_move_j, "sparse_move", SIM_UNIT_JOULE_PER_BIT, 0, ENERGY_MAX_J,
                       "3 pJ/bit", "an event over one hop (digest of v4; normalised from Loihi 1)"),
    SIM_PARAM_QUANTITY(SPEC, dense_move_j, "dense_move", SIM_UNIT_JOULE_PER_BIT, 0, ENERGY_MAX_J,
                       "0.25 pJ/bit",
                       "a bit of a word or bitmap over one hop (digest of v4; circuit-switched, 22 nm)"),
    SIM_PARAM_QUANTITY(SPEC, weight_read_j, "weight_read", SIM_UNIT_JOULE_PER_BIT, 0, ENERGY_MAX_J,
                       "0.0388 pJ/bit", "a bit of a weight from its memory (fitted); 0 pJ/bit: amortised"),
    SIM_PARAM_CHOICE(SPEC, sparse_reads, sparse_read_names, "spike",
                     "events: a weight is read for each spike, or kept over the window"),
    SIM_PARAM_CHOICE(SPEC, dense_reads, dense_read_names, "step",
                     "bitmaps: all weights are read in each timestep, or kept over the window"),
    SIM_PARAM_QUANTITY(SPEC, accumulate_j, "accumulate", SIM_UNIT_JOULE, 0, ENERGY_MAX_J, "0.05448 pJ",
                       "an accumulation (digest of v4; 22 nm)"),
    SIM_PARAM_QUANTITY(SPEC, neuron_j, "neuron", SIM_UNIT_JOULE, 0, ENERGY_MAX_J, "0.675 pJ",
                       "potential and threshold of a neuron in a timestep (fitted); events only"),
    SIM_PARAM_CHOICE(SPEC, mac, mac_names, "table",
                     "energy of a multiply-accumulate: by bits, or `mac_energy`"),
    SIM_PARAM_QUANTITY(SPEC, mac_energy_j, "mac_energy", SIM_UNIT_JOULE, 0, ENERGY_MAX_J, "0.2 pJ",
                       "a multiply-accumulate of the QNN; `mac: fixed`"),
    SIM_PARAM_SPEC(SPEC, mac_table, &mac_schema, "multiply-accumulate by bits; `mac: table`"),
};

uint32_t arch_model_activation_bits(uint32_t timesteps) {
    uint32_t bits = 0;
    while ((UINT64_C(1) << bits) < (uint64_t)timesteps + 1)
        bits++;
    return bits;
}

static const double *find_mac(const SPEC *spec) {
    uint32_t bits = arch_model_activation_bits(spec->timesteps);
    const struct arch_model_v4_macs *m = &spec->mac_table;
    const double *by_bits[2][ARCH_MODEL_V4_MAC_BITS] = {{&m->b1w4_j, &m->b2w4_j, &m->b3w4_j, &m->b4w4_j},
                                                        {&m->b1w8_j, &m->b2w8_j, &m->b3w8_j, &m->b4w8_j}};
    if (spec->mac == ARCH_MODEL_V4_MAC_FIXED)
        return &spec->mac_energy_j;
    if (bits > ARCH_MODEL_V4_MAC_BITS || (spec->weight_bits != 4 && spec->weight_bits != 8))
        return NULL;
    return by_bits[spec->weight_bits == 8][bits - 1];
}

static bool check(const void *user, const struct sim_where *where, struct sim_err *err) {
    const SPEC *spec = user;
    return find_mac(spec) != NULL ||
           sim_err_add(
               err, SIM_EXIT_CONFIG, where,
               "model.snn_vs_qnn_v4: no energy is known for a multiply-accumulate of %u-bit activations "
               "(timesteps: %u) and %u-bit weights: set 'mac: fixed' and 'mac_energy'",
               arch_model_activation_bits(spec->timesteps), spec->timesteps, spec->weight_bits);
}

const struct sim_schema arch_model_v4_schema = {
    .name = "model.snn_vs_qnn_v4",
    .help = "Closed-form energy of a rate-coded SNN against the QNN it equals, reconstructed from published "
            "results of arXiv 2409.08290v4. Energies are for each synapse and inference.",
    .role = "model",
    .size = sizeof(SPEC),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
};

/* ---- formulas --------------------------------------------------------------------------------- */

/* Where the energy goes. */
struct shares {
    double move, weight, compute, neuron;
};

static double sum(struct shares shares) {
    return shares.move + shares.weight + shares.compute + shares.neuron;
}

static double density(const SPEC *spec, double rate) {
    double t = spec->timesteps;
    switch (spec->activity) {
    case ARCH_MODEL_V4_BEST: return fmin(1, t * rate);
    case ARCH_MODEL_V4_WORST: return rate;
    case ARCH_MODEL_V4_GIVEN: return spec->density;
    default: return fmin(1, 2 * t * rate / (t + 1));
    }
}

static struct shares sparse(const SPEC *spec, double rate, double hops) {
    double t = spec->timesteps, reuse = spec->sparse_reads == ARCH_MODEL_V4_WINDOW ? 1 / t : 1;
    return (struct shares){
        .move = t * rate * spec->sparse_move_j * hops,
        .weight = t * rate * spec->weight_bits * spec->weight_read_j * reuse,
        .compute = t * rate * spec->accumulate_j,
        .neuron = t * spec->neuron_j / spec->fan_in,
    };
}

static struct shares dense(const SPEC *spec, double rate, double hops) {
    double t = spec->timesteps, reads = spec->dense_reads == ARCH_MODEL_V4_WINDOW ? 1 : t;
    return (struct shares){
        .move = t * spec->dense_move_j * hops,
        .weight = reads * spec->weight_bits * spec->weight_read_j,
        .compute = t * rate * spec->accumulate_j,
    };
}

static struct shares qnn(const SPEC *spec, double rate, double hops) {
    return (struct shares){
        .move = arch_model_activation_bits(spec->timesteps) * spec->dense_move_j * hops,
        .weight = spec->weight_bits * spec->weight_read_j,
        .compute = density(spec, rate) * *find_mac(spec),
    };
}

static struct shares snn(const SPEC *spec, double rate, double hops, bool *is_dense) {
    struct shares events = sparse(spec, rate, hops), bitmaps = dense(spec, rate, hops);
    *is_dense =
        spec->mode == ARCH_MODEL_V4_DENSE || (spec->mode == ARCH_MODEL_V4_AUTO && sum(bitmaps) < sum(events));
    return *is_dense ? bitmaps : events;
}

static double excess(const SPEC *spec, double rate, double hops) {
    bool is_dense;
    return sum(snn(spec, rate, hops, &is_dense)) - sum(qnn(spec, rate, hops));
}

static double excess_at_rate(const void *spec, double rate) {
    return excess(spec, rate, ((const SPEC *)spec)->hops);
}
static double excess_at_hops(const void *spec, double hops) {
    return excess(spec, ((const SPEC *)spec)->spike_rate, hops);
}

static double events_over_bitmaps(const void *user, double rate) {
    const SPEC *spec = user;
    return sum(sparse(spec, rate, spec->hops)) - sum(dense(spec, rate, spec->hops));
}

static double crossing(double (*at)(const void *, double), const SPEC *spec, double high) {
    struct arch_model_curve curve = {at, spec};
    return arch_model_crossing(&curve, 0, high, CROSSING_STEPS);
}

void arch_model_v4_energies(const SPEC *spec, double *value) {
    double rate = spec->spike_rate, hops = spec->hops;
    bool is_dense;
    struct shares s = snn(spec, rate, hops, &is_dense), q = qnn(spec, rate, hops);
    value[ARCH_MODEL_V4_RATIO] = sum(q) > 0 ? sum(s) / sum(q) : NAN;
    value[ARCH_MODEL_V4_SNN] = sum(s);
    value[ARCH_MODEL_V4_QNN] = sum(q);
    value[ARCH_MODEL_V4_SPARSE_J] = sum(sparse(spec, rate, hops));
    value[ARCH_MODEL_V4_DENSE_J] = sum(dense(spec, rate, hops));
    value[ARCH_MODEL_V4_IS_DENSE] = is_dense;
    value[ARCH_MODEL_V4_BITS] = arch_model_activation_bits(spec->timesteps);
    value[ARCH_MODEL_V4_DENSITY] = density(spec, rate);
    value[ARCH_MODEL_V4_SNN_MOVE] = s.move;
    value[ARCH_MODEL_V4_SNN_WEIGHT] = s.weight;
    value[ARCH_MODEL_V4_SNN_COMPUTE] = s.compute;
    value[ARCH_MODEL_V4_SNN_NEURON] = s.neuron;
    value[ARCH_MODEL_V4_QNN_MOVE] = q.move;
    value[ARCH_MODEL_V4_QNN_WEIGHT] = q.weight;
    value[ARCH_MODEL_V4_QNN_COMPUTE] = q.compute;
}

static void evaluate(const void *user, double *value) {
    const SPEC *spec = user;
    arch_model_v4_energies(spec, value);
    value[ARCH_MODEL_V4_CROSSOVER] = crossing(excess_at_rate, spec, 1);
    value[ARCH_MODEL_V4_SWITCH] = crossing(events_over_bitmaps, spec, 1);
    value[ARCH_MODEL_V4_PARITY_HOPS] = crossing(excess_at_hops, spec, PARITY_HOPS_MAX);
}

static const struct arch_model_result results[ARCH_MODEL_V4_RESULT_COUNT] = {
    [ARCH_MODEL_V4_RATIO] = {"ratio", "energy_snn_j / energy_qnn_j: below 1 the SNN wins"},
    [ARCH_MODEL_V4_SNN] = {"energy_snn_j", "energy of the SNN in its mode"},
    [ARCH_MODEL_V4_QNN] = {"energy_qnn_j", "energy of the QNN"},
    [ARCH_MODEL_V4_SPARSE_J] = {"energy_sparse_j", "energy of the SNN with events"},
    [ARCH_MODEL_V4_DENSE_J] = {"energy_dense_j", "energy of the SNN with bitmaps"},
    [ARCH_MODEL_V4_IS_DENSE] = {"is_dense", "1: spikes move as bitmaps"},
    [ARCH_MODEL_V4_BITS] = {"activation_bits", "bits of the QNN's activations"},
    [ARCH_MODEL_V4_DENSITY] = {"density", "share of the QNN's activations that are not zero"},
    [ARCH_MODEL_V4_CROSSOVER] = {"crossover", "lowest spike rate at which the ratio passes 1"},
    [ARCH_MODEL_V4_SWITCH] = {"switch", "spike rate above which bitmaps are cheaper than events"},
    [ARCH_MODEL_V4_PARITY_HOPS] = {"parity_hops", "lowest mean hops (up to 64) at which the ratio passes 1"},
    [ARCH_MODEL_V4_SNN_MOVE] = {"snn_move_j", "SNN: movement"},
    [ARCH_MODEL_V4_SNN_WEIGHT] = {"snn_weight_j", "SNN: weight reads"},
    [ARCH_MODEL_V4_SNN_COMPUTE] = {"snn_compute_j", "SNN: accumulations"},
    [ARCH_MODEL_V4_SNN_NEURON] = {"snn_neuron_j", "SNN: potentials"},
    [ARCH_MODEL_V4_QNN_MOVE] = {"qnn_move_j", "QNN: movement"},
    [ARCH_MODEL_V4_QNN_WEIGHT] = {"qnn_weight_j", "QNN: weight reads"},
    [ARCH_MODEL_V4_QNN_COMPUTE] = {"qnn_compute_j", "QNN: multiply-accumulations"},
};

const struct arch_model arch_model_snn_vs_qnn_v4 = {
    .name = "snn-vs-qnn",
    .version = "v4",
    .trust = "reconstructed from published results; e_w, E_MAC and c_n are fitted (DEVIATIONS.md)",
    .schema = &arch_model_v4_schema,
    .result = results,
    .results = ARCH_MODEL_V4_RESULT_COUNT,
    .evaluate = evaluate,
};
