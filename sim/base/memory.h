/* SPDX-License-Identifier: MIT
 *
 * The memory of the machine. A description can ask for more than there is; the system then kills whoever
 * touches the last page, without a word. So the arena asks before it takes a large chunk, and whoever gets
 * none ends the program with a message and the code of a wrong description.
 */
#ifndef SIM_BASE_MEMORY_H
#define SIM_BASE_MEMORY_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that can still be taken without paging: of the machine, and of this process's control group.
 * UINT64_MAX: the system does not say. */
uint64_t sim_memory_available(void);

/* Ends the program: "nocsim: out of memory: WHAT", SIM_EXIT_CONFIG. NULL: without the colon. */
__attribute__((noreturn)) void sim_memory_exhausted(const char *what);

#ifdef __cplusplus
}
#endif

#endif
