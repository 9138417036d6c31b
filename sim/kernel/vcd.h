/* SPDX-License-Identifier: MIT
 *
 * Waveforms: a Value Change Dump (IEEE 1364-2001, section 18) of a kernel's connections.
 *
 * A wire is a vector of 8 x bytes bits, bit 0 that of its first byte; it changes when the driven value
 * becomes visible. A link is an integer: how many items are in flight or waiting; it changes in the cycle
 * after that of the send or take. Scopes follow the paths: chip.tile[0][1].spike.east is the wire `east` in
 * scope `spike` in `tile[0][1]` in `chip`. Times are picoseconds, cycle c beginning at c / clock.
 *
 * Only the connections of the scope asked for are looked at, after each cycle in which anybody stepped, by
 * way of sim_engine.watch. The file has its name once it is whole (sim/base/partial.h). The text depends on
 * what the wires did alone: every engine and order writes the same file.
 */
#ifndef SIM_KERNEL_VCD_H
#define SIM_KERNEL_VCD_H

#include "sim/base/err.h"
#include "sim/kernel/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_vcd_spec {
    const char *path;
    const char *scope; /* pattern (sim/base/glob.h) for names of connections or components; NULL: all */
    double clock_hz;
    bool force; /* an existing file may be replaced */
};

/* Begins a file. NULL and a message when it cannot be begun, when the pattern is faulty (SIM_EXIT_USAGE) or
 * describes nothing. The kernel has been started and has stepped nothing yet. */
struct sim_vcd *sim_vcd_new(const struct sim_vcd_spec *spec, const struct sim_kernel *kernel,
                            struct sim_err *err);

/* Notes what was driven in cycle `now`, whose steps are over; to be called for every such cycle, in order. */
void sim_vcd_watch(void *vcd, sim_cycle now);

/* Connections in scope. */
uint32_t sim_vcd_signals(const struct sim_vcd *vcd);

/* Ends the file with what is visible in cycle `end`, the first that was not stepped, gives it its name, and
 * frees `vcd` in any case. False, a message and no file when it could not be written whole. */
bool sim_vcd_finish(struct sim_vcd *vcd, sim_cycle end, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif
