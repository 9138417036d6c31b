/* SPDX-License-Identifier: MIT
 *
 * Power of a whole chip as measured chips are often summed up: what it draws at rest, what its clock adds,
 * and an energy for each synaptic event.
 *
 *     P = static + clock_energy x clock + event x events,   events = neurons x fan_out x rate (Hz)
 *
 * The published "energy of a synaptic event" is sometimes the marginal one (event), sometimes the average
 * P / events, which contains everything; the two differ by an order of magnitude on TrueNorth.
 *
 * Sources: TrueNorth, 64.4 mW + 2.30 pJ at 0.8 V (Merolla et al. 2014, supplement); ODIN, 27.3 uW + 1.78
 * uW/MHz + 8.43 pJ at 0.55 V (Frenkel et al. 2019), both by a third party's notes.
 */
#ifndef ARCH_MODEL_POWER_LAW_H
#define ARCH_MODEL_POWER_LAW_H

#include "arch/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_model_power_spec {
    double static_w, clock_j, clock_hz, event_j;
    double neurons, fan_out, rate_hz;
};

enum arch_model_power_result {
    ARCH_MODEL_POWER_TOTAL,
    ARCH_MODEL_POWER_DYNAMIC,
    ARCH_MODEL_POWER_EVENTS,
    ARCH_MODEL_POWER_AVERAGE,
    ARCH_MODEL_POWER_RESULT_COUNT
};

extern const struct sim_schema arch_model_power_schema;
extern const struct arch_model arch_model_power_law;

#ifdef __cplusplus
}
#endif

#endif
