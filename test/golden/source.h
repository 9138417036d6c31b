/* SPDX-License-Identifier: MIT
 *
 * The stimuli of a golden case as a source for the bench and for the naive reference, and the
 * observation of a tile's registers.
 */
#ifndef TEST_GOLDEN_SOURCE_H
#define TEST_GOLDEN_SOURCE_H

#include "test/golden/bench.h"
#include "test/golden/case.h"

extern const struct arch_shenjing_tile_spec golden_tile_spec;

struct golden_source {
    struct bench_source base;
    const struct golden_case *c;
    size_t at; /* next stimulus */
};
void golden_source_init(struct golden_source *source, const struct golden_case *c);

/* Programs and weights of the case. */
void golden_load(struct bench *bench, const struct golden_case *c);

/* All planes of a signal, one lane each; the tile has been settled unless the signal is an output. */
void golden_look(const struct arch_shenjing_tile *tile, enum golden_signal signal, sim_cycle now,
                 int16_t lane[GOLDEN_LANES]);

uint64_t golden_hash_of(enum golden_signal signal, const int16_t lane[GOLDEN_LANES]);

#endif
