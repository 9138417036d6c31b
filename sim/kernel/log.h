/* SPDX-License-Identifier: MIT
 *
 * The event log: every call of sim_count becomes a row (cycle, component, kind, count, latency) of table
 * `event`. The slow path of sim/kernel/component.h.
 *
 * What models count by the mere passing of time (law L3) never passes through sim_count. At the end
 * of the run each such remainder becomes one row that begins in cycle 0 and lasts the whole run, so that
 * for every component and kind the rows add up to the count, exactly.
 */
#ifndef SIM_KERNEL_LOG_H
#define SIM_KERNEL_LOG_H

#include "sim/base/rows.h"
#include "sim/kernel/component.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Per component: where its kinds begin, and what was logged of each. */
struct sim_log_component {
    uint32_t first_kind;
    uint32_t events;
    uint64_t *logged; /* [events] */
};

/* Invariant: component[id] is filled for every registered id < components. */
struct sim_log {
    struct sim_rows_block block;
    struct sim_log_component *component; /* [components] */
    uint32_t components, capacity;
    uint64_t rows;
};

void sim_log_init(struct sim_log *log, struct sim_rows *rows);

/* Sends the rest and releases. */
void sim_log_release(struct sim_log *log);

/* Registers component `id`, whose events are the kinds first_kind .. first_kind + events - 1. */
void sim_log_add(struct sim_log *log, uint32_t id, uint32_t first_kind, uint32_t events);

/* Appends a row as it is. */
void sim_log_append(struct sim_log *log, sim_cycle cycle, uint32_t component, uint32_t kind, uint64_t count,
                    uint64_t latency);

/* Writes what `count` holds beyond the logged events as rows over the whole run. */
void sim_log_remainder(struct sim_log *log, uint32_t id, const uint64_t *count, sim_cycle cycles);

#ifdef __cplusplus
}
#endif

#endif
