/* SPDX-License-Identifier: MIT
 *
 * `nocsim trace import`: a trace from lists of numbers. Spikes come as lines of
 * sample,layer,timestep,neuron in any order, labels as lines of sample,label. The network is either a
 * chain of layers given by name and size (enough to replay), or taken with its weights, labels and
 * meta data from another trace (--like), so that importing what was dumped gives the same trace.
 */
#include "sim/cli/csv.h"
#include "sim/base/number.h"
#include "sim/cli/options.h"
#include "sim/cli/spike_sort.h"
#include "sim/cli/trace.h"
#include "sim/trace/trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUESSED_SAMPLES_MAX                                                                                  \
    ((uint64_t)1 << 24) /* without --samples: one wild number is not a billion samples */

struct import {
    const char *csv, *output, *like, *labels;
    bool force;
    struct sim_graph chain;         /* of --layer; unused with --like */
    const struct sim_graph *graph;  /* &chain or that of `model` */
    struct sim_trace model;         /* of --like */
    uint64_t samples, timesteps;    /* 0: as many as occur */
    struct sim_trace_meta meta[64]; /* of --meta, after those of --like */
    uint32_t metas;
    int32_t *label; /* [samples] or NULL */
};

/* "NAME:NEURONS": the next layer of the chain; the first is the input. */
static bool add_layer(struct import *import, char *text) {
    struct sim_graph *chain = &import->chain;
    char *colon = strrchr(text, ':');
    uint64_t neurons;
    if (colon == NULL || colon == text || chain->layers == SIM_GRAPH_LAYERS_MAX ||
        !cli_parse_uint(colon + 1, 1, SIM_LAYER_NEURONS_MAX, &neurons))
        return false;
    if (chain->layer == NULL)
        sim_graph_alloc(chain, SIM_GRAPH_LAYERS_MAX), chain->layers = 0;
    struct sim_layer *layer = &chain->layer[chain->layers];
    layer->name = sim_arena_format(&chain->arena, "%.*s", (int)(colon - text), text);
    layer->neurons = (uint32_t)neurons;
    layer->kind = chain->layers == 0 ? SIM_LAYER_INPUT : SIM_LAYER_DENSE;
    if (chain->layers > 0) {
        uint32_t *operand = SIM_NEW(&chain->arena, uint32_t);
        *operand = chain->layers - 1;
        layer->operand = operand;
        layer->operands = 1;
    }
    chain->layers++;
    return true;
}

/* "KEY=VALUE". */
static bool add_meta(struct import *import, char *text) {
    char *equals = strchr(text, '=');
    if (equals == NULL || equals == text || import->metas == sizeof import->meta / sizeof *import->meta)
        return false;
    *equals = '\0';
    for (uint32_t i = 0; i < import->metas; i++)
        if (strcmp(import->meta[i].key, text) == 0)
            return false;
    import->meta[import->metas++] = (struct sim_trace_meta){text, equals + 1};
    return strcmp(text, "timesteps") != 0;
}

/* One line of the list into the sorter; learns the extents that were not given. */
static bool take_spike(struct import *import, struct cli_csv *csv, const uint64_t *field,
                       struct cli_spike_sort *sort, uint64_t extent[2], struct sim_err *err) {
    uint64_t samples = import->samples != 0 ? import->samples : GUESSED_SAMPLES_MAX;
    uint64_t timesteps = import->timesteps != 0 ? import->timesteps : SIM_TRACE_TIMESTEPS_MAX;
    if (field[0] >= samples)
        return cli_csv_fault(csv, 0, err, "sample %llu >= %llu%s", (unsigned long long)field[0],
                             (unsigned long long)samples,
                             import->samples != 0 ? " samples" : ": --samples allows more");
    if (field[1] >= import->graph->layers)
        return cli_csv_fault(csv, 1, err, "layer %llu >= %u layers", (unsigned long long)field[1],
                             import->graph->layers);
    if (field[2] >= timesteps)
        return cli_csv_fault(csv, 2, err, "timestep %llu >= %llu timesteps", (unsigned long long)field[2],
                             (unsigned long long)timesteps);
    const struct sim_layer *layer = &import->graph->layer[field[1]];
    if (field[3] >= layer->neurons)
        return cli_csv_fault(csv, 3, err, "neuron %llu >= %u neurons of layer %llu '%s'",
                             (unsigned long long)field[3], layer->neurons, (unsigned long long)field[1],
                             layer->name);
    struct cli_spike spike = {field[0], (uint32_t)field[1], (uint32_t)field[2], (uint32_t)field[3]};
    bool twice;
    if (!cli_spike_sort_add(sort, &spike, &twice, err))
        return false;
    if (twice)
        return cli_csv_fault(csv, 0, err, "this spike is given twice");
    extent[0] = field[0] >= extent[0] ? field[0] + 1 : extent[0];
    extent[1] = field[2] >= extent[1] ? field[2] + 1 : extent[1];
    return true;
}

