/* SPDX-License-Identifier: MIT
 *
 * The run database; see record.h and schema.sql.
 *
 * What is described (components, kinds, histograms, sums) waits in memory and is stored by `finish`; what
 * happens (steps, samples, spikes, events) goes through the writer thread of sim/base/rows.h.
 */
#include "sim/record/record.h"

#include "sim/base/heap.h"
#include "sim/base/histogram.h"
#include "sim/base/partial.h"
#include "sim/base/rows.h"
#include "sim/base/store.h"
#include "sim/kernel/log.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include <time.h>

const char *const sim_record_level_name[SIM_RECORD_LEVEL_COUNT + 1] = {"summary", "steps", "events", NULL};

struct entry {
    struct sim_component *component;
    struct sim_record_place place;
    uint32_t first_kind;
    uint64_t *last; /* [events] counters at the last step; NULL below level `steps` */
    bool off;
};

struct type {
    const struct sim_type *type;
    uint32_t first_kind;
};

struct layer {
    int32_t id;
    uint64_t *spikes; /* [steps] sums over the samples, level `summary` */
    uint32_t steps;
};

struct named_histogram {
    char *name, *help;
    struct sim_histogram *histogram;
};

struct sim_record {
    enum sim_record_level level;
    struct sim_partial partial;
    struct sim_store store; /* without a database: nothing is stored */
    struct sim_rows_block step, sample, output, spikes;
    struct sim_log log;
    struct timespec start;
    bool finished;

    struct entry *entry; /* [component id] */
    uint32_t entries, entry_capacity;
    struct type *type;
    uint32_t types, type_capacity;
    struct sim_record_area *area; /* [types] */
    uint32_t area_capacity;
    struct sim_record_kind *kind;
    uint32_t kinds, kind_capacity;
    struct layer *layer;
    uint32_t layers, layer_capacity;
    struct named_histogram *histogram;
    uint32_t histograms, histogram_capacity;
    struct sim_energy_parameter *parameter;
    uint32_t parameters, parameter_capacity;
    uint32_t links;
};

static int64_t or_null(int64_t value, bool known) { return known ? value : SIM_ROWS_NULL; }

struct sim_record *sim_record_new(const struct sim_record_spec *spec, struct sim_err *err) {
    struct sim_record *record = sim_heap_must(calloc(1, sizeof *record));
    record->level = spec->path == NULL ? SIM_RECORD_SUMMARY : spec->level;
    record->partial.fd = -1;
    clock_gettime(CLOCK_MONOTONIC, &record->start);
    if (spec->path == NULL)
        return record;
    if (!sim_partial_open(&record->partial, spec->path, spec->force, err)) {
        sim_record_free(record);
        return NULL;
    }
    if (!sim_store_open(&record->store, record->partial.path)) {
        sim_err_add(err, SIM_EXIT_IO, NULL, "%s: cannot be written: %s", spec->path, record->store.fault);
        sim_record_free(record);
        return NULL;
    }
    sim_rows_block_init(&record->step, record->store.rows, "step", 5);
    sim_rows_block_init(&record->sample, record->store.rows, "sample", 5);
    sim_rows_block_init(&record->output, record->store.rows, "output", 3);
    sim_rows_block_init(&record->spikes, record->store.rows, "spikes", 4);
    sim_log_init(&record->log, record->store.rows);
    char started[32];
    time_t now = time(NULL);
    struct tm utc;
    strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    sim_record_set_text(record, "version", NOCSIM_VERSION);
    sim_record_set_text(record, "started", started);
    sim_record_set_text(record, "level", sim_record_level_name[record->level]);
    return record;
}

/* Ends the writer thread with everything written. */
static void end_rows(struct sim_record *record) {
    if (record->store.rows == NULL)
        return;
    if (record->step.rows != NULL) {
        sim_rows_block_release(&record->step);
        sim_rows_block_release(&record->sample);
        sim_rows_block_release(&record->output);
        sim_rows_block_release(&record->spikes);
        sim_log_release(&record->log);
    }
    sim_store_end_rows(&record->store);
}

