/* SPDX-License-Identifier: MIT
 *
 * Writing the crossbar while it runs: one row of weights at a time; see crossbar.h.
 *
 * Only cells whose level changes get pulses. The arrays of a row are written at the same time; in an array
 * write.parallel cells at once, each with write.pulses pulses.
 */
#include "arch/crossbar/core.h"

#include "sim/base/arena.h"

#include <math.h>
#include <string.h>

#define EVENT(xb, name) ((xb)->host.first_event + ARCH_CROSSBAR_EVENT_##name)

static uint64_t write_cycles(const struct arch_crossbar *xb, uint32_t most) {
    const struct arch_crossbar_write_spec *write = &xb->spec->write;
    uint32_t parallel = write->parallel == 0 ? most : write->parallel;
    uint64_t turns = most == 0 ? 0 : (most + parallel - 1) / parallel;
    double cycles = (double)turns * write->pulses * write->time_s * xb->host.clock_hz;
    return (uint64_t)ceil(cycles - 1e-6 * (cycles > 1 ? cycles : 1));
}

bool arch_crossbar_write(struct arch_crossbar *xb, uint32_t axon, uint32_t first, uint32_t count,
                         const int16_t *weights, sim_cycle now, uint64_t *cycles) {
    const struct arch_crossbar_layout *l = &xb->layout;
    uint8_t digit[2 * 16], before[2 * 16];
    assert(xb->prepared && axon < xb->spec->axons && first + count <= xb->spec->neurons);
    *cycles = 0;
    for (uint32_t i = 0; i < count; i++)
        if (!arch_crossbar_digits(xb->spec, l, weights[i], digit))
            return false;
    xb->written[axon]++;
    memset(xb->changed, 0, l->across * sizeof *xb->changed);
    for (uint32_t i = 0; i < count; i++) {
        int16_t *weight = &xb->weight[(size_t)axon * xb->spec->neurons + first + i];
        arch_crossbar_digits(xb->spec, l, *weight, before);
        arch_crossbar_digits(xb->spec, l, weights[i], digit);
        uint32_t old = 0;
        for (uint32_t slice = 0; slice < l->slices; slice++)
            for (uint32_t sign = 0; sign < l->signs; sign++)
                old += arch_crossbar_target(xb, axon,
                                            (first + i) * l->neuron_stride + slice * l->slice_stride +
                                                sign * l->sign_stride,
                                            before[slice * l->signs + sign]);
        xb->row_steps[axon] +=
            arch_crossbar_set_weight(xb, axon, first + i, digit, before, xb->changed) - old;
        *weight = weights[i];
        if (xb->narrow != NULL)
            xb->narrow[(size_t)axon * xb->narrow_lanes + first + i] = (int8_t)weights[i];
    }
    uint64_t rows = 0, cells = 0, most = 0;
    for (uint32_t array = 0; array < l->across; array++) {
        rows += xb->changed[array] != 0;
        cells += xb->changed[array];
        most = xb->changed[array] > most ? xb->changed[array] : most;
    }
    for (uint32_t array = 0; xb->programmed != NULL && array < l->across; array++)
        if (xb->changed[array] != 0)
            arch_crossbar_respond(xb, axon / xb->spec->array.rows, array);
    *cycles = write_cycles(xb, (uint32_t)most);
    sim_count(xb->host.owner, EVENT(xb, row_writes), rows, now, *cycles);
    sim_count(xb->host.owner, EVENT(xb, cell_writes), cells, now, *cycles);
    sim_count(xb->host.owner, EVENT(xb, write_pulses), cells * xb->spec->write.pulses, now, *cycles);
    return true;
}

uint32_t arch_crossbar_most_writes(const struct arch_crossbar *xb) {
    uint32_t most = 0;
    for (size_t i = 0; xb->writes != NULL && i < (size_t)xb->spec->axons * xb->layout.columns; i++)
        most = xb->writes[i] > most ? xb->writes[i] : most;
    return most;
}
