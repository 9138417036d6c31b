/* SPDX-License-Identifier: MIT
 *
 * What --traffic and --load-curve say.
 *
 *     PATTERN[,KEY=VALUE]...    keys are those of noc.traffic; a value may have commas
 * ("hotspot=27:4,28:4,*:1") trace=FILE                a packet a line: cycle,src,dst,size
 */
#include "sim/cli/traffic.h"

#include "sim/base/memory.h"
#include "sim/base/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARTS_MAX 64
#define SLACK 1e-9 /* of a step: 0.02:0.5:0.02 ends with 0.5 */

/* Other names of patterns. */
static const struct alias {
    const char *name, *pattern;
} aliases[] = {
    {"bit_complement", "bitcomp"},
    {"complement", "bitcomp"},
    {"bit_reverse", "bitrev"},
    {"neighbor", "neighbour"},
};

static const char *pattern_of(const char *name) {
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcmp(name, aliases[i].name) == 0)
            return aliases[i].pattern;
    return name;
}

static bool is_pattern(const char *name) {
    for (int i = 0; noc_pattern_names[i] != NULL; i++)
        if (strcmp(name, noc_pattern_names[i]) == 0)
            return true;
    return false;
}

/* Values that only some patterns look at. */
static const struct own {
    const char *key;
    uint32_t patterns; /* bits by enum noc_pattern */
    const char *names;
} own[] = {
    {"self", 1u << NOC_PATTERN_UNIFORM | 1u << NOC_PATTERN_MULTICAST, "uniform and multicast"},
    {"hotspot", 1u << NOC_PATTERN_HOTSPOT, "hotspot"},
    {"fanout", 1u << NOC_PATTERN_MULTICAST, "multicast"},
    {"groups", 1u << NOC_PATTERN_MULTICAST, "multicast"},
    {"replication", 1u << NOC_PATTERN_MULTICAST, "multicast"},
};

static const struct own *own_of(const char *key) {
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i].key, key) == 0)
            return &own[i];
    return NULL;
}

bool cli_traffic_looks_at(const char *pattern, const char *key) {
    const struct own *only = own_of(key);
    for (int p = 0; only != NULL && noc_pattern_names[p] != NULL; p++)
        if (strcmp(pattern, noc_pattern_names[p]) == 0)
            return only->patterns >> p & 1;
    return true;
}

static int unknown_pattern(const char *name) {
    const char *nearest = sim_err_nearest(name, noc_pattern_names, NOC_PATTERN_COUNT);
    if (nearest != NULL)
        return cli_usage("traffic", "--traffic: unknown pattern '%s' (did you mean '%s'?)", name, nearest);
    return cli_usage("traffic",
                     "--traffic: unknown pattern '%s': one of uniform, transpose, bitcomp, bitrev, shuffle, "
                     "tornado, neighbour, hotspot, multicast, or trace=FILE",
                     name);
}

/* Cuts at commas; a piece without '=' belongs to the value before it. */
static size_t cut(char *text, char **part) {
    size_t parts = 0;
    for (char *p = text, *end; p != NULL; p = end) {
        if ((end = strchr(p, ',')) != NULL)
            *end++ = '\0';
        if (parts > 1 && strchr(p, '=') == NULL)
            p[-1] = ',';
        else if (parts < PARTS_MAX)
            part[parts++] = p;
    }
    return parts;
}

static void copy_hotspot(struct traffic *traffic) {
    traffic->hotspot = strdup(traffic->spec.hotspot);
    if (traffic->hotspot == NULL)
        sim_memory_exhausted(NULL);
    traffic->spec.hotspot = traffic->hotspot;
}