void sim_record_free(struct sim_record *record) {
    if (record == NULL)
        return;
    end_rows(record);
    sim_store_close(&record->store);
    sim_partial_release(&record->partial);
    for (uint32_t i = 0; i < record->entries; i++)
        free(record->entry[i].last);
    for (uint32_t i = 0; i < record->layers; i++)
        free(record->layer[i].spikes);
    for (uint32_t i = 0; i < record->histograms; i++) {
        free(record->histogram[i].name);
        free(record->histogram[i].help);
        free(record->histogram[i].histogram);
    }
    for (uint32_t i = 0; i < record->kinds; i++) {
        free((char *)record->kind[i].source);
        free((char *)record->kind[i].trust);
    }
    for (uint32_t i = 0; i < record->types; i++) {
        free((char *)record->area[i].source);
        free((char *)record->area[i].trust);
    }
    for (uint32_t i = 0; i < record->parameters; i++) {
        free((char *)record->parameter[i].type);
        free((char *)record->parameter[i].name);
    }
    free(record->entry);
    free(record->type);
    free(record->area);
    free(record->kind);
    free(record->layer);
    free(record->histogram);
    free(record->parameter);
    free(record);
}

bool sim_record_failed(const struct sim_record *record) { return sim_store_failed(&record->store); }

/* ---- what the run is -------------------------------------------------------------------------- */

void sim_record_set_text(struct sim_record *record, const char *key, const char *value) {
    sim_store_put(&record->store, "INSERT OR REPLACE INTO run VALUES(?1, ?2)", "tt", key, value);
}

void sim_record_set_int(struct sim_record *record, const char *key, int64_t value) {
    sim_store_put(&record->store, "INSERT OR REPLACE INTO run VALUES(?1, ?2)", "ti", key, value);
}

void sim_record_set_real(struct sim_record *record, const char *key, double value) {
    sim_store_put(&record->store, "INSERT OR REPLACE INTO run VALUES(?1, ?2)", "tr", key, value);
}

void sim_record_config(struct sim_record *record, const char *path, const char *value, const char *origin) {
    sim_store_put(&record->store, "INSERT OR REPLACE INTO config VALUES(?1, ?2, ?3)", "ttt", path, value,
                  origin);
}

void sim_record_layer(struct sim_record *record, int32_t id, const char *name, const char *kind,
                      uint64_t neurons) {
    record->layer =
        sim_heap_grow(record->layer, record->layers, &record->layer_capacity, sizeof *record->layer);
    record->layer[record->layers++] = (struct layer){.id = id};
    sim_store_put(&record->store, "INSERT INTO layer VALUES(?1, ?2, ?3, ?4)", "itti", (int64_t)id, name,
                  kind, (int64_t)neurons);
}

static void add_kind(struct sim_record *record, const char *type, const char *event, const char *help) {
    record->kind = sim_heap_grow(record->kind, record->kinds, &record->kind_capacity, sizeof *record->kind);
    record->kind[record->kinds++] =
        (struct sim_record_kind){.type = type, .event = event, .help = help, .unit_energy_j = NAN};
}

/* The first kind of a type; its leakage is the kind after its events. */
static uint32_t kinds_of(struct sim_record *record, const struct sim_type *type) {
    for (uint32_t i = 0; i < record->types; i++)
        if (record->type[i].type == type)
            return record->type[i].first_kind;
    uint32_t first = record->kinds;
    for (uint32_t event = 0; event < type->event_count; event++)
        add_kind(record, type->name, type->events[event].name, type->events[event].help);
    add_kind(record, type->name, SIM_ENERGY_LEAKAGE, "cycles, each of which leaks");
    record->type = sim_heap_grow(record->type, record->types, &record->type_capacity, sizeof *record->type);
    record->area = sim_heap_grow(record->area, record->types, &record->area_capacity, sizeof *record->area);
    record->area[record->types] = (struct sim_record_area){.type = type->name, .area_m2 = NAN};
    record->type[record->types++] = (struct type){.type = type, .first_kind = first};
    return first;
}

void sim_record_component(struct sim_record *record, struct sim_component *component,
                          const struct sim_record_place *place) {
    assert(component->id == record->entries);
    const struct sim_type *type = component->type;
    record->entry =
        sim_heap_grow(record->entry, record->entries, &record->entry_capacity, sizeof *record->entry);
    struct entry *entry = &record->entry[record->entries++];
    *entry = (struct entry){.component = component, .place = *place, .first_kind = kinds_of(record, type)};
    for (uint32_t i = 0; i < record->types; i++)
        record->area[i].components += record->type[i].type == type;
    if (record->level >= SIM_RECORD_STEPS) {
        size_t bytes = type->event_count * sizeof(uint64_t);
        entry->last = sim_heap_must(malloc(bytes + sizeof(uint64_t)));
        memcpy(entry->last, component->count, bytes);
    }
    if (record->level == SIM_RECORD_EVENTS) {
        sim_log_add(&record->log, component->id, entry->first_kind, type->event_count);
        component->log = &record->log;
    }
}

