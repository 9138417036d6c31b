/* SPDX-License-Identifier: MIT
 *
 * The run database: what a run was, what the chip did, and what it cost, in one SQLite file.
 *
 * During the run the database is only written (no index, one transaction, no journal), by a thread of
 * its own and under a temporary name; `sim_record_finish` adds indexes and views, syncs, and renames.
 * A database that has its final name is whole. The tables and views stand in sim/record/schema.sql.
 *
 *     new -> set, config, layer, component, histogram, parameter ... -> price
 *         -> the run: sample, spikes, step, latency, and events by way of component->log
 *         -> link ... -> finish -> kinds, energy -> free
 *
 * Rows are accepted without an answer: the first failure is kept, `sim_record_failed` tells the run to
 * stop early, and `sim_record_finish` reports it. Without a path everything works except that nothing
 * is stored. Only one thread may call these functions; the models may log from it.
 *
 * Levels: `summary` has totals, `steps` adds the counts of every timestep, `events` adds one row for
 * every event. Totals are the same at every level.
 */
#ifndef SIM_RECORD_RECORD_H
#define SIM_RECORD_RECORD_H

#include "sim/base/err.h"
#include "sim/kernel/component.h"
#include "sim/record/energy.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_record_level { SIM_RECORD_SUMMARY, SIM_RECORD_STEPS, SIM_RECORD_EVENTS, SIM_RECORD_LEVEL_COUNT };

/* "summary", "steps", "events"; ends with NULL. */
extern const char *const sim_record_level_name[SIM_RECORD_LEVEL_COUNT + 1];

struct sim_record_spec {
    const char *path; /* final name; NULL: store nothing */
    enum sim_record_level level;
    bool force; /* an existing file may be replaced */
};

/* Creates the temporary file beside `path` and removes those that killed runs left there. NULL and a
 * message when `path` exists (without force) or cannot be written. */
struct sim_record *sim_record_new(const struct sim_record_spec *spec, struct sim_err *err);

/* Releases everything; a record that was not finished leaves no file. NULL is allowed. */
void sim_record_free(struct sim_record *record);

/* True once a row could not be written. */
bool sim_record_failed(const struct sim_record *record);

/* ---- what the run is -------------------------------------------------------------------------- */

/* Facts of the run (table `run`): "arch", "trace", "engine", "seed" ... A later value replaces an
 * earlier one. sim_record_new and _finish add version, level, started, cycles, clock_hz, voltage_v,
 * tech. Not part of the content hash. */
void sim_record_set_text(struct sim_record *record, const char *key, const char *value);
void sim_record_set_int(struct sim_record *record, const char *key, int64_t value);
void sim_record_set_real(struct sim_record *record, const char *key, double value);

/* One value of the effective configuration; origin: "chip.yaml:3:7", "default", "command line". */
void sim_record_config(struct sim_record *record, const char *path, const char *value, const char *origin);

/* A layer of the network; ids are the caller's. */
void sim_record_layer(struct sim_record *record, int32_t id, const char *name, const char *kind,
                      uint64_t neurons);

/* Where a component stands; -1: nowhere. */
struct sim_record_place {
    int32_t layer, row, col;
};

/* Registers a component in ascending order of component->id, after it got its id and counters, which
 * must live until `finish`. At level `events` this sets component->log. */
void sim_record_component(struct sim_record *record, struct sim_component *component,
                          const struct sim_record_place *place);

/* The component is powered down for the whole run (a tile the mapping does not use): it does not leak. */
void sim_record_power_down(struct sim_record *record, uint32_t component);

/* A parameter of a type on which unit energies may depend (`scale:` in configs/tech). */
void sim_record_parameter(struct sim_record *record, const char *type, const char *name, double value);

/* Gives every kind of event of the registered components its unit energy at this operating point
 * (point->parameter is ignored: the recorded parameters count); false and messages when one has none. */
bool sim_record_price(struct sim_record *record, const struct sim_energy *energy,
                      const struct sim_energy_point *point, struct sim_err *err);

/* The silicon area of one component of a type, known from the description itself; before sim_record_price,
 * which takes that of all other types from the technology. */
void sim_record_area(struct sim_record *record, const char *type, double area_m2, const char *source,
                     const char *trust);

/* ---- what happens ----------------------------------------------------------------------------- */

struct sim_record_sample {
    int64_t id;
    int32_t label, class_;             /* -1: unknown */
    sim_cycle first_cycle, last_cycle; /* inclusive */
};

void sim_record_sample(struct sim_record *record, const struct sim_record_sample *sample);

/* Spikes that each neuron of the output layer emitted in a sample. */
void sim_record_output(struct sim_record *record, int64_t sample, const uint32_t *count, uint32_t neurons);

/* Spikes that layer `layer` emitted in a timestep of a sample. Level `summary` keeps only the sums over
 * the samples. */
void sim_record_spikes(struct sim_record *record, int64_t sample, int32_t layer, uint32_t timestep,
                       uint64_t count);

/* Closes timestep `timestep` of a sample: the counters' growth since the last call (or the start) is
 * its share. Call after sim_kernel_settle. Nothing at level `summary`; what grows after the last call
 * stays in the totals only. */
void sim_record_step(struct sim_record *record, int64_t sample, uint32_t timestep);

/* A histogram of latencies ("sample", "timestep", "packet"); returns its id. Latencies below 256 cycles
 * are kept exactly, larger ones within 1/128 of their value; count, sum, minimum, maximum always exactly. */
uint32_t sim_record_histogram(struct sim_record *record, const char *name, const char *help);
void sim_record_latency(struct sim_record *record, uint32_t histogram, uint64_t cycles, uint64_t count);

/* Load of one connection, once known. bits: bits carried or toggled, as the model counts; -1: unknown. */
struct sim_record_link {
    const char *name;
    uint32_t from, to; /* component ids; UINT32_MAX: the rim */
    uint32_t width;    /* bits of one item or of the bus; 0: unknown */
    uint32_t latency;  /* cycles */
    uint64_t sends;
    int64_t bits;
};

void sim_record_link(struct sim_record *record, const struct sim_record_link *link);

/* ---- the end ---------------------------------------------------------------------------------- */

/* Stores counts (leakage: `cycles` for each powered component), completes the file and gives it its name. On
 * failure: false, a message, and no file. */
bool sim_record_finish(struct sim_record *record, sim_cycle cycles, struct sim_err *err);

/* One kind of event of one type, summed over its components. "leakage" is a kind whose count is the
 * cycles of each component that is powered. */
struct sim_record_kind {
    const char *type, *event, *help;
    uint64_t count;       /* after finish */
    double unit_energy_j; /* NaN: not priced */
    const char *source;   /* NULL: not priced */
    const char *trust;
};

/* The kinds in the order of their ids (table `kind`). Valid until free. */
const struct sim_record_kind *sim_record_kinds(const struct sim_record *record, uint32_t *count);

/* What the components of one type take. */
struct sim_record_area {
    const char *type;
    uint32_t components;
    double area_m2; /* of one; NaN: not known */
    const char *source, *trust; /* NULL: not known */
};

/* The types in the order of their first components. Valid until free. */
const struct sim_record_area *sim_record_areas(const struct sim_record *record, uint32_t *count);

/* Sum over the kinds, in their order, of count x unit energy: equals the view energy_total bit for bit.
 * NaN when not priced. */
double sim_record_energy(const struct sim_record *record);

/* Rows of the event log so far. */
uint64_t sim_record_events(const struct sim_record *record);

#ifdef __cplusplus
}
#endif

#endif
