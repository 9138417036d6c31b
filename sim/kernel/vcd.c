/* SPDX-License-Identifier: MIT
 *
 * Waveforms; see vcd.h.
 *
 * A change is turned into text in the cycle in which the wire is driven, into the bucket of the cycle in
 * which it becomes visible: latencies are shorter than the ring of buckets.
 */
#define _GNU_SOURCE /* asprintf */
#include "sim/kernel/vcd.h"

#include "sim/base/glob.h"
#include "sim/base/memory.h"
#include "sim/base/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUCKETS SIM_WHEEL_SLOTS
#define ID_SIZE 8

struct text {
    char *at;
    size_t length, capacity;
};

struct signal {
    const struct sim_connection *connection;
    char *name;          /* full, dots between the scopes */
    char id[ID_SIZE];    /* in the file */
    uint64_t drives;     /* of the wire, when last looked at */
    uint32_t items;      /* of the link */
    unsigned char *last; /* value driven last */
};

struct sim_vcd {
    const struct sim_kernel *kernel;
    struct sim_partial partial;
    FILE *file; /* of the partial file */
    double period_ps;
    struct signal *signal;
    uint32_t signals;
    struct text bucket[BUCKETS]; /* [cycle % BUCKETS] */
    sim_cycle flushed;           /* cycles before this one are in the file */
    int fault;                   /* errno of the first failure */
};

static void *keep(void *memory) {
    if (memory == NULL)
        sim_memory_exhausted(NULL);
    return memory;
}

/* ---- values ---------------------------------------------------------------------------------------- */

static char *reserve(struct text *text, size_t length) {
    if (text->capacity - text->length < length) {
        text->capacity = 2 * text->capacity + length;
        text->at = keep(realloc(text->at, text->capacity));
    }
    return text->at + text->length;
}

/* "b101 id": the most significant bit first, leading zeros left out. */
static void put_vector(struct text *text, const unsigned char *value, uint32_t bytes, const char *id) {
    char *at = reserve(text, 8 * (size_t)bytes + ID_SIZE + 4), *start = at;
    while (bytes > 1 && value[bytes - 1] == 0)
        bytes--;
    *at++ = 'b';
    bool leading = true;
    for (uint32_t bit = 8 * bytes; bit-- > 0;) {
        bool one = (value[bit / 8] >> (bit % 8) & 1) != 0;
        leading &= !one && bit > 0;
        if (!leading)
            *at++ = one ? '1' : '0';
    }
    *at++ = ' ';
    at = stpcpy(at, id);
    *at++ = '\n';
    text->length += (size_t)(at - start);
}

static void put_count(struct text *text, uint32_t count, const char *id) {
    unsigned char value[4];
    for (int i = 0; i < 4; i++)
        value[i] = (unsigned char)(count >> (8 * i));
    put_vector(text, value, 4, id);
}

static void write_bytes(struct sim_vcd *vcd, const char *bytes, size_t length) {
    if (length > 0 && vcd->fault == 0 && fwrite(bytes, 1, length, vcd->file) != length)
        vcd->fault = errno != 0 ? errno : EIO;
}

static void write_time(struct sim_vcd *vcd, sim_cycle cycle) {
    char line[32];
    int length = snprintf(line, sizeof line, "#%llu\n",
                          (unsigned long long)llroundl((long double)cycle * vcd->period_ps));
    write_bytes(vcd, line, (size_t)length);
}

/* Writes the buckets of all cycles before `end`. */
static void flush(struct sim_vcd *vcd, sim_cycle end) {
    for (uint32_t i = 0; i < BUCKETS && vcd->flushed < end; i++, vcd->flushed++) {
        struct text *bucket = &vcd->bucket[vcd->flushed % BUCKETS];
        if (bucket->length == 0)
            continue;
        write_time(vcd, vcd->flushed);
        write_bytes(vcd, bucket->at, bucket->length);
        bucket->length = 0;
    }
    vcd->flushed = end; /* beyond a whole ring all buckets are empty */
}

static void look_at_wire(struct sim_vcd *vcd, struct signal *signal) {
    const struct sim_wire *wire = signal->connection->wire;
    if (wire->drives == signal->drives)
        return;
    signal->drives = wire->drives;
    const unsigned char *value = sim_wire_last(wire);
    if (memcmp(value, signal->last, wire->bytes) == 0)
        return;
    memcpy(signal->last, value, wire->bytes);
    put_vector(&vcd->bucket[wire->at[wire->newest] % BUCKETS], value, wire->bytes, signal->id);
}

static void look_at_link(struct sim_vcd *vcd, struct signal *signal, sim_cycle now) {
    uint32_t items = sim_link_count(signal->connection->link);
    if (items == signal->items)
        return;
    signal->items = items;
    put_count(&vcd->bucket[(now + 1) % BUCKETS], items, signal->id);
}

void sim_vcd_watch(void *self, sim_cycle now) {
    struct sim_vcd *vcd = self;
    flush(vcd, now + 1);
    for (uint32_t i = 0; i < vcd->signals; i++) {
        struct signal *signal = &vcd->signal[i];
        if (signal->connection->wire != NULL)
            look_at_wire(vcd, signal);
        else
            look_at_link(vcd, signal, now);
    }
}

