/* SPDX-License-Identifier: MIT
 *
 * The same network and traffic with routers in different forms, for comparison.
 */
#ifndef TEST_UNIT_NETWORK_FORM_H
#define TEST_UNIT_NETWORK_FORM_H

#include "noc/network/network.h"
#include "noc/traffic/traffic.h"
#include "sim/kernel/kernel.h"

enum network_form { NETWORK_PLAIN, NETWORK_GENERAL, NETWORK_TOGETHER };

struct network_outcome {
    uint64_t hash; /* of every packet's departure and arrival */
    uint64_t count[NOC_ROUTER_EVENT_COUNT];
    sim_cycle end;
};

/* Runs a network of plain routers until every terminal's packets have arrived, and audits it on the way.
 * Sizes of packets are 1 .. traffic->packet. */
struct network_outcome network_form_run(const struct noc_network_spec *spec,
                                        const struct noc_traffic_spec *traffic, enum network_form form,
                                        enum sim_order order);

#endif
