/* SPDX-License-Identifier: MIT
 *
 * nocsim sweep: what is swept (a chip with a trace, or a closed form), and how its points are done.
 */
#ifndef SIM_CLI_SWEEP_H
#define SIM_CLI_SWEEP_H

#include "arch/model/model.h"
#include "sim/cli/cli.h"
#include "sim/config/config.h"
#include "sim/sweep/db.h"
#include "sim/sweep/sweep.h"

/* A parameter of a model, anywhere in its spec. */
struct cli_sweep_field {
    const struct sim_param *param;
    size_t offset;
};

/* A command that can do a point of a sweep, in a process of its own. */
struct cli_sweep_command {
    const char *const *head;            /* command and fixed options; ends with NULL */
    const char *arch;                   /* before the name of the description: "--arch=", or "" */
    const struct sim_sweep_key *option; /* [options] that a sweep may set or vary */
    uint32_t options;
};

struct cli_sweep_subject;

/* `nocsim traffic` for traffic, `nocsim evaluate` for units by themselves, else `nocsim run`. */
const struct cli_sweep_command *cli_sweep_command_of(const struct cli_sweep_subject *subject);

struct cli_sweep_evaluator;
struct cli_sweep_chips;

/* The results of the candidate that the evaluator was filled with, done in this process, as a JSON object;
 * NULL and messages on a fault. */
typedef json_t *cli_sweep_evaluate(const struct cli_sweep_evaluator *evaluator, struct sim_err *err);

/* What is swept: runs of a chip, each in a process of its own, or what is evaluated in this process: specs of
 * a schema. Invariant: evaluate == NULL: runs; model == NULL: there is a chip, and config is loaded. */
struct cli_sweep_subject {
    const struct sim_sweep *sweep;
    struct sim_config config;
    bool config_loaded;
    const struct cli_sweep_command *command; /* of runs; NULL where `evaluate` is not */
    const struct arch_model *model;
    struct cli_sweep_chips *chips; /* of synthetic layers, or NULL */
    cli_sweep_evaluate *evaluate;
    const struct sim_schema *schema; /* of what is evaluated */
    void *base;                      /* its spec with the sweep's settings */
    struct cli_sweep_field *field;   /* [fields] of the schema, whose keys come first */
    uint32_t fields;
    struct sim_sweep_key *traffic; /* [traffics] what --traffic takes: "traffic.rate"; part of key */
    uint32_t traffics;
    struct sim_sweep_key *key;
    uint32_t keys;
    struct sim_arena arena;
};

/* Loads what the sweep names, and lists what can be changed. To be released in any case. */
bool cli_sweep_subject_load(struct cli_sweep_subject *subject, const struct sim_sweep *sweep,
                            struct sim_err *err);
void cli_sweep_subject_release(struct cli_sweep_subject *subject);

/* Whether a key is one of the chip's description or its technology. */
bool cli_sweep_is_chip_key(const char *path);

/* Hashes of everything that decides the results; the sweep is bound. */
bool cli_sweep_subject_identify(const struct cli_sweep_subject *subject, struct sim_sweep_identity *identity,
                                struct sim_err *err);

/* The same for a model alone, and for layers on a chip whose description is loaded: parts of
 * cli_sweep_subject_load. */
bool cli_sweep_model_load(struct cli_sweep_subject *subject, struct sim_err *err);
bool cli_sweep_compare_load(struct cli_sweep_subject *subject, struct sim_err *err);
void cli_sweep_compare_release(struct cli_sweep_subject *subject);

/* Lists the parameters of a schema, evaluated in this process, and the values of the description if there is
 * one; applies the sweep's settings to the schema's spec. */
bool cli_sweep_schema_load(struct cli_sweep_subject *subject, const struct sim_schema *schema,
                           cli_sweep_evaluate *evaluate, struct sim_err *err);

/* Fills the spec for one candidate after the other. */
struct cli_sweep_evaluator {
    const struct cli_sweep_subject *subject;
    unsigned char **bytes[SIM_SWEEP_AXES_MAX]; /* [axis][key][value]: the values as the spec has them */
    const char ***text[SIM_SWEEP_AXES_MAX];    /* [axis][key][value]: "key=value"; NULL: a key of the spec */
    void *spec;
    const char **set; /* [sets] what the candidate changes in the description */
    uint32_t sets;
    struct sim_arena arena;
};

/* The sweep is bound. To be released in any case. */
bool cli_sweep_evaluator_init(struct cli_sweep_evaluator *evaluator, const struct cli_sweep_subject *subject,
                              struct sim_err *err);
void cli_sweep_evaluator_release(struct cli_sweep_evaluator *evaluator);

/* Makes evaluator->spec that of the candidate; false and messages when its values do not go together. */
bool cli_sweep_evaluator_fill(struct cli_sweep_evaluator *evaluator, uint32_t candidate, struct sim_err *err);

/* The results of a model as a JSON object; what does not exist is null. */
json_t *cli_sweep_model_json(const struct arch_model *model, const void *spec);

/* Traffic on the chip whose description is loaded: lists its keys and judges its settings. */
bool cli_sweep_traffic_load(struct cli_sweep_subject *subject, struct sim_err *err);

/* What --traffic says for the values of a candidate: "uniform,rate=0.1"; lives in the arena. */
char *cli_sweep_traffic_text(const struct cli_sweep_subject *subject,
                             const struct sim_sweep_value *const *value, struct sim_arena *arena);

/* A setting can be read as its key would be. */
bool cli_sweep_check_setting(const struct sim_sweep_setting *setting, const struct sim_sweep_key *key,
                             struct sim_err *err);

/* The options of the sweep are options of its command and fit. */
bool cli_sweep_check_options(const struct cli_sweep_subject *subject, struct sim_err *err);

/* The command line that does a candidate; ends with NULL, lives in the arena. */
char **cli_sweep_command_line(const struct cli_sweep_subject *subject, uint32_t candidate,
                              struct sim_arena *arena);

/* Which points to do, and how. */
struct cli_sweep_work {
    struct sim_sweep *sweep;
    const struct cli_sweep_subject *subject;
    struct sim_sweep_db *db;
    uint32_t jobs;
    uint64_t shard, shards; /* points shard, shard + shards, ... */
    bool retry, quiet;

    uint64_t todo, done, failed, cut; /* cut: ended by a signal from outside, not recorded */
    double wall_s;
    int interrupted; /* the signal, or 0 */
};

/* Does the points that are not in the database yet. False and messages when it cannot go on. */
bool cli_sweep_work_run(struct cli_sweep_work *work, struct sim_err *err);

/* What a dry run found. */
struct cli_sweep_sample {
    uint32_t points, failed;
    double mean_s, least_s, most_s;
    char *error; /* of the first that failed; NULL: none failed */
};

/* Does up to `count` points, evenly spread over those to do, without recording them. */
bool cli_sweep_work_sample(struct cli_sweep_work *work, uint32_t count, struct cli_sweep_sample *sample,
                           struct sim_err *err);

#endif
