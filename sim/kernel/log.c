/* SPDX-License-Identifier: MIT
 *
 * The event log; see log.h.
 */
#include "sim/kernel/log.h"

#include "sim/base/heap.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_COLUMNS 5

void sim_log_init(struct sim_log *log, struct sim_rows *rows) {
    *log = (struct sim_log){.rows = 0};
    sim_rows_block_init(&log->block, rows, "event", EVENT_COLUMNS);
}

void sim_log_release(struct sim_log *log) {
    sim_rows_block_release(&log->block);
    for (uint32_t id = 0; id < log->components; id++)
        free(log->component[id].logged);
    free(log->component);
}

void sim_log_add(struct sim_log *log, uint32_t id, uint32_t first_kind, uint32_t events) {
    if (id >= log->capacity) {
        uint32_t capacity = (id + 1) * 2;
        log->component = sim_heap_must(realloc(log->component, capacity * sizeof *log->component));
        memset(log->component + log->capacity, 0, (capacity - log->capacity) * sizeof *log->component);
        log->capacity = capacity;
    }
    if (id >= log->components)
        log->components = id + 1;
    log->component[id] =
        (struct sim_log_component){.first_kind = first_kind,
                                   .events = events,
                                   .logged = sim_heap_must(calloc(events + 1, sizeof(uint64_t)))};
}

void sim_log_append(struct sim_log *log, sim_cycle cycle, uint32_t component, uint32_t kind, uint64_t count,
                    uint64_t latency) {
    int64_t *cell = sim_rows_next(&log->block);
    cell[0] = (int64_t)cycle;
    cell[1] = component;
    cell[2] = kind;
    cell[3] = (int64_t)count;
    cell[4] = (int64_t)latency;
    log->rows++;
}

void sim_log_event(struct sim_log *log, sim_cycle cycle, uint32_t component, uint32_t event, uint64_t count,
                   uint64_t latency) {
    assert(component < log->components && event < log->component[component].events);
    struct sim_log_component *entry = &log->component[component];
    entry->logged[event] += count;
    sim_log_append(log, cycle, component, entry->first_kind + event, count, latency);
}

void sim_log_remainder(struct sim_log *log, uint32_t id, const uint64_t *count, sim_cycle cycles) {
    const struct sim_log_component *entry = &log->component[id];
    for (uint32_t event = 0; event < entry->events; event++)
        if (count[event] != entry->logged[event])
            sim_log_append(log, 0, id, entry->first_kind + event, count[event] - entry->logged[event],
                           cycles);
}
