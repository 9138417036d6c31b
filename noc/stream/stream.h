/* SPDX-License-Identifier: MIT
 *
 * A stream: words that follow one head along one route, the unit of both networks of a dual chip.
 *
 *     event network   a train of address events: the spikes among up to 512 neighbouring neurons in a
 *     timestep,
 *                     one packet for each spike (and for each copy), back to back
 *     frame network   a piece of a frame on a circuit: a bitmap of 512 neurons, 64 activation words or 16
 *     partial
 *                     sums; the head sets the circuit up, the tail gives it back
 *
 * `cycles` is how long the stream holds a channel, `bits` what crosses each channel, copies included. The
 * payload is what arrives; copies are not stored twice.
 */
#ifndef NOC_STREAM_STREAM_H
#define NOC_STREAM_STREAM_H

#include "sim/kernel/link.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NOC_STREAM_WORDS 8u
#define NOC_STREAM_FLAGS (NOC_STREAM_WORDS * 64u)  /* neurons of a train or bitmap */
#define NOC_STREAM_LEVELS (NOC_STREAM_WORDS * 8u)  /* activation words, 8 bits each */
#define NOC_STREAM_SUMS (NOC_STREAM_WORDS * 2u)    /* partial sums, 32 bits each */

enum noc_stream_kind {
    NOC_STREAM_EVENTS, /* a set bit is a packet; the only kind on the event network */
    NOC_STREAM_BITMAP, /* a bit for each neuron */
    NOC_STREAM_LEVEL,  /* a byte for each neuron */
    NOC_STREAM_SUM,    /* 32 bits, two's complement, for each neuron */
    NOC_STREAM_KIND_COUNT
};

struct noc_stream {
    uint32_t dst;   /* terminal */
    uint32_t kind;  /* enum noc_stream_kind */
    uint32_t key;   /* the first entry's axon (or, of sums, neuron) at the target */
    uint32_t count; /* entries */
    uint32_t cycles, bits;
    uint64_t payload[NOC_STREAM_WORDS];
};

SIM_LINK_DEFINE(noc_stream_link, struct noc_stream)
SIM_LINK_DEFINE(noc_stream_credit_link, uint64_t)

/* What receives streams: a FIFO of `depth` streams, and the places that go back to the sender. */
struct noc_stream_input {
    struct noc_stream_link in;
    struct noc_stream_credit_link credit;
    sim_cycle free_at; /* its front can leave from this cycle on: the tail of the last has left */
};

/* What sends them. Invariant: credits + streams under way or waiting + credits under way = depth. */
struct noc_stream_output {
    struct noc_stream_input *to;
    uint32_t credits;
    sim_cycle free_at; /* the channel is held until then */
};

/* Takes back the places that have come home. */
static inline void noc_stream_output_refill(struct noc_stream_output *output, sim_cycle now) {
    const uint64_t *credit;
    while ((credit = noc_stream_credit_link_peek(&output->to->credit, now)) != NULL) {
        output->credits += (uint32_t)*credit;
        noc_stream_credit_link_take(&output->to->credit);
    }
}

/* Sends on a free channel with credits, and holds it. */
static inline void noc_stream_output_send(struct noc_stream_output *output, sim_cycle now,
                                          const struct noc_stream *stream) {
    assert(output->credits > 0 && output->free_at <= now);
    output->credits--;
    output->free_at = now + stream->cycles;
    noc_stream_link_send(&output->to->in, now, *stream);
}

#ifdef __cplusplus
}
#endif

#endif
