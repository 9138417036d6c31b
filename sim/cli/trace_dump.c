/* SPDX-License-Identifier: MIT
 *
 * `nocsim trace dump`: the spikes of a trace in words. Streams: nothing is held but one row.
 *
 * CSV is what `nocsim trace import` reads back: sample,layer,timestep,neuron. JSON adds the labels, and
 * gives a row as [layer, timestep, [neurons]].
 */
#include "sim/cli/options.h"
#include "sim/cli/trace.h"
#include "sim/trace/trace.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    enum cli_format format;
    struct cli_range samples;
    const char *layer; /* number or name; NULL: all */
};

static const struct cli_option option_table[] = {
    {"samples", 'n', "N|a:b", "the first N samples, or samples a to b - 1 (default: all)",
     CLI_RANGE(struct request, samples)},
    {"layer", 'l', "LAYER", "of this layer only, by number or name", CLI_TEXT(struct request, layer)},
    {"format", 'f', "FORMAT",
     "text (default), json or csv; csv: lines of\nsample,layer,timestep,neuron, which 'nocsim trace import' "
     "reads",
     CLI_TEXT_JSON_OR_CSV(struct request, format)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "trace dump",
    .usage = "Usage: nocsim trace dump [OPTION]... FILE\n"
             "Prints the spikes of a trace.\n\nOptions:\n",
    .option = option_table,
    .least = 1,
    .most = 1,
    .missing = "which trace?",
    .surplus = "one trace at a time",
};

struct dump {
    struct sim_trace *trace;
    enum cli_format format;
    uint32_t layer; /* or SIM_TRACE_EVERY_LAYER */
    bool first;     /* row of the sample (JSON commas) */
};

/* The neurons that spike in a row, with `between` between them. */
static void print_neurons(const struct sim_trace_row *row, uint32_t words, const char *between) {
    bool first = true;
    for (uint32_t word = 0; word < words; word++)
        for (uint64_t rest = row->bitmap[word]; rest != 0; rest &= rest - 1) {
            printf("%s%u", first ? "" : between, word * 64 + (uint32_t)__builtin_ctzll(rest));
            first = false;
        }
}

static void print_csv(const struct sim_trace_row *row, uint32_t words) {
    for (uint32_t word = 0; word < words; word++)
        for (uint64_t rest = row->bitmap[word]; rest != 0; rest &= rest - 1)
            printf("%llu,%u,%u,%u\n", (unsigned long long)row->sample, row->layer, row->timestep,
                   word * 64 + (uint32_t)__builtin_ctzll(rest));
}

static bool print_row(void *user, const struct sim_trace_row *row) {
    struct dump *dump = user;
    if (row->spikes == 0)
        return true;
    uint32_t words = sim_layer_words(&dump->trace->graph.layer[row->layer]);
    switch (dump->format) {
    case CLI_FORMAT_CSV: print_csv(row, words); break;
    case CLI_FORMAT_JSON:
        printf("%s\n    [%u, %u, [", dump->first ? "" : ",", row->layer, row->timestep);
        print_neurons(row, words, ", ");
        printf("]]");
        break;
    default:
        printf("  layer %u timestep %u: ", row->layer, row->timestep);
        print_neurons(row, words, " ");
        putchar('\n');
        break;
    }
    dump->first = false;
    return !ferror(stdout);
}

static bool dump_sample(struct dump *dump, uint64_t sample, struct sim_err *err) {
    int32_t label;
    if (!sim_trace_label(dump->trace, sample, &label, err))
        return false;
    unsigned long long number = sample;
    if (dump->format == CLI_FORMAT_JSON) {
        printf("  {\"sample\": %llu, ", number);
        if (label >= 0)
            printf("\"label\": %d, ", label);
        printf("\"spikes\": [");
    } else if (dump->format == CLI_FORMAT_TEXT) {
        printf("sample %llu", number);
        if (label >= 0)
            printf(" label %d", label);
        putchar('\n');
    }
    dump->first = true;
    bool ok = sim_trace_walk(dump->trace, sample, sample + 1, dump->layer, print_row, dump, err);
    if (dump->format == CLI_FORMAT_JSON)
        printf("%s]}", dump->first ? "" : "\n  ");
    return ok && !ferror(stdout);
}

static void dump_range(struct dump *dump, const struct cli_range *range, struct sim_err *err) {
    if (dump->format == CLI_FORMAT_CSV)
        puts("sample,layer,timestep,neuron");
    if (dump->format == CLI_FORMAT_JSON) {
        json_t *path = json_string(dump->trace->path);
        char *text = path != NULL ? json_dumps(path, JSON_ENCODE_ANY) : NULL;
        printf("{\"trace\": %s, \"timesteps\": %u, \"samples\": [\n", text != NULL ? text : "null",
               dump->trace->timesteps);
        free(text);
        json_decref(path);
    }
    for (uint64_t sample = range->first; sample < range->end; sample++) {
        if (dump->format == CLI_FORMAT_JSON && sample > range->first)
            puts(",");
        if (!dump_sample(dump, sample, err))
            return;
    }
    if (dump->format == CLI_FORMAT_JSON)
        puts("\n]}");
}

/* A layer by number or name. */
static bool find_layer(const struct sim_trace *trace, const char *text, uint32_t *layer) {
    uint64_t number;
    for (uint32_t i = 0; i < trace->graph.layers; i++)
        if (strcmp(trace->graph.layer[i].name, text) == 0) {
            *layer = i;
            return true;
        }
    if (!cli_parse_uint(text, 0, trace->graph.layers - 1, &number))
        return false;
    *layer = (uint32_t)number;
    return true;
}

static int run(const char *path, enum cli_format format, struct cli_range range, const char *layer) {
    struct sim_err err;
    struct sim_trace trace;
    sim_err_init(&err);
    if (!sim_trace_open(&trace, path, &err))
        return cli_finish(&err);
    struct dump dump = {.trace = &trace, .format = format, .layer = SIM_TRACE_EVERY_LAYER};
    int code = SIM_EXIT_OK;
    if (layer != NULL && !find_layer(&trace, layer, &dump.layer))
        code = cli_usage(command.name, "--layer %s: %s has no such layer", layer, path);
    else if (!cli_clip_range(command.name, &range, trace.samples))
        code = SIM_EXIT_USAGE;
    else
        dump_range(&dump, &range, &err);
    sim_trace_close(&trace);
    int fault = cli_finish(&err);
    return code != SIM_EXIT_OK ? code : fault;
}

int cli_trace_dump(int argc, char **argv) {
    struct request request = {.format = CLI_FORMAT_TEXT, .samples = CLI_RANGE_ALL};
    int code;
    if (!cli_command_line(&command, argc, argv, &request, &code))
        return code;
    return cli_flush(command.name, run(argv[optind], request.format, request.samples, request.layer));
}
