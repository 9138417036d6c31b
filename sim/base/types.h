/* SPDX-License-Identifier: MIT
 *
 * Time. One cycle is one period of the base clock of the simulated chip; cycle c lies between
 * rising edge c and rising edge c + 1. A value is "visible at c" when a register shows it after
 * edge c. Everything in nocsim counts in cycles of this clock; seconds appear only in reports.
 */
#ifndef SIM_BASE_TYPES_H
#define SIM_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint64_t sim_cycle;

/* "No cycle": the answer of a step that waits for its links only. Later than every cycle. */
#define SIM_NEVER UINT64_MAX

/* Exit codes of the program, and the class of every user-visible error. */
enum sim_exit {
    SIM_EXIT_OK = 0,
    SIM_EXIT_USAGE = 1,   /* the command line is wrong */
    SIM_EXIT_CONFIG = 2,  /* a description or a trace is wrong */
    SIM_EXIT_STOPPED = 3, /* the watchdog or an audit stopped the run */
    SIM_EXIT_IO = 4,      /* a file could not be read or written */
    SIM_EXIT_COUNT
};

#ifdef __cplusplus
}
#endif

#endif
