/* SPDX-License-Identifier: MIT
 *
 * Laying multicast trees; see multicast_tree.h.
 */
#include "noc/topology/multicast_tree.h"

#include "sim/base/arena.h"

#include <assert.h>
#include <string.h>

const char *const noc_multicast_names[] = {"unicast", "tree", NULL};

void noc_trees_init(struct noc_trees *trees, const struct noc_routing *routing) {
    *trees = (struct noc_trees){.routing = routing, .most = NOC_GROUP};
}

uint32_t noc_trees_branches(const struct noc_topology *t) {
    return t->ports_max + (t->wrap ? 2 * t->dimensions : 0);
}

/* The abandoned copies sum to less than the final table. A table that is full is of no use any more. */
static uint32_t new_label(struct noc_trees *trees, struct sim_arena *arena) {
    if (trees->labels == trees->most) {
        trees->full = true;
        return 0;
    }
    if (trees->labels == trees->capacity) {
        uint32_t capacity = trees->capacity == 0 ? 64 : 2 * trees->capacity;
        struct noc_tree_node *larger = SIM_NEW_ARRAY(arena, struct noc_tree_node, capacity);
        if (trees->labels > 0)
            memcpy(larger, trees->node, trees->labels * sizeof *larger);
        trees->node = larger;
        trees->capacity = capacity;
    }
    return trees->labels++;
}

/* What a copy for `dst` asks for here: the only choice, or the first into the escape network. */
static struct noc_choice hop_to(const struct noc_trees *trees, struct noc_hop hop, uint32_t dst) {
    struct noc_choice choice[NOC_CHOICES_MAX];
    hop.dst = dst;
    uint32_t count = trees->routing->route(trees->routing, &hop, choice);
    for (uint32_t k = 0; k < count; k++)
        if (choice[k].escape)
            return choice[k];
    assert(false && "a packet can always ask for the escape network");
    return choice[0];
}

static bool same(const struct noc_choice *a, const struct noc_choice *b) {
    return a->port == b->port && a->class_ == b->class_ && a->vcs == b->vcs;
}

/* Moves the members of member[0 .. members - 1] that go as `first` does to the front; returns how many. */
static uint32_t gather(const struct noc_trees *trees, const struct noc_hop *hop,
                       const struct noc_choice *first, uint32_t *member, uint32_t members) {
    uint32_t together = 0;
    for (uint32_t i = 0; i < members; i++) {
        struct noc_choice choice = hop_to(trees, *hop, member[i]);
        if (!same(&choice, first))
            continue;
        uint32_t swapped = member[i];
        member[i] = member[together];
        member[together++] = swapped;
    }
    return together;
}

static uint32_t grow(struct noc_trees *trees, const struct noc_hop *hop, uint32_t *member, uint32_t members,
                     struct sim_arena *arena);

/* The copy for members that share the next hop. */
static struct noc_branch branch_to(struct noc_trees *trees, const struct noc_hop *hop,
                                   const struct noc_choice *choice, uint32_t *member, uint32_t members,
                                   struct sim_arena *arena) {
    const struct noc_end *end = noc_topology_end(trees->routing->topology, hop->router, choice->port);
    struct noc_branch branch = {.choice = *choice, .dst = member[0], .leaves = members};
    assert(end->kind == NOC_END_ROUTER || members == 1);
    if (members > 1) {
        struct noc_hop next = {
            .router = end->peer, .in_port = end->peer_port, .class_ = choice->class_};
        branch.dst = NOC_GROUP | grow(trees, &next, member, members, arena);
    }
    return branch;
}

/* The subtree of members from the router of `hop` on; returns its label. */
static uint32_t grow(struct noc_trees *trees, const struct noc_hop *hop, uint32_t *member, uint32_t members,
                     struct sim_arena *arena) {
    uint32_t label = new_label(trees, arena);
    struct noc_branch list[NOC_BRANCHES_MAX];
    uint32_t branches = 0;
    if (trees->full)
        return label;
    for (uint32_t done = 0, together; done < members; done += together) {
        struct noc_choice choice = hop_to(trees, *hop, member[done]);
        together = gather(trees, hop, &choice, member + done, members - done);
        assert(branches < noc_trees_branches(trees->routing->topology));
        struct noc_branch branch = branch_to(trees, hop, &choice, member + done, together, arena);
        uint32_t at = branches++;
        for (; at > 0 && list[at - 1].choice.port > choice.port; at--)
            list[at] = list[at - 1];
        list[at] = branch;
    }
    struct noc_branch *branch = SIM_NEW_ARRAY(arena, struct noc_branch, branches);
    memcpy(branch, list, branches * sizeof *branch);
    trees->node[label] =
        (struct noc_tree_node){.branch = branch, .branches = branches, .leaves = members};
    return label;
}

uint32_t noc_trees_add(struct noc_trees *trees, uint32_t source, uint32_t class_, uint32_t *member,
                       uint32_t members, struct sim_arena *arena) {
    const struct noc_home *home = &trees->routing->topology->home[source];
    struct noc_hop hop = {.router = home->router, .in_port = home->port, .class_ = class_};
    assert(members > 0);
    uint32_t label = grow(trees, &hop, member, members, arena);
    return trees->full ? NOC_NO_TREE : NOC_GROUP | label;
}
