/* SPDX-License-Identifier: MIT
 *
 * One packet in a network of routers without buffers, cycle by cycle: where it goes, where it is sent another
 * way. It waits for nothing but a place to enter; what a deflection costs are the hops that follow from it.
 */
#ifndef NOC_WATCH_DEFLECTION_WATCH_H
#define NOC_WATCH_DEFLECTION_WATCH_H

#include "noc/watch/network_observe.h"
#include "noc/watch/network_story.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills a story whose packet is known: src, created; of synthetic traffic it is the packet `own` of src, of
 * a trace packet story->number. False and messages when the run fails. */
bool noc_deflection_watch(const struct noc_observe_spec *spec, uint64_t own, struct noc_story *story,
                          struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif
