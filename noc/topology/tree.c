/* SPDX-License-Identifier: MIT
 *
 * The k-ary n-tree (Petrini and Vanneschi, IPPS 1997), the fat tree built of equal switches.
 *
 * Level 0 holds the roots, level n - 1 the leaves. Every level has k^(n-1) switches, each with a label
 * of n - 1 digits to base k. Switch (l, w) has the children (l + 1, w') with w' = w except in digit l,
 * which is the number of the port down. Terminal t sits at leaf t / k, port t % k; digit 0 of a leaf's
 * label is the most significant one, so going down from a root spells the destination.
 */
#include "noc/topology/build.h"

#include "sim/base/arena.h"
#include "sim/base/err.h"

bool noc_topology_tree(struct noc_topology *t, const struct noc_topology_spec *spec,
                       const struct sim_where *where, struct sim_arena *arena, struct sim_err *err) {
    uint32_t size[NOC_DIMENSIONS_MAX], count;
    if (!noc_topology_parse_sizes(spec->size, size, &count) || count != 2 || size[0] < 2)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "noc.network: size '%s' of a fat tree is not of the form 4x3 (arity x levels)",
                           spec->size);
    if (size[0] > NOC_CHOICES_LIMIT || size[1] > 16)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "noc.network: a fat tree has an arity of at most %u and at most 16 levels",
                           NOC_CHOICES_LIMIT);
    if (spec->concentration != 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "noc.network: a fat tree has no concentration");
    uint32_t k = t->arity = size[0], n = t->levels = size[1];
    uint64_t terminals = 1;
    for (uint32_t i = 0; i < n; i++)
        if ((terminals *= k) > NOC_TERMINALS_MAX)
            return sim_err_add(err, SIM_EXIT_CONFIG, where, "noc.network: more than %u terminals",
                               NOC_TERMINALS_MAX);
    uint32_t row = (uint32_t)terminals / k;
    t->diameter = 2 * n - 1;
    t->concentration = 1;
    noc_topology_alloc(t, n * row, (uint32_t)terminals, (size_t)n * row * 2 * k, arena);
    for (uint32_t router = 0; router < t->routers; router++)
        t->first[router + 1] = t->first[router] + (router < row ? k : 2 * k);
    uint32_t weight = row; /* of digit l in a label */
    for (uint32_t level = 0; level + 1 < n; level++) {
        weight /= k;
        for (uint32_t w = 0; w < row; w++) {
            uint32_t digit = w / weight % k;
            for (uint32_t j = 0; j < k; j++) {
                uint32_t upper = level * row + w, lower = (level + 1) * row + w + j * weight - digit * weight;
                t->end[t->first[upper] + j] = (struct noc_end){.peer = lower,
                                                               .peer_port = (uint16_t)(k + digit),
                                                               .kind = NOC_END_ROUTER,
                                                               .latency = spec->link_latency};
                t->end[t->first[lower] + k + digit] = (struct noc_end){.peer = upper,
                                                                       .peer_port = (uint16_t)j,
                                                                       .kind = NOC_END_ROUTER,
                                                                       .latency = spec->link_latency};
            }
        }
    }
    for (uint32_t terminal = 0; terminal < t->terminals; terminal++)
        noc_topology_attach(t, (n - 1) * row + terminal / k, terminal % k, terminal);
    return true;
}
