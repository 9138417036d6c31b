/* SPDX-License-Identifier: MIT
 *
 * SNN against QNN by simulation; see compare.h.
 */
#include "sim/cli/compare.h"

#include <math.h>
#include <string.h>

const char *const compare_share_names[COMPARE_SHARE_COUNT] = {
    [COMPARE_MOVE] = "movement",  [COMPARE_SUMS] = "partial sums", [COMPARE_WEIGHT] = "weights",
    [COMPARE_COMPUTE] = "compute", [COMPARE_NEURON] = "neurons",    [COMPARE_OTHER] = "other",
};

/* ---- the chip --------------------------------------------------------------------------------- */

bool compare_chip_open(struct compare_chip *chip, const struct sim_config *config, struct sim_err *err) {
    struct sim_where where = {.file = config->file};
    *chip = (struct compare_chip){.config = config, .spec = config->chip.spec};
    if (config->chip.schema != &arch_dual_chip_schema)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, &where,
            "a chip of type '%s' cannot run a network both as SNN and as QNN: arch.dual_chip is "
            "expected",
            config->chip.schema->name);
    if (config->tech == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, &where,
                           "a comparison of energies needs a technology (tech:)");
    chip->energy = sim_energy_read(config->tech, err);
    return chip->energy != NULL;
}

void compare_chip_close(struct compare_chip *chip) { sim_energy_free(chip->energy); }

/* ---- prices ----------------------------------------------------------------------------------- */

#define PARAMETERS_MAX 8

struct parameters {
    struct sim_energy_parameter value[PARAMETERS_MAX];
    size_t count;
};

static void note_parameter(void *user, const char *type, const char *name, double value) {
    struct parameters *parameters = user;
    if (parameters->count < PARAMETERS_MAX)
        parameters->value[parameters->count++] = (struct sim_energy_parameter){type, name, value};
}

static bool read_prices(const struct compare_chip *chip, const struct arch_dual_chip_spec *spec,
                        struct compare_prices *prices, struct sim_err *err) {
    struct parameters parameters = {.count = 0};
    arch_dual_chip_parameters(spec, note_parameter, &parameters);
    struct sim_energy_point point = {spec->voltage_v, spec->clock_hz, parameters.value, parameters.count};
    bool sound = true;
    for (int t = 0; t < ARCH_DUAL_TYPE_COUNT; t++) {
        const struct sim_type *type = arch_dual_types[t];
        struct sim_energy_price price = {0};
        for (uint32_t i = 0; i < type->event_count; i++) {
            sound &= sim_energy_price(chip->energy, type->name, type->events[i].name, &point, &price, err);
            prices->unit[t][i] = price.unit_energy_j;
        }
        sound &= sim_energy_price(chip->energy, type->name, SIM_ENERGY_LEAKAGE, &point, &price, err);
        prices->leakage[t] = price.unit_energy_j;
    }
    return sound;
}

static uint32_t memory_event(const struct arch_dual_chip_spec *spec) {
    static const uint32_t event[ARCH_DUAL_MEMORY_COUNT] = {
        ARCH_DUAL_CORE_REGISTER_BITS, ARCH_DUAL_CORE_SRAM_BITS, ARCH_DUAL_CORE_DRAM_BITS};
    return event[spec->core.weight_memory];
}

static void change_prices(const struct compare_layer *layer, const struct arch_dual_chip_spec *spec,
                          struct compare_prices *prices) {
    double *event = &prices->unit[ARCH_DUAL_TYPE_EVENT_ROUTER][NOC_STREAM_ROUTER_HOP_BITS];
    if (layer->eta > 0)
        *event = layer->eta * prices->unit[ARCH_DUAL_TYPE_FRAME_ROUTER][NOC_STREAM_ROUTER_HOP_BITS];
    if (layer->amortised)
        prices->unit[ARCH_DUAL_TYPE_CORE][memory_event(spec)] = 0;
}

