/* SPDX-License-Identifier: MIT
 *
 * The four sides of a router in a mesh whose row index grows southward. Numbering is that of
 * Shenjing's port codes.
 */
#ifndef NOC_TOPOLOGY_MESH_PORT_H
#define NOC_TOPOLOGY_MESH_PORT_H

enum noc_port { NOC_PORT_NORTH, NOC_PORT_SOUTH, NOC_PORT_EAST, NOC_PORT_WEST, NOC_PORT_COUNT };

/* The side on which a neighbour receives what leaves here through `port`. */
static inline enum noc_port noc_port_opposite(enum noc_port port) { return (enum noc_port)(port ^ 1); }

#endif
