/* SPDX-License-Identifier: MIT
 *
 * Waveforms: the text of a file for a small system, what a scope describes, and files that cannot be written.
 */
#define _GNU_SOURCE /* asprintf */
#include "sim/base/glob.h"
#include "sim/kernel/engine.h"
#include "sim/kernel/vcd.h"
#include "test/suite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

SIM_LINK_DEFINE(byte_link, uint64_t)

/* Drives `value[n]` in its n-th step on a wire and sends an item; the reader takes one every fourth cycle. */
struct driver {
    struct sim_component base;
    struct sim_wire *wire;
    struct byte_link *link;
    const uint16_t *value;
    uint32_t steps, left;
    sim_cycle gap, next;
};

static sim_cycle driver_step(void *self, sim_cycle now) {
    struct driver *d = self;
    if (d->left == 0 || now < d->next)
        return d->left == 0 ? SIM_NEVER : d->next;
    memcpy(sim_wire_drive(d->wire, now), &d->value[d->steps++], 2);
    byte_link_send(d->link, now, 1);
    if (--d->left == 0)
        sim_finish(&d->base);
    return d->next = now + d->gap;
}

static const struct sim_type driver_type = {.name = "test.driver", .help = "drives", .step = driver_step};

struct reader {
    struct sim_component base;
    struct byte_link *link;
    uint32_t left;
};

static sim_cycle reader_step(void *self, sim_cycle now) {
    struct reader *r = self;
    if (now % 4 == 0 && byte_link_peek(r->link, now) != NULL) {
        byte_link_take(r->link);
        if (--r->left == 0)
            sim_finish(&r->base);
    }
    return r->left == 0 ? SIM_NEVER : (now / 4 + 1) * 4;
}

static const struct sim_type reader_type = {.name = "test.reader", .help = "takes", .step = reader_step};

struct system {
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct driver driver;
    struct reader reader;
    struct sim_wire wire;
    struct byte_link link;
    char path[64];
};

static const uint16_t values[] = {0x0001, 0x0001, 0x8000, 0x0102};

static void open_system(struct system *s, uint32_t latency, sim_cycle gap, enum sim_order order) {
    memset(s, 0, sizeof *s);
    struct sim_kernel_spec spec = {.order = order};
    sim_arena_init(&s->arena);
    sim_kernel_init(&s->kernel, &spec, &s->arena);
    sim_wire_init(&s->wire, 2, latency, &s->arena);
    byte_link_init(&s->link, 1, 4, &s->arena);
    s->driver = (struct driver){.wire = &s->wire, .link = &s->link, .value = values, .left = 4, .gap = gap};
    s->reader = (struct reader){.link = &s->link, .left = 4};
    sim_kernel_add(&s->kernel, &s->driver.base, &driver_type, "chip.tile[0][1]");
    sim_kernel_add(&s->kernel, &s->reader.base, &reader_type, "chip.tile[1][0].in");
    sim_kernel_connect_wire(&s->kernel, &s->wire, "spike.east", 0, SIM_NOBODY);
    sim_kernel_connect_link(&s->kernel, &s->link.base, "flits", 0, 1);
    sim_open(&s->driver.base);
    sim_open(&s->reader.base);
    sim_kernel_start(&s->kernel);
    snprintf(s->path, sizeof s->path, "/tmp/nocsim-vcd-%d.vcd", (int)getpid());
}

static void close_system(struct system *s) {
    unlink(s->path);
    sim_arena_release(&s->arena);
}

