/* SPDX-License-Identifier: MIT
 *
 * The vector lanes of a host and the approximators for them (arch.lanes): cores in a row, each with lanes
 * that evaluate a non-linear function, and one or more kinds of hardware for it, of which a run has one.
 *
 * The host's component issues vectors (waves), the same number to every core, at the edges of the lanes'
 * clock and as fast as the approximator takes them (`queue` on their way), and takes the results. It stands
 * for whatever computes in the host (a systolic array, neuron cores): nothing of that is modelled, and it
 * costs nothing.
 */
#ifndef ARCH_VECTOR_LANES_H
#define ARCH_VECTOR_LANES_H

#include "arch/vector/approximator.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_lanes_spec {
    double clock_hz, voltage_v;  /* of the lanes */
    uint32_t cores, lanes, queue;
    double core_m, lane_m;       /* from core to core; width of a lane */
    int function;                /* enum arch_scalar, or ARCH_LANES_SOFTMAX */
    uint32_t segments, bits;
    int cut;
    const struct sim_any *approximator; /* [approximators] */
    uint32_t approximators;
};

#define ARCH_LANES_SOFTMAX ARCH_SCALAR_COUNT /* exp of the row, reciprocal of its sum */

extern const struct sim_schema arch_lanes_schema; /* "arch.lanes", role "chip" */
extern const struct sim_type arch_lanes_host_type;

/* Vectors to evaluate. */
struct arch_lanes_job {
    uint32_t waves;
    const uint32_t *function; /* [waves] which of the setup's tables */
    const int32_t *x;         /* [waves][cores][lanes] */
    int32_t *y;               /* the results, likewise; NULL: not wanted */
    const uint32_t *elements; /* [waves] that count, core by core; NULL: all */
};

/* Invariant: waves begun - queue <= waves answered by every core <= waves begun. Waves count through all
 * jobs. */
struct arch_lanes_host {
    struct sim_component base;
    const struct arch_lanes_setup *setup;
    uint32_t ratio;
    struct arch_lanes_port *port; /* [cores] */
    struct noc_line_order_link *order; /* NULL: nobody wants orders */
    struct arch_lanes_job job;
    uint32_t base_wave; /* number of the job's first */
    uint32_t begun, ended; /* of the job */
    uint32_t *answered;    /* [cores] of the job */
    sim_cycle *shown;      /* [queue] when a wave's request showed at the cores */
    uint64_t latency_first, latency_most, latency_sum; /* base cycles, of this job */
    sim_cycle first_shown, last_result;
};

struct arch_lanes {
    const struct arch_lanes_spec *spec;
    const struct arch_approximator_type *type;
    const void *approximator; /* its spec */
    struct arch_lanes_setup setup;
    struct arch_lanes_host host;
    uint32_t ratio;
    uint32_t components; /* of the kind's first type: lanes of a core, or the unit */
};

/* Builds approximator number `which` of the spec, for a set of functions (1 << enum arch_scalar; 0: those
 * that the spec names); components are named "PATH.host", "PATH.core[0]" ... NULL and messages on a fault. */
struct arch_lanes *arch_lanes_build(const struct arch_lanes_spec *spec, uint32_t which, unsigned functions,
                                    const char *path, struct sim_kernel *kernel, struct sim_err *err);

/* Gives idle lanes their next job, at the edge at or after kernel->now. What it points to must stay until it
 * is done. */
void arch_lanes_begin(struct arch_lanes *lanes, const struct arch_lanes_job *job, struct sim_kernel *kernel);

double arch_lanes_total_area(const struct arch_lanes *lanes);

/* Parameters that unit energies scale by: calls `report` for each. */
void arch_lanes_parameters(const struct arch_lanes *lanes,
                           void (*report)(void *user, const char *type, const char *name, double value),
                           void *user);

#ifdef __cplusplus
}
#endif

#endif
