/* SPDX-License-Identifier: MIT
 *
 * The allocators of a batch (batch.h), for a vector of routers; private to noc/batch. iSLIP with one
 * iteration: every output offers itself to the first that asks, every input takes the first offer, each in a
 * round-robin line that moves behind what was taken. A packet asks for one port only, so VA goes port by
 * port.
 */
#ifndef NOC_BATCH_ALLOCATE_H
#define NOC_BATCH_ALLOCATE_H

#include "noc/batch/lanes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The first VC of each port. */
NOC_INLINE uint32_t noc_batch_first_vcs(const struct noc_batch_shape s) {
    uint32_t firsts = 0;
    NOC_UNROLL
    for (uint32_t port = 0; port < s.ports; port++)
        firsts |= UINT32_C(1) << (port << s.shift);
    return firsts;
}

/* ---- VC allocator ------------------------------------------------------------------------------- */

/* The packets that ask for VCs of `port` get them, as far as they are free: adds the winners of each VC to
 * `won`, what they get to `held`, and returns all of them. */
NOC_INLINE noc_vec noc_batch_allocate_port(struct noc_batch_group *g, const struct noc_batch_shape s,
                                 const noc_vec *bit, uint32_t port, noc_vec busy, noc_vec *won,
                                 noc_vec *held) {
    struct noc_batch_sets v = noc_batch_sets_of(g, s);
    noc_vec request = v.request[port], left = request, offer[NOC_BATCH_VCS], one[NOC_BATCH_VCS];
    NOC_UNROLL
    for (uint32_t vc = 0; vc < s.vcs; vc++) {
        uint32_t out = port << s.shift | vc;
        offer[vc] = noc_only(noc_lacks(busy, bit[out]), noc_first(request, v.vc_grant[out]));
        one[vc] = vc == 0 ? (noc_vec){0} : offer[vc] & left & v.vc_port[port] & v.vc_number[vc];
        left &= ~one[vc];
    }
    NOC_UNROLL
    for (uint32_t vc = 0; vc < s.vcs; vc++) {
        uint32_t out = port << s.shift | vc;
        noc_vec rest = offer[vc] & left;
        left &= ~rest;
        one[vc] |= rest;
        won[vc] |= one[vc];
        v.vc_grant[out] = noc_line_behind(one[vc], v.vc_grant[out]);
        *held = noc_or_only(*held, noc_is(one[vc]), bit[out]);
    }
    v.request[port] = left;
    return request & ~left;
}

NOC_INLINE void noc_batch_allocate_vcs(struct noc_batch_group *g, const struct noc_batch_shape s,
                                       const noc_vec *bit) {
    struct noc_batch_sets v = noc_batch_sets_of(g, s);
    noc_vec busy = g->busy, held = busy, taken = {0}, won[NOC_BATCH_VCS] = {{0}}, mine[NOC_BATCH_PORTS];
    NOC_UNROLL
    for (uint32_t port = 0; port < s.ports; port++) {
        mine[port] = (noc_vec){0};
        if (noc_lanes_set(v.request[port]) != 0)
            mine[port] = noc_batch_allocate_port(g, s, bit, port, busy, won, &held);
        taken |= mine[port];
    }
    g->busy = held;
    NOC_UNROLL
    for (uint32_t port = 0; port < s.ports; port++) {
        v.active[port] |= mine[port];
        v.vc_port[port] = (v.vc_port[port] & ~taken) | mine[port];
    }
    NOC_UNROLL
    for (uint32_t k = 0; k < s.shift; k++) {
        g->number[k] &= ~taken;
        NOC_UNROLL
        for (uint32_t vc = 0; vc < s.vcs; vc++)
            if (vc >> k & 1)
                g->number[k] |= won[vc];
    }
    noc_vec lower = {0};
    NOC_UNROLL
    for (uint32_t vc = 1; vc < s.vcs; vc++) {
        lower |= won[vc - 1];
        v.vc_number[vc] = (v.vc_number[vc] & ~taken) | lower;
    }
}

