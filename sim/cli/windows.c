/* SPDX-License-Identifier: MIT
 *
 * Token windows for people; see windows.h.
 */
#include "sim/cli/windows.h"

#include "sim/graph/host_layer.h"
#include "sim/base/number.h"

bool cli_windows_known(const struct sim_graph *graph) {
    for (uint32_t id = 0; id < graph->layers; id++)
        if (graph->layer[id].kind == SIM_LAYER_HOST && graph->layer[id].host == NULL)
            return false;
    return graph->window != 0;
}

void cli_windows_operator(const struct sim_layer *layer, char *text, size_t size) {
    const struct sim_host_layer *host = layer->host;
    text[0] = '\0';
    if (layer->kind == SIM_LAYER_PRODUCT)
        snprintf(text, size, "%s, %u head%s", layer->scores ? "scores" : "values", layer->shape.rows,
                 sim_plural(layer->shape.rows));
    else if (host == NULL)
        return;
    else if (host->operator_ == SIM_HOST_MAP)
        snprintf(text, size, "%s", sim_host_function_names[host->function]);
    else if (host->operator_ == SIM_HOST_ATTENTION || host->operator_ == SIM_HOST_SOFTMAX)
        snprintf(text, size, "%s, %u head%s", sim_host_operator_names[host->operator_], host->heads,
                 sim_plural(host->heads));
    else
        snprintf(text, size, "%s", sim_host_operator_names[host->operator_]);
}

void cli_windows_of(const struct sim_graph *graph, const struct sim_layer *layer, char *text, size_t size) {
    uint32_t last = layer->begin + sim_layer_tokens(layer, graph->tokens) - 1;
    if (last > layer->begin)
        snprintf(text, size, "%u-%u", layer->begin, last);
    else
        snprintf(text, size, "%u", layer->begin);
}

uint32_t cli_windows_count(const struct sim_graph *graph, uint32_t *one_by_one) {
    uint32_t end = 0;
    *one_by_one = 0;
    for (uint32_t id = 0; id < graph->layers; id++) {
        const struct sim_layer *layer = &graph->layer[id];
        uint32_t tokens = sim_layer_tokens(layer, graph->tokens);
        end = layer->begin + tokens > end ? layer->begin + tokens : end;
        bool first = !sim_layer_outside(layer); /* of those on the cores that begin then */
        for (uint32_t other = 0; first && other < id; other++)
            first = sim_layer_outside(&graph->layer[other]) || graph->layer[other].begin != layer->begin;
        *one_by_one += first ? tokens : 0;
    }
    return end;
}

void cli_windows_print(const struct sim_graph *graph, const char *heading, FILE *out) {
    if (!cli_windows_known(graph))
        return;
    uint32_t one_by_one, windows = cli_windows_count(graph, &one_by_one);
    fprintf(out, "%s up to %u, in %u window%s of %u timestep%s", heading, graph->tokens, windows,
            sim_plural(windows), graph->window, sim_plural(graph->window));
    if (one_by_one > windows)
        fprintf(out, ": layers work on different tokens at a time, one after another they would take %u",
                one_by_one);
    fputc('\n', out);
}
