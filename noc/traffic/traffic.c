/* SPDX-License-Identifier: MIT
 *
 * Synthetic traffic; see traffic.h.
 */
#include "noc/traffic/traffic.h"

#include "noc/traffic/groups.h"
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const noc_pattern_names[] = {"uniform", "transpose", "bitcomp",   "bitrev", "shuffle",
                                         "tornado", "neighbour", "hotspot", "multicast", NULL};
const char *const noc_replication_names[] = {"both", "tree", "unicast", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_CHOICE(struct noc_traffic_spec, pattern, noc_pattern_names, "uniform", "who sends to whom"),
    SIM_PARAM_REAL(struct noc_traffic_spec, rate, 0, 1, "0.1", "load offered, flits per terminal and cycle"),
    SIM_PARAM_UINT(struct noc_traffic_spec, packet, 1, 65535, "1", "flits per packet"),
    SIM_PARAM_BOOL(struct noc_traffic_spec, self, "true",
                   "uniform, multicast: a terminal may send to itself"),
    SIM_PARAM_TEXT(struct noc_traffic_spec, hotspot, "", "hotspot: weights of destinations, \"27:4, *:1\""),
    SIM_PARAM_UINT(struct noc_traffic_spec, fanout, 1, 16777216, "8", "multicast: destinations of a packet"),
    SIM_PARAM_UINT(struct noc_traffic_spec, groups, 1, 4096, "1",
                   "multicast: sets of destinations of a terminal, one of them for each packet"),
    SIM_PARAM_CHOICE(struct noc_traffic_spec, replication, noc_replication_names, "both",
                     "multicast: copied by the routers (tree), by the source (unicast), or both, compared"),
    SIM_PARAM_UINT64(struct noc_traffic_spec, seed, 0, 1.8446744073709552e19, "1", "of all random draws"),
};

const struct sim_schema noc_traffic_schema = {
    .name = "noc.traffic",
    .help = "Synthetic traffic: Bernoulli sources at every terminal.",
    .size = sizeof(struct noc_traffic_spec),
    SIM_SCHEMA_PARAMS(params),
};

/* ---- preparation -------------------------------------------------------------------------------- */

/* Terminals in each dimension: routers x width of the tile of terminals, from where terminal 0's router ends.
 */
static void find_dimensions(struct noc_traffic *traffic, const struct noc_topology *t) {
    traffic->dimensions = 1;
    traffic->size[0] = t->terminals;
    if (t->dimensions == 0 || (t->concentration > 1 && t->dimensions != 2))
        return;
    traffic->dimensions = t->dimensions;
    memcpy(traffic->size, t->size, sizeof traffic->size);
    if (t->concentration > 1) {
        uint32_t width = 1; /* terminals of the first router in the first row are consecutive */
        while (width < t->concentration && t->home[width].router == t->home[0].router)
            width++;
        traffic->size[0] *= width;
        traffic->size[1] *= t->concentration / width;
    }
}

static int by_terminal(const void *a, const void *b) {
    const struct noc_weight *x = a, *y = b;
    return x->terminal < y->terminal ? -1 : x->terminal > y->terminal;
}

static const char *read_number(const char *p, uint32_t *value) {
    uint64_t v = 0;
    while (isspace((unsigned char)*p))
        p++;
    if (!isdigit((unsigned char)*p))
        return NULL;
    for (; isdigit((unsigned char)*p); p++)
        if ((v = v * 10 + (uint64_t)(*p - '0')) > 1000000000)
            return NULL;
    while (isspace((unsigned char)*p))
        p++;
    *value = (uint32_t)v;
    return p;
}

/* Reads one "terminal:weight" or "*:weight"; NULL when it is not of this form. Returns what comes behind. */
static const char *read_weight(struct noc_traffic *traffic, const char *p, bool *star) {
    struct noc_weight *w = &traffic->hot[traffic->hot_count];
    while (isspace((unsigned char)*p))
        p++;
    *star = *p == '*';
    if ((p = *star ? p + 1 : read_number(p, &w->terminal)) == NULL || *p++ != ':')
        return NULL;
    return read_number(p, *star ? &traffic->others : &w->weight);
}

