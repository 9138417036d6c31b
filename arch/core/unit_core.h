/* SPDX-License-Identifier: MIT
 *
 * A core unit (arch/unit/core_unit.h: a memristor crossbar) and neurons behind a packet network.
 *
 *     packets --> shell --axons--> core unit --sums--> neurons --> shell --> packets
 *
 *     tick   start_cycles   the unit's latency:                  for every neuron
 *            [reset]        passes x (settle + conversions)      update_cycles or idle_cycles
 *
 * Unit and periphery are two components: the unit's events stand under `path`.unit and cost what its
 * technology says; the periphery (shell and neurons, arch/core/shell.h, arch/core/soma.h) is this one's. The
 * unit is asked in every timestep, also when no axon spikes.
 */
#ifndef ARCH_CORE_UNIT_CORE_H
#define ARCH_CORE_UNIT_CORE_H

#include "arch/core/periphery.h"
#include "arch/core/soma.h"
#include "arch/unit/core_unit.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct sim_type arch_unit_core_type;

struct arch_unit_core {
    struct arch_core_shell shell;
    struct arch_soma soma;
    const struct arch_core_unit_type *type;
    void *unit;
    struct sim_component unit_counts; /* what the unit counts; takes no steps */
    uint64_t *axons;                  /* [words of all axons of the unit] */
    int32_t *sum;                     /* [neurons of the unit] */
};

/* Prepares the state; `unit` is a prepared unit of this type, whose owner is unit_counts. It and the
 * neurons are the caller's and stay. */
void arch_unit_core_init(struct arch_unit_core *core, const struct arch_core_unit_type *type, void *unit,
                         const struct arch_core_unit_shape *shape, const struct arch_core_ports *ports,
                         const struct arch_periphery_spec *periphery, const struct arch_soma_load *neurons,
                         struct sim_arena *arena);

#ifdef __cplusplus
}
#endif

#endif
