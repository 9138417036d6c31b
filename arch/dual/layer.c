/* SPDX-License-Identifier: MIT
 *
 * Synthetic layers; see layer.h.
 */
#include "arch/dual/layer.h"

#include "sim/base/rng.h"

#include <math.h>
#include <string.h>

#define LAYER_NUMBER_MAX 4096u

static uint32_t smaller(uint32_t a, uint32_t b) { return a < b ? a : b; }
static uint32_t parts(uint32_t all, uint32_t most) { return (all + most - 1) / most; }

/* Where part i of n begins. */
static uint32_t part_start(uint32_t all, uint32_t n, uint32_t i) { return (uint32_t)((uint64_t)all * i / n); }

double arch_dual_layer_density(const struct arch_dual_layer *layer) {
    double t = layer->timesteps;
    if (!isnan(layer->density))
        return layer->density;
    return fmin(1, 2 * t * layer->rate / (t + 1));
}

/* ---- the judgement ---------------------------------------------------------------------------- */

static int32_t largest_weight(const struct arch_dual_chip_spec *spec) {
    uint32_t bits = spec->core.weight_bits;
    return bits > 1 ? (1 << (bits - 1)) - 1 : 0;
}

/* Above the input that so many spikes can give in a timestep. */
static int64_t threshold_of(uint32_t spikes, const struct arch_dual_layer *layer,
                            const struct arch_dual_chip_spec *spec) {
    return (int64_t)spikes * (layer->pooling ? 1 : largest_weight(spec)) + 1;
}

bool arch_dual_layer_check(const struct arch_dual_layer *layer, const struct arch_dual_chip_spec *spec,
                           const struct sim_where *where, struct sim_err *err) {
    double density = arch_dual_layer_density(layer), t = layer->timesteps;
    if (density > 0 && (layer->rate > density * (1 + 1e-9) || layer->rate * t < density * (1 - 1e-9)))
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "layer: density %g does not go with rate %g and %u timesteps: it lies between the "
                           "rate and %g",
                           density, layer->rate, layer->timesteps, fmin(1, layer->rate * t));
    if (threshold_of(layer->fan_in, layer, spec) > (INT64_C(1) << (spec->core.potential_bits - 1)) - 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "layer: %u inputs with %u-bit weights need more than the %u bits of a potential "
                           "(arch.dual_core potential_bits)",
                           layer->fan_in, spec->core.weight_bits, spec->core.potential_bits);
    uint64_t rows = (uint64_t)parts(layer->fan_in, spec->core.axons) *
                    parts(parts(layer->fan_out, spec->core.neurons), spec->cores_per_tile);
    if (rows > LAYER_NUMBER_MAX)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "layer: %u x %u synapses need %llu tiles of cores; up to %u can be simulated",
                           layer->fan_in, layer->fan_out, (unsigned long long)rows, LAYER_NUMBER_MAX);
    return true;
}

/* ---- activity --------------------------------------------------------------------------------- */

/* A random choice of k of n, as a bitmap (cleared before): draws the smaller of k and n - k. */
static void choose(uint64_t *chosen, uint32_t n, uint32_t k, uint64_t *rng) {
    bool inverse = k > n / 2;
    for (uint32_t left = inverse ? n - k : k; left > 0;) {
        uint32_t i = (uint32_t)sim_rng_below(rng, n);
        uint64_t bit = UINT64_C(1) << (i % 64);
        left -= (chosen[i / 64] & bit) == 0;
        chosen[i / 64] |= bit;
    }
    if (!inverse)
        return;
    for (uint32_t i = 0; i < n; i += 64)
        chosen[i / 64] = ~chosen[i / 64] & (n - i < 64 ? (UINT64_C(1) << (n - i)) - 1 : ~UINT64_C(0));
}

/* Spikes: one for each active neuron in a timestep of its choice, and the rest among the other places. */
static void draw(uint64_t *train, uint32_t neurons, uint32_t timesteps, uint32_t active, uint32_t spikes,
                 struct sim_arena *arena, uint64_t *rng) {
    uint32_t words = (neurons + 63) / 64, used = 0, places = active * (timesteps - 1);
    uint64_t *chosen = SIM_NEW_ARRAY(arena, uint64_t, words);
    uint64_t *more = SIM_NEW_ARRAY(arena, uint64_t, places / 64 + 1);
    choose(chosen, neurons, active, rng);
    choose(more, places, spikes - active, rng);
    for (uint32_t word = 0; word < words; word++)
        for (uint64_t bits = chosen[word]; bits != 0; bits &= bits - 1, used++) {
            uint32_t first = (uint32_t)sim_rng_below(rng, timesteps);
            for (uint32_t t = 0; t < timesteps; t++) {
                uint32_t place = used * (timesteps - 1) + (t < first ? t : t - 1);
                if (t == first || (more[place / 64] >> (place % 64) & 1) != 0)
                    train[(size_t)t * words + word] |= bits & -bits;
            }
        }
}

/* ---- the plan --------------------------------------------------------------------------------- */