static struct arch_dual_chip_spec changed_chip(const struct compare_chip *chip,
                                               const struct compare_layer *layer) {
    struct arch_dual_chip_spec spec = *chip->spec;
    if (layer->weight_bits != 0)
        spec.core.weight_bits = layer->weight_bits;
    if (layer->movement != 0)
        spec.movement = layer->movement - 1;
    if (layer->event_reads != 0)
        spec.core.event_reads = layer->event_reads - 1;
    if (layer->frame_reads != 0)
        spec.core.frame_reads = layer->frame_reads - 1;
    if (layer->delivery != 0)
        spec.delivery = layer->delivery - 1;
    return spec;
}

/* ---- energies --------------------------------------------------------------------------------- */

static enum compare_share share_of(int type, uint32_t event) {
    if (type == ARCH_DUAL_TYPE_EVENT_ROUTER || type == ARCH_DUAL_TYPE_FRAME_ROUTER)
        return event == NOC_STREAM_ROUTER_SUM_BITS ? COMPARE_SUMS : COMPARE_MOVE;
    if (type != ARCH_DUAL_TYPE_CORE)
        return COMPARE_OTHER;
    switch (event) {
    case ARCH_DUAL_CORE_SUM_IN: return COMPARE_SUMS;
    case ARCH_DUAL_CORE_REGISTER_BITS:
    case ARCH_DUAL_CORE_SRAM_BITS:
    case ARCH_DUAL_CORE_DRAM_BITS: return COMPARE_WEIGHT;
    case ARCH_DUAL_CORE_POTENTIAL_READ:
    case ARCH_DUAL_CORE_POTENTIAL_WRITE:
    case ARCH_DUAL_CORE_COMPARE:
    case ARCH_DUAL_CORE_SUBTRACT:
    case ARCH_DUAL_CORE_FIRE: return COMPARE_NEURON;
    case ARCH_DUAL_CORE_TICK:
    case ARCH_DUAL_CORE_EVENT_IN:
    case ARCH_DUAL_CORE_FRAME_IN: return COMPARE_OTHER;
    default: return COMPARE_COMPUTE;
    }
}

static void price_run(const struct arch_dual_bench *bench, const struct compare_prices *prices,
                      struct compare_run *run) {
    const struct arch_dual_outcome *outcome = &run->outcome;
    for (int t = 0; t < ARCH_DUAL_TYPE_COUNT; t++)
        for (uint32_t i = 0; i < arch_dual_types[t]->event_count; i++)
            run->share_j[share_of(t, i)] += (double)outcome->count[t][i] * prices->unit[t][i];
    for (uint32_t id = 0; id < bench->kernel.components; id++)
        for (int t = 0; t < ARCH_DUAL_TYPE_COUNT; t++)
            if (bench->kernel.component[id]->type == arch_dual_types[t])
                run->share_j[COMPARE_OTHER] += (double)outcome->cycles * prices->leakage[t];
    for (int s = 0; s < COMPARE_SHARE_COUNT; s++)
        run->energy_j += run->share_j[s];
    run->wait_cycles = outcome->count[ARCH_DUAL_TYPE_EVENT_ROUTER][NOC_STREAM_ROUTER_WAIT_CYCLES] +
                       outcome->count[ARCH_DUAL_TYPE_FRAME_ROUTER][NOC_STREAM_ROUTER_WAIT_CYCLES];
}

/* ---- the closed form -------------------------------------------------------------------------- */

static double mac_price(const struct arch_dual_chip_spec *spec, uint32_t bits,
                        const struct compare_prices *prices) {
    const double *unit = prices->unit[ARCH_DUAL_TYPE_CORE];
    uint32_t w = spec->core.weight_bits;
    if (bits > 4 || (w != 4 && w != 8))
        return bits * w * unit[ARCH_DUAL_CORE_MAC_BITS];
    return unit[(w == 4 ? ARCH_DUAL_CORE_MAC_1X4 : ARCH_DUAL_CORE_MAC_1X8) + bits - 1];
}

/* The formula at what was drawn and placed, with the prices of the chip. A delivery that neurons share is a
 * movement that costs each synapse less. */
