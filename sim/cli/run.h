/* SPDX-License-Identifier: MIT
 *
 * A run: one chip, one trace, one results database. Shared by the commands that need a chip.
 */
#ifndef SIM_CLI_RUN_H
#define SIM_CLI_RUN_H

#include "arch/chip.h"
#include "sim/cli/cli.h"
#include "sim/config/config.h"
#include "sim/kernel/engine.h"
#include "sim/kernel/kernel.h"
#include "sim/kernel/vcd.h"
#include "sim/record/record.h"
#include "sim/trace/trace.h"

#include <signal.h>


/* What the command line asks for. */
struct run_options {
    const char *arch, *trace, *output;
    enum sim_record_level level;
    struct cli_range samples;
    uint32_t timesteps; /* 0: as in the trace */
    enum arch_as as;
    const char *set[CLI_SETS_MAX];
    uint32_t sets;
    enum sim_order order;
    bool order_given;
    uint64_t seed;
    bool seed_given;
    const struct sim_engine_type *engine;
    const char *vcd, *vcd_scope; /* NULL: no waveforms; all of the chip */
    enum cli_format format;
    bool force, quiet;
    bool replay; /* even where the chip could compute the spikes */
};

/* A chip elaborated for a trace. Invariant: everything that is not NULL is released by run_release. */
struct run {
    struct sim_config config;
    bool config_loaded;
    struct sim_trace trace;
    bool trace_open;
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct arch_chip *chip;
    struct sim_engine engine; /* its type is NULL until it is opened */
    struct sim_vcd *vcd;
};

/* What a run gave, for the summary. */
struct run_result {
    uint64_t samples, labelled, correct;
    sim_cycle cycles;         /* of the whole run */
    sim_cycle sample_cycles;  /* of one sample: the longest */
    uint64_t spikes;          /* spikes of all layers that the chip or its host saw */
    uint64_t input_spikes;
    struct sim_histogram *packets; /* latencies of packets; NULL: the chip has none. run_result_release */
    double energy_j;
    double sim_seconds;       /* CPU seconds of the simulation proper */
    char hash[64];            /* of the database; "" without one */
    const char *database;     /* its name; NULL without one */
};

/* Loads the description and the trace, maps and builds the chip. Not started yet. */
bool run_build(struct run *run, const struct run_options *options, struct sim_err *err);
void run_release(struct run *run);

/* Timesteps of a sample. */
static inline uint32_t run_timesteps(const struct run *run, const struct run_options *options) {
    return options->timesteps != 0 && options->timesteps < run->trace.timesteps ? options->timesteps
                                                                                : run->trace.timesteps;
}

/* "snn", "qnn"; ends with NULL. */
extern const char *const run_as_names[ARCH_AS_COUNT + 1];

/* Chooses what is executed, after the chip was built: part of run_build. */
bool run_execute(struct run *run, const struct run_options *options, struct sim_err *err);

/* Runs samples range.first .. range.end - 1 and records them; once. False and messages on a fault, or when
 * interrupted. */
bool run_simulate(struct run *run, const struct run_options *options, struct cli_range range,
                  struct sim_record *record, struct run_result *result, struct sim_err *err);

/* A signal that ends the run at the end of the sample at hand; 0: none. */
extern volatile sig_atomic_t run_interrupted;

/* What the database is told of the run besides its events; part of run_simulate. The second is false, with
 * messages, when the technology file has a fault. */
void run_record_configuration(struct sim_record *record, const struct run *run,
                              const struct run_options *options);
bool run_record_price(struct sim_record *record, const struct run *run, struct sim_err *err);
void run_record_links(struct sim_record *record, const struct run *run);

void run_result_release(struct run_result *result);

/* The chip type of a bound description, or NULL. */
const struct arch_chip_type *run_chip_type(const struct sim_schema *schema);

/* Prints the closing summary: one screen of text, or one JSON object. */
void run_print_text(const struct run *run, const struct run_options *options, const struct run_result *result,
                    const struct sim_record *record, FILE *out);
void run_print_json(const struct run *run, const struct run_options *options, const struct run_result *result,
                    const struct sim_record *record, FILE *out);

#endif