/* Sources of one slice at one distance: a layer number of its own. */
struct group {
    uint32_t slice, first, neurons; /* of the layer's inputs */
    uint32_t hops;
};

struct builder {
    const struct arch_dual_layer *layer;
    const struct arch_dual_chip_spec *spec;
    struct sim_arena *arena;
    struct arch_dual_plan *plan;
    struct group *group;
    uint32_t groups, slices, blocks, tiles_of_blocks; /* blocks: output slices */
    int8_t *weight;
    uint64_t *weighted; /* of pooling: all 0 */
    uint32_t most_spikes; /* in a timestep */
};

static void make_groups(struct builder *b) {
    uint32_t near_hops = (uint32_t)b->layer->hops;
    double far_share = b->layer->hops - near_hops;
    b->group = SIM_NEW_ARRAY(b->arena, struct group, (size_t)2 * b->slices);
    for (uint32_t slice = 0; slice < b->slices; slice++) {
        uint32_t first = part_start(b->layer->fan_in, b->slices, slice);
        uint32_t all = part_start(b->layer->fan_in, b->slices, slice + 1) - first;
        uint32_t far_away = (uint32_t)lround(all * far_share);
        if (all > far_away)
            b->group[b->groups++] = (struct group){slice, first, all - far_away, near_hops};
        if (far_away > 0)
            b->group[b->groups++] = (struct group){slice, first + all - far_away, far_away, near_hops + 1};
    }
}

static void make_activity(struct builder *b, struct arch_dual_activity *activity) {
    const struct arch_dual_layer *layer = b->layer;
    uint32_t t = layer->timesteps;
    uint64_t rng = sim_rng_stream(layer->seed, 1);
    double spikes_each = layer->rate * t, active_each = arch_dual_layer_density(layer);
    uint32_t begin = 0;
    activity->train = SIM_NEW_ARRAY(b->arena, const uint64_t *, b->plan->layers);
    for (uint32_t g = 0; g < b->groups; g++) {
        uint32_t n = b->group[g].neurons, end = begin + n;
        uint32_t spikes = (uint32_t)(llround(end * spikes_each) - llround(begin * spikes_each));
        uint32_t active = (uint32_t)(llround(end * active_each) - llround(begin * active_each));
        spikes = smaller(spikes, n * t);
        active = smaller(active, smaller(n, spikes));
        if (active < parts(spikes, t))
            active = parts(spikes, t);
        uint64_t *train = SIM_NEW_ARRAY(b->arena, uint64_t, (size_t)t * ((n + 63) / 64));
        draw(train, n, t, active, spikes, b->arena, &rng);
        activity->train[g] = train;
        activity->spikes += spikes;
        activity->active += active;
        activity->hop_spikes += (double)spikes * b->group[g].hops;
        activity->hop_neurons += (double)n * b->group[g].hops;
        begin = end;
    }
}

static void find_most_spikes(struct builder *b, const struct arch_dual_activity *activity) {
    for (uint32_t t = 0; t < b->layer->timesteps; t++) {
        uint32_t spikes = 0;
        for (uint32_t g = 0; g < b->groups; g++) {
            uint32_t words = (b->group[g].neurons + 63) / 64;
            for (uint32_t word = 0; word < words; word++)
                spikes += (uint32_t)__builtin_popcountll(activity->train[g][(size_t)t * words + word]);
        }
        b->most_spikes = spikes > b->most_spikes ? spikes : b->most_spikes;
    }
}

static void make_weights(struct builder *b) {
    uint64_t rng = sim_rng_stream(b->layer->seed, 2);
    size_t synapses = (size_t)b->layer->fan_in * b->layer->fan_out;
    uint8_t mask = (uint8_t)largest_weight(b->spec);
    b->weight = SIM_NEW_ARRAY(b->arena, int8_t, synapses + 8);
    if (b->layer->pooling) {
        memset(b->weight, 1, synapses);
        b->weighted = SIM_NEW_ARRAY(b->arena, uint64_t, (size_t)b->layer->fan_in + 1);
        return;
    }
    for (size_t i = 0; i < synapses; i += 8) {
        uint64_t word = sim_rng_next(&rng) & (UINT64_C(0x0101010101010101) * mask);
        memcpy(b->weight + i, &word, sizeof word);
    }
}

/* A stretch of `all` neurons in a line. */
static struct arch_span line(uint32_t all, uint32_t first, uint32_t count) {
    return (struct arch_span){{0, 1, 0, 1, 0, all}, first, count};
}

static uint32_t row_of(const struct builder *b, uint32_t tile_block, uint32_t slice) {
    return tile_block * b->slices + slice;
}

static void make_cores(struct builder *b) {
    const struct arch_dual_layer *layer = b->layer;
    struct arch_dual_plan *plan = b->plan;
    plan->core = SIM_NEW_ARRAY(b->arena, struct arch_dual_share, (size_t)b->blocks * b->slices);
    for (uint32_t block = 0; block < b->blocks; block++)
        for (uint32_t slice = 0; slice < b->slices; slice++) {
            uint32_t axon = part_start(layer->fan_in, b->slices, slice);
            uint32_t neuron = part_start(layer->fan_out, b->blocks, block);
            struct arch_dual_share *share = &plan->core[plan->cores++];
            bool root = slice + 1 == b->slices;
            struct arch_dual_operand *operand = SIM_NEW(b->arena, struct arch_dual_operand);
            operand->neurons =
                line(layer->fan_in, axon, part_start(layer->fan_in, b->slices, slice + 1) - axon);
            *share = (struct arch_dual_share){
                .layer = b->groups,
                .tile = row_of(b, block / b->spec->cores_per_tile, slice) * plan->cols,
                .port = block % b->spec->cores_per_tile,
                .neurons =
                    line(layer->fan_out, neuron, part_start(layer->fan_out, b->blocks, block + 1) - neuron),
                .operand = operand,
                .operands = 1,
                .load = {.axons = part_start(layer->fan_in, b->slices, slice + 1) - axon,
                         .neurons = part_start(layer->fan_out, b->blocks, block + 1) - neuron,
                         .weight = b->weight + (size_t)axon * layer->fan_out + neuron,
                         .stride = layer->fan_out,
                         .weighted = b->weighted,
                         .threshold = (int32_t)threshold_of(b->most_spikes, layer, b->spec),
                         .soft = true,
                         .partial = !root,
                         .root = root && b->slices > 1},
            };
            if (root)
                continue;
            share->target = SIM_NEW(b->arena, struct arch_stream_target);
            share->targets = 1;
            share->target[0] = (struct arch_stream_target){
                .terminal = plan->hosts + block * b->slices + b->slices - 1,
                .count = share->load.neurons,
                .copies = 1,
            };
        }
}

/* A host for each group in each row; it sends to the cores at the end of its row. */
static void make_hosts(struct builder *b) {
    struct arch_dual_plan *plan = b->plan;
    plan->hosts = b->groups * b->tiles_of_blocks;
    plan->host = SIM_NEW_ARRAY(b->arena, struct arch_dual_origin, plan->hosts);
    for (uint32_t i = 0; i < plan->hosts; i++) {
        uint32_t g = i % b->groups, tile_block = i / b->groups;
        const struct group *group = &b->group[g];
        struct arch_dual_feed *feed = SIM_NEW(b->arena, struct arch_dual_feed);
        *feed = (struct arch_dual_feed){
            .layer = g, .neurons = group->neurons, .shape = {1, 1, group->neurons}};
        plan->host[i] = (struct arch_dual_origin){
            .tile = row_of(b, tile_block, group->slice) * plan->cols + group->hops,
            .port = b->spec->cores_per_tile,
            .feed = feed,
            .feeds = 1,
        };
    }
}

static void make_targets(struct builder *b) {
    struct arch_dual_plan *plan = b->plan;
    uint32_t per_tile = b->spec->cores_per_tile;
    for (uint32_t i = 0; i < plan->hosts; i++) {
        struct arch_dual_origin *host = &plan->host[i];
        const struct group *group = &b->group[i % b->groups];
        uint32_t first = i / b->groups * per_tile, last = smaller(first + per_tile, b->blocks);
        host->target = SIM_NEW_ARRAY(b->arena, struct arch_stream_target, last - first);
        for (uint32_t block = first; block < last; block++) {
            uint32_t core = block * b->slices + group->slice;
            const struct arch_dual_share *share = &plan->core[core];
            host->target[host->targets++] = (struct arch_stream_target){
                .terminal = plan->hosts + core,
                .key = group->first - share->operand[0].neurons.first,
                .count = group->neurons,
                .copies = b->spec->delivery == ARCH_DUAL_PER_NEURON ? share->load.neurons : 1,
                .movement = b->spec->movement,
            };
        }
    }
}

struct arch_dual_plan *arch_dual_layer_plan(const struct arch_dual_layer *layer,
                                            const struct arch_dual_chip_spec *spec, struct sim_arena *arena,
                                            struct arch_dual_activity *activity) {
    struct builder b = {.layer = layer, .spec = spec, .arena = arena};
    b.plan = SIM_NEW(arena, struct arch_dual_plan);
    b.slices = parts(layer->fan_in, spec->core.axons);
    b.blocks = parts(layer->fan_out, spec->core.neurons);
    b.tiles_of_blocks = parts(b.blocks, spec->cores_per_tile);
    *activity = (struct arch_dual_activity){0};
    make_groups(&b);
    b.plan->rows = b.slices * b.tiles_of_blocks;
    b.plan->cols = (uint32_t)ceil(layer->hops) + 1;
    b.plan->local_ports = spec->cores_per_tile + 1;
    b.plan->layers = b.groups + 1;
    make_activity(&b, activity);
    find_most_spikes(&b, activity);
    make_weights(&b);
    make_hosts(&b);
    make_cores(&b);
    make_targets(&b);
    return b.plan;
}
