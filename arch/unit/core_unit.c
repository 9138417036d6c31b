/* SPDX-License-Identifier: MIT
 *
 * What all units share; see core_unit.h.
 */
#include "arch/unit/core_unit.h"

sim_cycle arch_core_unit_step(void *self, sim_cycle now) {
    (void)self;
    (void)now;
    return SIM_NEVER;
}
