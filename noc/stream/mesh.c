/* SPDX-License-Identifier: MIT
 *
 * Assembly of a mesh of stream routers; see mesh.h.
 */
#include "noc/stream/mesh.h"

#include "noc/topology/mesh_port.h"
#include "sim/kernel/kernel.h"

/* Joins an output to the input that it feeds. */
static void join(const struct noc_stream_mesh *mesh, struct noc_stream_output *output, uint32_t from,
                 struct noc_stream_input *input, uint32_t to, struct sim_kernel *kernel) {
    noc_stream_link_init(&input->in, mesh->spec.hop_cycles, mesh->spec.depth, kernel->arena);
    noc_stream_credit_link_init(&input->credit, 1, mesh->spec.depth, kernel->arena);
    *output = (struct noc_stream_output){.to = input, .credits = mesh->spec.depth};
    sim_kernel_connect_link(kernel, &input->in.base, "stream", from, to);
    sim_kernel_connect_link(kernel, &input->credit.base, "credit", to, from);
}

static void join_routers(struct noc_stream_mesh *mesh, uint32_t from, uint32_t output, uint32_t to,
                         uint32_t input, struct sim_kernel *kernel) {
    struct noc_stream_router *a = &mesh->router[from], *b = &mesh->router[to];
    join(mesh, &a->output[output], a->base.id, &b->input[input], b->base.id, kernel);
    b->fed[input] = true;
}

void noc_stream_mesh_build(struct noc_stream_mesh *mesh, const struct noc_stream_mesh_spec *spec,
                           uint32_t terminals, const char *path, struct sim_kernel *kernel) {
    uint32_t tiles = spec->rows * spec->cols;
    mesh->spec = *spec;
    mesh->router = SIM_NEW_ARRAY(kernel->arena, struct noc_stream_router, tiles);
    mesh->home = SIM_NEW_ARRAY(kernel->arena, struct noc_stream_home, terminals);
    for (uint32_t tile = 0; tile < tiles; tile++) {
        struct noc_stream_router *router = &mesh->router[tile];
        router->home = mesh->home;
        router->x = tile % spec->cols;
        router->y = tile / spec->cols;
        router->ports = NOC_STREAM_LOCAL + spec->local_ports;
        sim_kernel_add(kernel, &router->base, spec->type,
                       sim_arena_format(kernel->arena, "%s.router[%u][%u]", path, router->y, router->x));
    }
    for (uint32_t tile = 0; tile < tiles; tile++) {
        if (tile % spec->cols + 1 < spec->cols) {
            join_routers(mesh, tile, NOC_PORT_EAST, tile + 1, NOC_PORT_WEST, kernel);
            join_routers(mesh, tile + 1, NOC_PORT_WEST, tile, NOC_PORT_EAST, kernel);
        }
        if (tile + spec->cols < tiles) {
            join_routers(mesh, tile, NOC_PORT_SOUTH, tile + spec->cols, NOC_PORT_NORTH, kernel);
            join_routers(mesh, tile + spec->cols, NOC_PORT_NORTH, tile, NOC_PORT_SOUTH, kernel);
        }
    }
}

void noc_stream_mesh_attach(struct noc_stream_mesh *mesh, uint32_t terminal, uint32_t tile, uint32_t port,
                            struct noc_stream_port *end, uint32_t id, struct sim_kernel *kernel) {
    struct noc_stream_router *router = &mesh->router[tile];
    port += NOC_STREAM_LOCAL;
    assert(port < router->ports && !router->fed[port]);
    mesh->home[terminal] =
        (struct noc_stream_home){(uint16_t)router->x, (uint16_t)router->y, (uint16_t)port, 0};
    join(mesh, &router->output[port], router->base.id, &end->arrive, id, kernel);
    join(mesh, &end->leave, id, &router->input[port], router->base.id, kernel);
    router->fed[port] = true;
}

static uint32_t distance(uint32_t a, uint32_t b) { return a > b ? a - b : b - a; }

uint32_t noc_stream_mesh_hops(const struct noc_stream_mesh *mesh, uint32_t from, uint32_t to) {
    uint32_t cols = mesh->spec.cols;
    return distance(from % cols, to % cols) + distance(from / cols, to / cols);
}
