/* SPDX-License-Identifier: MIT
 *
 * Assembly of a mesh of address-event routers; see mesh.h.
 */
#include "noc/aer/mesh.h"

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/kernel/kernel.h"

#include <string.h>

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct noc_aer_mesh_spec, latency_x, 1, 255, "1",
                   "hop to the east or west, cycles of the network"),
    SIM_PARAM_UINT(struct noc_aer_mesh_spec, latency_y, 1, 255, "1",
                   "hop to the north or south, cycles of the network"),
    SIM_PARAM_UINT(struct noc_aer_mesh_spec, latency_inject, 1, 255, "1",
                   "from a core to its router, cycles of the network"),
    SIM_PARAM_UINT(struct noc_aer_mesh_spec, latency_deliver, 1, 255, "1",
                   "from a router to a core of its tile, cycles of the network"),
    SIM_PARAM_UINT(
        struct noc_aer_mesh_spec, credit_latency, 1, 255, "1",
        "from a packet's leaving a FIFO to the use of its place by the sender, cycles of the network"),
    SIM_PARAM_UINT(struct noc_aer_mesh_spec, port_cycles, 1, 255, "1",
                   "an output takes a packet every so many cycles"),
    SIM_PARAM_UINT(struct noc_aer_mesh_spec, buffer, 1, 64, "4",
                   "packets that the FIFO of an input port holds"),
    SIM_PARAM_UINT(struct noc_aer_mesh_spec, clock_divider, 1, 255, "1",
                   "base cycles in a cycle of the network"),
    SIM_PARAM_CHOICE(struct noc_aer_mesh_spec, multicast, noc_multicast_names, "unicast",
                     "a spike for several cores: one packet each, or one that the routers replicate"),
    SIM_PARAM_TEXT(struct noc_aer_mesh_spec, name, "", "what the chip calls this network; may be empty"),
};

static bool check(const void *spec_, const struct sim_where *where, struct sim_err *err) {
    const struct noc_aer_mesh_spec *spec = spec_;
    const uint32_t latency[] = {spec->latency_x, spec->latency_y, spec->latency_inject, spec->latency_deliver,
                                spec->credit_latency};
    for (uint32_t i = 0; i < sizeof latency / sizeof *latency; i++)
        if (latency[i] * spec->clock_divider >= SIM_WHEEL_SLOTS)
            return sim_err_add(err, SIM_EXIT_CONFIG, where,
                               "noc.aer_mesh: a latency of %u x clock_divider %u is more than %u base cycles",
                               latency[i], spec->clock_divider, SIM_WHEEL_SLOTS - 1);
    return true;
}

static const struct sim_type *const types[] = {&noc_aer_router_type, NULL};

