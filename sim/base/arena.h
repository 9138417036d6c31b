/* SPDX-License-Identifier: MIT
 *
 * The arena: all memory of an elaborated chip. Blocks are zeroed, 64-byte aligned (but for small ones, which
 * may be packed), never freed one by one, and refused once the arena is sealed: a simulation allocates
 * nothing after elaboration, so its speed and its memory do not drift.
 */
#ifndef SIM_BASE_ARENA_H
#define SIM_BASE_ARENA_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_arena {
    struct sim_arena_chunk *chunk; /* newest first */
    char *text;                    /* the rest of a block for texts, which stand close together */
    size_t text_bytes;
    unsigned char *pack, *pack_end; /* the rest of a block for small ones */
    size_t bytes; /* handed out so far */
    bool sealed;
};

void sim_arena_init(struct sim_arena *arena);
void sim_arena_release(struct sim_arena *arena);

/* `count` objects of `size` bytes, all zero, aligned to 64 bytes. Never NULL: running out of memory
 * or allocating from a sealed arena ends the program with a message. */
void *sim_arena_alloc(struct sim_arena *arena, size_t count, size_t size);

/* The same, for small blocks; those allocated one behind the other stand together. Of up to 64 bytes they are
 * aligned to their size (the next power of two), so they do not cross a cache line; larger ones to the
 * largest power of two in their size. */
void *sim_arena_pack(struct sim_arena *arena, size_t count, size_t size);

/* A copy of a string; printf-like. */
char *sim_arena_format(struct sim_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The used bytes of chunk `i` (0 = newest), or NULL beyond the last: all memory of the chip, for tests
 * that compare it. */
const void *sim_arena_span(const struct sim_arena *arena, size_t i, size_t *bytes);

/* No allocation from now on (elaboration has ended). */
void sim_arena_seal(struct sim_arena *arena);

#define SIM_NEW(arena, type) ((type *)sim_arena_alloc((arena), 1, sizeof(type)))
#define SIM_NEW_ARRAY(arena, type, count) ((type *)sim_arena_alloc((arena), (count), sizeof(type)))
#define SIM_PACK_ARRAY(arena, type, count) ((type *)sim_arena_pack((arena), (count), sizeof(type)))

#ifdef __cplusplus
}
#endif

#endif
