/* SPDX-License-Identifier: MIT
 *
 * Heap memory outside the arena, for what grows while it is read or recorded. Running out of memory ends
 * the program with a message: no caller could do better.
 */
#ifndef SIM_BASE_HEAP_H
#define SIM_BASE_HEAP_H

#include "sim/base/memory.h"

#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Passes on what malloc, calloc, realloc or strdup gave. */
static inline void *sim_heap_must(void *memory) {
    if (memory == NULL)
        sim_memory_exhausted(NULL);
    return memory;
}

/* Makes room for one more element in a growing array; returns the array, which may have moved. */
static inline void *sim_heap_grow(void *array, uint32_t used, uint32_t *capacity, size_t size) {
    if (used < *capacity)
        return array;
    *capacity = *capacity == 0 ? 16 : *capacity * 2;
    return sim_heap_must(realloc(array, *capacity * size));
}

#ifdef __cplusplus
}
#endif

#endif
