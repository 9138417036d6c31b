/* SPDX-License-Identifier: MIT
 *
 * The neurons of a core: potentials, and when each neuron is updated.
 *
 *     start                                    end
 *       |-- neuron 0 --|-- 1 --|-- 2 --| ...    |     update_cycles with input, idle_cycles without
 *
 * Neurons are updated one after another; a spike may leave as soon as its neuron is updated. Models that
 * count timesteps (arch/neuron/models.h) begin in the timestep in which the first input of a sample arrives.
 * Spikes of different heights (shift_lif) leave highest first, each with its k as the packet's mark.
 */
#ifndef ARCH_CORE_SOMA_H
#define ARCH_CORE_SOMA_H

#include "arch/core/shell.h"
#include "arch/neuron/models.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The events of a core with neurons, after those of its shell. */
#define ARCH_SOMA_EVENTS(X)                                                                                  \
    X(UPDATE_ACTIVE, update_active, "a neuron with input was updated")                                       \
    X(UPDATE_IDLE, update_idle, "a neuron without input was updated")

#define ARCH_SOMA_EVENT_ENUM(NAME, name, help) ARCH_SOMA_##NAME,
enum arch_soma_event {
    ARCH_SOMA_BEFORE = ARCH_CORE_EVENT_COUNT - 1,
    ARCH_SOMA_EVENTS(ARCH_SOMA_EVENT_ENUM) ARCH_SOMA_EVENT_COUNT
};

struct arch_soma {
    const struct arch_neuron *neuron;
    uint32_t neurons, marks; /* of its spikes; 0: none */
    uint32_t first;          /* timestep of a sample in which the neurons begin to be updated */
    uint32_t update_cycles, idle_cycles;
    int32_t *potential;      /* [1 + planes of the model][neurons] */
    uint64_t *fired;         /* [marks][words] */
    uint64_t *active;        /* [words] neurons with input */
    uint32_t *active_before; /* [words] active neurons in the words before */
    sim_cycle start, end;    /* of the updates of the timestep at hand */
};

/* The neurons of a core, which outlive the soma. */
struct arch_soma_load {
    const struct arch_neuron *neuron;
    uint32_t first;
};

void arch_soma_init(struct arch_soma *soma, const struct arch_soma_load *load,
                    const struct arch_core_ports *ports, uint32_t update_cycles, uint32_t idle_cycles,
                    struct sim_arena *arena);

void arch_soma_reset(struct arch_soma *soma);

/* A timestep with the inputs of `core`: updates, from `start` on, and fires; a core that has no neurons of
 * its own sends the inputs. Counts the events. */
void arch_soma_update(struct arch_soma *soma, struct arch_core_shell *core, sim_cycle start, sim_cycle now);

/* When the packet may leave: when the last neuron whose spike it carries has been updated. */
sim_cycle arch_soma_ready_at(const struct arch_soma *soma, const struct arch_core_shell *core,
                             const struct arch_sender_packet *packet);

#ifdef __cplusplus
}
#endif

#endif
