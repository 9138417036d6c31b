/* SPDX-License-Identifier: MIT
 *
 * What programming and time make of a cell.
 *
 *     target g --error--> g + sigma(g) n, at least 0 --stuck--> g, g_min or g_max --drift--> g (t/t0)^-nu
 *
 * A cell is held as (g - g_min) / step, step = (g_max - g_min) / (2^bits - 1): its digit where nothing is
 * wrong. Published fits give sigma in uS over g in uS: RRAM Milo 2021, RRAM Wan 2022, PCM Joshi 2020 as in
 * CrossSim (sandialabs/cross-sim 0a2eb1e); RRAM Wan 2022 after a second, a day, two days, and PCM with its
 * drift exponents as in AIHWKIT (IBM/aihwkit 4545f11). They hold for the conductances of their devices: g_max
 * 225 uS (Milo), 39.26 and 40 uS (Wan), 25 uS (PCM).
 */
#ifndef ARCH_CROSSBAR_DEVICE_H
#define ARCH_CROSSBAR_DEVICE_H

#include "arch/crossbar/spec.h"
#include "arch/unit/crossbar_random.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Draws of one cell. */
struct arch_crossbar_draws {
    double program, drift; /* standard normal */
    double stuck;          /* uniform in [0, 1) */
};

struct arch_crossbar_device {
    const struct arch_crossbar_spec *spec;
    double step_s;  /* conductance of one step of a digit */
    bool ideal;     /* nothing is drawn */
    double log_age; /* ln(age / t0); 0: no drift */
    const struct arch_crossbar_ziggurat *ziggurat;
    uint64_t key_program, key_stuck, key_drift;
};

void arch_crossbar_device_init(struct arch_crossbar_device *device, const struct arch_crossbar_spec *spec,
                               uint32_t core, const struct arch_crossbar_ziggurat *ziggurat);

/* Standard deviation of programming at target conductance `g`, S. */
double arch_crossbar_program_sigma(const struct arch_crossbar_spec *spec, double g);

/* What is drawn for cell number `cell` of `cells` that was written `writes` times before. */
void arch_crossbar_draw(const struct arch_crossbar_device *device, uint64_t cell, uint64_t cells,
                        uint64_t writes, struct arch_crossbar_draws *draws);

/* The cell whose target is `level` steps. */
double arch_crossbar_cell(const struct arch_crossbar_device *device, double level,
                          const struct arch_crossbar_draws *draws);

#ifdef __cplusplus
}
#endif

#endif
