/* SPDX-License-Identifier: MIT
 *
 * Meshes and tori of any number of dimensions, with concentration and chip boundaries; see topology.h.
 */
#include "noc/topology/build.h"

#include "sim/base/arena.h"
#include "sim/base/err.h"

/* The tile of terminals at a router of a two-dimensional grid: width x height = concentration, as
 * square as the divisors allow, not wider than high. */
static uint32_t tile_width(uint32_t concentration) {
    uint32_t width = 1;
    for (uint32_t w = 1; w * w <= concentration; w++)
        if (concentration % w == 0)
            width = w;
    return width;
}

static uint32_t terminal_of(const struct noc_topology *t, uint32_t router, uint32_t k) {
    if (t->dimensions != 2 || t->concentration == 1)
        return router * t->concentration + k;
    uint32_t width = tile_width(t->concentration), height = t->concentration / width;
    const uint16_t *c = noc_topology_coordinate(t, router);
    uint32_t x = c[0] * width + k % width, y = c[1] * height + k / width;
    return y * t->size[0] * width + x;
}

/* The neighbour in direction `up` of dimension d, whose ids lie `stride` apart; false at the rim. */
static bool neighbour(const struct noc_topology *t, uint32_t router, uint32_t d, uint32_t stride, bool up,
                      uint32_t *peer) {
    uint32_t c = noc_topology_coordinate(t, router)[d], last = t->size[d] - 1;
    if (t->size[d] == 1 || (!t->wrap && c == (up ? last : 0)))
        return false;
    if (up)
        *peer = c == last ? router - last * stride : router + stride;
    else
        *peer = c == 0 ? router + last * stride : router - stride;
    return true;
}

static bool crosses_chip(const struct noc_topology *t, uint32_t router, uint32_t peer, uint32_t d,
                         uint32_t side) {
    if (side == 0)
        return false;
    uint32_t a = noc_topology_coordinate(t, router)[d], b = noc_topology_coordinate(t, peer)[d];
    return a / side != b / side || (a > b ? a - b : b - a) > 1; /* a wrap-around leaves the chip too */
}

bool noc_topology_grid(struct noc_topology *t, const struct noc_topology_spec *spec,
                       const struct sim_where *where, struct sim_arena *arena, struct sim_err *err) {
    if (!noc_topology_parse_sizes(spec->size, t->size, &t->dimensions))
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "noc.network: size '%s' is not of the form 8x8 (1 to %u positive numbers)",
                           spec->size, NOC_DIMENSIONS_MAX);
    uint64_t routers = 1, diameter = 1;
    t->wrap = spec->kind == NOC_TOPOLOGY_TORUS;
    t->concentration = spec->concentration;
    for (uint32_t d = 0; d < t->dimensions; d++) {
        if (t->size[d] > UINT16_MAX)
            return sim_err_add(err, SIM_EXIT_CONFIG, where, "noc.network: size %u is too large (at most %u)",
                               t->size[d], UINT16_MAX);
        routers *= t->size[d];
        diameter += t->wrap ? t->size[d] / 2 : t->size[d] - 1;
        if (routers * spec->concentration > NOC_TERMINALS_MAX)
            return sim_err_add(err, SIM_EXIT_CONFIG, where,
                               "noc.network: more than %u terminals (size %s, concentration %u)",
                               NOC_TERMINALS_MAX, spec->size, spec->concentration);
    }
    t->diameter = (uint32_t)diameter;
    uint32_t ports = 2 * t->dimensions + spec->concentration;
    noc_topology_alloc(t, (uint32_t)routers, (uint32_t)routers * spec->concentration,
                       (size_t)routers * ports, arena);
    t->coordinate = SIM_NEW_ARRAY(arena, uint16_t, (size_t)routers * t->dimensions);
    for (uint32_t router = 0; router < t->routers; router++) {
        t->first[router + 1] = t->first[router] + ports;
        for (uint32_t d = 0, rest = router; d < t->dimensions; rest /= t->size[d++])
            t->coordinate[(size_t)router * t->dimensions + d] = (uint16_t)(rest % t->size[d]);
    }
    for (uint32_t router = 0; router < t->routers; router++) {
        for (uint32_t d = 0, stride = 1; d < t->dimensions; stride *= t->size[d++]) {
            for (uint32_t side = 0; side < 2; side++) {
                uint32_t peer;
                if (!neighbour(t, router, d, stride, side == 0, &peer))
                    continue;
                bool boundary = crosses_chip(t, router, peer, d, spec->chip_size);
                t->end[t->first[router] + 2 * d + side] = (struct noc_end){
                    .peer = peer,
                    .peer_port = (uint16_t)(2 * d + 1 - side),
                    .kind = NOC_END_ROUTER,
                    .boundary = boundary,
                    .latency = boundary ? spec->boundary_latency : spec->link_latency,
                };
            }
        }
        for (uint32_t k = 0; k < t->concentration; k++)
            noc_topology_attach(t, router, 2 * t->dimensions + k, terminal_of(t, router, k));
    }
    return true;
}