void sim_record_power_down(struct sim_record *record, uint32_t component) {
    assert(component < record->entries);
    record->entry[component].off = true;
}

void sim_record_parameter(struct sim_record *record, const char *type, const char *name, double value) {
    record->parameter = sim_heap_grow(record->parameter, record->parameters, &record->parameter_capacity,
                                      sizeof *record->parameter);
    record->parameter[record->parameters++] =
        (struct sim_energy_parameter){.type = sim_heap_must(strdup(type)),
                                      .name = sim_heap_must(strdup(name)),
                                      .value = value};
    sim_store_put(&record->store, "INSERT OR REPLACE INTO parameter VALUES(?1, ?2, ?3)", "ttr", type, name,
                  value);
}

static void set_area(struct sim_record *record, struct sim_record_area *area, double area_m2,
                     const char *source, const char *trust) {
    area->area_m2 = area_m2;
    area->source = sim_heap_must(strdup(source));
    area->trust = sim_heap_must(strdup(trust));
    sim_store_put(&record->store, "INSERT INTO area VALUES(?1, ?2, ?3, ?4)", "trtt", area->type, area_m2,
                  source, trust);
}

void sim_record_area(struct sim_record *record, const char *type, double area_m2, const char *source,
                     const char *trust) {
    for (uint32_t i = 0; i < record->types; i++)
        if (strcmp(record->area[i].type, type) == 0 && record->area[i].source == NULL)
            set_area(record, &record->area[i], area_m2, source, trust);
}

static bool measure_type(struct sim_record *record, const struct sim_energy *energy,
                         const struct sim_energy_point *point, struct sim_record_area *area,
                         struct sim_err *err) {
    struct sim_energy_area found;
    if (area->source != NULL)
        return true;
    if (!sim_energy_area(energy, area->type, point, &found, err))
        return false;
    if (found.source != NULL)
        set_area(record, area, found.area_m2, found.source, found.trust);
    return true;
}

static bool price_type(struct sim_record *record, const struct sim_energy *energy,
                       const struct sim_energy_point *point, const struct type *type, struct sim_err *err) {
    uint32_t kinds = type->type->event_count + 1; /* and leakage */
    struct sim_record_kind *kind = record->kind + type->first_kind;
    const char **event = sim_heap_must(calloc(kinds, sizeof *event));
    for (uint32_t i = 0; i < kinds; i++)
        event[i] = kind[i].event;
    bool good = sim_energy_check_type(energy, type->type->name, event, kinds, err);
    free(event);
    for (uint32_t i = 0; i < kinds; i++) {
        struct sim_energy_price price;
        if (!sim_energy_price(energy, kind[i].type, kind[i].event, point, &price, err)) {
            good = false;
            continue;
        }
        free((char *)kind[i].source);
        free((char *)kind[i].trust);
        kind[i].unit_energy_j = price.unit_energy_j;
        kind[i].source = sim_heap_must(strdup(price.source));
        kind[i].trust = sim_heap_must(strdup(price.trust));
    }
    return good;
}

bool sim_record_price(struct sim_record *record, const struct sim_energy *energy,
                      const struct sim_energy_point *point, struct sim_err *err) {
    struct sim_energy_point here = *point;
    here.parameter = record->parameter;
    here.parameters = record->parameters;
    bool good = true;
    for (uint32_t i = 0; i < record->types; i++)
        good = price_type(record, energy, &here, &record->type[i], err) &&
               measure_type(record, energy, &here, &record->area[i], err) && good;
    sim_record_set_text(record, "tech", sim_energy_name(energy));
    sim_record_set_real(record, "voltage_v",
                        here.voltage_v > 0 ? here.voltage_v : sim_energy_voltage(energy));
    sim_record_set_int(record, "voltage_is_nominal", here.voltage_v <= 0);
    sim_record_set_real(record, "clock_hz", here.clock_hz);
    return good;
}

/* ---- what happens ----------------------------------------------------------------------------- */

void sim_record_sample(struct sim_record *record, const struct sim_record_sample *sample) {
    if (record->store.rows == NULL)
        return;
    int64_t *cell = sim_rows_next(&record->sample);
    cell[0] = sample->id;
    cell[1] = or_null(sample->label, sample->label >= 0);
    cell[2] = or_null(sample->class_, sample->class_ >= 0);
    cell[3] = (int64_t)sample->first_cycle;
    cell[4] = (int64_t)sample->last_cycle;
}

