/* SPDX-License-Identifier: MIT
 *
 * The state of a batch, private to noc/batch. Sets of VCs are words of 32 bits, one for each router, in
 * vectors of NOC_LANES words; bit port << shift | vc is the VC of a port. Counters are bit-sliced: plane k
 * holds bit k of the counters of all VCs.
 */
#ifndef NOC_BATCH_STATE_H
#define NOC_BATCH_STATE_H

#include "noc/batch/batch.h"
#include "noc/router/stages.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__AVX512F__)
#define NOC_LANES 16u
#elif defined(__AVX2__)
#define NOC_LANES 8u
#else
#define NOC_LANES 4u
#endif

#define NOC_BATCH_BITS 32u  /* VCs of a router, gaps included */
#define NOC_BATCH_PORTS 8u
#define NOC_BATCH_LINKS 4u
#define NOC_BATCH_VCS 8u    /* of a port: a router has 3 ports at least */
#define NOC_BATCH_PLANES 7u /* of the counters of flits: FIFOs of at most 127 */

typedef uint32_t noc_vec __attribute__((vector_size(4 * NOC_LANES)));

/* Constants, for the compiler that unrolls loops over them. A network has the next larger shape: ports that
 * there are not are never asked for, and VCs that there are not are busy for ever. */
struct noc_batch_shape {
    uint32_t ports, shift, planes, vcs;
};

#define NOC_BATCH_SHAPE(ports_, shift_, planes_)                                                   \
    ((struct noc_batch_shape){                                                                     \
        .ports = (ports_), .shift = (shift_), .planes = (planes_), .vcs = 1u << (shift_)})

/* The routers of a vector. Where a line begins (round-robin pointers) is the set of those behind its
 * beginning, or the sets of those whose line begins before a number. */
struct noc_batch_group {
    noc_vec open, busy; /* input VCs with a packet; output VCs that are held */
    noc_vec number[3];  /* bits of the number of the VC that an active input VC holds */
    noc_vec vc_line;    /* of each input port, VCs at the head of its line */
    /* Of a cycle: input VCs that send, those of them with more flits behind, output VCs that are sent to; and
     * input and output VCs of packets that go on. */
    noc_vec winner, more, spent, stay, stay_out;
    noc_vec tails; /* that have left since they were last stored */
    noc_vec set[]; /* those of noc_batch_sets, one behind the other */
};

struct noc_batch_sets {
    noc_vec *active;     /* [output port] input VCs that hold a VC of it */
    noc_vec *request;    /* [output port] input VCs that ask for one */
    noc_vec *vc_port;    /* [output port] input VCs whose line begins there, */
    noc_vec *vc_number;  /* [vc] at this VC or before */
    noc_vec *vc_grant;   /* [output VC] input VCs at the head of its line */
    noc_vec *port_grant; /* [output port] input ports at the head of its line */
    noc_vec *port_line;  /* [output port] input ports whose line begins there or before */
    noc_vec *sent;       /* [output port] flits since they were last stored */
    noc_vec *buffered;   /* [plane] flits in the input VC that can be seen */
    noc_vec *credit;     /* [plane] of the output VC */
};

NOC_INLINE struct noc_batch_sets noc_batch_sets_of(struct noc_batch_group *g, struct noc_batch_shape s) {
    noc_vec *vcs = g->set + 6 * s.ports, *planes = vcs + s.vcs + (s.ports << s.shift);
    return (struct noc_batch_sets){.active = g->set,
                                   .request = g->set + s.ports,
                                   .vc_port = g->set + 2 * s.ports,
                                   .vc_number = vcs,
                                   .vc_grant = vcs + s.vcs,
                                   .port_grant = g->set + 3 * s.ports,
                                   .port_line = g->set + 4 * s.ports,
                                   .sent = g->set + 5 * s.ports,
                                   .buffered = planes,
                                   .credit = planes + s.planes};
}

