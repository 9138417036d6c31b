/* SPDX-License-Identifier: MIT
 *
 * One packet's life, told in prose, cycle by cycle: where it is, and what it waits for.
 *
 *     cycle 102       the head flit arrives at router 12 (4,1), input -x VC 0, and gets VC 1 of output +y
 *     cycles 103-107  waits for a credit of output +y VC 1
 *     cycle 108       wins the switch to output +y VC 1 and leaves for router 20 (4,2)
 *
 * The story follows the head flit until it arrives, then the tail flit. Cycles in a row with the same text
 * are one line; no cycle of the life is left out. What it may wait for stands in network_story.h.
 */
#ifndef NOC_WATCH_NETWORK_WATCH_H
#define NOC_WATCH_NETWORK_WATCH_H

#include "noc/watch/network_observe.h"
#include "noc/watch/network_story.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs the network up to the arrival of packet `number` (of a trace: in the order of the file; otherwise as
 * noc_traffic_find counts) and tells its story; spec->cycles bounds the run. False and messages when there is
 * no such packet or the run fails. noc_story_release in any case. */
bool noc_network_watch(const struct noc_observe_spec *spec, uint64_t number, struct noc_story *story,
                       struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif
