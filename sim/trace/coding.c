/* SPDX-License-Identifier: MIT
 *
 * Codings of the spike table; see coding.h.
 */
#include "sim/trace/coding.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

static uint32_t words_of(uint32_t neurons) { return (neurons + 63) / 64; }

/* Bytes of one neuron number in a sparse list. */
static uint32_t index_bytes(uint32_t neurons) { return neurons > 65536 ? 4 : 2; }

uint32_t sim_trace_count(const uint64_t *bitmap, uint32_t neurons) {
    uint32_t spikes = 0;
    for (uint32_t word = 0; word < words_of(neurons); word++)
        spikes += (uint32_t)__builtin_popcountll(bitmap[word]);
    return spikes;
}

static bool decode_bitmap(const void *data, size_t bytes, uint32_t neurons, uint64_t *bitmap,
                          uint32_t *spikes, char *fault, size_t fault_size) {
    if (bytes != (neurons + 7) / 8) {
        snprintf(fault, fault_size, "bitmap of %zu bytes: %u neurons need %u", bytes, neurons,
                 (neurons + 7) / 8);
        return false;
    }
    uint32_t words = words_of(neurons);
    bitmap[words - 1] = 0;
    memcpy(bitmap, data, bytes);
    for (uint32_t word = 0; word < words; word++)
        bitmap[word] = le64toh(bitmap[word]);
    if (neurons % 64 != 0 && bitmap[words - 1] >> (neurons % 64) != 0) {
        snprintf(fault, fault_size, "bitmap has bits beyond neuron %u", neurons - 1);
        return false;
    }
    *spikes = sim_trace_count(bitmap, neurons);
    return true;
}

static bool decode_sparse(const unsigned char *data, size_t bytes, uint32_t neurons,
                          uint64_t *bitmap, uint32_t *spikes, char *fault, size_t fault_size) {
    uint32_t size = index_bytes(neurons);
    if (bytes % size != 0) {
        snprintf(fault, fault_size, "list of %zu bytes: not a multiple of %u", bytes, size);
        return false;
    }
    memset(bitmap, 0, words_of(neurons) * sizeof *bitmap);
    uint32_t last = 0;
    for (size_t i = 0; i < bytes; i += size) {
        uint32_t index = (uint32_t)data[i] | (uint32_t)data[i + 1] << 8;
        if (size == 4)
            index |= (uint32_t)data[i + 2] << 16 | (uint32_t)data[i + 3] << 24;
        if (index >= neurons) {
            snprintf(fault, fault_size, "index %u >= %u neurons", index, neurons);
            return false;
        }
        if (i > 0 && index <= last) {
            snprintf(fault, fault_size, "index %u after %u: not in ascending order", index, last);
            return false;
        }
        bitmap[index / 64] |= (uint64_t)1 << (index % 64);
        last = index;
    }
    *spikes = (uint32_t)(bytes / size);
    return true;
}

bool sim_trace_decode(int64_t coding, const void *data, size_t bytes, uint32_t neurons,
                      uint64_t *bitmap, uint32_t *spikes, char *fault, size_t fault_size) {
    if (coding == SIM_TRACE_BITMAP)
        return decode_bitmap(data, bytes, neurons, bitmap, spikes, fault, fault_size);
    if (coding == SIM_TRACE_SPARSE)
        return decode_sparse(data, bytes, neurons, bitmap, spikes, fault, fault_size);
    snprintf(fault, fault_size, "coding %lld: it is 0 (bitmap) or 1 (sparse)", (long long)coding);
    return false;
}

size_t sim_trace_encode(const uint64_t *bitmap, uint32_t neurons, uint32_t spikes, void *data,
                        enum sim_trace_coding *coding) {
    uint32_t size = index_bytes(neurons), dense = (neurons + 7) / 8;
    unsigned char *out = data;
    *coding = (uint64_t)spikes * size < dense ? SIM_TRACE_SPARSE : SIM_TRACE_BITMAP;
    if (*coding == SIM_TRACE_BITMAP) {
        for (uint32_t byte = 0; byte < dense; byte++)
            out[byte] = (unsigned char)(bitmap[byte / 8] >> (byte % 8 * 8));
        return dense;
    }
    for (uint32_t word = 0; word < words_of(neurons); word++)
        for (uint64_t rest = bitmap[word]; rest != 0; rest &= rest - 1) {
            uint32_t index = word * 64 + (uint32_t)__builtin_ctzll(rest);
            for (uint32_t byte = 0; byte < size; byte++)
                *out++ = (unsigned char)(index >> (8 * byte));
        }
    return (size_t)(out - (unsigned char *)data);
}
