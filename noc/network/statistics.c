/* SPDX-License-Identifier: MIT
 *
 * Sums over packets; see statistics.h.
 */
#include "noc/network/statistics.h"

#include <math.h>
#include <string.h>

/* 97.5 % quantiles of Student's t with 16 to 31 degrees of freedom. */
static const double student_t[] = {2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687,
                                   2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423, 2.0395};

void noc_statistics_init(struct noc_statistics *s) {
    memset(s, 0, sizeof *s);
    s->start = s->end = SIM_NEVER;
}

void noc_statistics_open(struct noc_statistics *s, sim_cycle start, sim_cycle cycles) {
    s->start = start;
    s->end = start + cycles;
    s->shift = 0;
    while ((cycles - 1) >> s->shift >= NOC_BATCHES)
        s->shift++;
}

void noc_statistics_extend(struct noc_statistics *s) {
    s->shift++;
    s->end += s->end - s->start;
    for (uint32_t b = 0; b < NOC_BATCHES / 2; b++) {
        s->batch[b].packets = s->batch[2 * b].packets + s->batch[2 * b + 1].packets;
        s->batch[b].latency = s->batch[2 * b].latency + s->batch[2 * b + 1].latency;
    }
    memset(s->batch + NOC_BATCHES / 2, 0, NOC_BATCHES / 2 * sizeof *s->batch);
}

void noc_statistics_bin(uint32_t i, sim_cycle *first, sim_cycle *last) {
    if (i < 256) {
        *first = *last = i;
        return;
    }
    uint32_t octave = (i - 256) / 128 + 1;
    *first = (sim_cycle)((i - 256) % 128 + 128) << octave;
    *last = *first + (UINT64_C(1) << octave) - 1;
}

static void move(uint64_t *to, uint64_t *from) {
    *to += *from;
    *from = 0;
}

void noc_statistics_copy_window(struct noc_statistics *part, const struct noc_statistics *s) {
    part->start = s->start;
    part->end = s->end;
    part->shift = s->shift;
}

void noc_statistics_merge(struct noc_statistics *s, struct noc_statistics *part) {
    move(&s->packets, &part->packets);
    move(&s->latency, &part->latency);
    move(&s->hops, &part->hops);
    move(&s->sent, &part->sent);
    move(&s->queueing, &part->queueing);
    move(&s->seen, &part->seen);
    move(&s->seen_latency, &part->seen_latency);
    s->latency_max = part->latency_max > s->latency_max ? part->latency_max : s->latency_max;
    for (uint32_t b = 0; b < NOC_BATCHES; b++) {
        move(&s->batch[b].packets, &part->batch[b].packets);
        move(&s->batch[b].latency, &part->batch[b].latency);
    }
    for (uint32_t i = 0; i < NOC_HISTOGRAM_BINS; i++)
        move(&s->histogram[i], &part->histogram[i]);
}

double noc_statistics_interval(const struct noc_statistics *s) {
    double mean = 0, squares = 0;
    uint32_t batches = (uint32_t)((s->end - s->start - 1) >> s->shift) + 1;
    for (uint32_t b = 0; b < batches; b++) {
        if (s->batch[b].packets == 0)
            return INFINITY;
        mean += (double)s->batch[b].latency / (double)s->batch[b].packets / batches;
    }
    for (uint32_t b = 0; b < batches; b++) {
        double deviation = (double)s->batch[b].latency / (double)s->batch[b].packets - mean;
        squares += deviation * deviation;
    }
    return student_t[batches - 17] * sqrt(squares / (batches - 1) / batches);
}

sim_cycle noc_statistics_quantile(const struct noc_statistics *s, double fraction) {
    double wanted = ceil(fraction * (double)s->packets);
    uint64_t below = 0;
    for (uint32_t i = 0; i < NOC_HISTOGRAM_BINS; i++) {
        below += s->histogram[i];
        if (below > 0 && (double)below >= wanted) {
            sim_cycle first, last;
            noc_statistics_bin(i, &first, &last);
            return last < s->latency_max ? last : s->latency_max;
        }
    }
    return s->latency_max;
}
