/* SPDX-License-Identifier: MIT
 *
 * Replication in the virtual-channel router: asynchronous, one copy after the other.
 *
 *     cycle      t    t+1   t+2   t+3        (all delays 1, packets of one flit, three copies)
 *     copy 1     VA   SA
 *     copy 2          .     VA    SA         a copy asks for a VC of every output that has none yet, and
 *     copy 3                      .  ...     takes the first that it gets
 *
 * A multicast packet stays at the front of its FIFO. For each branch of its tree
 * (noc/topology/multicast_tree.h) it gets a VC like any packet and is read from head to tail; its slots are
 * freed as the last copy is read. The input port reads one flit a cycle, so copies share its place at the
 * switch.
 *
 * Why it cannot deadlock: a copy whose head leaves finds room for the whole packet (packets of one flit, or
 * virtual cut-through), so it never stops half way, and a packet that waits holds the FIFO it stands in and
 * nothing else. It waits for outputs one at a time, each of which unicast could ask for as well; the
 * channel-dependency graph has no cycle, so the last channel in its order drains always, and then the one
 * before. Under wormhole flow control a packet of several flits would hold channels of two branches at once,
 * which no order of channels makes safe: noc_router_replicates says so.
 */
#include "noc/router/stages.h"

#include "sim/base/arena.h"

bool noc_router_replicates(const struct noc_router_spec *spec, uint32_t flits) {
    bool whole = flits == 1 || spec->flow_control == NOC_FLOW_CUT_THROUGH;
    return spec->flow_control != NOC_FLOW_DEFLECTION && whole && flits <= spec->buffer_flits &&
           flits < NOC_SIZE_MAX;
}

void noc_router_replicate(struct noc_router *r, const struct noc_trees *trees, struct sim_arena *arena) {
    uint32_t branches = noc_trees_branches(r->routing->topology);
    uint32_t choices = branches > r->choices_max ? branches : r->choices_max;
    assert(branches <= NOC_BRANCHES_MAX);
    r->classless = false;
    r->choices_max = (uint16_t)choices;
    r->choice = SIM_NEW_ARRAY(arena, struct noc_choice, (size_t)r->codes * choices);
    noc_router_generalize(r, arena);
    r->stages->trees = trees;
    r->stages->replication = SIM_NEW_ARRAY(arena, struct noc_replication, r->codes);
}

/* Copies of the packet at the front of an input VC; NULL: it is no multicast packet. */
static const struct noc_replication *copies_of(const struct noc_router *r, uint32_t code) {
    bool any = r->stages != NULL && noc_router_copies(r, code);
    return any ? &r->stages->replication[code] : NULL;
}

/* The last copy: its flits leave the FIFO. */
static bool is_last(const struct noc_replication *copy) { return (copy->left & (copy->left - 1)) == 0; }

static const struct noc_tree_node *node_of(const struct noc_router *r, const struct noc_replication *copy) {
    return &r->stages->trees->node[copy->label];
}

/* Asks for a VC for every branch that is left. */
static uint32_t list_branches(const struct noc_router *r, uint32_t code) {
    const struct noc_replication *copy = &r->stages->replication[code];
    struct noc_choice *choice = &r->choice[code * r->choices_max];
    uint32_t count = 0;
    for (uint64_t left = copy->left; left != 0; left &= left - 1)
        choice[count++] = node_of(r, copy)->branch[__builtin_ctzll(left)].choice;
    return count;
}

uint32_t noc_router_start_copies(struct noc_router *r, uint32_t code, uint32_t dst) {
    struct noc_replication *copy = &r->stages->replication[code];
    copy->label = dst & ~NOC_GROUP;
    copy->left = ~UINT64_C(0) >> (64 - node_of(r, copy)->branches);
    copy->start = r->vc[code].front;
    return list_branches(r, code);
}

void noc_router_choose_copy(struct noc_router *r, uint32_t code, uint32_t choice) {
    struct noc_replication *copy = &r->stages->replication[code];
    uint64_t left = copy->left;
    while (choice-- > 0)
        left &= left - 1;
    copy->branch = (uint8_t)__builtin_ctzll(left);
}

bool noc_router_copy_flit(struct noc_router *r, uint32_t code, uint64_t *word) {
    struct noc_replication *copy = &r->stages->replication[code];
    *word = noc_flit_with_dst(*word, node_of(r, copy)->branch[copy->branch].dst);
    if (is_last(copy))
        return false;
    r->stages->copied++;
    if (*word & NOC_HEAD)
        sim_open(&r->base);
    return true;
}

bool noc_router_next_copy(struct noc_router *r, uint32_t code) {
    struct noc_replication *copy = &r->stages->replication[code];
    copy->left &= ~(UINT64_C(1) << copy->branch);
    if (copy->left == 0)
        return false;
    r->vc[code].front = copy->start;
    r->stages->choices[code] = (uint8_t)list_branches(r, code);
    noc_router_put_request(r, code);
    return true;
}

uint32_t noc_router_oldest(const struct noc_router *r, uint32_t code) {
    const struct noc_replication *copy = copies_of(r, code);
    return copy != NULL && !is_last(copy) ? copy->start : r->vc[code].front;
}

uint64_t noc_router_copied(const struct noc_router *r) { return r->stages != NULL ? r->stages->copied : 0; }

/* Deliveries that the tails in a FIFO still mean. */
static uint64_t due_at(const struct noc_router *r, uint32_t code) {
    const struct noc_fifo *fifo = &r->port[code >> r->shift].fifo;
    const struct noc_replication *copy = copies_of(r, code);
    uint64_t due = 0;
    uint32_t at = noc_router_oldest(r, code);
    for (uint32_t k = 0; k < fifo->depth; k++, at = noc_behind(r, at)) {
        const struct noc_slot *slot = &fifo->slot[at];
        if (!(slot->stamp & NOC_FULL) || !(slot->word & NOC_TAIL))
            continue;
        if (copy == NULL)
            due += r->stages != NULL && r->stages->trees != NULL
                       ? noc_trees_leaves(r->stages->trees, noc_flit_dst(slot->word))
                       : 1;
        else
            for (uint64_t left = copy->left; left != 0; left &= left - 1)
                due += node_of(r, copy)->branch[__builtin_ctzll(left)].leaves;
        copy = NULL;
    }
    return due;
}

uint64_t noc_router_copies_due(const struct noc_router *r) {
    uint64_t due = 0;
    for (uint32_t port = 0; port < r->ports; port++)
        for (uint32_t vc = 0; vc < r->spec->vcs && r->port[port].fifo.slot != NULL; vc++)
            due += due_at(r, port << r->shift | vc);
    return due;
}
