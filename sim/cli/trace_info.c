/* SPDX-License-Identifier: MIT
 *
 * `nocsim trace info`: a trace at a glance. Reads every spike once, to give rates.
 */
#include "sim/base/progress.h"
#include "sim/base/number.h"
#include "sim/base/table.h"
#include "sim/cli/json.h"
#include "sim/cli/options.h"
#include "sim/cli/trace.h"
#include "sim/cli/windows.h"
#include "sim/trace/trace.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    enum cli_format format;
};

static const struct cli_option option_table[] = {
    {"format", 'f', "FORMAT", "text (default) or json", CLI_TEXT_OR_JSON(struct request, format)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "trace info",
    .usage = "Usage: nocsim trace info [OPTION]... FILE\n"
             "Network graph, samples, spike rates and size of a spike trace.\n\nOptions:\n",
    .option = option_table,
    .least = 1,
    .most = 1,
    .missing = "which trace?",
    .surplus = "one trace at a time",
};

/* What the spike table sums up to. */
struct tally {
    uint64_t labelled; /* samples with a label */
    uint64_t *spikes;  /* [layers] */
};

static bool add_row(void *user, const struct sim_trace_row *row) {
    ((struct tally *)user)->spikes[row->layer] += row->spikes;
    return true;
}

static bool count_all(struct sim_trace *trace, struct tally *tally, struct sim_err *err) {
    struct sim_progress progress;
    sim_progress_init(&progress, trace->samples, "samples");
    bool ok = true;
    for (uint64_t sample = 0; ok && sample < trace->samples; sample++) {
        int32_t label;
        ok = sim_trace_label(trace, sample, &label, err) &&
             sim_trace_walk(trace, sample, sample + 1, SIM_TRACE_EVERY_LAYER, add_row, tally, err);
        tally->labelled += label >= 0;
        sim_progress_tick(&progress, sample + 1);
    }
    sim_progress_finish(&progress);
    return ok;
}

static double per_sample(const struct sim_trace *trace, const struct tally *tally, uint32_t layer) {
    return (double)tally->spikes[layer] / (double)trace->samples;
}

/* Spikes of a neuron in a timestep, on average. */
static double rate(const struct sim_trace *trace, const struct tally *tally, uint32_t layer) {
    return per_sample(trace, tally, layer) / trace->timesteps / trace->graph.layer[layer].neurons;
}

static void print_layers(const struct sim_trace *trace, const struct tally *tally) {
    static const struct {
        const char *heading;
        enum sim_table_align align;
    } columns[] = {
        {"layer", SIM_TABLE_RIGHT},  {"name", SIM_TABLE_LEFT},       {"kind", SIM_TABLE_LEFT},
        {"computes", SIM_TABLE_LEFT}, {"windows", SIM_TABLE_LEFT}, /* these two only where there are any */
        {"reads", SIM_TABLE_LEFT},   {"neurons", SIM_TABLE_RIGHT},   {"shape", SIM_TABLE_LEFT},
        {"neuron", SIM_TABLE_LEFT},
        {"reset", SIM_TABLE_LEFT},   {"threshold", SIM_TABLE_RIGHT}, {"weights", SIM_TABLE_LEFT},
        {"spikes/sample", SIM_TABLE_RIGHT}, {"rate", SIM_TABLE_RIGHT},
    };
    struct sim_table table;
    bool windows = cli_windows_known(&trace->graph);
    sim_table_init(&table);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (windows || (i != 3 && i != 4))
            sim_table_column(&table, columns[i].heading, columns[i].align);
    for (uint32_t i = 0; i < trace->graph.layers; i++) {
        const struct sim_layer *layer = &trace->graph.layer[i];
        sim_table_cell(&table, "%u", i);
        sim_table_cell(&table, "%s", layer->name);
        sim_table_cell(&table, "%s", sim_layer_kinds[layer->kind].name);
        if (windows) {
            char text[64];
            cli_windows_operator(layer, text, sizeof text);
            sim_table_cell(&table, "%s", text);
            cli_windows_of(&trace->graph, layer, text, sizeof text);
            sim_table_cell(&table, "%s", text);
        }
        char reads[64] = "";
        for (uint32_t port = 0; port < layer->operands && strlen(reads) < 48; port++)
            snprintf(reads + strlen(reads), sizeof reads - strlen(reads), "%s%u", port > 0 ? "," : "",
                     layer->operand[port]);
        sim_table_cell(&table, "%s", reads);
        sim_table_cell(&table, "%u", layer->neurons);
        if (layer->shape.rows * layer->shape.cols > 1)
            sim_table_cell(&table, "%ux%ux%u", layer->shape.channels, layer->shape.rows, layer->shape.cols);
        else
            sim_table_cell(&table, "%s", "");
        sim_table_cell(&table, "%s", sim_neuron_names[layer->neuron]);
        sim_table_cell(&table, "%s", sim_reset_names[layer->reset]);
        if (layer->threshold != 0)
            sim_table_cell(&table, "%d", layer->threshold);
        else
            sim_table_cell(&table, "%s", "");
        if (layer->weight != NULL)
            sim_table_cell(&table, "%ux%u, %u bit", layer->rows, layer->cols, layer->weight_bits);
        else
            sim_table_cell(&table, "%s", "");
        if (trace->recorded[i]) {
            sim_table_cell(&table, "%.1f", per_sample(trace, tally, i));
            sim_table_cell(&table, "%.2f %%%s", 100 * rate(trace, tally, i),
                           trace->generator[i].given ? " generated" : "");
        } else {
            sim_table_cell(&table, "%s", "");
            sim_table_cell(&table, "%s", "");
        }
    }
    sim_table_print(&table, 0, stdout);
    sim_table_release(&table);
}

/* Free text of a stranger's: control characters do not reach the terminal. */
static void print_plain(const char *text) {
    for (; *text != '\0'; text++)
        putchar((unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text);
}

static void print_text(const struct sim_trace *trace, const struct tally *tally) {
    printf("%s: %.1f MiB\n\n", trace->path, (double)trace->bytes / (1 << 20));
    for (uint32_t i = 0; i < trace->metas; i++) {
        print_plain(trace->meta[i].key);
        fputs(": ", stdout);
        print_plain(trace->meta[i].value);
        putchar('\n');
    }
    printf("samples: %llu (%llu labelled) of %u timestep%s\n", (unsigned long long)trace->samples,
           (unsigned long long)tally->labelled, trace->timesteps, sim_plural(trace->timesteps));
    cli_windows_print(&trace->graph, "sequences:", stdout);
    printf("can be run: %s\n\n", trace->functional && trace->replay ? "functional, replay"
                                 : trace->functional                ? "functional"
                                 : trace->replay                    ? "replay"
                                                 : "not at all (weights and spikes are missing)");
    print_layers(trace, tally);
}

static json_t *make_layer(const struct sim_trace *trace, const struct tally *tally, uint32_t number) {
    const struct sim_layer *layer = &trace->graph.layer[number];
    json_t *json = json_pack("{s:I, s:s, s:s, s:I, s:b}", "layer", (json_int_t)number, "name", layer->name,
                             "kind", sim_layer_kinds[layer->kind].name, "neurons", (json_int_t)layer->neurons,
                             "recorded", trace->recorded[number]);
    if (trace->generator[number].given)
        json_object_set_new(json, "generator",
                            json_pack("{s:I, s:f}", "seed", (json_int_t)trace->generator[number].seed, "rate",
                                      trace->generator[number].rate_ppm * 1e-6));
    json_t *operands = json_array();
    for (uint32_t port = 0; port < layer->operands; port++)
        json_array_append_new(operands, json_integer(layer->operand[port]));
    json_object_set_new(json, "operands", operands);
    if (cli_windows_known(&trace->graph)) {
        char text[64];
        cli_windows_operator(layer, text, sizeof text);
        if (text[0] != '\0')
            json_object_set_new(json, "computes", json_string(text));
        json_object_set_new(json, "begin", json_integer(layer->begin));
        json_object_set_new(json, "tokens", json_integer(sim_layer_tokens(layer, trace->graph.tokens)));
    }
    json_object_set_new(json, "shape",
                        json_pack("[I, I, I]", (json_int_t)layer->shape.channels,
                                  (json_int_t)layer->shape.rows, (json_int_t)layer->shape.cols));
    if (layer->neuron != SIM_NEURON_NONE) {
        json_object_set_new(json, "neuron", json_string(sim_neuron_names[layer->neuron]));
        json_object_set_new(json, "reset", json_string(sim_reset_names[layer->reset]));
    }
    if (layer->threshold != 0)
        json_object_set_new(json, "threshold", json_integer(layer->threshold));
    if (layer->weight_bits != 0)
        json_object_set_new(json, "weight_bits", json_integer(layer->weight_bits));
    if (layer->weight != NULL)
        json_object_set_new(json, "weights",
                            json_pack("[I, I]", (json_int_t)layer->rows, (json_int_t)layer->cols));
    if (layer->attributes != NULL)
        json_object_set_new(json, "attributes", json_loads(layer->attributes, 0, NULL));
    if (trace->recorded[number]) {
        json_object_set_new(json, "spikes", json_integer((json_int_t)tally->spikes[number]));
        json_object_set_new(json, "spikes_per_sample", json_real(per_sample(trace, tally, number)));
        json_object_set_new(json, "rate", json_real(rate(trace, tally, number)));
    }
    return json;
}

static void print_json(const struct sim_trace *trace, const struct tally *tally) {
    json_t *meta = json_object(), *layers = json_array();
    for (uint32_t i = 0; i < trace->metas; i++)
        json_object_set_new(meta, trace->meta[i].key, json_string(trace->meta[i].value));
    for (uint32_t i = 0; i < trace->graph.layers; i++)
        json_array_append_new(layers, make_layer(trace, tally, i));
    json_t *path = json_string(trace->path);
    json_t *json =
        json_pack("{s:o, s:I, s:o, s:I, s:I, s:I, s:b, s:b, s:o}", "trace", path != NULL ? path : json_null(),
                  "bytes", (json_int_t)trace->bytes, "meta", meta, "timesteps", (json_int_t)trace->timesteps,
                  "samples", (json_int_t)trace->samples, "labelled", (json_int_t)tally->labelled,
                  "functional", trace->functional, "replay", trace->replay, "layers", layers);
    cli_json_print(json, 9, stdout);
}

int cli_trace_info(int argc, char **argv) {
    struct request request = {.format = CLI_FORMAT_TEXT};
    int code;
    if (!cli_command_line(&command, argc, argv, &request, &code))
        return code;
    struct sim_err err;
    struct sim_trace trace;
    sim_err_init(&err);
    if (sim_trace_open(&trace, argv[optind], &err)) {
        struct tally tally = {.spikes = SIM_NEW_ARRAY(&trace.graph.arena, uint64_t, trace.graph.layers)};
        if (count_all(&trace, &tally, &err))
            (request.format == CLI_FORMAT_JSON ? print_json : print_text)(&trace, &tally);
        sim_trace_close(&trace);
    }
    return cli_flush(command.name, cli_finish(&err));
}
