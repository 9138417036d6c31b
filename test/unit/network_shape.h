/* SPDX-License-Identifier: MIT
 *
 * Shapes of packet networks: a row of a test's table as the spec of a network, the rest by default.
 */
#ifndef TEST_UNIT_NETWORK_SHAPE_H
#define TEST_UNIT_NETWORK_SHAPE_H

#include "noc/network/network.h"

struct network_shape {
    int topology;
    const char *size, *edges;
    uint32_t concentration;
    int routing;
    uint32_t vcs;
};

static inline void network_shape_set(struct noc_network_spec *spec, const struct network_shape *shape) {
    noc_network_defaults(spec);
    spec->topology = shape->topology;
    spec->size = shape->size;
    spec->edges = shape->edges;
    spec->concentration = shape->concentration;
    spec->routing = shape->routing;
    spec->router.vcs = shape->vcs;
}

#endif
