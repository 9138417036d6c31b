/* SPDX-License-Identifier: MIT
 *
 * Noise of reads.
 *
 * White and 1/f noise of a cell are independent from read to read, so a column's noise is one normal number
 * whose variance is the sum over its driven cells; what is held for each cell is its variance, in steps
 * squared:
 *
 *     fluctuation   (sigma g)^2 energy^(-2 exponent)
 *     thermal       sigma^2 / energy
 *     Johnson       4 k T B g / V^2 / energy, whatever the input: it weighs more at small ones
 *     1/f           (g Q)^2 ln((age + 250 ns) / 500 ns), Q = min(limit, q (g / g_max)^-exponent), AIHWKIT
 *
 * Telegraph noise is a process in time: each cell has two levels, g and g (1 + step), and all cells change
 * with the same two rates. The time of the next change of any cell is drawn, never a number a read or a
 * cycle; after a pause of many changes all levels are drawn anew from their probabilities.
 */
#ifndef ARCH_CROSSBAR_NOISE_H
#define ARCH_CROSSBAR_NOISE_H

#include "arch/crossbar/device.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_arena;

/* Variance of a cell, steps squared, for a row driven with one bit at full voltage, or (johnson false) of
 * what scales with the input. */
double arch_crossbar_variance(const struct arch_crossbar_device *device, double cell, bool johnson);

/* Johnson noise of a cell driven with the lowest of several steps: variance in steps squared. */
double arch_crossbar_johnson(const struct arch_crossbar_device *device, double cell, uint32_t drive_steps);

/* Any of what arch_crossbar_variance adds up. */
bool arch_crossbar_reads_are_noisy(const struct arch_crossbar_read_spec *read);

/* Invariant: place[0 .. high - 1] are the cells on the higher level, the others follow. */
struct arch_crossbar_telegraph {
    const struct arch_crossbar_device *device;
    uint64_t key_step, key_high, key_time, rng;
    double *cell;                        /* [cells] as read; owned by the core */
    double *quiet;                       /* [cells] on the lower level */
    uint32_t *place, cells, lanes, used; /* `used` of `lanes` columns hold cells */
    uint32_t high;
    double rate_up, rate_down; /* of one cell, 1/s */
    double at_s, next_s;       /* settled until; next change */
    void (*changed)(void *user, uint64_t cell); /* told of every cell that gets another value; NULL: nobody */
    void *user;
};

void arch_crossbar_telegraph_init(struct arch_crossbar_telegraph *telegraph,
                                  const struct arch_crossbar_device *device, uint32_t core, double *cell,
                                  double *quiet, uint32_t rows, uint32_t lanes, uint32_t used,
                                  struct sim_arena *arena);

/* Draws the level of every cell anew, at time 0 of a stretch; `changed` and `user` may be set before. */
void arch_crossbar_telegraph_start(struct arch_crossbar_telegraph *telegraph, uint64_t stretch);

/* Relative step of cell number `cell`, drawn once. */
double arch_crossbar_telegraph_step(const struct arch_crossbar_telegraph *telegraph, uint64_t cell);

/* Brings the cells to time `now_s`, which never falls. */
void arch_crossbar_telegraph_advance(struct arch_crossbar_telegraph *telegraph, double now_s);

/* Gives a cell another value on the lower level; it stays on the level it is on. */
void arch_crossbar_telegraph_set(struct arch_crossbar_telegraph *telegraph, uint64_t cell, double quiet);

#ifdef __cplusplus
}
#endif

#endif
