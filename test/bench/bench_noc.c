/* SPDX-License-Identifier: MIT
 *
 * Speed of the packet network: k x k meshes, XY, uniform traffic (the last case: neighbours), CPU time of one
 * core.
 *
 *     bench_noc                                       the table of fixed cases
 *     bench_noc K VCS BUFFER PACKET RATE CYCLES       one case; prints cycles and switch traversals only
 *
 * With BOOKSIM=<program> in the environment each case of the table is run by BookSim2 too, in turn, with the
 * configuration test/golden/booksim/base_mesh8.cfg; ratios are between neighbours in time.
 */
#include "noc/traffic/run.h"
#include "sim/base/err.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define BASE "test/golden/booksim/base_mesh8.cfg"

struct bench_case {
    uint32_t k, vcs, buffer, packet;
    double rate;
    sim_cycle cycles, peer_cycles;
    int pattern; /* enum noc_pattern */
};

enum { UNIFORM = NOC_PATTERN_UNIFORM, NEIGHBOUR = NOC_PATTERN_NEIGHBOUR };

static const struct bench_case cases[] = {
    {8, 4, 8, 1, 0.0001, 20000000, 200000, UNIFORM},
    {8, 4, 8, 1, 0.001, 4000000, 100000, UNIFORM},
    {8, 4, 8, 1, 0.01, 800000, 40000, UNIFORM},
    {8, 4, 8, 1, 0.05, 200000, 15000, UNIFORM},
    {8, 4, 8, 1, 0.2, 60000, 6000, UNIFORM},
    {8, 4, 8, 1, 0.4, 30000, 3000, UNIFORM},
    {8, 4, 8, 8, 0.01, 800000, 60000, UNIFORM},
    {8, 4, 8, 8, 0.2, 60000, 8000, UNIFORM},
    {16, 4, 8, 1, 0.001, 800000, 15000, UNIFORM},
    {16, 4, 8, 1, 0.01, 100000, 5000, UNIFORM},
    {16, 4, 8, 1, 0.05, 25000, 1500, UNIFORM},
    {16, 4, 8, 1, 0.2, 6000, 700, UNIFORM},
    {16, 4, 8, 8, 0.05, 25000, 2000, UNIFORM},
    {32, 2, 8, 1, 0.0001, 500000, 2000, UNIFORM},
    {32, 2, 8, 1, 0.001, 100000, 1500, UNIFORM},
    {32, 2, 8, 1, 0.01, 12000, 800, UNIFORM},
    {32, 2, 8, 1, 0.05, 3000, 600, UNIFORM},
    {32, 2, 8, 8, 0.01, 12000, 800, UNIFORM},
    {256, 4, 8, 1, 0.001, 1500, 0, UNIFORM},
    {256, 4, 8, 1, 0.001, 3000, 0, NEIGHBOUR},
};

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double cpu_of_children(void) {
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static bool run_ours(const struct bench_case *c, sim_cycle cycles, struct noc_run_result *result) {
    char size[32];
    struct noc_network_spec network;
    struct noc_traffic_spec traffic = {
        .pattern = c->pattern, .rate = c->rate, .packet = c->packet, .self = true, .hotspot = "", .seed = 1};
    struct noc_run_spec run = {.warmup = cycles / 10 + 1, .cycles = cycles};
    struct sim_err err;
    sim_err_init(&err);
    noc_network_defaults(&network);
    snprintf(size, sizeof size, "%ux%u", c->k, c->k);
    network.size = size;
    network.router.vcs = c->vcs;
    network.router.buffer_flits = c->buffer;
    bool done = noc_traffic_run(&run, &network, &traffic, NULL, result, &err);
    sim_err_print(&err, stderr);
    sim_err_release(&err);
    return done;
}

/* Cycles per CPU second of BookSim2; 0 when it cannot be run. */
static double run_peer(const char *program, const struct bench_case *c) {
    char command[1024], line[512];
    double cycles = 0, before = cpu_of_children();
    snprintf(command, sizeof command,
             "%s %s k=%u num_vcs=%u vc_buf_size=%u packet_size=%u injection_rate=%g sample_period=%llu "
             "max_samples=2",
             program, BASE, c->k, c->vcs, c->buffer, c->packet, c->rate,
             (unsigned long long)c->peer_cycles / 3);
    FILE *pipe = popen(command, "r");
    if (pipe == NULL)
        return 0;
    while (fgets(line, sizeof line, pipe) != NULL)
        if (strncmp(line, "Time taken is ", 14) == 0)
            cycles = strtod(line + 14, NULL);
    pclose(pipe);
    return cycles / (cpu_of_children() - before);
}

static int run_one(char **argument) {
    struct bench_case c = {.k = (uint32_t)strtoul(argument[0], NULL, 10),
                           .vcs = (uint32_t)strtoul(argument[1], NULL, 10),
                           .buffer = (uint32_t)strtoul(argument[2], NULL, 10),
                           .packet = (uint32_t)strtoul(argument[3], NULL, 10),
                           .rate = strtod(argument[4], NULL),
                           .cycles = strtoull(argument[5], NULL, 10),
                           .peer_cycles = 0,
                           .pattern = UNIFORM};
    struct noc_run_result result;
    bool done = run_ours(&c, c.cycles, &result);
    printf("%llu %llu\n", (unsigned long long)result.cycles, (unsigned long long)result.flit_hops);
    noc_run_result_release(&result);
    return done ? SIM_EXIT_OK : SIM_EXIT_CONFIG;
}

int main(int argc, char **argv) {
    if (argc == 7)
        return run_one(argv + 1);
    if (argc != 1) {
        fprintf(stderr, "usage: %s [K VCS BUFFER PACKET RATE CYCLES]\n", argv[0]);
        return SIM_EXIT_USAGE;
    }
    const char *peer = getenv("BOOKSIM");
    printf("%9s %3s %6s %7s  %12s %16s %14s %10s  %9s%s\n", "mesh", "VCs", "packet", "rate", "cycles/s",
           "router-cycles/s", "flit-hops/s", "steps/hop", "B/router", peer != NULL ? "  x BookSim2" : "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct bench_case *c = &cases[i];
        struct noc_run_result result;
        /* Set-up and audit are taken off by a second, short run. */
        double start = cpu();
        if (!run_ours(c, 512, &result))
            return SIM_EXIT_CONFIG;
        double setup = cpu() - start;
        sim_cycle setup_cycles = result.cycles;
        uint64_t setup_hops = result.flit_hops, setup_steps = result.steps;
        noc_run_result_release(&result);
        start = cpu();
        if (!run_ours(c, c->cycles, &result))
            return SIM_EXIT_CONFIG;
        double seconds = cpu() - start - setup;
        double cycles = (double)(result.cycles - setup_cycles),
               hops = (double)(result.flit_hops - setup_hops);
        printf("%4ux%-4u %3u %6u %7g  %12.0f %16.4g %14.4g %10.2f  %9zu", c->k, c->k, c->vcs, c->packet,
               c->rate, cycles / seconds, cycles * c->k * c->k / seconds, hops / seconds,
               (double)(result.steps - setup_steps) / hops, result.bytes_per_router);
        noc_run_result_release(&result);
        double theirs = peer != NULL && c->peer_cycles > 0 ? run_peer(peer, c) : 0;
        if (theirs > 0)
            printf("  %10.1f", cycles / seconds / theirs);
        printf("\n");
        fflush(stdout);
    }
    return SIM_EXIT_OK;
}
