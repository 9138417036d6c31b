/* SPDX-License-Identifier: MIT
 *
 * Events that happen in every cycle by the mere passing of time (a clocked register bank, an instruction
 * memory that is read while a program runs). They are not counted cycle by cycle: a rate stands from one
 * change to the next and is multiplied by the elapsed cycles. In the event log such a stretch is one row:
 * the cycle of its start, the total count, and its length as latency. A stretch ends when the rate changes
 * or when the component is settled, so the rows do not depend on when the component was stepped.
 */
#ifndef SIM_RECORD_RATE_H
#define SIM_RECORD_RATE_H

#include "sim/kernel/component.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_rate {
    sim_cycle since;    /* first cycle that is not counted yet */
    uint64_t per_cycle;
};

/* Counts what has happened before `now`. */
static inline void sim_rate_settle(struct sim_rate *rate, struct sim_component *component,
                                   uint32_t event, sim_cycle now) {
    if (rate->per_cycle != 0 && now > rate->since)
        sim_count(component, event, rate->per_cycle * (now - rate->since), rate->since, now - rate->since);
    rate->since = now;
}

/* From cycle `now` on, `per_cycle` events happen in each cycle. */
static inline void sim_rate_set(struct sim_rate *rate, struct sim_component *component, uint32_t event,
                                uint64_t per_cycle, sim_cycle now) {
    if (rate->per_cycle == per_cycle)
        return;
    sim_rate_settle(rate, component, event, now);
    rate->per_cycle = per_cycle;
}

#ifdef __cplusplus
}
#endif

#endif
