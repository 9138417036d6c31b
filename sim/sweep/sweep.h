/* SPDX-License-Identifier: MIT
 *
 * A sweep: many points of one design space, described in a file of its own.
 *
 *     name: mesh                          # default: the file's name
 *     description: ...                    # free text
 *     arch: ../shenjing.yaml              # paths are relative to this file
 *     trace: ../../workloads/mnist-mlp.spk
 *     options: {samples: 10}              # of `nocsim run`, for all points
 *     set: {chip.rows: 6}                 # changes of the description, for all points
 *     timeout: 60 s                       # of one point; default: none
 *     axes:                               # their product, the last one fastest
 *       - {key: chip.clock, values: [120 kHz, 240 kHz]}
 *       - {name: size, keys: [chip.tile.axons, chip.tile.neurons], log: {from: 64, to: 512, factor: 2}}
 *       - {key: chip.voltage, range: {from: 0.6 V, to: 0.9 V, step: 0.1 V}}        # or count: 4
 *       - {option: timesteps, values: [5, 20]}
 *       - zip: [AXIS, AXIS]                                       # side by side, equally long
 *       - product: [AXIS, AXIS]                                   # inside a zip
 *       - sample: {method: latin-hypercube, count: 100, seed: 1, axes: [AXIS, AXIS]}    # or random
 *     constraints: [size * rows <= 4096]  # over the names of the axes, in SQLite's language
 *     objectives:                         # over the names of axes and results
 *       - {minimise: energy_j}
 *       - {name: speed, maximise: samples / time_s}
 *
 * Instead of arch, trace and options, `model: snn-vs-qnn` and `version: v4` sweep a closed form
 * (arch/model): keys are then its parameters. Instead of trace and options, `compare: layer` sweeps
 * synthetic layers on the chip (nocsim compare): keys are then those of compare.layer, or values of the
 * description (chip.core.axons) and its technology (tech.energy.noc.event_router.hop_bits.energy). Instead of
 * trace, `traffic: {pattern: uniform, rate: 0.1}` puts traffic on a packet network: traffic.rate is then a
 * key. In a sample an axis may be a range or log of from and to alone: its values are drawn between them.
 *
 * Candidates are numbered from 0, and their numbers never depend on constraints, shards or the order of
 * work: the number is the name of a point. A candidate that meets all constraints is a point.
 */
#ifndef SIM_SWEEP_SWEEP_H
#define SIM_SWEEP_SWEEP_H

#include "sim/config/node.h"
#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_SWEEP_AXES_MAX 64
#define SIM_SWEEP_CANDIDATES_MAX 10000000u
#define SIM_SWEEP_VALUES_MAX 1000000u /* of all axes */
#define SIM_SWEEP_OBJECTIVES_MAX 8

/* What an axis or a setting may change. */
struct sim_sweep_key {
    const char *path;              /* "chip.tile.axons", or an option of the run: "timesteps" */
    const struct sim_param *param; /* NULL: any text */
    bool option, file;             /* file: the value is a path, relative to the sweep's file */
};

struct sim_sweep_value {
    const char *text;  /* as given to `--set`, or to the option */
    const char *shown; /* as it stands in results: a file's path is shown as it was written */
    double number;     /* SI units; NaN: a text */
};

/* One axis after binding. Invariant: values > 0; every value suits every key. */
struct sim_sweep_axis {
    const char *name;
    struct sim_where where;
    const struct sim_sweep_key **key;
    uint32_t keys, values;
    struct sim_sweep_value *value;
};

enum sim_sweep_group_kind { SIM_SWEEP_AXIS, SIM_SWEEP_PRODUCT, SIM_SWEEP_ZIP, SIM_SWEEP_GROUP_KIND_COUNT };

struct sim_sweep_group {
    enum sim_sweep_group_kind kind;
    uint32_t axis;                  /* AXIS */
    struct sim_sweep_group **child; /* PRODUCT, ZIP */
    uint32_t children;
    uint64_t count; /* candidates */
};

struct sim_sweep_objective {
    const char *name, *expression;
    bool maximise;
    struct sim_where where;
};

/* "key=value" of `set:` or `options:`. */
struct sim_sweep_setting {
    const char *key, *value;
    struct sim_where where;
};

struct sim_sweep {
    const char *file, *name, *description;
    const char *arch, *trace; /* NULL: a model is swept */
    const char *model, *version;
    const char *compare; /* "layer": synthetic layers on the chip */
    struct sim_where arch_where, trace_where, model_where, compare_where, traffic_where;
    bool has_traffic;
    struct sim_sweep_setting *set, *option;
    struct sim_sweep_setting *traffic; /* of --traffic, instead of a trace */
    uint32_t sets, options, traffics;
    double timeout_s; /* 0: none */
    struct sim_sweep_objective objective[SIM_SWEEP_OBJECTIVES_MAX];
    uint32_t objectives;

    /* filled by sim_sweep_bind */
    struct sim_sweep_axis *axis[SIM_SWEEP_AXES_MAX];
    uint32_t axes;
    struct sim_sweep_group *group; /* NULL: no axes, one candidate */
    uint64_t candidates, points;
    uint32_t *point; /* [points] candidates that meet the constraints; NULL: all do */

    const struct sim_node *root;
    struct sim_arena arena;
};

/* Reads a description. False, messages and nothing to release on a fault. */
bool sim_sweep_load(struct sim_sweep *sweep, const char *file, struct sim_err *err);
void sim_sweep_release(struct sim_sweep *sweep);

/* Resolves the axes against what can be changed, counts the candidates and applies the constraints. False and
 * located messages on a fault. Once. */
bool sim_sweep_bind(struct sim_sweep *sweep, const struct sim_sweep_key *key, uint32_t keys,
                    struct sim_err *err);

/* Index of a key, as an option or as a path of the description; on a fault NULL and a message with the
 * nearest key. */
const struct sim_sweep_key *sim_sweep_find_key(const struct sim_sweep_key *key, uint32_t keys,
                                               const char *path, bool option, const struct sim_where *where,
                                               struct sim_err *err);

/* "rate" of the path "traffic.rate"; NULL of another path. */
const char *sim_sweep_traffic_key(const char *path);

/* Number of the candidate that is point `index`. */
uint32_t sim_sweep_candidate(const struct sim_sweep *sweep, uint64_t index);

/* The values of a candidate: value[axes]. */
void sim_sweep_values(const struct sim_sweep *sweep, uint64_t candidate,
                      const struct sim_sweep_value **value);

/* A path of the description, relative to its file, as the program must open it. */
const char *sim_sweep_path(struct sim_sweep *sweep, const char *path);

#define SIM_SWEEP_HASH_SIZE 33

/* Hash of what the points are: settings, axes, values and constraints, not names of files, objectives,
 * timeout. */
void sim_sweep_hash(const struct sim_sweep *sweep, char digest[SIM_SWEEP_HASH_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
