/* SPDX-License-Identifier: MIT
 *
 * The input-queued virtual-channel router (Dally, TPDS 1992; Peh and Dally, HPCA 2001).
 *
 *              +---------------------------+
 *   flits  --->| FIFOs, one for each VC    |---+      routing unit (RC): ports and VCs to ask for
 *  credits <---| of each input port        |   |      VC allocator (VA): input VC -> output VC
 *              +---------------------------+   |      switch allocator (SA): input port -> output port
 *                                            [switch] ---> channel (ST, LT)
 *
 *     cycle     t      t+1    t+2    t+3    t+4          (all delays 1, lookahead routing, link latency 1)
 *     head      VA     SA     ST     LT     next router
 *     body             SA     ST     LT     next router
 *
 *     t_hop = routing_delay (0 with lookahead) + vc_alloc_delay + switch_alloc_delay
 *             + traversal_delay + link latency
 *     speculative: max(VA, SA) in place of their sum, where routing leaves one choice of port
 *
 * Within a cycle: arriving flits, then VA on the output VCs free before this cycle, then SA on the VCs
 * allocated before this cycle; so a VC given back by a tail that wins the switch can be allocated from
 * the next cycle on, and a credit is usable credit_latency cycles after the flit left. Failed requests are
 * repeated every cycle. An allocator with a delay d > 1 takes in new requests every cycle, answers d - 1
 * cycles later and checks then that the answer still holds; a VC asks again when it has its answer, so the
 * flits of a packet follow each other every switch_alloc_delay cycles.
 *
 * An output VC belongs to a packet from VA until its tail wins SA (not until its last credit is back), so
 * a FIFO may hold several packets. Packets of one input that ask for the same output share one request to
 * the switch: the VC nearest behind the input's last winner.
 *
 * Outside an escape network a VC is asked for only where there is room for the packet (vc_allocator.c).
 *
 * Multicast packets are replicated (multicast.c), in the general form only.
 *
 * Not modelled: input or output speed-up, shared buffers, priorities, stalls of the ejection port.
 * Source of the cycle rules: BookSim2 (Jiang et al., ISPASS 2013), whose results this router repeats
 * cycle by cycle where all delays are 1.
 */
#ifndef NOC_ROUTER_ROUTER_H
#define NOC_ROUTER_ROUTER_H

#include "noc/link/channel.h"
#include "noc/link/data.h"
#include "noc/router/allocator.h"
#include "noc/topology/multicast_tree.h"
#include "sim/config/param.h"
#include "sim/kernel/component.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NOC_VCS_MAX 32u
#define NOC_CODES_MAX (64u * NOC_VCS_MAX)

#define NOC_ROUTER_EVENTS(X)                                                                       \
    X(BUFFER_WRITE, buffer_write, "a flit was written to an input FIFO")                           \
    X(BUFFER_READ, buffer_read, "a flit was read from an input FIFO")                              \
    X(ROUTE, route, "the routing unit answered for a head flit")                                   \
    X(VC_ALLOC, vc_alloc, "the VC allocator granted an output VC")                                 \
    X(SWITCH_ALLOC, switch_alloc, "the switch allocator granted an output port")                   \
    X(CROSSBAR, crossbar, "a flit crossed the switch")                                             \
    X(LINK_FLIT, link_flit, "a flit was sent over a link to another router")                       \
    X(LINK_BIT_UM, link_bit_um, "bits sent over a link x micrometres of wire")                     \
    X(LINK_TOGGLE_UM, link_toggle_um, "wires of a link that changed x micrometres (link_payload)")  \
    X(BOUNDARY_BIT, boundary_bit, "bits sent over a link from chip to chip")                       \
    X(EJECT_FLIT, eject_flit, "a flit was sent to a terminal")                                     \
    X(DEFLECT, deflect, "a flit was sent another way than its route (deflection)")

#define NOC_ROUTER_EVENT_ENUM(NAME, name, help) NOC_ROUTER_##NAME,
enum noc_router_event { NOC_ROUTER_EVENTS(NOC_ROUTER_EVENT_ENUM) NOC_ROUTER_EVENT_COUNT };

/* NOC_FLOW_DEFLECTION: no flow control at all; noc/router/deflection.h. */
enum noc_flow_control { NOC_FLOW_WORMHOLE, NOC_FLOW_CUT_THROUGH, NOC_FLOW_DEFLECTION, NOC_FLOW_COUNT };

