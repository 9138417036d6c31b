/* SPDX-License-Identifier: MIT
 *
 * Bump allocation out of chunks; see arena.h. A request larger than a chunk gets one of its own.
 *
 * A large chip is a few hundred megabytes that are visited all over in every cycle: its chunks are large, and
 * the system is asked to back them with large pages, which spares misses in the translation of addresses.
 */
#include "sim/base/arena.h"

#include "sim/base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ALIGNMENT 64
#define CHUNK_BYTES ((size_t)1 << 20)
#define TEXT_BYTES 1024u
#define PACK_BYTES 4096u
#define LARGE_CHUNK_BYTES ((size_t)32 << 20)
#define LARGE_ARENA_BYTES ((size_t)16 << 20) /* from here on chunks are large */
#define LARGE_PAGE_BYTES ((size_t)2 << 20)

struct sim_arena_chunk {
    struct sim_arena_chunk *next;
    void *block;          /* as it was allocated */
    unsigned char *start; /* first block */
    unsigned char *free;  /* first unused byte, aligned */
    unsigned char *end;
};

static _Noreturn void die(const char *what) {
    fprintf(stderr, "nocsim: %s\n", what);
    abort();
}

#define TOO_LARGE "the chip is too large for this machine"

static struct sim_arena_chunk *new_chunk(size_t bytes) {
    size_t head = (sizeof(struct sim_arena_chunk) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes > SIZE_MAX - head - LARGE_PAGE_BYTES)
        sim_memory_exhausted(TOO_LARGE);
    bool large = bytes >= LARGE_CHUNK_BYTES;
    if (large && bytes > sim_memory_available())
        sim_memory_exhausted(TOO_LARGE);
    size_t alignment = large ? LARGE_PAGE_BYTES : ALIGNMENT;
    size_t all = (head + bytes + alignment - 1) / alignment * alignment;
    void *block = calloc(1, all + alignment); /* fresh pages are zero: they are not touched here */
    if (block == NULL)
        sim_memory_exhausted(TOO_LARGE);
    unsigned char *aligned = (unsigned char *)block + (alignment - (uintptr_t)block % alignment);
    if (large)
        madvise(aligned, all, MADV_HUGEPAGE); /* a wish: nothing depends on it */
    struct sim_arena_chunk *chunk = (struct sim_arena_chunk *)aligned;
    chunk->block = block;
    chunk->start = aligned + head;
    chunk->free = chunk->start;
    chunk->end = chunk->free + bytes;
    return chunk;
}

void sim_arena_init(struct sim_arena *arena) { *arena = (struct sim_arena){.chunk = NULL}; }

void sim_arena_release(struct sim_arena *arena) {
    while (arena->chunk != NULL) {
        struct sim_arena_chunk *next = arena->chunk->next;
        free(arena->chunk->block);
        arena->chunk = next;
    }
    sim_arena_init(arena);
}

void *sim_arena_alloc(struct sim_arena *arena, size_t count, size_t size) {
    if (arena->sealed)
        die("bug: allocation after elaboration");
    if (size != 0 && count > (SIZE_MAX - ALIGNMENT) / size)
        sim_memory_exhausted(TOO_LARGE);
    size_t bytes = (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct sim_arena_chunk *chunk = arena->chunk;
    if (chunk == NULL || (size_t)(chunk->end - chunk->free) < bytes) {
        size_t usual = arena->bytes < LARGE_ARENA_BYTES ? CHUNK_BYTES : LARGE_CHUNK_BYTES;
        chunk = new_chunk(bytes > usual ? bytes : usual);
        chunk->next = arena->chunk;
        arena->chunk = chunk;
    }
    void *block = chunk->free;
    chunk->free += bytes;
    arena->bytes += bytes;
    return block;
}

static size_t packed_alignment(size_t bytes) {
    size_t alignment = 8;
    while (alignment < ALIGNMENT && (bytes > ALIGNMENT ? bytes % (2 * alignment) == 0 : alignment < bytes))
        alignment *= 2;
    return alignment;
}

void *sim_arena_pack(struct sim_arena *arena, size_t count, size_t size) {
    if (arena->sealed || (size != 0 && count > PACK_BYTES / size))
        return sim_arena_alloc(arena, count, size);
    size_t bytes = (count * size + 7) / 8 * 8, alignment = packed_alignment(bytes);
    size_t skip = (alignment - (uintptr_t)arena->pack % alignment) % alignment;
    if (arena->pack == NULL || (size_t)(arena->pack_end - arena->pack) < skip + bytes) {
        arena->pack = sim_arena_alloc(arena, PACK_BYTES, 1);
        arena->pack_end = arena->pack + PACK_BYTES;
        arena->bytes -= PACK_BYTES; /* it is handed out piece by piece */
        skip = 0;
    }
    unsigned char *block = arena->pack + skip;
    arena->pack = block + bytes;
    arena->bytes += skip + bytes;
    return block;
}

char *sim_arena_format(struct sim_arena *arena, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        die("bug: bad format string");
    size_t bytes = (size_t)length + 1;
    if (arena->text_bytes < bytes) {
        arena->text_bytes = bytes > TEXT_BYTES ? bytes : TEXT_BYTES;
        arena->text = sim_arena_alloc(arena, arena->text_bytes, 1);
    }
    char *text = arena->text;
    arena->text += bytes;
    arena->text_bytes -= bytes;
    vsnprintf(text, bytes, format, again);
    va_end(again);
    return text;
}

const void *sim_arena_span(const struct sim_arena *arena, size_t i, size_t *bytes) {
    const struct sim_arena_chunk *chunk = arena->chunk;
    while (chunk != NULL && i-- > 0)
        chunk = chunk->next;
    if (chunk == NULL)
        return NULL;
    *bytes = (size_t)(chunk->free - chunk->start);
    return chunk->start;
}

void sim_arena_seal(struct sim_arena *arena) { arena->sealed = true; }
