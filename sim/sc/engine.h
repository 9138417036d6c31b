/* SPDX-License-Identifier: MIT
 *
 * The SystemC engine: the kernel's components as SystemC modules, scheduled by SystemC.
 *
 * kernel->spec.order chooses the form:
 *   sparse   evented: a component is stepped by an event of its own, when it is due
 *   dense    clocked: every component is stepped at every rising edge of a clock
 * (shuffled is refused: the order within a cycle is SystemC's to choose).
 *
 * SystemC has one simulation in a process: one engine may be opened, once. Reports that SystemC or foreign
 * modules make are messages in `err`, named after the component or module in which they were made.
 */
#ifndef SIM_SC_ENGINE_H
#define SIM_SC_ENGINE_H

#include "sim/kernel/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const struct sim_engine_type sim_engine_systemc;

#ifdef __cplusplus
}
#endif

#endif