void sim_record_output(struct sim_record *record, int64_t sample, const uint32_t *count, uint32_t neurons) {
    if (record->store.rows == NULL)
        return;
    for (uint32_t neuron = 0; neuron < neurons; neuron++) {
        if (count[neuron] == 0)
            continue;
        int64_t *cell = sim_rows_next(&record->output);
        cell[0] = sample;
        cell[1] = neuron;
        cell[2] = count[neuron];
    }
}

static void append_spikes(struct sim_record *record, int64_t sample, int32_t layer, uint32_t timestep,
                          uint64_t count) {
    int64_t *cell = sim_rows_next(&record->spikes);
    cell[0] = sample;
    cell[1] = layer;
    cell[2] = timestep;
    cell[3] = (int64_t)count;
}

void sim_record_spikes(struct sim_record *record, int64_t sample, int32_t id, uint32_t timestep,
                       uint64_t count) {
    if (record->store.rows == NULL)
        return;
    if (record->level >= SIM_RECORD_STEPS) {
        append_spikes(record, sample, id, timestep, count);
        return;
    }
    uint32_t i = 0;
    while (i < record->layers && record->layer[i].id != id)
        i++;
    assert(i < record->layers);
    struct layer *layer = &record->layer[i];
    if (timestep >= layer->steps) {
        uint32_t steps = (timestep + 1) * 2;
        layer->spikes = sim_heap_must(realloc(layer->spikes, steps * sizeof *layer->spikes));
        memset(layer->spikes + layer->steps, 0, (steps - layer->steps) * sizeof *layer->spikes);
        layer->steps = steps;
    }
    layer->spikes[timestep] += count;
}

void sim_record_step(struct sim_record *record, int64_t sample, uint32_t timestep) {
    if (record->level < SIM_RECORD_STEPS || record->store.rows == NULL)
        return;
    for (uint32_t id = 0; id < record->entries; id++) {
        const struct entry *entry = &record->entry[id];
        const uint64_t *count = entry->component->count;
        for (uint32_t event = 0; event < entry->component->type->event_count; event++) {
            if (count[event] == entry->last[event])
                continue;
            int64_t *cell = sim_rows_next(&record->step);
            cell[0] = sample;
            cell[1] = timestep;
            cell[2] = id;
            cell[3] = entry->first_kind + event;
            cell[4] = (int64_t)(count[event] - entry->last[event]);
            entry->last[event] = count[event];
        }
    }
}

uint32_t sim_record_histogram(struct sim_record *record, const char *name, const char *help) {
    record->histogram = sim_heap_grow(record->histogram, record->histograms, &record->histogram_capacity,
                                      sizeof *record->histogram);
    record->histogram[record->histograms] =
        (struct named_histogram){.name = sim_heap_must(strdup(name)),
                                 .help = sim_heap_must(strdup(help)),
                                 .histogram = sim_heap_must(calloc(1, sizeof(struct sim_histogram)))};
    return record->histograms++;
}

void sim_record_latency(struct sim_record *record, uint32_t histogram, uint64_t cycles, uint64_t count) {
    assert(histogram < record->histograms);
    sim_histogram_add(record->histogram[histogram].histogram, cycles, count);
}

void sim_record_link(struct sim_record *record, const struct sim_record_link *link) {
    sim_store_put(&record->store, "INSERT INTO link VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", "itiiiiii",
                  (int64_t)record->links++, link->name, or_null(link->from, link->from != UINT32_MAX),
                  or_null(link->to, link->to != UINT32_MAX), or_null(link->width, link->width != 0),
                  (int64_t)link->latency, (int64_t)link->sends, or_null(link->bits, link->bits >= 0));
}

/* ---- the end ---------------------------------------------------------------------------------- */

static void count_row(struct sim_record *record, struct sim_rows_block *block, uint32_t component,
                      uint32_t kind, uint64_t count) {
    if (count == 0)
        return;
    record->kind[kind].count += count;
    if (record->store.rows == NULL)
        return;
    int64_t *cell = sim_rows_next(block);
    cell[0] = component;
    cell[1] = kind;
    cell[2] = (int64_t)count;
}

static void store_counts(struct sim_record *record, sim_cycle cycles) {
    struct sim_rows_block block = {.rows = NULL};
    if (record->store.rows != NULL)
        sim_rows_block_init(&block, record->store.rows, "count", 3);
    for (uint32_t id = 0; id < record->entries; id++) {
        const struct entry *entry = &record->entry[id];
        const uint64_t *count = entry->component->count;
        uint32_t events = entry->component->type->event_count, leakage = entry->first_kind + events;
        for (uint32_t event = 0; event < events; event++)
            count_row(record, &block, id, entry->first_kind + event, count[event]);
        count_row(record, &block, id, leakage, entry->off ? 0 : cycles);
        if (record->level == SIM_RECORD_EVENTS) {
            entry->component->log = NULL;
            sim_log_remainder(&record->log, id, count, cycles);
            if (cycles > 0 && !entry->off)
                sim_log_append(&record->log, 0, id, leakage, cycles, cycles);
        }
    }
    if (record->store.rows != NULL)
        sim_rows_block_release(&block);
}