struct noc_router_spec {
    uint32_t vcs;          /* virtual channels per port */
    uint32_t buffer_flits; /* depth of each VC's FIFO */
    uint32_t flit_bits;
    bool lookahead;        /* the upstream router computes the route: no RC stage */
    bool speculative;      /* heads ask for VC and switch in the same cycle */
    uint32_t routing_delay, vc_alloc_delay, switch_alloc_delay, traversal_delay, credit_delay;
    int vc_allocator, switch_allocator; /* enum noc_allocator_kind */
    int arbiter;                        /* enum noc_arbiter_kind, of both allocators */
    uint32_t iterations;                /* of iSLIP */
    int flow_control;                   /* enum noc_flow_control */
};

extern const struct sim_schema noc_router_schema;
extern const struct sim_type noc_router_type, noc_router_part_type; /* the second is of a batch */

/* Cycles from the switch grant at one router to visibility at the next, and from a flit's leaving a FIFO to
 * the use of its credit, over a link of `link_latency`. */
uint32_t noc_router_flit_latency(const struct noc_router_spec *spec, uint32_t link_latency);
uint32_t noc_router_credit_latency(const struct noc_router_spec *spec, uint32_t link_latency);

/* Cycles a lone head flit spends from arrival at one router to arrival at the next. */
uint32_t noc_router_hop_latency(const struct noc_router_spec *spec, uint32_t link_latency);

/* One VC of an input port. `out` is the output VC held by the packet at the front. Input VCs and output VCs
 * are numbered by codes: port << shift | vc. */
struct noc_input_vc {
    uint16_t front; /* position of the oldest flit in the port's FIFO */
    uint16_t out;
    uint8_t out_port; /* of `out` */
    uint8_t class_;  /* of the packet behind `out` */
    uint8_t accept;  /* plain router: last output VC in line (iSLIP accept) */
};

/* One port, as an input and as an output; within a cache line. */
struct __attribute__((aligned(32))) noc_port_state {
    struct noc_fifo fifo; /* input; no slots where nothing comes in */
    uint8_t accept; /* input of a plain router: last output port in line (iSLIP accept) */
    uint8_t vc;     /* the same: last VC in line */
    uint8_t kind;   /* output: enum noc_end_kind, NOC_PORT_BOUNDARY */
    uint64_t request; /* output: input VCs that ask for a VC of it, where a set of them is a word */
};

#define NOC_PORT_BOUNDARY 8u
#define NOC_LAST_IN_LINE 63u /* of a plain router's lines: behind it begins the line anew, at the first */
#define NOC_PLAIN_PORTS 8u /* at most, of a plain router: each row of its inbox is one word */

/* Sets of VCs, one bit for each code: of output VCs (busy), of input VCs the others. Invariants: ready <=
 * active <= open; ready and deciding have nothing in common; fresh is empty between cycles. */
enum noc_set {
    NOC_SET_BUSY,     /* output VC held by a packet */
    NOC_SET_OPEN,     /* has a packet: in RC, VA or active */
    NOC_SET_ACTIVE,   /* its packet holds an output VC */
    NOC_SET_READY,    /* active, and the next flit is here: asks for the switch */
    NOC_SET_PLAIN,    /* so many has a plain router */
    NOC_SET_FRESH = NOC_SET_PLAIN, /* VA granted in this cycle */
    NOC_SET_DECIDING, /* in a pipelined switch allocator */
    NOC_SET_ELIGIBLE, /* scratch of the switch allocator: ready and has a credit */
    NOC_SET_COUNT
};

struct noc_router;
typedef sim_cycle noc_router_step(struct noc_router *router, sim_cycle now);

/* What every cycle needs stands first and together, in whole cache lines: a network's state is larger than
 * the caches. */