/* Bytes of a group. */
NOC_INLINE size_t noc_batch_group_bytes(struct noc_batch_shape s) {
    size_t sets = 6 * s.ports + s.vcs + (s.ports << s.shift) + 2 * s.planes;
    return sizeof(struct noc_batch_group) + sets * sizeof(noc_vec);
}

/* What becomes known in one cycle, a plane for each kind: words side by side, one for each router. */
enum noc_batch_plane {
    NOC_PLANE_ARRIVE,                                        /* + input port: flits that come over a link, */
    NOC_PLANE_INJECT = NOC_PLANE_ARRIVE + NOC_BATCH_LINKS,   /* or from terminals */
    NOC_PLANE_CREDIT,                                        /* + output port: credits of a link, */
    NOC_PLANE_REQUEST = NOC_PLANE_CREDIT + NOC_BATCH_LINKS,  /* + output port: heads that want it */
};

/* What a flit that leaves a router needs. FIFOs are rings of slots (noc/link/channel.h): those of inputs and
 * behind outputs; and positions, of the front slot of each input VC and, from noc_batch.codes on, of the one
 * to be filled behind each output VC. */
struct noc_batch_router {
    uint32_t here, place[NOC_BATCH_LINKS]; /* for routing: its own place, those behind its outputs */
    struct noc_slot *from[NOC_BATCH_PORTS], *to[NOC_BATCH_PORTS];
    uint16_t position[];
};

/* A terminal: its port's place in the inbox of its router, and the first code of the port. */
struct noc_batch_source {
    uint16_t *inbox;
    uint32_t router, first;
};

/* A flit that leaves: the router in its group, output port and VC, input VC. */
struct noc_batch_leaver {
    uint8_t in, out, port, lane;
};

/* The form for one instruction set. */
struct noc_batch_form {
    double pays; /* noc_batch_pays */
    void (*build)(struct noc_batch *batch, const struct noc_topology *topology, struct sim_arena *arena);
    sim_cycle (*step)(struct noc_batch *batch, sim_cycle now);
    void (*store)(struct noc_batch *batch);
};

struct noc_batch {
    struct sim_component base;
    const struct noc_batch_form *form;
    struct noc_router *router;
    uint32_t routers, groups;
    uint32_t ports, links, vcs, shift,
        codes;              /* ports below `links` lead to routers, the others to terminals */
    uint32_t planes, slots; /* of counters; of the FIFO of an input or a link */
    uint32_t link_latency, credit_latency; /* from router to router */
    uint32_t inject_credit; /* of the credits for a terminal */
    uint32_t eject; /* from leaving for a terminal until the credit for it */
    uint32_t rows, eject_rows; /* powers of two > the latencies of links; > eject */
    struct noc_batch_shape shape;
    uint32_t shape_number;
    unsigned char *group; /* [group * group_bytes] struct noc_batch_group */
    size_t group_bytes;
    uint32_t stride;       /* words of a plane, margin included */
    uint32_t cycle_planes; /* planes of a cycle */
    uint32_t *eject_plane; /* [(cycle & (eject_rows - 1)) * stride + router] credits of terminals */
    uint32_t
        *plane; /* [((cycle & (rows - 1)) * cycle_planes + plane) * stride + router], behind a margin */
    ptrdiff_t away[NOC_BATCH_LINKS]; /* [port] number of the router behind it, less one's own */
    struct noc_batch_source *source;
    uint32_t sources;
    unsigned char *part; /* [router * part_bytes] struct noc_batch_router */
    uint32_t part_bytes;
    const uint32_t *places; /* of terminals, for routing */
    noc_vec *bit; /* [number] 1 << number in each lane: quicker read than made */
    bool large; /* it does not fit the caches */
    sim_cycle stored; /* sent and tails are counted since then */
    sim_cycle quiet;                  /* nothing is in the rows from this cycle on */
};

extern const struct noc_batch_form noc_batch_form, noc_batch_form_avx2, noc_batch_form_avx512;

#ifdef __cplusplus
}
#endif

#endif
