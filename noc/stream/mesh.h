/* SPDX-License-Identifier: MIT
 *
 * Assembly of a mesh of stream routers, and of what is attached to it.
 */
#ifndef NOC_STREAM_MESH_H
#define NOC_STREAM_MESH_H

#include "noc/stream/router.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_kernel;

struct noc_stream_mesh_spec {
    uint32_t rows, cols;
    uint32_t local_ports; /* of each tile, 1 .. NOC_STREAM_PORTS_MAX - NOC_STREAM_LOCAL */
    uint32_t hop_cycles;  /* 1 .. 255 */
    uint32_t depth;       /* streams that an input holds: a power of two */
    const struct sim_type *type;
};

struct noc_stream_mesh {
    struct noc_stream_mesh_spec spec;
    struct noc_stream_router *router; /* [rows * cols] */
    struct noc_stream_home *home;     /* [terminals] */
};

/* A terminal's two ends on one network. It must take what arrives when it is visible. */
struct noc_stream_port {
    struct noc_stream_input arrive;
    struct noc_stream_output leave;
};

/* Adds the routers to the kernel, "PATH.router[row][col]". */
void noc_stream_mesh_build(struct noc_stream_mesh *mesh, const struct noc_stream_mesh_spec *spec,
                           uint32_t terminals, const char *path, struct sim_kernel *kernel);

/* Attaches terminal number `terminal` (component `id`) to local port `port` of a tile. */
void noc_stream_mesh_attach(struct noc_stream_mesh *mesh, uint32_t terminal, uint32_t tile, uint32_t port,
                            struct noc_stream_port *end, uint32_t id, struct sim_kernel *kernel);

/* Hops from tile to tile. */
uint32_t noc_stream_mesh_hops(const struct noc_stream_mesh *mesh, uint32_t from, uint32_t to);

/* The next stream that has arrived, or NULL; it stays until noc_stream_port_take. */
static inline const struct noc_stream *noc_stream_port_peek(const struct noc_stream_port *end,
                                                            sim_cycle now) {
    return noc_stream_link_peek(&end->arrive.in, now);
}
static inline void noc_stream_port_take(struct noc_stream_port *end, sim_cycle now) {
    noc_stream_link_take(&end->arrive.in);
    noc_stream_credit_link_send(&end->arrive.credit, now, 1);
}

#ifdef __cplusplus
}
#endif

#endif
