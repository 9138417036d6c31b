/* SPDX-License-Identifier: MIT
 *
 * Patches of weights and who holds them; see weight_sharing.h.
 */
#include "arch/shenjing/weight_sharing.h"

#include <string.h>
#include <xxhash.h>

void arch_weight_sharing_init(struct arch_weight_sharing *sharing, uint32_t patches,
                              struct sim_arena *arena) {
    uint32_t slots = 2;
    while (slots / 2 < patches)
        slots *= 2;
    sharing->patch = SIM_NEW_ARRAY(arena, struct sim_patch, slots);
    sharing->holder = SIM_NEW_ARRAY(arena, void *, slots);
    sharing->mask = slots - 1;
}

void **arch_weight_sharing_holder(struct arch_weight_sharing *sharing, struct sim_patch patch) {
    uint32_t i = (uint32_t)XXH3_64bits(&patch, sizeof patch) & sharing->mask;
    while (sharing->holder[i] != NULL && memcmp(&sharing->patch[i], &patch, sizeof patch) != 0)
        i = (i + 1) & sharing->mask;
    sharing->patch[i] = patch;
    return &sharing->holder[i];
}