static void fill_model(struct compare_result *result) {
    static const int mode[ARCH_DUAL_MOVEMENT_COUNT] = {
        ARCH_MODEL_V4_SPARSE, ARCH_MODEL_V4_DENSE, ARCH_MODEL_V4_AUTO};
    const struct arch_dual_chip_spec *chip = &result->chip;
    const struct compare_layer *layer = &result->layer;
    const struct compare_prices *prices = &result->prices;
    const double *core = prices->unit[ARCH_DUAL_TYPE_CORE];
    double cores = ceil((double)layer->fan_out / chip->core.neurons);
    double shared = chip->delivery == ARCH_DUAL_PER_CORE ? layer->fan_out / cores : 1;
    result->model = (struct arch_model_v4_spec){
        .timesteps = layer->timesteps,
        .weight_bits = chip->core.weight_bits,
        .spike_rate = result->rate,
        .fan_in = layer->fan_in,
        .hops = result->hops,
        .mode = mode[chip->movement],
        .activity = ARCH_MODEL_V4_GIVEN,
        .density = result->density,
        .sparse_move_j = chip->event_bits *
                         prices->unit[ARCH_DUAL_TYPE_EVENT_ROUTER][NOC_STREAM_ROUTER_HOP_BITS] / shared,
        .dense_move_j = prices->unit[ARCH_DUAL_TYPE_FRAME_ROUTER][NOC_STREAM_ROUTER_HOP_BITS] / shared,
        .weight_read_j = layer->pooling ? 0 : core[memory_event(chip)],
        .sparse_reads =
            chip->core.event_reads == ARCH_DUAL_READ_WINDOW ? ARCH_MODEL_V4_WINDOW : ARCH_MODEL_V4_EACH,
        .dense_reads =
            chip->core.frame_reads == ARCH_DUAL_FRAME_WINDOW ? ARCH_MODEL_V4_WINDOW : ARCH_MODEL_V4_EACH,
        .accumulate_j = core[ARCH_DUAL_CORE_ACCUMULATE],
        .neuron_j = core[ARCH_DUAL_CORE_POTENTIAL_READ] + core[ARCH_DUAL_CORE_POTENTIAL_WRITE] +
                    core[ARCH_DUAL_CORE_COMPARE],
        .mac = ARCH_MODEL_V4_MAC_FIXED,
        .mac_energy_j = layer->pooling ? core[ARCH_DUAL_CORE_ACCUMULATE]
                                       : mac_price(chip, arch_dual_bits(layer->timesteps), prices),
    };
}

void compare_layer_model(struct compare_result *result) {
    double value[ARCH_MODEL_RESULTS_MAX];
    double synapses = (double)result->layer.fan_in * result->layer.fan_out;
    struct compare_run *snn = &result->run[ARCH_DUAL_SNN], *qnn = &result->run[ARCH_DUAL_QNN];
    fill_model(result);
    arch_model_v4_energies(&result->model, value);
    snn->model_j = synapses * value[ARCH_MODEL_V4_SNN];
    snn->model_share_j[COMPARE_MOVE] = synapses * value[ARCH_MODEL_V4_SNN_MOVE];
    snn->model_share_j[COMPARE_WEIGHT] = synapses * value[ARCH_MODEL_V4_SNN_WEIGHT];
    snn->model_share_j[COMPARE_COMPUTE] = synapses * value[ARCH_MODEL_V4_SNN_COMPUTE];
    snn->model_share_j[COMPARE_NEURON] = synapses * value[ARCH_MODEL_V4_SNN_NEURON];
    qnn->model_j = synapses * value[ARCH_MODEL_V4_QNN];
    qnn->model_share_j[COMPARE_MOVE] = synapses * value[ARCH_MODEL_V4_QNN_MOVE];
    qnn->model_share_j[COMPARE_WEIGHT] = synapses * value[ARCH_MODEL_V4_QNN_WEIGHT];
    qnn->model_share_j[COMPARE_COMPUTE] = synapses * value[ARCH_MODEL_V4_QNN_COMPUTE];
    result->model_ratio = value[ARCH_MODEL_V4_RATIO];
}