/* ---- declarations ---------------------------------------------------------------------------------- */

static const char *path_of(const struct sim_vcd *vcd, uint32_t component) {
    return component != SIM_NOBODY ? vcd->kernel->component[component]->path : "outside";
}

static void rename_signal(struct signal *signal, char *name) {
    free(signal->name);
    signal->name = keep(name);
}

static char *join(const char *a, const char *b) {
    char *name;
    if (asprintf(&name, "%s.%s", a, b) < 0)
        sim_memory_exhausted(NULL);
    return name;
}

/* By name; of several connections of one name the kernel's order remains. */
static int by_name(const void *a, const void *b) {
    const struct signal *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->connection > y->connection) - (x->connection < y->connection);
}

/* Length of the run of equal names that begins at `first`. */
static uint32_t namesakes(const struct sim_vcd *vcd, uint32_t first) {
    uint32_t count = 1;
    while (first + count < vcd->signals &&
           strcmp(vcd->signal[first].name, vcd->signal[first + count].name) == 0)
        count++;
    return count;
}

/* Connections of one component that share a name (a host's pins to many tiles) get that of their reader as
 * well: chip.host.pins.tile[0][1]; if that is not enough, a number. */
static void tell_namesakes_apart(struct sim_vcd *vcd) {
    qsort(vcd->signal, vcd->signals, sizeof *vcd->signal, by_name);
    for (uint32_t i = 0, count; i < vcd->signals; i += count) {
        count = namesakes(vcd, i);
        for (uint32_t k = i; count > 1 && k < i + count; k++) {
            const char *reader = path_of(vcd, vcd->signal[k].connection->to), *dot = strrchr(reader, '.');
            rename_signal(&vcd->signal[k], join(vcd->signal[k].name, dot != NULL ? dot + 1 : reader));
        }
    }
    qsort(vcd->signal, vcd->signals, sizeof *vcd->signal, by_name);
    for (uint32_t i = 0, count; i < vcd->signals; i += count) {
        count = namesakes(vcd, i);
        for (uint32_t k = 0; count > 1 && k < count; k++) {
            char number[16];
            snprintf(number, sizeof number, "%u", k);
            rename_signal(&vcd->signal[i + k], join(vcd->signal[i + k].name, number));
        }
    }
    qsort(vcd->signal, vcd->signals, sizeof *vcd->signal, by_name);
}

static bool in_scope(const struct sim_vcd *vcd, const struct signal *signal, const char *scope) {
    return scope == NULL || sim_glob_match(scope, signal->name) ||
           sim_glob_match(scope, path_of(vcd, signal->connection->from));
}

static void note_initial(struct signal *signal) {
    const struct sim_connection *connection = signal->connection;
    if (connection->wire != NULL) {
        signal->drives = connection->wire->drives;
        signal->last = keep(malloc(connection->wire->bytes + 1));
        memcpy(signal->last, sim_wire_last(connection->wire), connection->wire->bytes);
    } else {
        signal->items = sim_link_count(connection->link);
    }
}

/* All connections get their names, those in scope remain: names do not depend on the scope. */
static void list_signals(struct sim_vcd *vcd, const char *scope) {
    const struct sim_kernel *kernel = vcd->kernel;
    vcd->signals = kernel->connections;
    vcd->signal = keep(calloc((size_t)vcd->signals + 1, sizeof *vcd->signal));
    for (uint32_t i = 0; i < vcd->signals; i++) {
        const struct sim_connection *connection = &kernel->connection[i];
        vcd->signal[i] = (struct signal){.connection = connection,
                                         .name = join(path_of(vcd, connection->from), connection->name)};
    }
    tell_namesakes_apart(vcd);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < vcd->signals; i++) {
        if (!in_scope(vcd, &vcd->signal[i], scope)) {
            free(vcd->signal[i].name);
            continue;
        }
        note_initial(&vcd->signal[i]);
        vcd->signal[kept++] = vcd->signal[i];
    }
    vcd->signals = kept;
}

/* Printable characters, '!' to '~', least significant first. */
static void give_ids(struct sim_vcd *vcd) {
    for (uint32_t i = 0; i < vcd->signals; i++) {
        uint32_t number = i, length = 0;
        do {
            vcd->signal[i].id[length++] = (char)('!' + number % 94);
            number /= 94;
        } while (number > 0);
    }
}

/* Length of the common beginning of two names that ends with a dot. */
static size_t common_scopes(const char *a, const char *b) {
    size_t common = 0;
    for (size_t i = 0; a[i] != '\0' && a[i] == b[i]; i++)
        if (a[i] == '.')
            common = i + 1;
    return common;
}

static void leave_scopes(struct sim_vcd *vcd, const char *scopes) {
    for (; (scopes = strchr(scopes, '.')) != NULL; scopes++)
        fputs("$upscope $end\n", vcd->file);
}