/* A fault of one pair, which is named. */
static bool hotspot_fault(const char *pair, const char *what, const struct sim_where *where,
                          struct sim_err *err) {
    return sim_err_add(err, SIM_EXIT_CONFIG, where, "noc.traffic.hotspot: '%.*s' %s", (int)strcspn(pair, ","),
                       pair, what);
}

static bool read_hotspot(struct noc_traffic *traffic, const char *text, const struct sim_where *where,
                         struct sim_arena *arena, struct sim_err *err) {
    uint32_t commas = 0;
    for (const char *p = text; *p != '\0'; p++)
        commas += *p == ',';
    traffic->hot = SIM_NEW_ARRAY(arena, struct noc_weight, (size_t)commas + 1);
    bool star, starred = false;
    for (const char *pair = text, *p;; pair = p + 1) {
        p = read_weight(traffic, pair, &star);
        if (p == NULL || (*p != ',' && *p != '\0'))
            return hotspot_fault(pair, "is not of the form terminal:weight, as in \"27:4, 28:4, *:1\"", where,
                                 err);
        if (star && starred)
            return hotspot_fault(pair, "is a second weight of all others", where, err);
        if (!star && traffic->hot[traffic->hot_count].terminal >= traffic->terminals) {
            char what[80];
            snprintf(what, sizeof what, "is no terminal of the network, which has 0 to %u",
                     traffic->terminals - 1);
            return hotspot_fault(pair, what, where, err);
        }
        starred |= star;
        traffic->hot_count += !star;
        if (*p == '\0')
            break;
    }
    qsort(traffic->hot, traffic->hot_count, sizeof *traffic->hot, by_terminal);
    for (uint32_t k = 0; k < traffic->hot_count; k++) {
        traffic->hot_total += traffic->hot[k].weight;
        if (k > 0 && traffic->hot[k].terminal == traffic->hot[k - 1].terminal)
            return sim_err_add(err, SIM_EXIT_CONFIG, where, "noc.traffic.hotspot: terminal %u is named twice",
                               traffic->hot[k].terminal);
    }
    traffic->total =
        traffic->hot_total + (uint64_t)traffic->others * (traffic->terminals - traffic->hot_count);
    if (traffic->total == 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "noc.traffic.hotspot: all weights are 0");
    return true;
}

static bool check_pattern(struct noc_traffic *traffic, const struct sim_where *where, struct sim_arena *arena,
                          struct sim_err *err) {
    const struct noc_traffic_spec *spec = traffic->spec;
    uint32_t n = traffic->terminals;
    while (traffic->bits < 31 && UINT32_C(2) << traffic->bits <= n)
        traffic->bits++;
    bool on_bits = spec->pattern >= NOC_PATTERN_TRANSPOSE && spec->pattern <= NOC_PATTERN_SHUFFLE;
    if (on_bits && n != UINT32_C(1) << traffic->bits)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "noc.traffic: %s needs a power of two of terminals, not %u",
                           noc_pattern_names[spec->pattern], n);
    if (spec->pattern == NOC_PATTERN_TRANSPOSE && traffic->bits % 2 != 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "noc.traffic: transpose needs an even power of two of terminals, not %u", n);
    if (spec->pattern == NOC_PATTERN_UNIFORM && !spec->self && n == 1)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "noc.traffic: a single terminal can only send to itself");
    if (spec->pattern == NOC_PATTERN_HOTSPOT)
        return read_hotspot(traffic, spec->hotspot, where, arena, err);
    if (spec->pattern == NOC_PATTERN_MULTICAST)
        return noc_groups_check(traffic, where, err);
    return true;
}

static void prepare_log(struct noc_log_piece *piece) {
    for (uint32_t i = 0; i < NOC_LOG_PIECES; i++) {
        piece[i].reciprocal = 1 / (1 + (i + 0.5) / NOC_LOG_PIECES);
        piece[i].log = -log(piece[i].reciprocal);
    }
}

bool noc_traffic_init(struct noc_traffic *traffic, const struct noc_traffic_spec *spec,
                      const struct noc_topology *topology, uint32_t entries, const struct sim_where *where,
                      struct sim_arena *arena, struct sim_err *err) {
    *traffic = (struct noc_traffic){
        .spec = spec, .topology = topology, .terminals = topology->terminals, .entries = entries};
    find_dimensions(traffic, topology);
    if (!check_pattern(traffic, where, arena, err))
        return false;
    double probability = spec->rate / spec->packet;
    traffic->always = probability >= 1;
    traffic->log_idle = traffic->always ? 0 : log1p(-probability);
    traffic->per_log_idle = 1 / traffic->log_idle;
    /* A quotient of the quick logarithm is wrong by less than 1e-12 * per_log_idle. */
    traffic->quick_below = traffic->per_log_idle > -1e5 ? 0x1p20 : -INFINITY;
    traffic->log_piece = SIM_NEW_ARRAY(arena, struct noc_log_piece, NOC_LOG_PIECES);
    prepare_log(traffic->log_piece);
    traffic->everywhere = spec->pattern == NOC_PATTERN_UNIFORM && spec->self;
    traffic->source = SIM_NEW_ARRAY(arena, struct noc_source, topology->terminals);
    for (uint32_t t = 0; t < topology->terminals; t++)
        traffic->source[t] = (struct noc_source){.rng = sim_rng_stream(spec->seed, t), .created = SIM_NEVER};
    if (spec->pattern == NOC_PATTERN_MULTICAST)
        noc_groups_init(traffic, arena);
    return true;
}

/* ---- draws -------------------------------------------------------------------------------------- */

/* Shifts every coordinate of `src` by `shift(k)` in its dimension of k terminals. */
static uint32_t displace(const struct noc_traffic *traffic, uint32_t src, bool tornado) {
    uint32_t dst = 0, stride = 1, rest = src;
    for (uint32_t d = 0; d < traffic->dimensions; d++) {
        uint32_t k = traffic->size[d], shift = tornado ? (k + 1) / 2 - 1 : 1;
        dst += (rest % k + shift) % k * stride;
        rest /= k;
        stride *= k;
    }
    return dst;
}

static uint32_t reverse(uint32_t src, uint32_t bits) {
    uint32_t dst = 0;
    for (uint32_t b = 0; b < bits; b++)
        dst |= (src >> b & 1) << (bits - 1 - b);
    return dst;
}

static uint32_t weighted(const struct noc_traffic *traffic, uint64_t *rng) {
    uint64_t draw = sim_rng_below(rng, traffic->total);
    if (draw >= traffic->hot_total) {
        uint32_t other = (uint32_t)((draw - traffic->hot_total) / traffic->others);
        for (uint32_t k = 0; k < traffic->hot_count && traffic->hot[k].terminal <= other; k++)
            other++;
        return other;
    }
    uint32_t k = 0;
    while (draw >= traffic->hot[k].weight)
        draw -= traffic->hot[k++].weight;
    return traffic->hot[k].terminal;
}

uint32_t noc_traffic_destination(const struct noc_traffic *traffic, uint32_t src, uint64_t *rng) {
    uint32_t n = traffic->terminals, bits = traffic->bits;
    switch ((enum noc_pattern)traffic->spec->pattern) {
    case NOC_PATTERN_UNIFORM: {
        if (traffic->everywhere)
            return (uint32_t)sim_rng_below(rng, n);
        uint32_t dst = (uint32_t)sim_rng_below(rng, n - 1);
        return dst + (dst >= src);
    }
    case NOC_PATTERN_TRANSPOSE: return src >> bits / 2 | (src << bits / 2 & (n - 1));
    case NOC_PATTERN_BITCOMP: return ~src & (n - 1);
    case NOC_PATTERN_BITREV: return reverse(src, bits);
    case NOC_PATTERN_SHUFFLE: return bits == 0 ? src : (src << 1 & (n - 1)) | src >> (bits - 1);
    case NOC_PATTERN_TORNADO: return displace(traffic, src, true);
    case NOC_PATTERN_NEIGHBOUR: return displace(traffic, src, false);
    case NOC_PATTERN_HOTSPOT: return weighted(traffic, rng);
    case NOC_PATTERN_MULTICAST:
    case NOC_PATTERN_COUNT: break;
    }
    return src;
}

/* log(x) of 0 < x <= 1, wrong by less than 1e-12: x = 2^e * m, of which the piece of m has the logarithm of a
 * number near it, and a series the rest. */
NOC_INLINE double quick_log(const struct noc_log_piece *piece, double x) {
    uint64_t bits, ones = UINT64_C(0x3FF) << 52;
    double m;
    memcpy(&bits, &x, sizeof bits);
    uint64_t mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | ones;
    memcpy(&m, &mantissa, sizeof m);
    piece += bits >> (52 - NOC_LOG_BITS) & (NOC_LOG_PIECES - 1);
    double e = (double)((int32_t)(bits >> 52) - 0x3FF), r = m * piece->reciprocal - 1;
    return e * M_LN2 + piece->log + r * (1 + r * (-1. / 2 + r * (1. / 3 - r * (1. / 4))));
}

/* Cycles to the next packet: 1 + floor(log1p(-u) / log_idle) for a draw u in [0, 1). 1 - u is exact and a
 * quick logarithm several times faster than log1p, so that decides wherever a quotient that is wrong by a
 * millionth could not change the floor. A gap beyond every run (rate 0, or an unlucky draw at a tiny rate)
 * must not wrap round. */
static __attribute__((noinline)) sim_cycle exact_gap(const struct noc_traffic *traffic, double u) {
    double gap = 1 + floor(log1p(-u) / traffic->log_idle);
    return gap < 0x1p40 ? (sim_cycle)gap : SIM_NEVER;
}

NOC_INLINE sim_cycle gap(const struct noc_traffic *traffic, double u) {
    double quotient = quick_log(traffic->log_piece, 1 - u) * traffic->per_log_idle;
    if (quotient < traffic->quick_below) {
        int32_t whole = (int32_t)quotient;
        double part = quotient - whole;
        if (part > 1e-6 && part < 1 - 1e-6)
            return (sim_cycle)whole + 1;
    }
    return exact_gap(traffic, u);
}

NOC_INLINE void advance(const struct noc_traffic *traffic, struct noc_source *source) {
    sim_cycle cycles = traffic->always ? 1 : gap(traffic, sim_rng_real(&source->rng));
    source->created = cycles != SIM_NEVER ? source->created + cycles : SIM_NEVER / 2;
}

void noc_traffic_advance(struct noc_traffic *traffic, uint32_t terminal) {
    advance(traffic, &traffic->source[terminal]);
}

void noc_traffic_next(struct noc_traffic *traffic, uint32_t terminal, struct noc_packet *packet) {
    struct noc_source *source = &traffic->source[terminal];
    if (traffic->groups != NULL) {
        noc_groups_next(traffic, terminal, packet);
        return;
    }
    advance(traffic, source);
    *packet = (struct noc_packet){
        .created = source->created,
        .dst = traffic->everywhere ? (uint32_t)sim_rng_below(&source->rng, traffic->terminals)
                                   : noc_traffic_destination(traffic, terminal, &source->rng),
        .size = traffic->spec->packet,
        .tag = (uint32_t)source->created,
        .class_ = traffic->entries > 1 ? (uint32_t)sim_rng_below(&source->rng, traffic->entries) : 0,
    };
}
