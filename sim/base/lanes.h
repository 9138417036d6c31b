/* SPDX-License-Identifier: MIT
 *
 * Vector operations on 16-bit lanes, one lane for each plane or neuron.
 *
 * The same operations exist for several instruction sets; the best one that the processor has is chosen at
 * start-up, or the one that the environment variable NOCSIM_SIMD names (scalar, avx2, avx512). Results are
 * integers and identical on every path.
 *
 * `lanes` is a multiple of 64; arrays are aligned to 64 bytes. `mask` is -1 in the lanes that are
 * written and 0 in those that keep their value; NULL writes all. `shift` is 16 minus the width of a word:
 * results wrap at that width and are kept sign-extended.
 */
#ifndef SIM_BASE_LANES_H
#define SIM_BASE_LANES_H

#include "sim/base/err.h"
#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_lanes {
    const char *name;
    /* acc[i] += sum over r of base[offset[r] + i], r < rows. Up to `group` rows can be added in 8 bits. */
    void (*add_rows)(int16_t *acc, const int8_t *base, const uint32_t *offset, uint32_t rows, uint32_t group,
                     uint32_t lanes);
    /* Number of bits of `bits` (a low mask) in which a and b differ, in the lanes of the mask. */
    uint32_t (*differ)(const int16_t *a, const int16_t *b, uint16_t bits, const int16_t *mask,
                       uint32_t lanes);
    /* to = from */
    void (*copy)(int16_t *to, const int16_t *from, const int16_t *mask, uint32_t lanes);
    /* to = wrap(a + b); b may be NULL: 0 */
    void (*add)(int16_t *to, const int16_t *a, const int16_t *b, uint32_t shift, const int16_t *mask,
                uint32_t lanes);
    /* v = wrap(potential + input), y = wrap(v - threshold): bit i of `spike` = y >= 0; potential = y or v. */
    void (*fire)(int16_t *potential, const int16_t *input, int16_t threshold, uint32_t shift,
                 const int16_t *mask, uint64_t *spike, uint32_t lanes);
};

/* The operations in use. */
const struct sim_lanes *sim_lanes(void);

/* The operations called `name`; NULL and a message when there are none or the processor lacks them.
 * NULL or "" as name: the best ones. */
const struct sim_lanes *sim_lanes_find(const char *name, struct sim_err *err);

/* Most variants a build can hold, and variant number i: NULL when it is not built in or the
 * processor lacks it. */
#define SIM_LANES_VARIANTS 3
const struct sim_lanes *sim_lanes_variant(uint32_t i);

#ifdef __cplusplus
}
#endif

#endif