static void declare(struct sim_vcd *vcd) {
    fprintf(vcd->file, "$version nocsim %s $end\n$comment one cycle is %.17g ps $end\n$timescale 1 ps $end\n",
            NOCSIM_VERSION, vcd->period_ps);
    const char *open = "";
    for (uint32_t i = 0; i < vcd->signals; i++) {
        struct signal *signal = &vcd->signal[i];
        const char *rest = signal->name + common_scopes(open, signal->name), *dot;
        leave_scopes(vcd, open + (rest - signal->name));
        for (; (dot = strchr(rest, '.')) != NULL; rest = dot + 1)
            fprintf(vcd->file, "$scope module %.*s $end\n", (int)(dot - rest), rest);
        open = signal->name;
        if (signal->connection->wire == NULL)
            fprintf(vcd->file, "$var integer 32 %s %s $end\n", signal->id, rest);
        else
            fprintf(vcd->file, "$var wire %u %s %s [%u:0] $end\n", 8 * signal->connection->wire->bytes,
                    signal->id, rest, 8 * signal->connection->wire->bytes - 1);
    }
    leave_scopes(vcd, open);
    fputs("$enddefinitions $end\n", vcd->file);
}

static void dump_initial(struct sim_vcd *vcd) {
    struct text text = {0};
    write_time(vcd, 0);
    fputs("$dumpvars\n", vcd->file);
    for (uint32_t i = 0; i < vcd->signals; i++) {
        struct signal *signal = &vcd->signal[i];
        if (signal->connection->wire != NULL)
            put_vector(&text, signal->last, signal->connection->wire->bytes, signal->id);
        else
            put_count(&text, signal->items, signal->id);
    }
    write_bytes(vcd, text.at, text.length);
    fputs("$end\n", vcd->file);
    free(text.at);
}

static void free_vcd(struct sim_vcd *vcd) {
    for (uint32_t i = 0; i < vcd->signals; i++) {
        free(vcd->signal[i].name);
        free(vcd->signal[i].last);
    }
    for (uint32_t i = 0; i < BUCKETS; i++)
        free(vcd->bucket[i].at);
    if (vcd->file != NULL)
        fclose(vcd->file);
    sim_partial_release(&vcd->partial);
    free(vcd->signal);
    free(vcd);
}

static void describes_nothing(const struct sim_vcd *vcd, const char *scope, struct sim_err *err) {
    const struct sim_kernel *kernel = vcd->kernel;
    if (kernel->connections == 0)
        sim_err_add(err, SIM_EXIT_CONFIG, NULL, "the chip has no connections to show");
    else
        sim_err_add(err, SIM_EXIT_USAGE, NULL,
                    "scope '%s' describes none of the %u connections; one is %s.%s", scope,
                    kernel->connections, path_of(vcd, kernel->connection[0].from),
                    kernel->connection[0].name);
}

static bool open_file(struct sim_vcd *vcd, const struct sim_vcd_spec *spec, struct sim_err *err) {
    if (!sim_partial_open(&vcd->partial, spec->path, spec->force, err))
        return false;
    int fd = fcntl(vcd->partial.fd, F_DUPFD_CLOEXEC, 0);
    vcd->file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (vcd->file == NULL && fd >= 0)
        close(fd);
    return vcd->file != NULL ||
           sim_err_add(err, SIM_EXIT_IO, &(struct sim_where){.file = spec->path}, "%s", strerror(errno));
}

struct sim_vcd *sim_vcd_new(const struct sim_vcd_spec *spec, const struct sim_kernel *kernel,
                            struct sim_err *err) {
    const char *fault = spec->scope != NULL ? sim_glob_fault(spec->scope) : NULL;
    if (fault != NULL) {
        sim_err_add(err, SIM_EXIT_USAGE, NULL, "scope '%s': %s", spec->scope, fault);
        return NULL;
    }
    struct sim_vcd *vcd = keep(calloc(1, sizeof *vcd));
    vcd->kernel = kernel;
    vcd->partial.fd = -1;
    vcd->period_ps = 1e12 / spec->clock_hz;
    list_signals(vcd, spec->scope);
    if (vcd->signals == 0) {
        describes_nothing(vcd, spec->scope, err);
        free_vcd(vcd);
        return NULL;
    }
    if (!open_file(vcd, spec, err)) {
        free_vcd(vcd);
        return NULL;
    }
    give_ids(vcd);
    declare(vcd);
    dump_initial(vcd);
    return vcd;
}

uint32_t sim_vcd_signals(const struct sim_vcd *vcd) { return vcd->signals; }

bool sim_vcd_finish(struct sim_vcd *vcd, sim_cycle end, struct sim_err *err) {
    flush(vcd, end);
    write_time(vcd, end);
    write_bytes(vcd, vcd->bucket[end % BUCKETS].at, vcd->bucket[end % BUCKETS].length);
    errno = 0;
    bool closed = fclose(vcd->file) == 0 && vcd->fault == 0;
    vcd->file = NULL;
    if (!closed)
        sim_err_add(err, SIM_EXIT_IO, &(struct sim_where){.file = vcd->partial.target},
                    "the waveforms cannot be written: %s", strerror(vcd->fault != 0 ? vcd->fault : errno));
    bool whole = closed && sim_partial_complete(&vcd->partial, err);
    free_vcd(vcd);
    return whole;
}
