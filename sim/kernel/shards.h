/* SPDX-License-Identifier: MIT
 *
 * A chip that several threads step together: shards.
 *
 * The components are divided among shards. Each is a kernel of its own, with its own wheel, for the
 * components it was given; in each cycle every shard steps those that are due, then all meet at a barrier,
 * and who comes last finds the next cycle in which anybody is due. The run is the serial one bit for bit,
 * because the order of the steps within a cycle cannot matter (law L2): what is sent in a cycle is seen in a
 * later one.
 *
 * Wakes across shards go into boxes, one for each pair of shards with a connection: a wheel of the receiver's
 * components that the sender writes. In cycle t the sender writes slots behind t, and the receiver takes
 * slot t, so they never touch the same place.
 *
 * What connects two shards must bear that both of its ends are stepped at a time. Channels of packet networks
 * do (noc/link/channel.h); wires and the links of SIM_LINK_DEFINE, whose ends share a count, do not. Whatever
 * else components share they must share for reading only, and a shard's components may share what no other
 * shard's do. Not possible are an engine that calls the components itself (engine.h), sim_kernel_poke and an
 * event log. Between runs no thread is there: settle, audit and explain are those of the whole kernel.
 *
 * Threads that wait spin for a short time and then sleep; how long, each learns by itself, so that fewer
 * cores than threads are slow but not a standstill.
 */
#ifndef SIM_KERNEL_SHARDS_H
#define SIM_KERNEL_SHARDS_H

#include "sim/kernel/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Ends elaboration like sim_kernel_start, of a kernel that lists its connections; sim_kernel_run will step
 * the kernel by `count` threads: component `id` in shard of[id] < count. A thread that cannot be had is done
 * without. */
void sim_shards_start(struct sim_kernel *kernel, uint32_t count, const uint32_t *of);

/* sim_kernel_run of a kernel that was started so. */
enum sim_stop sim_shards_run(struct sim_shards *shards, sim_cycle until);

#ifdef __cplusplus
}
#endif

#endif
