/* SPDX-License-Identifier: MIT
 *
 * Generators of synthetic spikes: the optional table `generator` of a trace, and the draws. The draw of a
 * neuron in a timestep depends on nothing but the generator and its number, so spikes can be asked for in any
 * order.
 */
#include "sim/base/rng.h"
#include "sim/trace/reader.h"

#define GOLDEN UINT64_C(0x9E3779B97F4A7C15) /* the increment of SplitMix64's state */
#define PPM 1000000

/* The current row (layer, seed, rate_ppm). */
static bool read_generator(struct sim_trace *trace, sqlite3_stmt *row, struct sim_trace_generator *generator,
                           int64_t *layer, struct sim_err *err) {
    const struct sim_trace_db *db = &trace->reader->db;
    char what[64];
    int64_t seed, rate;
    snprintf(what, sizeof what, "generator(%lld)", (long long)sqlite3_column_int64(row, 0));
    if (!sim_trace_integer(db, row, 0, *layer + 1, (int64_t)trace->graph.layers - 1, layer, what, "layer",
                           err) ||
        !sim_trace_integer(db, row, 1, INT64_MIN, INT64_MAX, &seed, what, "seed", err) ||
        !sim_trace_integer(db, row, 2, 0, PPM, &rate, what, "rate_ppm", err))
        return false;
    generator[*layer] = (struct sim_trace_generator){true, (uint64_t)seed, (uint32_t)rate};
    return true;
}

bool sim_trace_generators_read(struct sim_trace *trace, struct sim_err *err) {
    struct sim_trace_db *db = &trace->reader->db;
    struct sim_trace_generator *generator =
        SIM_NEW_ARRAY(&trace->graph.arena, struct sim_trace_generator, trace->graph.layers);
    trace->generator = generator;
    if (!db->generates)
        return true;
    sqlite3_stmt *row =
        sim_trace_db_prepare(db, "SELECT layer, seed, rate_ppm FROM main.generator ORDER BY layer", err);
    if (row == NULL)
        return false;
    bool ok = true;
    int64_t layer = -1;
    double draws = 0; /* exact far beyond the limit */
    enum sim_trace_step step = SIM_TRACE_STEP_DONE;
    while (ok && (step = sim_trace_db_step(db, row, err, "generator")) == SIM_TRACE_STEP_ROW)
        if ((ok = read_generator(trace, row, generator, &layer, err)))
            draws += (double)trace->samples * trace->timesteps * trace->graph.layer[layer].neurons;
    sqlite3_finalize(row);
    if (ok && draws > (double)SIM_TRACE_DRAWS_MAX)
        ok = sim_trace_db_fault(db, err,
                                "generator: more than 2^36 numbers would have to be drawn: fewer samples, "
                                "timesteps or neurons");
    return ok && step != SIM_TRACE_STEP_FAULT;
}

uint32_t sim_trace_generate(const struct sim_trace *trace, uint32_t layer, uint64_t sample, uint32_t timestep,
                            uint64_t *bitmap) {
    const struct sim_trace_generator *generator = &trace->generator[layer];
    uint32_t neurons = trace->graph.layer[layer].neurons, spikes = 0;
    uint64_t bound = ((uint64_t)generator->rate_ppm << 32) / PPM;
    uint64_t state = generator->seed + (sample * trace->timesteps + timestep) * neurons * GOLDEN;
    for (uint32_t first = 0; first < neurons; first += 64) {
        uint32_t count = neurons - first < 64 ? neurons - first : 64;
        uint64_t word = 0;
        for (uint32_t bit = 0; bit < count; bit++)
            word |= (uint64_t)((sim_rng_next(&state) >> 32) < bound) << bit;
        bitmap[first / 64] = word;
        spikes += (uint32_t)__builtin_popcountll(word);
    }
    return spikes;
}