static char *read_file(const char *path) {
    static char text[8192];
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static char *record(struct system *s, const char *scope) {
    struct sim_err err;
    struct sim_engine engine;
    enum sim_stop stop;
    sim_err_init(&err);
    struct sim_vcd_spec spec = {.path = s->path, .scope = scope, .clock_hz = 1e9, .force = true};
    struct sim_vcd *vcd = sim_vcd_new(&spec, &s->kernel, &err);
    ck_assert_msg(vcd != NULL, "%s", err.count > 0 ? err.message[0] : "");
    ck_assert(sim_engine_open(&engine, &sim_engine_native, &s->kernel, &err));
    engine.watch = sim_vcd_watch;
    engine.watcher = vcd;
    ck_assert(sim_engine_run(&engine, SIM_NEVER, &stop, &err));
    ck_assert_int_eq(stop, SIM_STOP_FINISHED);
    ck_assert(sim_vcd_finish(vcd, s->kernel.now, &err));
    return read_file(s->path);
}

static const char *after_definitions(const char *text) {
    const char *end = strstr(text, "$enddefinitions $end\n");
    ck_assert_ptr_nonnull(end);
    return end + strlen("$enddefinitions $end\n");
}

START_TEST(a_small_system_word_for_word) {
    struct system s;
    open_system(&s, 2, 3, _i == 0 ? SIM_ORDER_SPARSE : SIM_ORDER_DENSE);
    const char *text = record(&s, NULL);
    ck_assert_ptr_nonnull(strstr(text, "$timescale 1 ps $end\n"
                                       "$scope module chip $end\n"
                                       "$scope module tile[0][1] $end\n"
                                       "$var integer 32 ! flits $end\n"
                                       "$scope module spike $end\n"
                                       "$var wire 16 \" east [15:0] $end\n"
                                       "$upscope $end\n"
                                       "$upscope $end\n"
                                       "$upscope $end\n"
                                       "$enddefinitions $end\n"));
    /* Driven in 0, 3, 6, 9 and visible two cycles later; what repeats the value is no change. Items are taken
     * in 4, 8, 12, 16 and sent in 0, 3, 6, 9, shown from the next cycle on. */
    ck_assert_str_eq(after_definitions(text), "#0\n$dumpvars\nb0 !\nb0 \"\n$end\n"
                                              "#1000\nb1 !\n"
                                              "#2000\nb1 \"\n"
                                              "#4000\nb10 !\n"
                                              "#5000\nb1 !\n"
                                              "#7000\nb10 !\n"
                                              "#8000\nb1000000000000000 \"\n"
                                              "#9000\nb1 !\n"
                                              "#10000\nb10 !\n"
                                              "#11000\nb100000010 \"\n"
                                              "#13000\nb1 !\n"
                                              "#17000\nb0 !\n");
    close_system(&s);
}
END_TEST

/* Changes that are still under way when nobody steps any more for longer than the ring of buckets. */
START_TEST(long_latencies_and_long_gaps) {
    struct system s;
    open_system(&s, 255, 1000, SIM_ORDER_SPARSE);
    const char *text = record(&s, "*.east");
    ck_assert_str_eq(after_definitions(text), "#0\n$dumpvars\nb0 !\n$end\n"
                                              "#255000\nb1 !\n"
                                              "#2255000\nb1000000000000000 !\n"
                                              "#3005000\n");
    close_system(&s);
}
END_TEST

START_TEST(scopes) {
    static const struct {
        const char *pattern;
        uint32_t signals; /* 0: the message names the pattern */
    } cases[] = {
        {"*", 2},
        {"chip.*", 2},
        {"chip.tile[0][1]", 2},
        {"chip.tile[0][1].*", 2},
        {"chip.tile[0][1].spike.*", 1},
        {"chip.tile[0..3].*", 2},
        {"chip.tile[0..3][1..1].flits", 1},
        {"*flits", 1},
        {"chip.tile[1..3].*", 0},
        {"chip.tile[0][2..3].*", 0},
        {"chip", 0},
        {"", 0},
        {"chip.tile[3..1].*", 0},
        {"chip.tile[0..", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct system s;
        struct sim_err err;
        sim_err_init(&err);
        open_system(&s, 1, 1, SIM_ORDER_SPARSE);
        struct sim_vcd_spec spec = {.path = s.path,
                                    .scope = cases[i].pattern,
                                    .clock_hz = 1e9,
                                    .force = true};
        struct sim_vcd *vcd = sim_vcd_new(&spec, &s.kernel, &err);
        ck_assert_msg((vcd != NULL) == (cases[i].signals > 0), "'%s'", cases[i].pattern);
        if (vcd != NULL) {
            ck_assert_msg(sim_vcd_signals(vcd) == cases[i].signals, "'%s' describes %u", cases[i].pattern,
                          sim_vcd_signals(vcd));
            ck_assert(sim_vcd_finish(vcd, 0, &err));
        } else {
            ck_assert_int_eq(err.code, SIM_EXIT_USAGE);
            ck_assert_ptr_nonnull(strstr(err.message[0], cases[i].pattern));
        }
        sim_err_release(&err);
        close_system(&s);
    }
}
END_TEST

START_TEST(patterns) {
    static const struct {
        const char *pattern, *name;
        bool match;
    } cases[] = {
        {"a*c", "abbc", true},
        {"a*c", "abbcd", false},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"*", "", true},
        {"**b*", "aab", true},
        {"x[2..5]", "x[2]", true},
        {"x[2..5]", "x[5]", true},
        {"x[2..5]", "x[6]", false},
        {"x[2..5]", "x[1]", false},
        {"x[2..5]", "x[22]", false},
        {"x[2..5]", "x2", false},
        {"x[2..5].y", "x[3][9].y", true},
        {"x[2..5].y", "x[3][9][1].y", true},
        {"x[3].y", "x[3][9].y", true},
        {"x[3][8..9].y", "x[3][9].y", true},
        {"x[3][8].y", "x[3][9].y", false},
        {"x[*].y", "x[3].y", true},
        {"*[7..9].z", "a[1].b[8].z", true},
        {"*[7..9].z", "a[8].b[1].z", false},
        {"x[2..5]*", "x[3].y", true},
        {"*aab", "aaaaaaaaab", true},
        {"x[000000003..4]", "x[3]", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_msg(sim_glob_fault(cases[i].pattern) == NULL, "'%s'", cases[i].pattern);
        ck_assert_msg(sim_glob_match(cases[i].pattern, cases[i].name) == cases[i].match, "'%s' and '%s'",
                      cases[i].pattern, cases[i].name);
    }
    static const char *const faulty[] = {"",        "a[",     "a[1..2",           "a[2..1]",
                                         "a[1..x]", "a[..2]", "a[1..99999999999]"};
    for (size_t i = 0; i < sizeof faulty / sizeof *faulty; i++)
        ck_assert_msg(sim_glob_fault(faulty[i]) != NULL, "'%s' is taken", faulty[i]);
}
END_TEST

START_TEST(files_that_cannot_be_written) {
    struct system s;
    struct sim_err err;
    sim_err_init(&err);
    open_system(&s, 1, 1, SIM_ORDER_SPARSE);
    struct sim_vcd_spec spec = {.path = "/nowhere/x.vcd", .clock_hz = 1e9};
    ck_assert_ptr_null(sim_vcd_new(&spec, &s.kernel, &err));
    ck_assert_int_eq(err.code, SIM_EXIT_IO);
    sim_err_release(&err);
    fclose(fopen(s.path, "w"));
    spec.path = s.path;
    ck_assert_ptr_null(sim_vcd_new(&spec, &s.kernel, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "--force"));
    sim_err_release(&err);
    spec = (struct sim_vcd_spec){.path = "/dev/null", .clock_hz = 1e9, .force = true};
    ck_assert_ptr_null(sim_vcd_new(&spec, &s.kernel, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "not a regular file"));
    sim_err_release(&err);
    close_system(&s);
}
END_TEST

/* A limit on the size of files stands for a full disk: neither the file nor a part of it is there. */
START_TEST(a_full_disk_leaves_nothing) {
    struct system s;
    struct sim_err err;
    struct rlimit limit;
    char partial[96];
    sim_err_init(&err);
    open_system(&s, 1, 1, SIM_ORDER_SPARSE);
    snprintf(partial, sizeof partial, "%s.nocsim-partial", s.path);
    struct sim_vcd_spec spec = {.path = s.path, .clock_hz = 1e9};
    getrlimit(RLIMIT_FSIZE, &limit);
    struct rlimit small = {8, limit.rlim_max};
    struct sim_vcd *vcd = sim_vcd_new(&spec, &s.kernel, &err);
    ck_assert_ptr_nonnull(vcd);
    ck_assert(access(partial, F_OK) == 0 && access(s.path, F_OK) != 0);
    setrlimit(RLIMIT_FSIZE, &small);
    bool whole = sim_vcd_finish(vcd, 10, &err);
    setrlimit(RLIMIT_FSIZE, &limit);
    ck_assert(!whole);
    ck_assert_int_eq(err.code, SIM_EXIT_IO);
    ck_assert_ptr_nonnull(strstr(err.message[0], "File too large"));
    ck_assert(access(partial, F_OK) != 0 && access(s.path, F_OK) != 0);
    sim_err_release(&err);
    close_system(&s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("vcd");
    tcase_add_loop_test(suite_case(suite, "text"), a_small_system_word_for_word, 0, 2);
    tcase_add_test(suite_case(suite, "text"), long_latencies_and_long_gaps);
    tcase_add_test(suite_case(suite, "scope"), scopes);
    tcase_add_test(suite_case(suite, "scope"), patterns);
    TCase *files = suite_case(suite, "files");
    tcase_add_test(files, files_that_cannot_be_written);
    tcase_add_test(files, a_full_disk_leaves_nothing);
    return suite_run(suite);
}
