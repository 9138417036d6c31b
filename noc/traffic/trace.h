/* SPDX-License-Identifier: MIT
 *
 * Traces of explicit injections: text, a packet a line, "cycle src dst size" (flits), separated by blanks
 * or commas; empty lines and lines that start with '#' are skipped, so are a heading "cycle,src,dst,size" and
 * a byte-order mark before it. Packet i is the i-th in the file. Packets of one source keep the order of
 * their cycles, and within a cycle the order of the file.
 */
#ifndef NOC_TRAFFIC_TRACE_H
#define NOC_TRAFFIC_TRACE_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_err;

struct noc_injection {
    sim_cycle cycle;
    uint32_t src, dst, size;
    uint32_t line; /* of the file; 0: none */
};

struct noc_trace {
    const char *path;
    struct noc_injection *packet;
    uint32_t count;
};

/* Reads a trace; false and located messages when it is malformed. noc_trace_release either way. */
bool noc_trace_read(struct noc_trace *trace, const char *path, struct sim_err *err);
void noc_trace_release(struct noc_trace *trace);

/* Judges sources and destinations against a network of `terminals`. `path` must still be valid. */
bool noc_trace_check(const struct noc_trace *trace, uint32_t terminals, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif
