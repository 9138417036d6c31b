/* SPDX-License-Identifier: MIT
 *
 * The spikes of one layer in one timestep as bytes: the two codings of the spike table.
 *
 *   bitmap (0)  ceil(neurons / 8) bytes, neuron n is bit n % 8 of byte n / 8; unused bits are 0
 *   sparse (1)  strictly ascending neuron numbers, little-endian, 16 bits each, or 32 bits each in
 *               layers of more than 65536 neurons
 *
 * A writer takes the smaller one (bitmap when equal). In memory spikes are bitmaps of 64-bit words.
 *
 * Private to sim/trace_*.c.
 */
#ifndef SIM_TRACE_CODING_H
#define SIM_TRACE_CODING_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_trace_coding {
    SIM_TRACE_BITMAP,
    SIM_TRACE_SPARSE,
    SIM_TRACE_CODING_COUNT
};

/* Decodes into `bitmap` [ceil(neurons / 64)], and counts the spikes. False, with a message in `fault`,
 * when the bytes are not what the coding says; the bitmap is then undefined. */
bool sim_trace_decode(int64_t coding, const void *data, size_t bytes, uint32_t neurons,
                      uint64_t *bitmap, uint32_t *spikes, char *fault, size_t fault_size);

/* Encodes into `data` (at most ceil(neurons / 64) * 8 bytes); sets the coding, returns the length. */
size_t sim_trace_encode(const uint64_t *bitmap, uint32_t neurons, uint32_t spikes, void *data,
                        enum sim_trace_coding *coding);

/* Bits set in a bitmap [ceil(neurons / 64)]. */
uint32_t sim_trace_count(const uint64_t *bitmap, uint32_t neurons);

#ifdef __cplusplus
}
#endif

#endif
