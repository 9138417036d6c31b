/* SPDX-License-Identifier: MIT
 *
 * nocsim --traffic: a packet network under synthetic or recorded traffic. Shared by traffic_*.c.
 */
#ifndef SIM_CLI_TRAFFIC_H
#define SIM_CLI_TRAFFIC_H

#include "noc/network/chip.h"
#include "noc/traffic/run.h"
#include "noc/traffic/trace.h"
#include "noc/watch/network_watch.h"
#include "sim/base/histogram.h"
#include "sim/base/progress.h"
#include "sim/cli/cli.h"
#include "sim/config/config.h"
#include "sim/record/energy.h"
#include "sim/record/record.h"

#include <jansson.h>

#define TRAFFIC_POINTS_MAX 10000

/* What the command line asks for. */
struct traffic_options {
    const char *arch, *traffic, *output, *curve;
    const char *set[CLI_SETS_MAX];
    uint32_t sets;
    uint64_t cycles, warmup, cycles_max; /* 0: not given */
    double precision;                    /* 0: not given */
    uint64_t seed, watch, audit, jobs, network;
    bool seed_given, watched, order_given, force, quiet, brief, converged;
    enum sim_order order;
    const struct sim_engine_type *engine; /* of the recorded run; NULL: native */
    int log; /* level of the database: 0 summary, 1 events */
    enum cli_format format;
};

/* What is measured. Invariant: trace.packet is NULL exactly when the traffic is synthetic. */
struct traffic {
    const struct traffic_options *options;
    struct sim_config config;
    const struct noc_chip_spec *chip;
    const struct noc_network_spec *network; /* of the chip's */
    struct noc_traffic_spec spec;
    char *hotspot; /* heap: spec.hotspot */
    bool seeded;   /* --traffic says its seed */
    struct noc_trace trace;
    struct noc_run_spec run;
    struct sim_energy *energy; /* NULL: the description names no technology */
    struct sim_where where;    /* of the chip */
    enum sim_order order;
    uint32_t terminals;
};

/* The energy of a run, by what it went into. */
struct traffic_energy {
    double total_j, dynamic_j, static_j; /* of the whole run */
    double hop_j; /* dynamic energy of routers for each flit and router it went through */
    double edp_js;  /* energy of a delivered flit x mean latency of a packet */
    double area_m2; /* of the routers; NaN: not known */
};

/* A measurement, of synthetic or recorded traffic. */
struct traffic_result {
    struct noc_run_result run;     /* link and statistics NULL for a recorded trace */
    struct sim_histogram *latency; /* of packets */
    struct traffic_energy energy;  /* total_j NaN without a technology */
    double sim_seconds;            /* CPU of the measurement, of all its threads */
    double elapsed_seconds;        /* and the time it took */
    const char *database;          /* NULL: none */
    struct traffic_result *unicast; /* multicast: the same messages by repeated unicast; NULL: not compared */
};

/* ---- traffic_spec.c: what --traffic says --------------------------------------------------------- */

/* Reads "uniform,rate=0.1,packet=4" or "trace=FILE.csv"; SIM_EXIT_OK, or an exit code after a message. */
int cli_traffic_parse(const char *text, struct traffic *traffic);

/* Whether traffic of this pattern depends on the value `key`. */
bool cli_traffic_looks_at(const char *pattern, const char *key);

/* The traffic, shortest: "uniform, rate 0.1, packets of 4 flits". Returns buffer. */
const char *cli_traffic_describe(const struct traffic *traffic, char *buffer, size_t size);

/* "0.02:0.5:0.02": the rates of a load curve; *rate is on the heap. False when the text is not of this form.
 */
bool cli_traffic_parse_curve(const char *text, double **rate, size_t *count);

/* ---- traffic_measure.c, traffic_record.c --------------------------------------------------------- */

/* Multicast that is measured by trees and by repeated unicast. */
bool cli_traffic_compares(const struct traffic *traffic);

/* Runs the measurement; `progress` NULL: silently. False and messages. traffic_result_release in any case. */
bool cli_traffic_measure(const struct traffic *traffic, struct sim_progress *progress,
                         struct traffic_result *result, struct sim_err *err);
void cli_traffic_result_release(struct traffic_result *result);

/* Prices the counts of `run`; total_j is NaN without a technology. False and messages when an event has no
 * price. */
bool cli_traffic_price(const struct traffic *traffic, const struct noc_run_result *run,
                       struct traffic_energy *energy, struct sim_err *err);

#define TRAFFIC_PARAMETERS 9

/* What prices of the network's types may scale with; ends with a type of NULL. */
void cli_traffic_parameters(const struct traffic *traffic, const struct noc_run_result *run,
                            struct sim_energy_parameter parameter[TRAFFIC_PARAMETERS + 1]);

/* The longest run, as given, or long enough for a million packets within bounds. */
sim_cycle cli_traffic_longest(const struct traffic *traffic);

/* What an observer of the network needs to be told. */
struct noc_observe_spec cli_traffic_observe_spec(const struct traffic *traffic, sim_cycle cycles);

/* Runs the measured run again, on record, and finishes the database. */
bool cli_traffic_record(const struct traffic *traffic, const struct traffic_result *result,
                        struct sim_progress *progress, struct sim_record *record, struct sim_err *err);

/* ---- traffic_report.c ---------------------------------------------------------------------------- */

void cli_traffic_print_text(const struct traffic *traffic, const struct traffic_result *result, FILE *out);
json_t *cli_traffic_json(const struct traffic *traffic, const struct traffic_result *result, bool whole);
void cli_traffic_print_story(const struct traffic *traffic, const struct noc_story *story, FILE *out);
json_t *cli_traffic_story_json(const struct noc_story *story);

/* ---- traffic_curve.c ----------------------------------------------------------------------------- */

/* Measures every rate, in as many processes as the machine has cores, and prints the curve. An exit code. */
int cli_traffic_curve(struct traffic *traffic, const double *rate, size_t count, struct sim_err *err);

#endif
