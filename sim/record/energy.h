/* SPDX-License-Identifier: MIT
 *
 * Technology: what one event costs. Energy is count x unit energy, nothing else (law L8), so a
 * finished run can be priced again with another file.
 *
 *     technology:
 *       name: 28nm
 *       node: 28 nm
 *       voltage: 0.9 V               # nominal: the unit energies are given here
 *     energy:
 *       arch.shenjing_tile:          # a component type
 *         imem_reads: {energy: 0.3 pJ, source: "...", trust: derived}
 *         sram_row_reads:
 *           energy: 3.2 pJ
 *           scale: {subcore_neurons: 128}   # this energy holds for 128; linear in the parameter
 *           source: "..."
 *           trust: derived
 *         leakage: {power: 1 uW, source: "...", trust: calibrated}
 *     free:                          # events that cost nothing, and why
 *       arch.shenjing_tile:
 *         issue_total: "the sum of the issue_* events"
 *     area:                          # of one component of a type; not listed: not known
 *       arch.shenjing_tile:
 *         area: 0.292 mm2
 *         scale: {neurons: 256}
 *         source: "..."
 *         trust: derived
 *
 * Every event of a used type is either priced or free: there is no silent zero. Dynamic energy goes
 * with (V / V nominal)^2. Leakage power goes with V / V nominal, a choice: at a fixed leakage current;
 * the exponential dependence of the current itself is not modelled. Its unit energy is power / clock, its
 * count the cycles.
 */
#ifndef SIM_RECORD_ENERGY_H
#define SIM_RECORD_ENERGY_H

#include "sim/base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_node;

#define SIM_ENERGY_LEAKAGE "leakage" /* the event name of the leakage kind of every type */

/* A parameter of a type, for `scale:`. */
struct sim_energy_parameter {
    const char *type, *name;
    double value;
};

/* Where the chip runs. */
struct sim_energy_point {
    double voltage_v; /* 0: the nominal voltage of the technology */
    double clock_hz;  /* > 0 */
    const struct sim_energy_parameter *parameter;
    size_t parameters;
};

struct sim_energy_price {
    double unit_energy_j;
    const char *source, *trust; /* owned by the technology */
};

/* Reads a technology file. NULL and located messages when it is wrong. */
struct sim_energy *sim_energy_load(const char *path, struct sim_err *err);

/* The same from a tree that was read already (`tech: !include ...` of a chip, overrides applied); the tree's
 * arena must outlive the technology. */
struct sim_energy *sim_energy_read(const struct sim_node *root, struct sim_err *err);

void sim_energy_free(struct sim_energy *energy);

const char *sim_energy_name(const struct sim_energy *energy);
double sim_energy_voltage(const struct sim_energy *energy); /* nominal, V */

/* The price of `event` of `type`; false and a message when the file neither prices nor frees it, or when a
 * parameter that it scales by is missing. Free events cost 0, with the reason as source and trust "free". */
bool sim_energy_price(const struct sim_energy *energy, const char *type, const char *event,
                      const struct sim_energy_point *point, struct sim_energy_price *price,
                      struct sim_err *err);

/* The area of one component. */
struct sim_energy_area {
    double area_m2;             /* NaN: not known */
    const char *source, *trust; /* owned by the technology; NULL: not known */
};

/* What the file says about the area of a `type`; false and a message when a parameter that it scales by is
 * missing. */
bool sim_energy_area(const struct sim_energy *energy, const char *type, const struct sim_energy_point *point,
                     struct sim_energy_area *area, struct sim_err *err);

/* Adds a message for every entry of `type` that is none of its events (a misspelt key prices nothing). */
bool sim_energy_check_type(const struct sim_energy *energy, const char *type, const char *const *event,
                           size_t events, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif
