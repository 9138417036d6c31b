/* SPDX-License-Identifier: MIT
 *
 * Traces: what is written is what is read; codings, limits, and the writer's promises. Damage: every
 * truncation and thousands of random changes of a valid file end well or in an error, never in a crash.
 */
#include "sim/trace/trace.h"

#include "sim/base/rng.h"
#include "sim/trace/coding.h"
#include "test/suite.h"
#include "test/unit/trace_sample.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static struct sim_err err;
static struct sim_trace trace;
static char path[256];

static void set_up(void) {
    sim_err_init(&err);
    trace_sample_path(path, sizeof path);
}

static void tear_down(void) {
    unlink(path);
    sim_err_release(&err);
}

static void assert_fault(enum sim_exit code, const char *part) {
    ck_assert_int_gt(err.count, 0);
    ck_assert_int_eq(err.code, code);
    ck_assert_msg(strstr(err.message[0], part) != NULL, "'%s' lacks '%s'", err.message[0], part);
}

static void assert_same_layer(const struct sim_layer *a, const struct sim_layer *b) {
    ck_assert_str_eq(a->name, b->name);
    ck_assert_int_eq(a->kind, b->kind);
    ck_assert_uint_eq(a->neurons, b->neurons);
    ck_assert_int_eq(a->neuron, b->neuron);
    ck_assert_int_eq(a->reset, b->reset);
    ck_assert_int_eq(a->threshold, b->threshold);
    ck_assert_uint_eq(a->weight_bits, b->weight_bits);
    ck_assert_uint_eq(a->operands, b->operands);
    for (uint32_t port = 0; port < a->operands; port++)
        ck_assert_uint_eq(a->operand[port], b->operand[port]);
    ck_assert_int_eq(a->weight == NULL, b->weight == NULL);
    if (a->weight != NULL)
        ck_assert_int_eq(memcmp(a->weight, b->weight, (size_t)a->rows * a->cols), 0);
}

static void assert_same_samples(const struct trace_sample *sample) {
    for (uint32_t s = 0; s < sample->samples; s++) {
        int32_t label;
        ck_assert(sim_trace_label(&trace, s, &label, &err));
        ck_assert_int_eq(label, sample->label[s]);
        for (uint32_t i = 0; i < sample->graph.layers; i++) {
            size_t words = sim_trace_words(&trace, i);
            uint64_t *spikes = malloc(words * sizeof *spikes);
            memset(spikes, 0xff, words * sizeof *spikes);
            ck_assert(sim_trace_sample(&trace, s, i, spikes, &err));
            ck_assert_mem_eq(spikes, sample->spikes[s][i], words * sizeof *spikes);
            free(spikes);
        }
    }
}

START_TEST(what_is_written_is_read) {
    struct trace_sample sample;
    trace_sample_init(&sample, (uint64_t)_i);
    ck_assert(trace_sample_write(&sample, path, true, &err));
    ck_assert(sim_trace_open(&trace, path, &err));
    ck_assert_uint_eq(trace.timesteps, sample.timesteps);
    ck_assert_uint_eq(trace.samples, sample.samples);
    ck_assert_uint_eq(trace.graph.layers, sample.graph.layers);
    ck_assert_int_eq(trace.functional, sample.graph.layer[1].weight != NULL);
    for (uint32_t i = 0; i < sample.graph.layers; i++)
        assert_same_layer(&trace.graph.layer[i], &sample.graph.layer[i]);
    assert_same_samples(&sample);
    ck_assert_uint_eq(trace.metas, 2);
    ck_assert_str_eq(trace.meta[0].key, "created-by");
    ck_assert_str_eq(sim_trace_meta(&trace, "name"), "a test");
    ck_assert_ptr_null(sim_trace_meta(&trace, "timesteps"));
    ck_assert(sim_trace_check(&trace, &err));
    ck_assert_int_eq(err.count, 0);
    sim_trace_close(&trace);
    trace_sample_release(&sample);
}
END_TEST

static bool add_spikes(void *user, const struct sim_trace_row *row) {
    uint64_t *sum = user;
    *sum = *sum * 31 + row->sample * 7 + row->layer * 5 + row->timestep * 3 + row->spikes;
    return true;
}

START_TEST(a_walk_meets_every_row_once_in_order) {
    struct trace_sample sample;
    trace_sample_init(&sample, (uint64_t)_i);
    ck_assert(trace_sample_write(&sample, path, true, &err));
    ck_assert(sim_trace_open(&trace, path, &err));
    uint32_t first = (uint32_t)_i % sample.samples, only = (uint32_t)_i % sample.graph.layers;
    for (int every = 0; every < 2; every++) {
        uint64_t expected = 0, found = 0;
        for (uint32_t s = first; s < sample.samples; s++)
            for (uint32_t i = 0; i < sample.graph.layers; i++)
                for (uint32_t t = 0; t < sample.timesteps; t++) {
                    const struct sim_layer *layer = &sample.graph.layer[i];
                    uint32_t spikes = sim_trace_count(
                        sample.spikes[s][i] + (size_t)t * sim_layer_words(layer), layer->neurons);
                    struct sim_trace_row row = {.sample = s, .layer = i, .timestep = t, .spikes = spikes};
                    if (spikes > 0 && (every || i == only))
                        add_spikes(&expected, &row);
                }
        ck_assert(sim_trace_walk(&trace, first, UINT64_MAX, every ? SIM_TRACE_EVERY_LAYER : only, add_spikes,
                                 &found, &err));
        ck_assert_uint_eq(found, expected);
    }
    sim_trace_close(&trace);
    trace_sample_release(&sample);
}
END_TEST

static char *read_file(const char *name, size_t *bytes) {
    FILE *file = fopen(name, "rb");
    ck_assert_ptr_nonnull(file);
    struct stat status;
    ck_assert_int_eq(fstat(fileno(file), &status), 0);
    char *data = malloc((size_t)status.st_size);
    *bytes = fread(data, 1, (size_t)status.st_size, file);
    fclose(file);
    return data;
}

static void write_file(const char *name, const char *data, size_t bytes) {
    FILE *file = fopen(name, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, bytes, file), bytes);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(the_same_content_is_the_same_file) {
    struct trace_sample sample;
    trace_sample_init(&sample, 5);
    ck_assert(trace_sample_write(&sample, path, true, &err));
    size_t bytes, again_bytes;
    char *data = read_file(path, &bytes);
    ck_assert(trace_sample_write(&sample, path, true, &err));
    char *again = read_file(path, &again_bytes);
    ck_assert_uint_eq(bytes, again_bytes);
    ck_assert_mem_eq(data, again, bytes);
    free(data);
    free(again);
    trace_sample_release(&sample);
}
END_TEST

/* Neurons around the limit of 16-bit indices, last neuron set, in the sparse coding and the bitmap. */
START_TEST(large_layers_keep_their_last_neuron) {
    static const uint32_t sizes[] = {65535, 65536, 65537, 100000};
    uint32_t neurons = sizes[_i];
    struct trace_sample sample;
    trace_sample_chain(&sample, &neurons, 1, 2, 1);
    uint32_t words = sim_layer_words(&sample.graph.layer[0]);
    sample.spikes[0][0][(neurons - 1) / 64] = (uint64_t)1 << ((neurons - 1) % 64);
    for (uint32_t n = 0; n < neurons; n++)
        sample.spikes[0][0][words + n / 64] |= (uint64_t)1 << (n % 64);
    ck_assert(trace_sample_write(&sample, path, true, &err));
    ck_assert(sim_trace_open(&trace, path, &err));
    assert_same_samples(&sample);
    sim_trace_close(&trace);
    trace_sample_release(&sample);
}
END_TEST

START_TEST(the_smaller_coding_is_taken_and_bitmap_on_a_tie) {
    uint64_t bitmap[2] = {0};
    unsigned char data[16];
    enum sim_trace_coding coding;
    bitmap[0] = 0x7; /* 3 indices of 2 bytes against 98 / 8 = 13 bytes */
    ck_assert_uint_eq(sim_trace_encode(bitmap, 98, 3, data, &coding), 6);
    ck_assert_int_eq(coding, SIM_TRACE_SPARSE);
    bitmap[0] = 0x7f; /* 14 against 13 */
    ck_assert_uint_eq(sim_trace_encode(bitmap, 98, 7, data, &coding), 13);
    ck_assert_int_eq(coding, SIM_TRACE_BITMAP);
    bitmap[0] = 0x3; /* 4 against 4 */
    ck_assert_uint_eq(sim_trace_encode(bitmap, 32, 2, data, &coding), 4);
    ck_assert_int_eq(coding, SIM_TRACE_BITMAP);
    bitmap[0] = 0x8000000000000001u;
    bitmap[1] = 0x2;
    ck_assert_uint_eq(sim_trace_encode(bitmap, 98, 3, data, &coding), 6);
    ck_assert_mem_eq(data, "\0\0\x3f\0\x41\0", 6);
}
END_TEST

static const struct {
    int coding;
    const char *data;
    size_t bytes;
    uint32_t neurons;
    const char *fault; /* NULL: right */
} codings[] = {
    {0, "\xff\x0f", 2, 12, NULL},
    {0, "\xff\x1f", 2, 12, "beyond neuron 11"},
    {0, "\xff", 1, 12, "bitmap of 1 bytes: 12 neurons need 2"},
    {0, "\xff\x0f\x00", 3, 12, "bitmap of 3 bytes"},
    {1, "", 0, 12, NULL},
    {1, "\x00\x00\x0b\x00", 4, 12, NULL},
    {1, "\x0c\x00", 2, 12, "index 12 >= 12 neurons"},
    {1, "\x05\x00\x05\x00", 4, 12, "index 5 after 5"},
    {1, "\x05\x00\x04\x00", 4, 12, "index 4 after 5"},
    {1, "\x05\x00\x06", 3, 12, "list of 3 bytes"},
    {1, "\xff\xff", 2, 65536, NULL},
    {1, "\xff\xff", 2, 65537, "list of 2 bytes: not a multiple of 4"},
    {1, "\x00\x00\x01\x00", 4, 65537, NULL},
    {1, "\x01\x00\x01\x00", 4, 65537, "index 65537 >= 65537 neurons"},
    {2, "", 0, 12, "coding 2"},
};

START_TEST(codings_are_judged) {
    uint64_t *bitmap = calloc(2048, sizeof *bitmap);
    uint32_t spikes;
    char fault[128] = "";
    bool ok = sim_trace_decode(codings[_i].coding, codings[_i].data, codings[_i].bytes, codings[_i].neurons,
                               bitmap, &spikes, fault, sizeof fault);
    ck_assert_int_eq(ok, codings[_i].fault == NULL);
    if (ok)
        ck_assert_uint_eq(spikes, sim_trace_count(bitmap, codings[_i].neurons));
    else
        ck_assert_msg(strstr(fault, codings[_i].fault) != NULL, "'%s' lacks '%s'", fault, codings[_i].fault);
    free(bitmap);
}
END_TEST

static const struct {
    const char *sql, *fault;
} lies[] = {
    {"UPDATE spike SET coding = 1, data = x'1400' WHERE sample = 1 AND layer = 0 AND timestep = 2",
     "spike(sample 1, layer 0, timestep 2): index 20 >= 20 neurons"},
    {"UPDATE spike SET data = x'00' WHERE sample = 1 AND layer = 0 AND timestep = 2",
     "spike(sample 1, layer 0, timestep 2): bitmap of 1 bytes: 20 neurons need 3"},
    {"UPDATE spike SET timestep = 4 WHERE sample = 1 AND layer = 0 AND timestep = 2",
     "spike(sample 1, layer 0, timestep 4): timestep 4 is not in 0..3"},
    {"UPDATE weight SET data = substr(data, 2) WHERE layer = 1", "weight(layer 1): data of 119 bytes"},
    {"UPDATE spike SET layer = -1 WHERE sample = 1 AND layer = 0 AND timestep = 2",
     "layer -1 is not in 0..2"},
    {"UPDATE spike SET layer = 3 WHERE sample = 1 AND layer = 0 AND timestep = 2", "layer 3 is not in 0..2"},
    {"DELETE FROM sample WHERE sample = 1", "1 is missing"},
    {"UPDATE sample SET label = 3 WHERE sample = 1", "sample(1): label 3 is not in 0..2"},
};

static void open_and_check(void) {
    if (sim_trace_open(&trace, path, &err)) {
        sim_trace_check(&trace, &err);
        sim_trace_close(&trace);
    }
}

/* Reads everything as a run does: labels and trains of all layers. */
static void open_and_run(void) {
    if (!sim_trace_open(&trace, path, &err))
        return;
    bool ok = true;
    for (uint64_t s = 0; ok && s < trace.samples && s < 100; s++) {
        int32_t label;
        ok = sim_trace_label(&trace, s, &label, &err);
        for (uint32_t i = 0; ok && i < trace.graph.layers; i++) {
            size_t words = sim_trace_words(&trace, i);
            if (words > (1u << 22)) /* a changed number may ask for much, within the limits */
                continue;
            uint64_t *spikes = malloc(words * sizeof *spikes);
            ok = sim_trace_sample(&trace, s, i, spikes, &err);
            free(spikes);
        }
    }
    sim_trace_close(&trace);
}

START_TEST(lies_are_found_by_check_and_by_a_run) {
    static const uint32_t sizes[] = {20, 6, 3};
    struct trace_sample sample;
    trace_sample_chain(&sample, sizes, 3, 4, 3);
    for (uint32_t s = 0; s < 3; s++)
        for (uint32_t t = 0; t < 4; t++) {
            sample.spikes[s][0][t] = 0xfffff;
            sample.spikes[s][1][t] = sample.spikes[s][2][t] = 1; /* recorded: opening looks no further */
        }
    ck_assert(trace_sample_write(&sample, path, true, &err));
    trace_sample_release(&sample);
    sqlite3 *sqlite;
    ck_assert_int_eq(sqlite3_open(path, &sqlite), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(sqlite, lies[_i].sql, NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_changes(sqlite), 1);
    sqlite3_close(sqlite);
    open_and_check();
    assert_fault(SIM_EXIT_CONFIG, lies[_i].fault);
    sim_err_release(&err);
    open_and_run();
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
}
END_TEST

/* A valid file to damage: both codings, weights, several pages. */
static char *make_victim(size_t *bytes) {
    static const uint32_t sizes[] = {784, 40, 10};
    struct trace_sample sample;
    trace_sample_chain(&sample, sizes, 3, 6, 12);
    uint64_t rng = sim_rng_stream(1, 0);
    for (uint32_t s = 0; s < 12; s++)
        for (uint32_t i = 0; i < 3; i++)
            for (uint32_t spike = 0; spike < 6 * sizes[i] / 8; spike++) {
                uint32_t t = (uint32_t)sim_rng_below(&rng, 6), n = (uint32_t)sim_rng_below(&rng, sizes[i]);
                sample.spikes[s][i][(size_t)t * sim_layer_words(&sample.graph.layer[i]) + n / 64] |=
                    (uint64_t)1 << (n % 64);
            }
    ck_assert(trace_sample_write(&sample, path, true, &err));
    trace_sample_release(&sample);
    return read_file(path, bytes);
}

START_TEST(every_truncation_is_an_error) {
    size_t bytes;
    char *data = make_victim(&bytes);
    for (size_t kept = 0; kept < bytes; kept += 1024) {
        write_file(path, data, kept);
        open_and_check();
        assert_fault(SIM_EXIT_CONFIG, kept < 1024 ? "not a spike trace" : "truncated");
        sim_err_release(&err);
        open_and_run();
        ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
        sim_err_release(&err);
    }
    free(data);
}
END_TEST

/* The header of a truncated file made to match it: the loss is then found further in. */
START_TEST(every_hidden_truncation_is_an_error) {
    size_t bytes;
    char *data = make_victim(&bytes);
    for (size_t pages = 1; pages < bytes / 4096; pages++) {
        data[28] = data[29] = 0;
        data[30] = (char)(pages >> 8);
        data[31] = (char)pages;
        write_file(path, data, pages * 4096);
        open_and_check();
        ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
        sim_err_release(&err);
        open_and_run();
        sim_err_release(&err);
    }
    free(data);
}
END_TEST

/* One to four changes each: a flipped bit, a random byte, or an overwritten stretch; half of them in the
 * first three pages, where the schema and the numbers of the graph are. */
START_TEST(random_damage_never_crashes) {
    size_t bytes;
    char *data = make_victim(&bytes), *damaged = malloc(bytes);
    int sound = 0;
    for (uint64_t seed = (uint64_t)_i * 100; seed < (uint64_t)_i * 100 + 100; seed++) {
        uint64_t rng = sim_rng_stream(seed, 7);
        memcpy(damaged, data, bytes);
        for (uint64_t change = 1 + sim_rng_below(&rng, 4); change > 0; change--) {
            size_t at = sim_rng_below(&rng, sim_rng_below(&rng, 2) == 0 ? 3 * 4096 : bytes);
            switch (sim_rng_below(&rng, 3)) {
            case 0: damaged[at] = (char)(damaged[at] ^ (1 << sim_rng_below(&rng, 8))); break;
            case 1: damaged[at] = (char)sim_rng_next(&rng); break;
            default:
                for (uint64_t length = sim_rng_below(&rng, 200); length > 0 && at < bytes; length--)
                    damaged[at++] = (char)sim_rng_next(&rng);
            }
        }
        write_file(path, damaged, bytes);
        open_and_check();
        ck_assert_msg((err.count == 0) == (err.code == SIM_EXIT_OK) && err.code != SIM_EXIT_USAGE &&
                          err.code != SIM_EXIT_STOPPED,
                      "seed %llu: code %d", (unsigned long long)seed, err.code);
        sound += err.count == 0;
        sim_err_release(&err);
        open_and_run();
        sim_err_release(&err);
    }
    ck_assert_int_lt(sound, 90);
    free(damaged);
    free(data);
}
END_TEST

START_TEST(an_existing_file_is_kept) {
    struct trace_sample sample;
    trace_sample_init(&sample, 3);
    ck_assert(!trace_sample_write(&sample, path, false, &err));
    assert_fault(SIM_EXIT_IO, "exists already");
    sim_err_release(&err);
    unlink(path);
    ck_assert(trace_sample_write(&sample, path, false, &err));
    trace_sample_release(&sample);
}
END_TEST

START_TEST(a_discarded_trace_leaves_nothing) {
    struct trace_sample sample;
    trace_sample_init(&sample, 4);
    unlink(path);
    char temporary[320];
    snprintf(temporary, sizeof temporary, "%s.nocsim-partial", path);
    struct sim_trace_writer *writer =
        sim_trace_create(path, &sample.graph, sample.timesteps, NULL, 0, false, &err);
    ck_assert_ptr_nonnull(writer);
    ck_assert_int_eq(access(temporary, F_OK), 0);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert(sim_trace_write_sample(writer, 0, &err));
    sim_trace_discard(writer);
    ck_assert_int_ne(access(temporary, F_OK), 0);
    ck_assert_int_ne(access(path, F_OK), 0);
    trace_sample_release(&sample);
}
END_TEST

/* A disk that is full at different moments: a limit on the size of files stands for it. */
START_TEST(a_full_disk_is_an_io_error) {
    static const rlim_t room[] = {0, 4096, 20000, 60000};
    uint32_t neurons = 50000;
    struct trace_sample sample;
    trace_sample_chain(&sample, &neurons, 1, 8, 2);
    for (uint32_t s = 0; s < 2; s++)
        memset(sample.spikes[s][0], 0x55, 8 * 781 * sizeof(uint64_t));
    unlink(path);
    signal(SIGXFSZ, SIG_IGN); /* of the test's own messages */
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    struct rlimit small = {room[_i], limit.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    bool ok = trace_sample_write(&sample, path, false, &err);
    setrlimit(RLIMIT_FSIZE, &limit);
    ck_assert(!ok);
    assert_fault(SIM_EXIT_IO, "cannot write");
    char temporary[320];
    snprintf(temporary, sizeof temporary, "%s.nocsim-partial", path);
    ck_assert_int_ne(access(temporary, F_OK), 0);
    ck_assert_int_ne(access(path, F_OK), 0);
    trace_sample_release(&sample);
}
END_TEST

/* What SQLite and the trace hold at most while a file of this many samples is read. */
static uint64_t memory_to_read(uint32_t samples, uint64_t *bytes) {
    uint32_t neurons = 8192;
    struct trace_sample sample;
    trace_sample_chain(&sample, &neurons, 1, 8, samples);
    for (uint32_t s = 0; s < samples; s++)
        memset(sample.spikes[s][0], 0x11, 8 * 128 * sizeof(uint64_t));
    ck_assert(trace_sample_write(&sample, path, true, &err));
    trace_sample_release(&sample);
    sqlite3_memory_highwater(1);
    open_and_check();
    ck_assert_int_eq(err.count, 0);
    ck_assert(sim_trace_open(&trace, path, &err));
    uint64_t *spikes = malloc(sim_trace_words(&trace, 0) * sizeof *spikes);
    for (uint64_t s = 0; s < samples; s++)
        ck_assert(sim_trace_sample(&trace, s, 0, spikes, &err));
    free(spikes);
    uint64_t held = (uint64_t)sqlite3_memory_highwater(0) + trace.graph.arena.bytes;
    *bytes = trace.bytes;
    sim_trace_close(&trace);
    return held;
}

START_TEST(memory_does_not_grow_with_samples) {
    uint64_t few_bytes, many_bytes;
    uint64_t few = memory_to_read(400, &few_bytes), many = memory_to_read(1600, &many_bytes);
    ck_assert_uint_gt(many_bytes, 3 * few_bytes);
    ck_assert_uint_gt(few_bytes, 2500000); /* more than SQLite's cache of pages */
    ck_assert_uint_le(many, few + few / 20);
}
END_TEST

START_TEST(names_that_look_special_are_files) {
    static const char *const names[] = {":memory:", "a?mode=memory", "b#c", "d%41", "file:e"};
    struct trace_sample sample;
    trace_sample_init(&sample, 6);
    unlink(path);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(chdir(path), 0);
    ck_assert(trace_sample_write(&sample, "plain", false, &err));
    size_t bytes;
    char *data = read_file("plain", &bytes);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        write_file(names[i], data, bytes);
        ck_assert_msg(sim_trace_open(&trace, names[i], &err), "%s", names[i]);
        ck_assert_uint_eq(trace.samples, sample.samples);
        sim_trace_close(&trace);
        unlink(names[i]);
    }
    free(data);
    unlink("plain");
    ck_assert_int_eq(chdir("/"), 0);
    rmdir(path);
    trace_sample_release(&sample);
}
END_TEST

START_TEST(what_is_no_file_is_an_io_error) {
    ck_assert(!sim_trace_open(&trace, "/nonexistent/x.spk", &err));
    assert_fault(SIM_EXIT_IO, "cannot open");
    sim_err_release(&err);
    ck_assert(!sim_trace_open(&trace, "/tmp", &err));
    assert_fault(SIM_EXIT_IO, "not a regular file");
    sim_err_release(&err);
    unlink(path);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert(!sim_trace_open(&trace, path, &err));
    assert_fault(SIM_EXIT_IO, "not a regular file");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/trace/trace");
    TCase *tcase = suite_case(suite, "round trip");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, what_is_written_is_read, 0, 24);
    tcase_add_loop_test(tcase, a_walk_meets_every_row_once_in_order, 0, 24);
    tcase_add_loop_test(tcase, large_layers_keep_their_last_neuron, 0, 4);
    tcase_add_test(tcase, the_same_content_is_the_same_file);
    tcase = suite_case(suite, "codings");
    tcase_add_test(tcase, the_smaller_coding_is_taken_and_bitmap_on_a_tie);
    tcase_add_loop_test(tcase, codings_are_judged, 0, sizeof codings / sizeof *codings);
    tcase = suite_case(suite, "damage");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, lies_are_found_by_check_and_by_a_run, 0, sizeof lies / sizeof *lies);
    tcase_add_test(tcase, every_truncation_is_an_error);
    tcase_add_test(tcase, every_hidden_truncation_is_an_error);
    tcase_add_loop_test(tcase, random_damage_never_crashes, 0, 10);
    tcase_add_test(tcase, what_is_no_file_is_an_io_error);
    tcase = suite_case(suite, "writer");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, an_existing_file_is_kept);
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_full_disk_is_an_io_error, 0, 4);
    tcase_add_test(tcase, memory_does_not_grow_with_samples);
    tcase_add_test(tcase, a_discarded_trace_leaves_nothing);
    tcase_add_test(tcase, names_that_look_special_are_files);
    return suite_run(suite);
}