/* Binds the parts behind the pattern to the parameters of noc.traffic. */
static int bind_parts(char **part, size_t parts, struct traffic *traffic) {
    struct sim_err err;
    struct sim_arena arena;
    struct sim_where where = {.file = "--traffic"};
    int code = SIM_EXIT_OK;
    sim_err_init(&err);
    sim_arena_init(&arena);
    struct sim_node *node = sim_node_new(SIM_NODE_MAPPING, &where, &arena);
    sim_node_append(node, "pattern", &where, sim_node_scalar(part[0], &where, &arena), &arena);
    for (size_t i = 1; i < parts && code == SIM_EXIT_OK; i++) {
        char *value = strchr(part[i], '=');
        if (value == NULL || value == part[i]) {
            code = cli_usage("traffic", "--traffic: '%s' is not of the form key=value", part[i]);
            break;
        }
        *value++ = '\0';
        if (sim_node_get(node, part[i]) != NULL)
            code = cli_usage("traffic", "--traffic: '%s' is given twice", part[i]);
        else if (!cli_traffic_looks_at(part[0], part[i]))
            code = cli_usage("traffic", "--traffic: '%s' is for %s, not for %s", part[i],
                             own_of(part[i])->names, part[0]);
        else
            sim_node_append(node, part[i], &where, sim_node_scalar(value, &where, &arena), &arena);
    }
    struct sim_binding binding = {.arena = &arena, .err = &err};
    if (code == SIM_EXIT_OK && sim_bind(&binding, &noc_traffic_schema, node, &traffic->spec) == NULL) {
        sim_err_print(&err, stderr);
        code = SIM_EXIT_USAGE;
    } else if (code == SIM_EXIT_OK) {
        copy_hotspot(traffic);
        traffic->seeded = sim_node_get(node, "seed") != NULL;
    }
    sim_err_release(&err);
    sim_arena_release(&arena);
    return code;
}

static int read_trace(const char *path, struct traffic *traffic) {
    const char *comma = strchr(path, ',');
    if (comma != NULL && strchr(comma, '=') != NULL && access(path, F_OK) != 0)
        return cli_usage("traffic", "--traffic: a trace takes no further values, such as '%s'", comma + 1);
    struct sim_err err;
    sim_err_init(&err);
    noc_trace_read(&traffic->trace, path, &err);
    return cli_finish(&err);
}

int cli_traffic_parse(const char *text, struct traffic *traffic) {
    if (strncmp(text, "trace=", 6) == 0)
        return text[6] == '\0' ? cli_usage("traffic", "--traffic: trace= needs a file")
                               : read_trace(text + 6, traffic);
    char *copy = strdup(text), *part[PARTS_MAX];
    if (copy == NULL)
        sim_memory_exhausted(NULL);
    size_t parts = cut(copy, part);
    part[0] = (char *)pattern_of(part[0]);
    int code = is_pattern(part[0]) ? bind_parts(part, parts, traffic) : unknown_pattern(part[0]);
    free(copy);
    return code;
}

const char *cli_traffic_describe(const struct traffic *traffic, char *buffer, size_t size) {
    char rate[32];
    const struct noc_traffic_spec *spec = &traffic->spec;
    char copies[96] = "";
    if (spec->pattern == NOC_PATTERN_MULTICAST)
        snprintf(copies, sizeof copies, " to %u terminal%s each, %s", spec->fanout, sim_plural(spec->fanout),
                 (const char *[]){"by trees and by repeated unicast", "by trees",
                                  "by repeated unicast"}[spec->replication]);
    if (traffic->trace.packet != NULL)
        snprintf(buffer, size, "%s, %u packet%s", traffic->trace.path, traffic->trace.count,
                 sim_plural(traffic->trace.count));
    else
        snprintf(buffer, size, "%s, rate %s, packets of %u flit%s%s, seed %llu",
                 noc_pattern_names[spec->pattern], sim_number_format(rate, sizeof rate, spec->rate),
                 spec->packet, sim_plural(spec->packet), copies, (unsigned long long)spec->seed);
    return buffer;
}

bool cli_traffic_parse_curve(const char *text, double **rate, size_t *count) {
    double value[3]; /* first, last, step */
    const char *p = text;
    for (int i = 0; i < 3; i++) {
        size_t length = sim_number_length(p);
        if (length == 0 || !sim_number_scale(p, length, 0, &value[i]) || p[length] != (i < 2 ? ':' : '\0'))
            return false;
        p += length + 1;
    }
    if (!(value[0] > 0) || value[1] > 1 || !(value[2] > 0) || value[1] < value[0])
        return false;
    double steps = floor((value[1] - value[0]) / value[2] + SLACK);
    if (steps >= TRAFFIC_POINTS_MAX)
        return false;
    *count = (size_t)steps + 1;
    *rate = malloc(*count * sizeof **rate);
    if (*rate == NULL)
        sim_memory_exhausted(NULL);
    for (size_t i = 0; i < *count;
         i++) /* without the dust of binary fractions: 0.06, not 0.060000000000000005 */
        (*rate)[i] = round((value[0] + (double)i * value[2]) * 1e12) / 1e12;
    return true;
}
