/* SPDX-License-Identifier: MIT
 *
 * What the files of the crossbar core share and nobody else needs.
 */
#ifndef ARCH_CROSSBAR_CORE_H
#define ARCH_CROSSBAR_CORE_H

#include "arch/crossbar/crossbar.h"

#ifdef __cplusplus
extern "C" {
#endif

static inline uint32_t arch_crossbar_flip_words(const struct arch_crossbar *xb) {
    return (xb->layout.columns + 63) / 64;
}

static inline bool arch_crossbar_is_flipped(const struct arch_crossbar *xb, uint32_t block, uint32_t column) {
    return xb->flipped[(size_t)block * arch_crossbar_flip_words(xb) + column / 64] >> (column % 64) & 1;
}

/* The (positive) column of a conversion; unit columns are the last conversions. */
static inline uint32_t arch_crossbar_column_of_conversion(const struct arch_crossbar *xb,
                                                          uint32_t conversion) {
    const struct arch_crossbar_layout *l = &xb->layout;
    if (l->conversions == l->columns || conversion >= l->conversions)
        return conversion - l->conversions + l->columns;
    if (l->sign_stride == 1)
        return 2 * conversion;
    return conversion / l->sign_stride * 2 * l->sign_stride + conversion % l->sign_stride;
}

/* The digit as it is stored: inverted in flipped columns. */
uint32_t arch_crossbar_target(const struct arch_crossbar *xb, uint32_t axon, uint32_t column, uint32_t digit);

/* Folding: decided once; a weight's cells have changed; a pass of row[first .. first + rows - 1]. */
void arch_crossbar_fold_init(struct arch_crossbar *xb);
void arch_crossbar_fold_weight(struct arch_crossbar *xb, uint32_t axon, uint32_t neuron);
void arch_crossbar_fold_read(struct arch_crossbar *xb, uint32_t first, uint32_t rows, double weight);

/* Planes: decided once, before and after flips are known; a weight's cells have changed; a pass of row[first
 * .. first + rows - 1] whose digits add up to `digits`; all passes of a digit are done. */
void arch_crossbar_planes_init(struct arch_crossbar *xb);
void arch_crossbar_planes_prepare(struct arch_crossbar *xb);
void arch_crossbar_planes_weight(struct arch_crossbar *xb, uint32_t axon, uint32_t neuron);
void arch_crossbar_planes_read(struct arch_crossbar *xb, uint32_t block, uint32_t first, uint32_t rows,
                               double weight, uint64_t digits);
void arch_crossbar_planes_finish(struct arch_crossbar *xb, double weight);

/* sums[neurons] += integer weights of the rows */
void arch_crossbar_add_weights(struct arch_crossbar *xb, const uint32_t *row, uint32_t rows, int32_t *sums);

/* Linear IR drop: `cell` of an array (all arrays) anew from what is programmed, and what is folded from it.
 */
void arch_crossbar_respond(struct arch_crossbar *xb, uint32_t block, uint32_t array);
void arch_crossbar_respond_all(struct arch_crossbar *xb);

/* Programs the cells of one weight whose digit differs from `before` (NULL: all); counts them by array in
 * `changed` (may be NULL). Returns the sum of the stored digits. */
uint32_t arch_crossbar_set_weight(struct arch_crossbar *xb, uint32_t axon, uint32_t neuron,
                                  const uint8_t *digit, const uint8_t *before, uint32_t *changed);

#ifdef __cplusplus
}
#endif

#endif
