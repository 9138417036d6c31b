/* SPDX-License-Identifier: MIT
 *
 * What is learnt about packets: sums of integers, so the order in which they are added does not matter.
 *
 * Measured are the packets created in a window; the run goes on until all of them have arrived. The window
 * is cut into batches of 2^shift cycles, 17 to NOC_BATCHES of them (the last may be shorter). Latency is from
 * creation to the arrival of the tail; the part of it before the head leaves the source queue is summed
 * apart. The confidence interval of the mean comes from the means of the batches (Student's t, 95 %).
 */
#ifndef NOC_NETWORK_STATISTICS_H
#define NOC_NETWORK_STATISTICS_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NOC_BATCHES 32u

/* Latencies below 256 have bins of their own, above there are 128 bins for each doubling. */
#define NOC_HISTOGRAM_BINS (256u + 128u * 32u)

struct noc_batch {
    uint64_t packets, latency;
};

struct noc_statistics {
    sim_cycle start, end; /* of the window; SIM_NEVER: not yet */
    uint32_t shift;
    uint64_t packets, latency, hops;   /* measured and arrived */
    uint64_t sent, queueing;           /* measured and left the source queue */
    uint64_t seen, seen_latency;       /* all that arrived, for the end of warm-up */
    sim_cycle latency_max;
    struct noc_batch batch[NOC_BATCHES];
    uint64_t histogram[NOC_HISTOGRAM_BINS];
};

void noc_statistics_init(struct noc_statistics *s);

/* Opens the window: `cycles` (at least 32) from `start` on. */
void noc_statistics_open(struct noc_statistics *s, sim_cycle start, sim_cycle cycles);

/* Doubles the window: pairs of batches become one. Call when its end is reached. */
void noc_statistics_extend(struct noc_statistics *s);

/* The head of a packet of which `copies` will arrive left its source queue. */
static inline void noc_statistics_sent(struct noc_statistics *s, sim_cycle created, uint32_t copies,
                                       sim_cycle now) {
    if (created < s->start || created >= s->end)
        return;
    s->sent += copies;
    s->queueing += copies * (now - created);
}

/* The bin of a latency. */
static inline uint32_t noc_statistics_bin_of(sim_cycle latency) {
    if (latency < 256)
        return (uint32_t)latency;
    uint32_t octave = 63 - (uint32_t)__builtin_clzll(latency) - 7;
    uint32_t bin = 256 + (octave - 1) * 128 + (uint32_t)(latency >> octave) - 128;
    return bin < NOC_HISTOGRAM_BINS ? bin : NOC_HISTOGRAM_BINS - 1;
}

/* The tail of a packet arrived after `hops` routers. */
static inline void noc_statistics_arrived(struct noc_statistics *s, sim_cycle created, uint32_t hops,
                                          sim_cycle now) {
    sim_cycle latency = now - created;
    s->seen++;
    s->seen_latency += latency;
    if (created < s->start || created >= s->end)
        return;
    struct noc_batch *batch = &s->batch[(created - s->start) >> s->shift];
    s->packets++;
    s->latency += latency;
    s->hops += hops;
    if (latency > s->latency_max)
        s->latency_max = latency;
    batch->packets++;
    batch->latency += latency;
    s->histogram[noc_statistics_bin_of(latency)]++;
}

/* Of several that learn at a time: gives `part` the window of `s`; moves what it has learnt to `s`. */
void noc_statistics_copy_window(struct noc_statistics *part, const struct noc_statistics *s);
void noc_statistics_merge(struct noc_statistics *s, struct noc_statistics *part);

/* Half the width of the 95 % confidence interval of the mean latency; infinite when some batch is empty. */
double noc_statistics_interval(const struct noc_statistics *s);

/* The least latency that at least this fraction of the packets do not exceed (exact below 256, else the
 * upper end of its bin). */
sim_cycle noc_statistics_quantile(const struct noc_statistics *s, double fraction);

/* The latencies that bin i counts: first .. last. */
void noc_statistics_bin(uint32_t i, sim_cycle *first, sim_cycle *last);

#ifdef __cplusplus
}
#endif

#endif
