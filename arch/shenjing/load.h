/* SPDX-License-Identifier: MIT
 *
 * Products on Shenjing: the weights of the loaded operand, which the host writes.
 *
 *     windows   | 0 .. L - 1              | L: reset, held for the writes  | L ...
 *     operand 1   spikes leave the chip     rows of counts, tile by tile     operand 0 streams
 *
 * No spike reaches a weight memory of a tile; it has a bus of its own, which takes a row of each sub-core a
 * cycle (LD_WT). So the loaded operand leaves the chip like an output; when its last token has come, the host
 * holds the chip in reset and writes the counts of all tokens, one tile after another, `rows` + 2 cycles
 * each: as long as the instruction takes. (That its bus is free of other tiles' and works in reset are
 * choices.) A sequence finds no weights of the one before: rows are written for tokens that it does not have,
 * too.
 */
#ifndef ARCH_SHENJING_LOAD_H
#define ARCH_SHENJING_LOAD_H

#include "arch/shenjing/chip.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Has the counts kept that products load. Part of elaboration, after arch_sequence_init. */
void arch_shenjing_load_prepare(struct arch_shenjing_chip *chip, struct sim_arena *arena);

/* Writes what is due when the window at hand begins; returns the cycles that it takes. */
sim_cycle arch_shenjing_load_window(struct arch_shenjing_chip *chip, sim_cycle now);

#ifdef __cplusplus
}
#endif

#endif
