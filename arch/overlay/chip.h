/* SPDX-License-Identifier: MIT
 *
 * A host chip with vector lanes laid over it (arch.overlay): NOVA, or another approximator
 * (arch/vector/approximator.h), beside the cores of any chip that runs traces.
 *
 * When the host has no work left in a sample, the spike counts of its output layer go through the lanes,
 * output n in lane n (further vectors when there are more outputs than lanes):
 *
 *     softmax    x = (count - largest count) * scale through exp; then the reciprocal of the sum's mantissa,
 * in lane 0 of core 0; probability n = exp n * reciprocal, shifted back others     y = f(count * scale)
 *
 * In a network with host layers, which work between token windows (arch/host/sequence.h), the lanes evaluate
 * the functions of these instead, and the unit does the rest of their work (arch/host/unit.h): both take time
 * and energy.
 *
 * All are components of one kernel, so the lanes' cycles follow those of the sample and their events stand
 * in the same database. The base clock is the host's: the lanes' is that, divided by the approximator's clock
 * ratio.
 *
 * Not modelled: how counts get from the host's outputs to the lanes, the sum over the row, the last
 * multiplication.
 */
#ifndef ARCH_OVERLAY_CHIP_H
#define ARCH_OVERLAY_CHIP_H

#include "arch/chip.h"
#include "arch/host/unit.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_overlay_spec {
    struct sim_any host; /* role "chip": one that runs traces */
    struct arch_lanes_spec lanes;
    struct sim_any unit; /* arch.vector_unit */
    double scale; /* of a spike count */
};

struct arch_overlay {
    struct arch_chip base;
    const struct arch_overlay_spec *spec;
    struct arch_chip *host;
    struct arch_lanes *lanes;
    struct arch_host_unit *unit; /* NULL: there are no host layers */
    uint32_t first_lane;   /* id of the lanes' first component */
    uint32_t waves;        /* vectors of the outputs */
    uint32_t phase;        /* jobs of this sample that were begun */
    uint32_t *function, *elements; /* [waves] */
    int32_t *x, *y;        /* [waves][cores][lanes] */
    double *result;        /* [outputs] of the last sample */
};

extern const struct sim_schema arch_overlay_schema; /* "arch.overlay", role "chip" */
extern const struct arch_chip_type arch_overlay_type;

#ifdef __cplusplus
}
#endif

#endif