struct __attribute__((aligned(64))) noc_router {
    struct sim_component base;
    noc_router_step *cycle;
    struct noc_router_stages *stages; /* of the general form; NULL in a plain router */
    struct noc_inbox inbox;
    uint64_t request_outputs; /* output ports with a request for a VC */
    uint64_t plain[NOC_SET_PLAIN]; /* the sets of a plain router */
    /* A plain router decides the switch of the next cycle already (plain.c). */
    sim_cycle ahead;        /* the latest cycle whose switch is decided */
    uint64_t ahead_closed;  /* input VCs whose tail leaves in that cycle, */
    uint64_t ahead_more;    /* those of them with another packet behind, */
    uint64_t ahead_free;    /* and the output VCs they give back */
    uint8_t ports, shift, vc_mask; /* vc_mask = (1 << shift) - 1 */
    uint8_t ahead_outputs; /* plain: output ports that send in cycle `ahead` */
    uint16_t vcs, slots;   /* of a port; slots of its FIFOs */
    struct noc_input_vc *vc;         /* [code] */
    uint16_t *next; /* [code] of output VCs: position in the receiver's FIFO where the next flit goes */
    uint8_t *vc_grant; /* plain: [code] of output VCs: last input VC in line (iSLIP grant) */
    struct noc_channel *channel;     /* [port] of the output */
    struct noc_port_state *port;     /* [port] */
    uint8_t grant[NOC_PLAIN_PORTS]; /* plain: [output port] last input port in line (iSLIP grant) */
    const uint32_t *places; /* routing->place */
    uint64_t arrived, tails; /* plain: flits that arrived, tails that left */
    uint32_t all_vcs;
    uint32_t place; /* noc_routing_here */
    struct noc_choice *choice; /* [code * choices_max + k] of packets that ask for a VC; classless: one */
    uint64_t *set; /* [set * words + word] */
    bool cut_through, routed_on_arrival, classless;
    uint8_t divider; /* noc/link/clock_divider.h; 0, 1: none */
    uint16_t choices_max;
    uint16_t codes; /* ports << shift */
    uint16_t words; /* of a set */
    const struct noc_routing *routing;
    uint64_t *request; /* [port * words + word] the same as noc_port_state.request, of more than one word */
    const struct noc_router_spec *spec;
    uint32_t number;  /* in the topology */
    uint32_t bits_um; /* flit width x length of a link, for the energy of the wires */
    struct noc_link_data *data; /* NULL: nobody looks at the bits */
};

/* The oldest slot of input VC `code`; the next one behind output VC `out`. */
static inline struct noc_slot *noc_front(const struct noc_router *r, uint32_t code) {
    return r->port[code >> r->shift].fifo.slot + r->vc[code].front;
}

static inline uint16_t *noc_next_position(const struct noc_router *r, uint32_t out) {
    return &r->next[out & ~(uint32_t)r->channel[out >> r->shift].shared];
}

static inline struct noc_slot *noc_next(const struct noc_router *r, uint32_t out) {
    return r->channel[out >> r->shift].slot + *noc_next_position(r, out);
}

/* Builds the state of router `number`. `latency` is the largest of its incoming channels. The network
 * initialises its output channels afterwards. */
void noc_router_init(struct noc_router *router, const struct noc_router_spec *spec,
                     const struct noc_routing *routing, uint32_t number, uint32_t latency,
                     struct sim_arena *arena);

/* Gives the router a divided clock, in the general form. The delays of its spec are in base cycles then:
 * noc_router_divided_spec; so are the latencies of its channels. */
void noc_router_divide(struct noc_router *router, uint32_t divider, struct sim_arena *arena);
struct noc_router_spec noc_router_divided_spec(const struct noc_router_spec *spec, uint32_t divider);

/* Counts the wires of its links, of `um` micrometres, that change: link_toggle_um, in the place of
 * link_bit_um. A router with buffers takes the general form. Before it is stepped. */
void noc_router_look_at_data(struct noc_router *router, int payload, uint32_t um, struct sim_arena *arena);

/* Makes ready for outputs that a flit keeps busy for several cycles (stages->serial), in the general form. */
void noc_router_serialize(struct noc_router *router, struct sim_arena *arena);

/* Gives input `port` its FIFOs of `depth`, for a sender whose credits take `credit_latency`. Ports that lead
 * nowhere have none. */
void noc_router_receive_from(struct noc_router *router, uint32_t port, uint32_t depth,
                             uint32_t credit_latency, struct sim_arena *arena);

/* Connects output `port` to the FIFO of a receiver (noc/link/channel.h). */
void noc_router_connect(struct noc_router *router, uint32_t port, uint32_t latency,
                        const struct noc_fifo *fifo, const struct noc_inbox *inbox, uint32_t peer_port);

/* Multicast. Whether packets of `flits` flits can be replicated without deadlock; whether a router can: it
 * takes the general form, before it is stepped. */
bool noc_router_replicates(const struct noc_router_spec *spec, uint32_t flits);
void noc_router_replicate(struct noc_router *router, const struct noc_trees *trees, struct sim_arena *arena);

/* Position of the oldest full slot of an input VC. Flits sent whose slots stayed full, because more copies
 * follow. Deliveries that the packets whose tails are here still mean. */
uint32_t noc_router_oldest(const struct noc_router *router, uint32_t code);
uint64_t noc_router_copied(const struct noc_router *router);
uint64_t noc_router_copies_due(const struct noc_router *router);

/* Flits that have left through output `port` before cycle `now`. */
static inline uint64_t noc_router_sent(const struct noc_router *r, uint32_t port, sim_cycle now) {
    return r->channel[port].flits - (r->ahead >= now ? r->ahead_outputs >> port & 1 : 0);
}

/* Flits that stand in or travel to this router's FIFOs. */
uint64_t noc_router_flits(const struct noc_router *router);

#ifdef __cplusplus
}
#endif

#endif
