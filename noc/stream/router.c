/* SPDX-License-Identifier: MIT
 *
 * The router of streams; see router.h.
 */
#include "noc/stream/router.h"

#include "noc/topology/mesh_port.h"
#include "sim/base/err.h"

static uint32_t route(const struct noc_stream_router *router, uint32_t terminal) {
    const struct noc_stream_home *home = &router->home[terminal];
    if (home->x != router->x)
        return home->x > router->x ? NOC_PORT_EAST : NOC_PORT_WEST;
    if (home->y != router->y)
        return home->y > router->y ? NOC_PORT_SOUTH : NOC_PORT_NORTH;
    return home->port;
}

static const struct noc_stream *front(const struct noc_stream_router *router, uint32_t port, sim_cycle now) {
    return router->fed[port] ? noc_stream_link_peek(&router->input[port].in, now) : NULL;
}

static sim_cycle visible_since(const struct noc_stream_input *input) {
    const struct sim_link *link = &input->in.base;
    return input->in.slot[link->head & link->mask].at;
}

static void count(struct noc_stream_router *router, uint32_t output, const struct noc_stream *stream,
                  sim_cycle waited, sim_cycle now) {
    uint32_t event = output >= NOC_STREAM_LOCAL       ? NOC_STREAM_ROUTER_LOCAL_BITS
                     : stream->kind == NOC_STREAM_SUM ? NOC_STREAM_ROUTER_SUM_BITS
                                                      : NOC_STREAM_ROUTER_HOP_BITS;
    sim_count(&router->base, NOC_STREAM_ROUTER_GRANT, 1, now, stream->cycles);
    sim_count(&router->base, event, stream->bits, now, stream->cycles);
    sim_count(&router->base, NOC_STREAM_ROUTER_WAIT_CYCLES, waited, now, waited);
}

static void grant(struct noc_stream_router *router, uint32_t port, uint32_t output, sim_cycle now) {
    struct noc_stream_input *input = &router->input[port];
    const struct noc_stream *stream = noc_stream_link_peek(&input->in, now);
    count(router, output, stream, now - visible_since(input), now);
    input->free_at = now + stream->cycles;
    noc_stream_output_send(&router->output[output], now, stream);
    noc_stream_link_take(&input->in);
    noc_stream_credit_link_send(&input->credit, now, 1);
    router->turn[output] = (port + 1) % router->ports;
}

static bool is_open(const struct noc_stream_output *output, sim_cycle now) {
    return output->to != NULL && output->credits > 0 && output->free_at <= now;
}

/* Gives each free output to the first in line of those that want it. */
static void allocate(struct noc_stream_router *router, const uint32_t *wants, sim_cycle now) {
    for (uint32_t output = 0; output < router->ports; output++) {
        if (!is_open(&router->output[output], now))
            continue;
        for (uint32_t i = 0; i < router->ports; i++) {
            uint32_t port = (router->turn[output] + i) % router->ports;
            if (wants[port] == output && router->input[port].free_at <= now) {
                grant(router, port, output, now);
                break;
            }
        }
    }
}

/* When a front that waits is worth another try; places that come home wake the router. */
static sim_cycle retry_at(const struct noc_stream_router *router, sim_cycle now) {
    sim_cycle next = SIM_NEVER;
    for (uint32_t port = 0; port < router->ports; port++) {
        const struct noc_stream *stream = front(router, port, now);
        if (stream == NULL)
            continue;
        const struct noc_stream_output *output = &router->output[route(router, stream->dst)];
        sim_cycle at = router->input[port].free_at;
        at = output->free_at > at ? output->free_at : at;
        at = at > now ? at : now + 1;
        if (output->credits > 0 && at < next)
            next = at;
    }
    return next;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct noc_stream_router *router = self;
    uint32_t wants[NOC_STREAM_PORTS_MAX];
    bool any = false;
    for (uint32_t port = 0; port < router->ports; port++) {
        if (router->output[port].to != NULL)
            noc_stream_output_refill(&router->output[port], now);
        const struct noc_stream *stream = front(router, port, now);
        wants[port] = stream != NULL ? route(router, stream->dst) : UINT32_MAX;
        any |= stream != NULL;
    }
    if (!any)
        return SIM_NEVER;
    allocate(router, wants, now);
    return retry_at(router, now);
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct noc_stream_router *router = self;
    for (uint32_t port = 0; port < router->ports; port++) {
        const struct noc_stream *stream = front(router, port, now);
        if (stream != NULL)
            fprintf(out, "%s: input %u: a stream to terminal %u waits for output %u (%u credits)\n",
                    router->base.path, port, stream->dst, route(router, stream->dst),
                    router->output[route(router, stream->dst)].credits);
    }
}

static bool audit(const void *self, sim_cycle now, struct sim_err *err) {
    const struct noc_stream_router *router = self;
    bool sound = true;
    (void)now;
    for (uint32_t port = 0; port < router->ports; port++) {
        const struct noc_stream_output *output = &router->output[port];
        if (output->to == NULL)
            continue;
        const struct sim_link *link = &output->to->in.base, *home = &output->to->credit.base;
        uint32_t sum = output->credits + sim_link_count(link) + sim_link_count(home);
        if (sum != link->mask + 1)
            sound =
                sim_err_add(err, SIM_EXIT_STOPPED, NULL, "%s: output %u: credits and streams are %u of %u",
                            router->base.path, port, sum, link->mask + 1);
    }
    return sound;
}

static const struct sim_event events[] = {NOC_STREAM_ROUTER_EVENTS(SIM_EVENT_NAMED_ROW)};

const struct sim_type noc_event_router_type = {
    .name = "noc.event_router",
    .help = "router of trains of address events",
    .events = events,
    .event_count = NOC_STREAM_ROUTER_EVENT_COUNT,
    .step = step,
    .explain = explain,
    .audit = audit,
};

const struct sim_type noc_frame_router_type = {
    .name = "noc.frame_router",
    .help = "switch of the circuits on which frames move",
    .events = events,
    .event_count = NOC_STREAM_ROUTER_EVENT_COUNT,
    .step = step,
    .explain = explain,
    .audit = audit,
};
