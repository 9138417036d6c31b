/* SPDX-License-Identifier: MIT
 *
 * Synthetic traffic: who sends to whom, and when.
 *
 * Every terminal is a Bernoulli source: in each cycle it creates a packet with probability rate / packet
 * size. What is drawn is the gap to the next packet (geometric), so a cycle without a packet costs
 * nothing (law L3), and the packets of a terminal depend on the seed only, not on the network.
 *
 *   uniform      any terminal; itself included unless self is off
 *   transpose    the two halves of the address bits exchanged
 *   bitcomp      all address bits inverted           bitrev   address bits reversed
 *   shuffle      address bits rotated left
 *   tornado      (k + 1) / 2 - 1 further in every dimension of k terminals
 *   neighbour    one further in every dimension
 *   hotspot      by weights: "27:4, 28:4, *:1" (a star stands for all others; 0 without it)
 *   multicast    one of the terminal's own sets of destinations, to all of them (groups.h)
 *
 * The four patterns on bits need a power of two of terminals (transpose an even one). In topologies
 * without dimensions all terminals form one.
 */
#ifndef NOC_TRAFFIC_TRAFFIC_H
#define NOC_TRAFFIC_TRAFFIC_H

#include "noc/network/interface.h"
#include "noc/topology/topology.h"
#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

enum noc_pattern {
    NOC_PATTERN_UNIFORM,
    NOC_PATTERN_TRANSPOSE,
    NOC_PATTERN_BITCOMP,
    NOC_PATTERN_BITREV,
    NOC_PATTERN_SHUFFLE,
    NOC_PATTERN_TORNADO,
    NOC_PATTERN_NEIGHBOUR,
    NOC_PATTERN_HOTSPOT,
    NOC_PATTERN_MULTICAST,
    NOC_PATTERN_COUNT
};

extern const char *const noc_pattern_names[]; /* in the order of the enum, NULL at the end */

/* How the messages of multicast traffic reach all their destinations. Both: whoever measures does it twice,
 * and what is said here of trees holds. */
enum noc_traffic_replication {
    NOC_REPLICATION_BOTH,
    NOC_REPLICATION_TREE,
    NOC_REPLICATION_UNICAST,
    NOC_REPLICATION_COUNT
};

extern const char *const noc_replication_names[];

struct noc_traffic_spec {
    int pattern;      /* enum noc_pattern */
    double rate;      /* flits per terminal and cycle; multicast: of messages, before they are copied */
    uint32_t packet;  /* flits per packet */
    bool self;        /* uniform, multicast: packets to oneself */
    const char *hotspot;
    uint32_t fanout, groups; /* multicast: destinations of a message; sets of a terminal */
    int replication;         /* enum noc_traffic_replication */
    uint64_t seed;
};

extern const struct sim_schema noc_traffic_schema;

struct noc_weight {
    uint32_t terminal, weight;
};

struct noc_source {
    uint64_t rng;
    sim_cycle created; /* of the packet drawn last; starts before cycle 0 */
};

struct noc_groups;

/* Of the numbers from 1 + i / pieces on: the reciprocal of their middle, and the logarithm of that. */
#define NOC_LOG_BITS 7
#define NOC_LOG_PIECES (1 << NOC_LOG_BITS)
struct noc_log_piece {
    double reciprocal, log;
};

struct noc_traffic {
    const struct noc_traffic_spec *spec;
    const struct noc_topology *topology;
    uint32_t terminals, bits, entries;
    double log_idle; /* log(1 - probability of a packet per cycle); and its reciprocal */
    double per_log_idle, quick_below; /* quotients up to which the quick logarithm is good enough */
    struct noc_log_piece *log_piece;  /* [NOC_LOG_PIECES] */
    bool always;     /* a packet in every cycle */
    bool everywhere; /* to any terminal, the source itself included */
    uint32_t dimensions, size[NOC_DIMENSIONS_MAX]; /* terminals in each dimension */
    struct noc_weight *hot;                        /* by terminal */
    uint32_t hot_count, others;                    /* weight of the others */
    uint64_t hot_total, total;
    struct noc_source *source; /* [terminal] */
    struct noc_groups *groups; /* of multicast; else NULL */
};

/* Destinations of a packet as it is created. */
static inline uint32_t noc_traffic_copies(const struct noc_traffic_spec *spec) {
    return spec->pattern == NOC_PATTERN_MULTICAST ? spec->fanout : 1;
}

/* Prepares traffic on a topology; `entries`: routing classes to draw from (noc_routing.entries). False and
 * located messages when the pattern does not fit. */
bool noc_traffic_init(struct noc_traffic *traffic, const struct noc_traffic_spec *spec,
                      const struct noc_topology *topology, uint32_t entries, const struct sim_where *where,
                      struct sim_arena *arena, struct sim_err *err);

/* Draws the next packet of a terminal; its tag is the low word of its creation cycle, or of multicast the
 * number of its message. */
void noc_traffic_next(struct noc_traffic *traffic, uint32_t terminal, struct noc_packet *packet);

/* Draws when the terminal's next packet is created. */
void noc_traffic_advance(struct noc_traffic *traffic, uint32_t terminal);

/* The destination of a packet from `src`, of patterns with one. */
uint32_t noc_traffic_destination(const struct noc_traffic *traffic, uint32_t src, uint64_t *rng);

#ifdef __cplusplus
}
#endif

#endif
