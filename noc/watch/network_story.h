/* SPDX-License-Identifier: MIT
 *
 * The story of a packet: its cycles, what it waited for in each, and the text that says so. Told by
 * network_watch.h.
 */
#ifndef NOC_WATCH_NETWORK_STORY_H
#define NOC_WATCH_NETWORK_STORY_H

#include "noc/topology/topology.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a flit waits for:
 *     queue    other flits stand before it, in the source queue or in the FIFO
 *     VC       it asks for a virtual channel of an output and gets none
 *     switch   it asks for an output of the switch, which another packet gets
 *     credit   the FIFO it wants to go to is full, as far as the sender knows */
enum noc_wait {
    NOC_WAIT_NONE,
    NOC_WAIT_QUEUE,
    NOC_WAIT_VC,
    NOC_WAIT_SWITCH,
    NOC_WAIT_CREDIT,
    NOC_WAIT_COUNT
};

extern const char *const noc_wait_names[NOC_WAIT_COUNT]; /* "queue" ...; NONE is "" */

#define NOC_STORY_SIZE 200

/* Cycles in a row with the same text. */
struct noc_story_line {
    sim_cycle first, last;
    enum noc_wait wait;
    char text[NOC_STORY_SIZE];
};

/* Invariant: the lines follow each other without a gap; waited[] sums their cycles. */
struct noc_story {
    uint32_t src, dst, size;                 /* size in flits */
    uint64_t number;                         /* of the packet */
    sim_cycle created, injected, head, tail; /* SIM_NEVER: not yet, when the run ended */
    uint32_t hops;
    sim_cycle zero_load; /* latency without any other packet, by formula */
    sim_cycle waited[NOC_WAIT_COUNT];
    struct noc_story_line *line;
    size_t lines, capacity;
};

/* Adds a cycle: to the last line, where it follows it and has the same text. */
void noc_story_add(struct noc_story *story, sim_cycle cycle, enum noc_wait wait, const char *text);
void noc_story_release(struct noc_story *story);

#define NOC_NAME_SIZE 64

/* "router 12 (4,1)"; "+x" in grids of up to three dimensions, "terminal", or the port's number. Return
 * buffer. */
const char *noc_router_name(const struct noc_topology *topology, uint32_t router, char buffer[NOC_NAME_SIZE]);
const char *noc_port_name(const struct noc_topology *topology, uint32_t router, uint32_t port,
                          char buffer[NOC_NAME_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
