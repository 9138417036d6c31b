/* SPDX-License-Identifier: MIT
 *
 * How much state the neuron models have; see neuron_models.h.
 */
#include "arch/neuron_models.h"

uint32_t arch_neuron_planes(const struct arch_neuron_model *model) {
    static const struct {
        const struct arch_neuron_model *model;
        uint32_t planes;
    } more[] = {
        {&arch_neuron_ssf, 4},
        {&arch_neuron_ttfs, 5},
        {&arch_neuron_masked_ttfs, 4},
        {&arch_neuron_shift_lif, 2},
    };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (more[i].model == model)
            return more[i].planes;
    return 1;
}