static bool read_spikes(struct import *import, struct cli_spike_sort *sort, struct sim_err *err) {
    struct cli_csv csv;
    if (!cli_csv_open(&csv, import->csv, "sample,layer,timestep,neuron", err))
        return false;
    uint64_t field[4], extent[2] = {0, 0};
    bool ok = true, end = false;
    while (!sim_err_full(err)) {
        ok = cli_csv_row(&csv, field, &end, err) && ok;
        if (end)
            break;
        ok = take_spike(import, &csv, field, sort, extent, err) && ok;
    }
    cli_csv_close(&csv);
    struct sim_where where = {.file = csv.path};
    if (ok && import->samples == 0 && (import->samples = extent[0]) == 0)
        ok = sim_err_add(err, SIM_EXIT_CONFIG, &where, "no spikes: how many samples are there (--samples)?");
    if (ok && import->timesteps == 0 && (import->timesteps = extent[1]) == 0)
        ok = sim_err_add(err, SIM_EXIT_CONFIG, &where,
                         "no spikes: how many timesteps are there (--timesteps)?");
    return ok;
}

static bool read_labels(struct import *import, struct sim_err *err) {
    import->label = malloc(import->samples * sizeof *import->label);
    if (import->label == NULL)
        return sim_err_add(err, SIM_EXIT_IO, NULL, "out of memory for %llu labels",
                           (unsigned long long)import->samples);
    for (uint64_t sample = 0; sample < import->samples; sample++)
        import->label[sample] = -1;
    struct cli_csv csv;
    if (!cli_csv_open(&csv, import->labels, "sample,label", err))
        return false;
    uint64_t field[2];
    uint32_t classes = import->graph->layer[import->graph->layers - 1].neurons;
    bool ok = true, end = false;
    while (!sim_err_full(err)) {
        ok = cli_csv_row(&csv, field, &end, err) && ok;
        if (end)
            break;
        if (field[0] >= import->samples)
            ok = cli_csv_fault(&csv, 0, err, "sample %llu >= %llu samples", (unsigned long long)field[0],
                               (unsigned long long)import->samples);
        else if (field[1] >= classes)
            ok = cli_csv_fault(&csv, 1, err, "label %llu >= %u neurons of the last layer",
                               (unsigned long long)field[1], classes);
        else if (import->label[field[0]] >= 0)
            ok = cli_csv_fault(&csv, 0, err, "sample %llu is given twice", (unsigned long long)field[0]);
        else
            import->label[field[0]] = (int32_t)field[1];
    }
    cli_csv_close(&csv);
    return ok;
}

static bool find_label(struct import *import, uint64_t sample, int32_t *label, struct sim_err *err) {
    *label = import->label != NULL ? import->label[sample] : -1;
    if (import->labels != NULL || import->like == NULL || sample >= import->model.samples)
        return true;
    return sim_trace_label(&import->model, sample, label, err);
}

/* Sorted spikes become rows: those of one layer and timestep are gathered in a bitmap. */
static bool write_samples(struct import *import, struct cli_spike_sort *sort, struct sim_trace_writer *writer,
                          uint64_t *bitmap, struct sim_err *err) {
    struct cli_spike spike;
    bool end;
    if (!cli_spike_sort_next(sort, &spike, &end, err))
        return false;
    for (uint64_t sample = 0; sample < import->samples; sample++) {
        int32_t label;
        if (!find_label(import, sample, &label, err) || !sim_trace_write_sample(writer, label, err))
            return false;
        while (!end && spike.sample == sample) {
            struct cli_spike row = spike;
            memset(bitmap, 0, sim_layer_words(&import->graph->layer[row.layer]) * sizeof *bitmap);
            while (!end && spike.sample == sample && spike.layer == row.layer &&
                   spike.timestep == row.timestep) {
                bitmap[spike.neuron / 64] |= (uint64_t)1 << (spike.neuron % 64);
                if (!cli_spike_sort_next(sort, &spike, &end, err))
                    return false;
            }
            if (!sim_trace_write_spikes(writer, row.layer, row.timestep, bitmap, err))
                return false;
        }
    }
    return true;
}

static bool write_trace(struct import *import, struct cli_spike_sort *sort, struct sim_err *err) {
    uint32_t words = 1;
    for (uint32_t i = 0; i < import->graph->layers; i++)
        if (sim_layer_words(&import->graph->layer[i]) > words)
            words = sim_layer_words(&import->graph->layer[i]);
    uint64_t *bitmap = malloc(words * sizeof *bitmap);
    if (bitmap == NULL)
        return sim_err_add(err, SIM_EXIT_IO, NULL, "out of memory");
    struct sim_trace_writer *writer =
        sim_trace_create(import->output, import->graph, (uint32_t)import->timesteps, import->meta,
                         import->metas, import->force, err);
    bool ok = writer != NULL && write_samples(import, sort, writer, bitmap, err);
    if (ok)
        ok = sim_trace_finish(writer, err);
    else
        sim_trace_discard(writer);
    free(bitmap);
    return ok;
}

