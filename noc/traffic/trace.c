/* SPDX-License-Identifier: MIT
 *
 * Reading of injection traces; see trace.h.
 */
#include "noc/traffic/trace.h"

#include "noc/link/flit.h"
#include "sim/base/err.h"
#include "sim/base/memory.h"
#include "sim/base/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_LIMIT 65535u
#define CYCLE_LIMIT (UINT64_C(1) << 40)
#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* some programs begin UTF-8 with it */
#define LINE_SIZE 4096 /* of a line, with its end */

static const char *const fields[] = {"cycle", "src", "dst", "size"};

/* Reads the next field; NULL and a message when it is no number below `limit`. */
static const char *read_field(const char *p, int field, uint64_t limit, uint64_t *value,
                              const struct sim_where *where, const char *line, struct sim_err *err) {
    while (isspace((unsigned char)*p) || (field > 0 && *p == ','))
        p++;
    struct sim_where here = *where;
    here.column = (int)(p - line) + 1;
    const char *start = p;
    uint64_t v = 0;
    bool large = false;
    for (; isdigit((unsigned char)*p); p++) {
        v = v * 10 + (uint64_t)(*p - '0');
        large |= v >= limit;
        if (large)
            v = 0;
    }
    if (p == start || (*p != '\0' && *p != ',' && !isspace((unsigned char)*p))) {
        sim_err_add(err, SIM_EXIT_CONFIG, &here, "expected %s, a number (a line is 'cycle src dst size')",
                    fields[field]);
        return NULL;
    }
    if (large) {
        sim_err_add(err, SIM_EXIT_CONFIG, &here, "%s is too large (less than %llu)", fields[field],
                    (unsigned long long)limit);
        return NULL;
    }
    *value = v;
    return p;
}

static bool read_line(const char *line, const struct sim_where *where, struct noc_injection *packet,
                      struct sim_err *err) {
    static const uint64_t limit[] = {CYCLE_LIMIT, NOC_TERMINALS_MAX, NOC_TERMINALS_MAX, SIZE_LIMIT + 1};
    uint64_t value[4];
    const char *p = line;
    for (int field = 0; field < 4; field++)
        if ((p = read_field(p, field, limit[field], &value[field], where, line, err)) == NULL)
            return false;
    while (isspace((unsigned char)*p))
        p++;
    if (*p != '\0')
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "more than four fields (a line is 'cycle src dst size')");
    if (value[3] == 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "a packet has at least one flit");
    *packet = (struct noc_injection){
        .cycle = value[0], .src = (uint32_t)value[1], .dst = (uint32_t)value[2], .size = (uint32_t)value[3],
        .line = (uint32_t)where->line};
    return true;
}

static void append(struct noc_trace *trace, uint32_t *capacity, struct noc_injection packet) {
    if (trace->count == *capacity) {
        *capacity = *capacity == 0 ? 1024 : 2 * *capacity;
        trace->packet = realloc(trace->packet, *capacity * sizeof *trace->packet);
        if (trace->packet == NULL)
            sim_memory_exhausted(NULL);
    }
    trace->packet[trace->count++] = packet;
}

/* The next line without its end; its length, LINE_SIZE when it is too long, -1 at the end of the file. */
static long next_line(FILE *file, char line[LINE_SIZE]) {
    long length = 0;
    int c;
    while ((c = getc(file)) != EOF && c != '\n' && length < LINE_SIZE)
        line[length++] = (char)c;
    if (length < LINE_SIZE)
        line[length] = '\0';
    return c == EOF && length == 0 ? -1 : length;
}

bool noc_trace_read(struct noc_trace *trace, const char *path, struct sim_err *err) {
    *trace = (struct noc_trace){.path = path};
    struct sim_where where = {.file = path};
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return sim_err_add(err, SIM_EXIT_IO, &where, "cannot open: %s", strerror(errno));
    char line[LINE_SIZE];
    long length;
    uint32_t capacity = 0;
    bool sound = true;
    while ((length = next_line(file, line)) >= 0 && !sim_err_full(err)) {
        where.line++;
        if (memchr(line, '\0', (size_t)length) != NULL) {
            sound = sim_err_add(err, SIM_EXIT_CONFIG, &where, "a NUL character: this is not a text file");
            break;
        }
        if (length == LINE_SIZE) {
            sound = sim_err_add(err, SIM_EXIT_CONFIG, &where, "a line has more than %d characters",
                                LINE_SIZE - 1);
            break;
        }
        line[strcspn(line, "\r")] = '\0';
        if (where.line == 1 && strncmp(line, BYTE_ORDER_MARK, 3) == 0)
            memset(line, ' ', 3);
        const char *p = line;
        while (isspace((unsigned char)*p))
            p++;
        if (*p == '\0' || *p == '#' || (trace->count == 0 && strncmp(p, "cycle", 5) == 0))
            continue;
        struct noc_injection packet = {.size = 0};
        if (!read_line(line, &where, &packet, err))
            sound = false;
        else
            append(trace, &capacity, packet);
    }
    if (ferror(file))
        sound = sim_err_add(err, SIM_EXIT_IO, &where, "cannot read: %s", strerror(errno));
    fclose(file);
    if (sound && trace->count == 0) {
        where.line = 0;
        sound = sim_err_add(err, SIM_EXIT_CONFIG, &where, "the trace has no packets");
    }
    return sound;
}

void noc_trace_release(struct noc_trace *trace) {
    free(trace->packet);
    *trace = (struct noc_trace){.path = NULL};
}

bool noc_trace_check(const struct noc_trace *trace, uint32_t terminals, struct sim_err *err) {
    struct sim_where where = {.file = trace->path};
    bool sound = true;
    for (uint32_t i = 0; i < trace->count && !sim_err_full(err); i++) {
        const struct noc_injection *p = &trace->packet[i];
        where.line = (int)p->line;
        if (p->src >= terminals || p->dst >= terminals)
            sound = sim_err_add(err, SIM_EXIT_CONFIG, &where,
                                "packet %u goes from %u to %u, but the network has %u terminal%s", i, p->src,
                                p->dst, terminals, sim_plural(terminals));
    }
    return sound;
}