/* ---- switch allocator --------------------------------------------------------------------------- */

/* Input VCs that hold VC number `vc` of some port. */
NOC_INLINE noc_vec noc_batch_holders(const struct noc_batch_group *g, const struct noc_batch_shape s,
                                     uint32_t vc) {
    noc_vec set = ~(noc_vec){0};
    NOC_UNROLL
    for (uint32_t k = 0; k < s.shift; k++)
        set &= vc >> k & 1 ? g->number[k] : ~g->number[k];
    return set;
}

/* Who has a flit and a credit, by output port. */
NOC_INLINE void noc_batch_ask_switch(struct noc_batch_group *g, const struct noc_batch_shape s,
                                     const noc_vec *bit, noc_vec *asking) {
    struct noc_batch_sets v = noc_batch_sets_of(g, s);
    noc_vec buffered = noc_some(v.buffered, s.planes), credit = noc_some(v.credit, s.planes);
    noc_vec holder[NOC_BATCH_VCS];
    NOC_UNROLL
    for (uint32_t vc = 0; vc < s.vcs; vc++)
        holder[vc] = noc_batch_holders(g, s, vc) & buffered;
    NOC_UNROLL
    for (uint32_t port = 0; port < s.ports; port++) {
        asking[port] = (noc_vec){0};
        NOC_UNROLL
        for (uint32_t vc = 0; vc < s.vcs; vc++)
            asking[port] = noc_or_only(asking[port], noc_has(credit, bit[port << s.shift | vc]), holder[vc]);
        asking[port] &= v.active[port];
    }
}

/* Output ports offer themselves to input ports, which take the first offer. */
NOC_INLINE void noc_batch_match_ports(struct noc_batch_group *g, const struct noc_batch_shape s,
                                      const noc_vec *asking, noc_vec *won) {
    struct noc_batch_sets v = noc_batch_sets_of(g, s);
    noc_vec offer[NOC_BATCH_PORTS], left = ~(noc_vec){0}, lower = {0}, all = {0};
    NOC_UNROLL
    for (uint32_t port = 0; port < s.ports; port++) {
        offer[port] =
            noc_first(noc_ports_of(asking[port], s.shift, noc_batch_first_vcs(s)), v.port_grant[port]);
        won[port] = offer[port] & left & v.port_line[port];
        left &= ~won[port];
    }
    NOC_UNROLL
    for (uint32_t port = 0; port < s.ports; port++) {
        noc_vec rest = offer[port] & left;
        left &= ~rest;
        won[port] |= rest;
        all |= won[port];
        v.port_grant[port] = noc_line_behind(won[port], v.port_grant[port]);
    }
    NOC_UNROLL
    for (uint32_t port = 0; port < s.ports; port++) {
        v.port_line[port] = (v.port_line[port] & ~all) | lower;
        lower |= won[port];
    }
}

/* Of each input port that won, the first VC that wants its output. */
NOC_INLINE void noc_batch_choose_vcs(struct noc_batch_group *g, const struct noc_batch_shape s,
                                     const noc_vec *asking, noc_vec *won) {
    struct noc_batch_sets v = noc_batch_sets_of(g, s);
    noc_vec ports = {0}, able = {0};
    NOC_UNROLL
    for (uint32_t port = 0; port < s.ports; port++) {
        ports |= won[port];
        won[port] = noc_vcs_of(won[port], s.shift);
        able |= asking[port] & won[port];
    }
    noc_vec all = noc_vcs_of(ports, s.shift), head = able & g->vc_line;
    noc_vec with_head = noc_vcs_of(noc_ports_of(head, s.shift, noc_batch_first_vcs(s)), s.shift);
    noc_vec line = head | (able & ~with_head);
    g->winner = line & ~(line - ports); /* the lowest of each port, as each has one */
    g->vc_line = (g->vc_line & ~all) | (all & ~(g->winner | (g->winner - ports)));
    noc_count_down(v.buffered, s.planes, g->winner);
    g->more = noc_some(v.buffered, s.planes);
}

#ifdef __cplusplus
}
#endif

#endif