static void store_spike_sums(struct sim_record *record) {
    if (record->store.rows == NULL)
        return;
    for (uint32_t i = 0; i < record->layers; i++)
        for (uint32_t step = 0; step < record->layer[i].steps; step++)
            if (record->layer[i].spikes[step] != 0)
                append_spikes(record, SIM_ROWS_NULL, record->layer[i].id, step,
                              record->layer[i].spikes[step]);
}

static void store_components(struct sim_record *record) {
    for (uint32_t id = 0; id < record->entries; id++) {
        const struct entry *entry = &record->entry[id];
        const struct sim_record_place *place = &entry->place;
        sim_store_put(&record->store, "INSERT INTO component VALUES(?1, ?2, ?3, ?4, ?5, ?6)", "ittiii",
                      (int64_t)id, entry->component->path, entry->component->type->name,
                      or_null(place->layer, place->layer >= 0), or_null(place->row, place->row >= 0),
                      or_null(place->col, place->col >= 0));
    }
    for (uint32_t i = 0; i < record->kinds; i++) {
        const struct sim_record_kind *kind = &record->kind[i];
        sim_store_put(&record->store, "INSERT INTO kind VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)", "itttrtt",
                      (int64_t)i, kind->type, kind->event, kind->help, kind->unit_energy_j, kind->source,
                      kind->trust);
    }
}

static void store_histograms(struct sim_record *record) {
    for (uint32_t i = 0; i < record->histograms; i++) {
        const struct sim_histogram *histogram = record->histogram[i].histogram;
        bool any = histogram->count > 0;
        sim_store_put(&record->store, "INSERT INTO histogram VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)", "ittiiii",
                      (int64_t)i, record->histogram[i].name, record->histogram[i].help,
                      (int64_t)histogram->count, (int64_t)histogram->sum,
                      or_null((int64_t)histogram->min, any), or_null((int64_t)histogram->max, any));
        for (uint32_t bin = 0; bin < SIM_HISTOGRAM_BINS; bin++)
            if (histogram->bin[bin] > 0)
                sim_store_put(&record->store, "INSERT INTO latency VALUES(?1, ?2, ?3, ?4)", "iiii",
                              (int64_t)i, (int64_t)sim_histogram_low(bin), (int64_t)sim_histogram_high(bin),
                              (int64_t)histogram->bin[bin]);
    }
}

static void store_time(struct sim_record *record, sim_cycle cycles) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    sim_record_set_int(record, "cycles", (int64_t)cycles);
    sim_record_set_real(record, "wall_s",
                        (double)(now.tv_sec - record->start.tv_sec) +
                            (double)(now.tv_nsec - record->start.tv_nsec) * 1e-9);
}

bool sim_record_finish(struct sim_record *record, sim_cycle cycles, struct sim_err *err) {
    assert(!record->finished);
    record->finished = true;
    store_counts(record, cycles);
    if (record->store.database == NULL)
        return true;
    store_spike_sums(record);
    end_rows(record);
    store_components(record);
    store_histograms(record);
    store_time(record, cycles);
    sim_store_complete(&record->store);
    sim_store_close(&record->store);
    if (!record->store.failed)
        return sim_partial_complete(&record->partial, err);
    sim_err_add(err, SIM_EXIT_IO, NULL, "%s: cannot be written: %s", record->partial.target,
                record->store.fault);
    sim_partial_release(&record->partial);
    return false;
}

const struct sim_record_kind *sim_record_kinds(const struct sim_record *record, uint32_t *count) {
    *count = record->kinds;
    return record->kind;
}

const struct sim_record_area *sim_record_areas(const struct sim_record *record, uint32_t *count) {
    *count = record->types;
    return record->area;
}

double sim_record_energy(const struct sim_record *record) {
    double energy_j = 0;
    for (uint32_t i = 0; i < record->kinds; i++)
        if (record->kind[i].count > 0)
            energy_j += (double)record->kind[i].count * record->kind[i].unit_energy_j;
    return energy_j;
}

uint64_t sim_record_events(const struct sim_record *record) { return record->log.rows; }
