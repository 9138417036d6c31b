/* SPDX-License-Identifier: MIT
 *
 * Vector unit shared by all cores of a host (arch.vector_unit): operators on rows, one row after another.
 *
 *     cycles of a row = sum over kinds of work of ceil(work / lanes) * cycles of the kind
 *                     + reductions * ceil(log2 lanes)
 *
 * (operation.h has the kinds; a kind of 0 cycles is hidden behind others). As an approximator it evaluates
 * the exact function and rounds it like the tables' results; a vector travels from its core to the unit in
 * the middle of the row of cores and back.
 */
#ifndef ARCH_VECTOR_UNIT_H
#define ARCH_VECTOR_UNIT_H

#include "arch/vector/approximator.h"
#include "arch/vector/operation.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Events: the kinds of work, and those of the unit itself. */
#define ARCH_VECTOR_UNIT_EVENTS(X)                                                                           \
    ARCH_WORK(X)                                                                                             \
    X(vectors, "rows worked on")                                                                             \
    X(results, "elements worked on")                                                                         \
    X(transfer_bit_um, "bits moved between cores and unit times micrometres")

enum arch_vector_unit_event {
#define ARCH_VECTOR_UNIT_EVENT_NAME(name, help) ARCH_VECTOR_UNIT_EVENT_##name,
    ARCH_VECTOR_UNIT_EVENTS(ARCH_VECTOR_UNIT_EVENT_NAME)
#undef ARCH_VECTOR_UNIT_EVENT_NAME
        ARCH_VECTOR_UNIT_EVENT_COUNT
};

struct arch_vector_unit_spec {
    uint32_t lanes;
#define ARCH_VECTOR_UNIT_CYCLES(name, help) uint32_t name;
    ARCH_WORK(ARCH_VECTOR_UNIT_CYCLES) /* cycles of each kind */
#undef ARCH_VECTOR_UNIT_CYCLES
    double lane_m2; /* area of a lane */
};

/* Invariant: a row is worked on exactly while `busy`; `turn` is the core looked at next. */
struct arch_vector_unit {
    struct sim_component base;
    const struct arch_vector_unit_spec *spec;
    const struct arch_lanes_setup *setup;
    struct arch_lanes_port *port; /* [cores] */
    uint32_t turn;
    int32_t *y; /* [cores][queue][lanes] */
    bool busy;
    sim_cycle until;
    uint32_t core; /* of the row at hand */
    struct arch_lanes_request current;
};

extern const struct sim_schema arch_vector_unit_schema; /* role "approximator" */
extern const struct sim_type arch_vector_unit_type;
extern const struct arch_approximator_type arch_vector_unit_approximator;

/* Cycles that this work takes (of one row, or of several: never less than the sum's). */
uint64_t arch_vector_unit_cycles(const struct arch_vector_unit_spec *spec, const uint64_t *work);

#ifdef __cplusplus
}
#endif

#endif
