/* SPDX-License-Identifier: MIT
 *
 * Token windows for people: what layers compute beside weights, in which windows, and what overlaps.
 */
#ifndef SIM_CLI_WINDOWS_H
#define SIM_CLI_WINDOWS_H

#include "sim/graph/graph.h"

#include <stdio.h>

/* Whether the graph has token windows and it is known when each layer's tokens come. */
bool cli_windows_known(const struct sim_graph *graph);

/* What a host layer or product computes ("attention, 4 heads"); "" for other layers. */
void cli_windows_operator(const struct sim_layer *layer, char *text, size_t size);

/* The windows of a layer's tokens in the longest sequence ("5-9"). */
void cli_windows_of(const struct sim_graph *graph, const struct sim_layer *layer, char *text, size_t size);

/* Windows that the longest sequence takes, and, in *one_by_one, those that it would take if all its tokens
 * passed layers that begin together before later ones began. */
uint32_t cli_windows_count(const struct sim_graph *graph, uint32_t *one_by_one);

/* A line about these, behind a heading. Nothing without token windows. */
void cli_windows_print(const struct sim_graph *graph, const char *heading, FILE *out);

#endif
