/* SPDX-License-Identifier: MIT
 *
 * What chips are compared by: energy, latency and their product for a sample, silicon area, and these
 * together, so that chips of different size can be compared at equal area.
 */
#ifndef SIM_CLI_MERIT_H
#define SIM_CLI_MERIT_H

#include "sim/cli/run.h"

#include <jansson.h>

/* Of a sample, its latency being its share of the run's time. NaN: not known. */
struct run_merit {
    double energy_j, latency_s, edp_js;
    double leakage_share; /* of the energy */
    double area_m2;       /* of the components whose area is known; NaN: of none */
    double rate_per_mm2;  /* samples a second for each mm2 of it */
    double edap_js_mm2;   /* energy x latency x area */
    bool complete;        /* no component's area is unknown */
};

void run_merit(const struct run *run, const struct run_result *result, const struct sim_record *record,
               struct run_merit *merit);

/* Energy-delay product and area, with a table of the areas. */
void run_merit_print(const struct run_merit *merit, const struct sim_record *record, FILE *out);

/* Puts them into the summary's object; what is not known is null. */
void run_merit_json(const struct run_merit *merit, const struct sim_record *record, json_t *root);

#endif