void compare_set_ratio(struct compare_result *result) {
    double snn = result->run[ARCH_DUAL_SNN].energy_j, qnn = result->run[ARCH_DUAL_QNN].energy_j;
    result->ratio = qnn > 0 ? snn / qnn : NAN;
    result->deviation = result->ratio / result->model_ratio - 1;
}

/* ---- a layer ---------------------------------------------------------------------------------- */

double compare_layer_density(const struct compare_layer *layer) {
    double t = layer->timesteps;
    switch (layer->activity) {
    case ARCH_MODEL_V4_BEST: return fmin(1, t * layer->rate);
    case ARCH_MODEL_V4_WORST: return layer->rate;
    case ARCH_MODEL_V4_GIVEN: return layer->density;
    default: return fmin(1, 2 * t * layer->rate / (t + 1));
    }
}

static bool simulate(struct compare_result *result, const struct arch_dual_layer *synthetic,
                     struct sim_err *err) {
    const double *core = result->prices.unit[ARCH_DUAL_TYPE_CORE];
    struct arch_dual_costs costs = {
        .event_bit = result->prices.unit[ARCH_DUAL_TYPE_EVENT_ROUTER][NOC_STREAM_ROUTER_HOP_BITS],
        .frame_bit = result->prices.unit[ARCH_DUAL_TYPE_FRAME_ROUTER][NOC_STREAM_ROUTER_HOP_BITS],
        .weight_bit = core[memory_event(&result->chip)],
    };
    struct arch_dual_bench bench;
    arch_dual_bench_open(&bench, synthetic, &result->chip);
    bool sound = true;
    for (int mode = 0; sound && mode < ARCH_DUAL_MODE_COUNT; mode++) {
        struct compare_run *run = &result->run[mode];
        sound = arch_dual_bench_run(&bench, mode, result->chip.movement, &costs, &run->outcome);
        price_run(&bench, &result->prices, run);
    }
    if (!sound)
        sim_err_add(err, SIM_EXIT_STOPPED, NULL, "the layer's run does not end");
    const struct arch_dual_activity *drawn = &bench.activity;
    result->spikes = drawn->spikes;
    result->active = drawn->active;
    result->rate = (double)drawn->spikes / ((double)synthetic->fan_in * synthetic->timesteps);
    result->density = (double)drawn->active / synthetic->fan_in;
    result->hops = drawn->hop_neurons / synthetic->fan_in;
    result->spike_hops = drawn->spikes > 0 ? drawn->hop_spikes / (double)drawn->spikes : result->hops;
    arch_dual_bench_close(&bench);
    return sound;
}

bool compare_layer_prices(const struct compare_chip *chip, const struct compare_layer *layer,
                          struct compare_result *result, struct sim_err *err) {
    memset(result, 0, sizeof *result);
    result->layer = *layer;
    result->chip = changed_chip(chip, layer);
    if (!read_prices(chip, &result->chip, &result->prices, err))
        return false;
    change_prices(layer, &result->chip, &result->prices);
    return true;
}

bool compare_layer_run(const struct compare_chip *chip, const struct compare_layer *layer,
                       const struct sim_where *where, struct compare_result *result, struct sim_err *err) {
    struct arch_dual_layer synthetic = {
        .fan_in = layer->fan_in,
        .fan_out = layer->fan_out,
        .timesteps = layer->timesteps,
        .rate = layer->rate,
        .density = compare_layer_density(layer),
        .hops = layer->hops,
        .pooling = layer->pooling,
        .seed = layer->seed,
    };
    if (!compare_layer_prices(chip, layer, result, err) ||
        !arch_dual_layer_check(&synthetic, &result->chip, where, err) ||
        !simulate(result, &synthetic, err))
        return false;
    compare_layer_model(result);
    compare_set_ratio(result);
    return true;
}
