/* SPDX-License-Identifier: MIT
 *
 * One packet's life, told in prose, cycle by cycle: where it is, and what it waits for.
 *
 *     cycle 102       the head flit arrives at router 12 (4,1), input -x VC 0, and gets VC 1 of output +y
 *     cycles 103-107  waits for a credit of output +y VC 1
 *     cycle 108       wins the switch to output +y VC 1 and leaves for router 20 (4,2)
 *
 * The story follows the head flit until it arrives, then the tail flit. Cycles in a row with the same text
 * are one line; no cycle of the life is left out. It waits in one of four ways:
 *
 *     queue    other flits stand before it, in the source queue or in the FIFO
 *     VC       it asks for a virtual channel of an output and gets none
 *     switch   it asks for an output of the switch, which another packet gets
 *     credit   the FIFO it wants to go to is full, as far as the sender knows
 */
#ifndef NOC_NETWORK_WATCH_H
#define NOC_NETWORK_WATCH_H

#include "noc/network_observe.h"

#ifdef __cplusplus
extern "C" {
#endif

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

struct noc_story_line {
    sim_cycle first, last;
    enum noc_wait wait;
    char text[NOC_STORY_SIZE];
};

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

/* Runs the network up to the arrival of packet `number` (of a trace: in the order of the file; otherwise as
 * noc_traffic_find counts) and tells its story; spec->cycles bounds the run. False and messages when there is
 * no such packet or the run fails. noc_story_release in any case. */
bool noc_network_watch(const struct noc_observe_spec *spec, uint64_t number, struct noc_story *story,
                       struct sim_err *err);
void noc_story_release(struct noc_story *story);

#ifdef __cplusplus
}
#endif

#endif
