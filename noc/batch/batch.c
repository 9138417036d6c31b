/* SPDX-License-Identifier: MIT
 *
 * The component around a batch; see batch.h.
 */
#include "noc/batch/state.h"

#include "sim/base/arena.h"
#include "sim/base/lanes.h"

#define LARGE 256u /* routers, whose FIFOs do not fit a cache of 1 or 2 MiB */

static uint32_t most(uint32_t a, uint32_t b) { return a > b ? a : b; }

bool noc_batch_fits(const struct noc_router_spec *spec, const struct noc_routing *routing) {
    uint32_t ports = noc_topology_ports(routing->topology, 0), shift = noc_bits_for(spec->vcs);
    return routing->place != NULL && ports <= NOC_BATCH_PORTS && ports << shift <= NOC_BATCH_BITS &&
           spec->vcs <= NOC_BATCH_VCS && spec->buffer_flits < 1u << NOC_BATCH_PLANES &&
           noc_router_is_plain(spec, routing, ports);
}

/* The best form for the processor at hand. */
static const struct noc_batch_form *choose_form(void) {
#if defined(__x86_64__) && defined(__GNUC__)
    if (sim_lanes() == sim_lanes_variant(2))
        return &noc_batch_form_avx512;
    if (sim_lanes() == sim_lanes_variant(1))
        return &noc_batch_form_avx2;
#endif
    return &noc_batch_form;
}

double noc_batch_pays(void) { return choose_form()->pays; }

static sim_cycle step(void *self, sim_cycle now) {
    struct noc_batch *b = self;
    return b->form->step(b, now);
}

static void settle(void *self, sim_cycle now) {
    struct noc_batch *b = self;
    (void)now;
    b->form->store(b);
}

/* The routers explain themselves. */
static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct noc_batch *b = self;
    (void)now, (void)out;
    b->form->store((struct noc_batch *)(uintptr_t)b);
}

const struct sim_type noc_batch_type = {
    .name = "noc.batch",
    .help = "plain routers of a mesh, stepped together",
    .step = step,
    .settle = settle,
    .explain = explain,
};

struct noc_batch *noc_batch_new(struct sim_arena *arena) { return SIM_NEW(arena, struct noc_batch); }

struct sim_component *noc_batch_component(struct noc_batch *b) { return &b->base; }

/* Some router's port that leads to a router; false where there is only one router. */
static bool find_link(const struct noc_topology *topology, uint32_t *router, uint32_t *port) {
    for (*router = 0; *router < topology->routers; ++*router)
        for (*port = 0; *port < noc_topology_ports(topology, *router); ++*port)
            if (noc_topology_end(topology, *router, *port)->kind == NOC_END_ROUTER)
                return true;
    return false;
}

void noc_batch_take(struct noc_batch *b, struct noc_router *router, const struct noc_topology *topology,
                    uint32_t eject_credit, struct sim_arena *arena) {
    uint32_t some, port;
    b->form = choose_form();
    b->router = router;
    b->routers = topology->routers;
    b->ports = router->ports;
    b->links = 2 * topology->dimensions;
    b->vcs = router->vcs;
    b->shift = router->shift;
    b->slots = router->slots;
    b->large = b->routers > LARGE;
    b->codes = b->ports << b->shift;
    b->part_bytes = (uint32_t)(sizeof(struct noc_batch_router) + 2 * b->codes * sizeof(uint16_t) + 7) / 8 * 8;
    b->places = router->places;
    b->planes = noc_bits_for(b->slots / b->vcs + 1u);
    b->inject_credit = router->port[b->links].fifo.credit_latency;
    b->eject = router->channel[b->links].base.latency + eject_credit;
    b->link_latency = b->credit_latency = 1;
    if (find_link(topology, &some, &port)) {
        b->link_latency = router[some].channel[port].base.latency;
        b->credit_latency = router[some].port[port].fifo.credit_latency;
    }
    b->rows = UINT32_C(1) << noc_bits_for(1 + most(b->link_latency, b->credit_latency));
    b->eject_rows = UINT32_C(1) << noc_bits_for(1 + b->eject);
    b->form->build(b, topology, arena);
}