const struct sim_schema noc_aer_mesh_schema = {
    .name = "noc.aer_mesh",
    .role = "network",
    .help = "A mesh of address-event routers: packets of one flit, x before y, no virtual channels. Its size "
            "is that of "
            "the chip around it.",
    .size = sizeof(struct noc_aer_mesh_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
    .types = types,
};

/* ---- assembly ----------------------------------------------------------------------------------- */

static uint32_t credit_latency(const struct noc_aer_mesh_spec *spec) {
    return spec->credit_latency * spec->clock_divider;
}

static uint32_t hop_latency(const struct noc_aer_mesh_spec *spec, uint32_t port) {
    bool y = port == NOC_PORT_NORTH || port == NOC_PORT_SOUTH;
    return (y ? spec->latency_y : spec->latency_x) * spec->clock_divider;
}

static void place_terminals(struct noc_aer_mesh *mesh) {
    for (uint32_t t = 0; t < mesh->terminals; t++) {
        bool host = t + 1 == mesh->terminals;
        uint32_t router = host ? 0 : t / mesh->concentration;
        mesh->home[t] = (struct noc_aer_home){
            .x = (uint16_t)(router % mesh->cols),
            .y = (uint16_t)(router / mesh->cols),
            .port = (uint16_t)(NOC_PORT_COUNT + (host ? mesh->concentration : t % mesh->concentration)),
        };
    }
}

static struct noc_aer_router *neighbour(const struct noc_aer_mesh *mesh, const struct noc_aer_router *r,
                                        uint32_t port) {
    uint32_t x = r->x, y = r->y;
    x += (port == NOC_PORT_EAST) - (uint32_t)(port == NOC_PORT_WEST);
    y += (port == NOC_PORT_SOUTH) - (uint32_t)(port == NOC_PORT_NORTH);
    return x < mesh->cols && y < mesh->rows ? &mesh->router[y * mesh->cols + x] : NULL;
}

static void connect_router(struct noc_aer_mesh *mesh, struct noc_aer_router *r, struct sim_kernel *kernel) {
    static const char *const names[] = {"north", "south", "east", "west"};
    for (uint32_t port = 0; port < NOC_PORT_COUNT; port++) {
        struct noc_aer_router *peer = neighbour(mesh, r, port);
        if (peer == NULL)
            continue;
        struct noc_channel *channel = &r->output[port].channel;
        uint32_t input = noc_port_opposite((enum noc_port)port);
        noc_aer_input_init(&peer->input[input], channel, hop_latency(mesh->spec, port), mesh->spec->buffer,
                           credit_latency(mesh->spec), kernel->arena);
        peer->connected |= 1u << input;
        sim_kernel_connect_link(kernel, &channel->base, names[port], r->base.id, peer->base.id);
        sim_kernel_connect_link(kernel, &peer->input[input].credit, "credit", peer->base.id, r->base.id);
    }
}

void noc_aer_mesh_build(struct noc_aer_mesh *mesh, const struct noc_aer_mesh_spec *spec, uint32_t rows,
                        uint32_t cols, uint32_t concentration, uint32_t groups, const char *path,
                        struct sim_kernel *kernel) {
    struct sim_arena *arena = kernel->arena;
    assert(concentration + NOC_PORT_COUNT < NOC_AER_PORTS_MAX);
    *mesh = (struct noc_aer_mesh){.spec = spec, .rows = rows, .cols = cols, .concentration = concentration};
    mesh->terminals = rows * cols * concentration + 1;
    mesh->home = SIM_NEW_ARRAY(arena, struct noc_aer_home, mesh->terminals);
    mesh->interface = SIM_NEW_ARRAY(arena, struct noc_interface *, mesh->terminals);
    mesh->router = SIM_NEW_ARRAY(arena, struct noc_aer_router, (size_t)rows * cols);
    mesh->groups = groups;
    mesh->fan_out = SIM_NEW_ARRAY(arena, uint32_t, groups);
    place_terminals(mesh);
    for (uint32_t i = 0; i < rows * cols; i++) {
        struct noc_aer_router *r = &mesh->router[i];
        r->home = mesh->home;
        r->x = (uint16_t)(i % cols);
        r->y = (uint16_t)(i / cols);
        r->ports = NOC_PORT_COUNT + concentration + (i == 0);
        r->divider = spec->clock_divider;
        r->port_cycles = spec->port_cycles * spec->clock_divider;
        if (groups > 0)
            r->branch = SIM_NEW_ARRAY(arena, uint16_t, groups);
        sim_kernel_add(kernel, &r->base, &noc_aer_router_type,
                       sim_arena_format(arena, "%s.router[%u][%u]", path, r->y, r->x));
    }
    for (uint32_t i = 0; i < rows * cols; i++)
        connect_router(mesh, &mesh->router[i], kernel);
}

void noc_aer_mesh_group(struct noc_aer_mesh *mesh, uint32_t group, uint32_t source, const uint32_t *member,
                        uint32_t members) {
    for (uint32_t i = 0; i < members; i++) {
        const struct noc_aer_home *to = &mesh->home[member[i]];
        uint32_t x = mesh->home[source].x, y = mesh->home[source].y, port;
        do {
            struct noc_aer_router *r = &mesh->router[y * mesh->cols + x];
            port = to->port;
            if (to->x != x)
                port = to->x > x ? NOC_PORT_EAST : NOC_PORT_WEST;
            else if (to->y != y)
                port = to->y > y ? NOC_PORT_SOUTH : NOC_PORT_NORTH;
            ((uint16_t *)r->branch)[group] |= (uint16_t)(1u << port);
            x += (port == NOC_PORT_EAST) - (uint32_t)(port == NOC_PORT_WEST);
            y += (port == NOC_PORT_SOUTH) - (uint32_t)(port == NOC_PORT_NORTH);
        } while (port < NOC_PORT_COUNT);
    }
    mesh->fan_out[group] = members;
}

void noc_aer_mesh_attach(struct noc_aer_mesh *mesh, uint32_t terminal, struct noc_interface *interface,
                         struct sim_component *owner, struct sim_kernel *kernel) {
    const struct noc_aer_mesh_spec *spec = mesh->spec;
    const struct noc_aer_home *home = &mesh->home[terminal];
    struct noc_aer_router *r = &mesh->router[home->y * mesh->cols + home->x];
    uint32_t inject = spec->latency_inject * spec->clock_divider,
             deliver = spec->latency_deliver * spec->clock_divider;
    noc_interface_init(interface, 1, spec->buffer, deliver, credit_latency(spec), kernel->arena);
    noc_aer_input_init(&r->input[home->port], &interface->out, inject, spec->buffer, credit_latency(spec),
                       kernel->arena);
    r->connected |= 1u << home->port;
    sim_kernel_connect_link(kernel, &interface->out.base, "inject", owner->id, r->base.id);
    sim_kernel_connect_link(kernel, &r->input[home->port].credit, "credit", r->base.id, owner->id);
    r->output[home->port].eject_credit = credit_latency(spec);
    struct noc_channel *channel = &r->output[home->port].channel;
    noc_channel_init(channel, deliver, &interface->in, &interface->inbox, 0);
    sim_kernel_connect_link(kernel, &channel->base, "deliver", r->base.id, owner->id);
    mesh->interface[terminal] = interface;
}

/* ---- audit ---------------------------------------------------------------------------------------- */

static uint32_t full_slots(const struct noc_slot *slot, uint32_t depth) {
    uint32_t full = 0;
    for (uint32_t i = 0; i < depth; i++)
        full += (slot[i].stamp & NOC_FULL) != 0;
    return full;
}

/* Terminals that a packet in `router` still reaches through the outputs in `ports`. */
static uint64_t reached(const struct noc_aer_mesh *mesh, const struct noc_aer_router *r, uint32_t ports,
                        uint32_t dst) {
    uint64_t terminals = 0;
    if (!(dst & NOC_GROUP))
        return 1;
    for (; ports != 0; ports &= ports - 1) {
        uint32_t port = (uint32_t)__builtin_ctz(ports);
        const struct noc_aer_router *peer = port < NOC_PORT_COUNT ? neighbour(mesh, r, port) : NULL;
        terminals += peer == NULL ? 1 : reached(mesh, peer, peer->branch[dst & ~NOC_GROUP], dst);
    }
    return terminals;
}

static uint64_t underway_at(const struct noc_aer_mesh *mesh, const struct noc_aer_router *r, uint32_t port) {
    const struct noc_aer_input *input = &r->input[port];
    uint64_t copies = 0;
    for (uint32_t i = 0; i < input->fifo.depth; i++) {
        const struct noc_slot *slot = &input->fifo.slot[i];
        uint32_t dst = noc_flit_dst(slot->word);
        if (!(slot->stamp & NOC_FULL))
            continue;
        uint32_t ports = i == input->head && input->todo != 0 ? input->todo
                         : dst & NOC_GROUP                ? r->branch[dst & ~NOC_GROUP]
                                                              : 0;
        copies += reached(mesh, r, ports, dst);
    }
    return copies;
}

uint64_t noc_aer_mesh_underway(const struct noc_aer_mesh *mesh) {
    uint64_t copies = 0;
    for (uint32_t i = 0; i < mesh->rows * mesh->cols; i++)
        for (uint32_t port = 0; port < mesh->router[i].ports; port++)
            copies += underway_at(mesh, &mesh->router[i], port);
    for (uint32_t t = 0; t < mesh->terminals; t++)
        if (mesh->interface[t] != NULL)
            copies += full_slots(mesh->interface[t]->in.slot, mesh->interface[t]->in.depth);
    return copies;
}

/* The sender's next slot lies as far behind the receiver's front as there are full slots. */
static bool ends_agree(const struct noc_slot *slot, uint32_t depth, uint32_t head, uint32_t tail) {
    return tail == (head + full_slots(slot, depth)) % depth;
}

bool noc_aer_mesh_audit(const struct noc_aer_mesh *mesh, sim_cycle now, struct sim_err *err) {
    for (uint32_t i = 0; i < mesh->rows * mesh->cols; i++) {
        const struct noc_aer_router *r = &mesh->router[i];
        for (uint32_t port = 0; port < NOC_PORT_COUNT; port++) {
            const struct noc_aer_output *output = &r->output[port];
            if (output->channel.slot == NULL)
                continue;
            const struct noc_aer_router *peer = neighbour(mesh, r, port);
            const struct noc_aer_input *input = &peer->input[noc_port_opposite((enum noc_port)port)];
            if (!ends_agree(output->channel.slot, output->channel.size, input->head, output->tail))
                return sim_err_add(
                    err, SIM_EXIT_STOPPED, NULL,
                    "cycle %llu: %s: output %u and its receiver disagree on the packets between them",
                    (unsigned long long)now, r->base.path, port);
        }
    }
    for (uint32_t t = 0; t < mesh->terminals; t++) {
        const struct noc_interface *ni = mesh->interface[t];
        if (ni == NULL)
            continue;
        const struct noc_aer_home *home = &mesh->home[t];
        const struct noc_aer_router *r = &mesh->router[home->y * mesh->cols + home->x];
        const struct noc_aer_input *input = &r->input[home->port];
        if (!ends_agree(ni->out.slot, ni->out.size, input->head, ni->tail[0]) ||
            !ends_agree(ni->in.slot, ni->in.depth, ni->head[0], r->output[home->port].tail))
            return sim_err_add(
                err, SIM_EXIT_STOPPED, NULL,
                "cycle %llu: %s: terminal %u and its router disagree on the packets between them",
                (unsigned long long)now, r->base.path, t);
    }
    return true;
}
