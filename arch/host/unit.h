/* SPDX-License-Identifier: MIT
 *
 * What hosts compute between token windows, done by hardware (arch.overlay): functions by vector lanes, the
 * rest by a vector unit.
 *
 *     chip    | window |                            | next window
 *     unit             | sums, products |
 *     lanes                             | functions |
 *
 * Lanes evaluate exponentials and reciprocals (softmax, tanh), reciprocal roots (normalisation), GELU, SiLU;
 * a vector for each function and as many as the elements of the window take, in the order of enum
 * arch_scalar. The unit (spec: arch.vector_unit) does the multiply-adds, a multiplication in the place of
 * each division, reads an operand for each multiply-add and writes each value; its time is that of all of it
 * as one row. The unit also does all of an `operation` layer (operation.h), look-ups as functions.
 *
 * Not modelled: that lanes could begin before the unit is done; what tables and words of few bits make of the
 * values (a host computes them in double precision); the way of counts to the lanes and unit, and of spikes
 * back.
 */
#ifndef ARCH_HOST_UNIT_H
#define ARCH_HOST_UNIT_H

#include "arch/host/sequence.h"
#include "arch/vector/lanes.h"
#include "arch/vector/unit.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_HOST_UNIT_EVENTS(X) ARCH_WORK(X)

/* Invariant: it is busy, until cycle `until`, exactly while work is open; SIM_NEVER: it has not begun. */
struct arch_host_unit {
    struct sim_component base;
    const struct arch_vector_unit_spec *spec;
    struct arch_sequence *sequence;
    struct arch_lanes *lanes;
    bool busy;
    sim_cycle until;
    uint64_t work[ARCH_WORK_COUNT];
    uint32_t phase;                       /* of a window: 0 the chip has it, 1 unit, 2 lanes */
    uint32_t *function, *elements;        /* [waves] of the job at hand */
    int32_t *x;                           /* [waves][cores][lanes] */
};

extern const struct sim_type arch_host_unit_type; /* "arch.host_unit" */

/* The functions, a set of 1 << enum arch_scalar, that the host layers of a graph have evaluated. */
unsigned arch_host_unit_functions(const struct sim_graph *graph);

/* Adds the unit to the kernel; `lanes` have those functions. */
void arch_host_unit_build(struct arch_host_unit *unit, const struct arch_vector_unit_spec *spec,
                          struct arch_sequence *sequence, struct arch_lanes *lanes, const char *path,
                          struct sim_kernel *kernel);

/* When nobody has work left: hands out what has to be done before the chip's next window, and says so. When
 * false the next window may begin, if the sample has one. */
bool arch_host_unit_resume(struct arch_host_unit *unit, struct sim_kernel *kernel);

#ifdef __cplusplus
}
#endif

#endif