/* The network, and what else --like gives. */
static bool settle_model(struct import *import, struct sim_err *err) {
    import->graph = &import->chain;
    if (import->like == NULL)
        return sim_graph_check(&import->chain, NULL, err);
    if (!sim_trace_open(&import->model, import->like, err))
        return false;
    import->graph = &import->model.graph;
    if (import->samples == 0)
        import->samples = import->model.samples;
    if (import->timesteps == 0)
        import->timesteps = import->model.timesteps;
    uint32_t given = import->metas;
    for (uint32_t i = 0; i < import->model.metas; i++) {
        bool again = false;
        for (uint32_t j = 0; j < given; j++)
            again = again || strcmp(import->meta[j].key, import->model.meta[i].key) == 0;
        if (!again && import->metas < sizeof import->meta / sizeof *import->meta)
            import->meta[import->metas++] = import->model.meta[i];
    }
    return true;
}

static void run(struct import *import, struct sim_err *err) {
    struct cli_spike_sort *sort = NULL;
    bool ok = settle_model(import, err) && (sort = cli_spike_sort_new(err)) != NULL &&
              read_spikes(import, sort, err) && (import->labels == NULL || read_labels(import, err)) &&
              write_trace(import, sort, err);
    if (ok)
        printf("%s: %llu sample%s of %llu timestep%s\n", import->output,
               (unsigned long long)import->samples, sim_plural(import->samples),
               (unsigned long long)import->timesteps, sim_plural(import->timesteps));
    cli_spike_sort_free(sort);
}

/* ---- the command line ------------------------------------------------------------------------- */

static int parse_layer(void *import, char *text) {
    return add_layer(import, text)
               ? SIM_EXIT_OK
               : cli_usage("trace import", "--layer takes NAME:NEURONS, with 1 to %u neurons, not '%s'",
                           SIM_LAYER_NEURONS_MAX, text);
}

static int parse_meta(void *import, char *text) {
    return add_meta(import, text)
               ? SIM_EXIT_OK
               : cli_usage("trace import", "--meta takes KEY=VALUE, each key once, not timesteps: not '%s'",
                           text);
}

static const struct cli_option option_table[] = {
    {"output", 'o', "FILE", "the trace to write", CLI_TEXT(struct import, output)},
    {"force", 0, NULL, "overwrite it", CLI_FLAG(struct import, force)},
    {"layer", 'l', "NAME:NEURONS", "the next layer of a chain: the input first, then dense layers",
     CLI_PARSED(parse_layer)},
    {"like", 'L', "TRACE", "network, weights, timesteps, samples, labels, meta data of TRACE",
     CLI_TEXT(struct import, like)},
    {"timesteps", 'T', "N", "timesteps of a sample (default: up to the last spike)",
     CLI_UINT(struct import, timesteps, 1, SIM_TRACE_TIMESTEPS_MAX)},
    {"samples", 'n', "N", "number of samples (default: up to the last spike)",
     CLI_UINT(struct import, samples, 1, SIM_TRACE_SAMPLES_MAX)},
    {"labels", 0, "CSV", "lines of sample,label", CLI_TEXT(struct import, labels)},
    {"meta", 'm', "KEY=VALUE", "meta data: name, description, source, license, ...", CLI_PARSED(parse_meta)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "trace import",
    .usage = "Usage: nocsim trace import [OPTION]... -o FILE --layer NAME:NEURONS ... CSV\n"
             "       nocsim trace import [OPTION]... -o FILE --like TRACE CSV\n"
             "Makes a trace from lines of sample,layer,timestep,neuron in any order (CSV may be - for\n"
             "standard input; a heading is allowed).\n\nOptions:\n",
    .option = option_table,
    .least = 1,
    .most = 1,
    .missing = "which CSV file?",
    .surplus = "one CSV file at a time",
};

/* False when the command ends with *code. */
static bool parse(struct import *import, int argc, char **argv, int *code) {
    if (!cli_command_line(&command, argc, argv, import, code))
        return false;
    import->csv = argv[optind];
    if (import->output == NULL)
        *code = cli_usage(command.name, "the output is missing (-o FILE)");
    else if ((import->like != NULL) == (import->chain.layers > 0))
        *code =
            cli_usage(command.name, "the network is given by --layer NAME:NEURONS ... or by --like TRACE");
    return *code == SIM_EXIT_OK;
}

int cli_trace_import(int argc, char **argv) {
    struct import import = {0};
    struct sim_err err;
    int code;
    sim_err_init(&err);
    sim_graph_init(&import.chain);
    if (parse(&import, argc, argv, &code)) {
        run(&import, &err);
        code = cli_finish(&err);
    }
    if (import.model.reader != NULL)
        sim_trace_close(&import.model);
    sim_graph_release(&import.chain);
    free(import.label);
    return cli_flush(command.name, code);
}
