/* SPDX-License-Identifier: MIT
 *
 * Parameters of a chip that is a packet network; see chip.h.
 */
#include "noc/network/chip.h"

#include "noc/network/static.h"

static const struct sim_param params[] = {
    SIM_PARAM_QUANTITY(struct noc_chip_spec, clock_hz, "clock", SIM_UNIT_HERTZ, 1, 1e11, "1 GHz",
                       "clock of the network"),
    SIM_PARAM_QUANTITY(struct noc_chip_spec, voltage_v, "voltage", SIM_UNIT_VOLT, 0.1, 5, "0.9 V",
                       "supply voltage; energies of events go with its square"),
    SIM_PARAM_OPTIONAL(struct noc_chip_spec, network, has_network, &noc_network_schema, "the network"),
    SIM_PARAM_LIST(struct noc_chip_spec, networks, network_count, &noc_network_schema,
                   "further networks, independent of the first (nocsim --traffic --network N)"),
};

static const struct sim_type *const types[] = {&noc_router_type, &noc_terminal_type, &noc_clock_type,
                                               &noc_buffer_type, &noc_link_type, NULL};

const struct sim_schema noc_chip_schema = {
    .name = "noc.chip",
    .help = "Packet network by itself, under synthetic or recorded traffic (nocsim --traffic).",
    .role = "chip",
    .size = sizeof(struct noc_chip_spec),
    SIM_SCHEMA_PARAMS(params),
    .types = types,
};
