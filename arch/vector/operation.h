/* SPDX-License-Identifier: MIT
 *
 * The operators between the matrix products of a transformer, as integer arithmetic on rows of a vector unit.
 *
 * One face for all: a name, integer rows in, an integer row out, and the work it took, counted by kinds of
 * elementary operations. Values are two's complement with a fixed number of fraction bits. What a kind of
 * work costs in cycles and energy is the vector unit's business (unit.h).
 *
 *     struct arch_operation op;
 *     arch_operation_init(&op, &spec, arena, err);
 *     arch_operation_apply(&op, row, n, out, work);
 *
 * | name                        | what it is                                                          |
 * |-----------------------------|---------------------------------------------------------------------|
 * | softmax, softmax-pwl        | exact; of piecewise-linear exp and reciprocal                        |
 * | ptsoftmax-ceil/round/nearest| powers of two over a power of two (Sorbet, arXiv 2409.15298)         |
 * | gelu, silu, softplus, -pwl  | exact; piecewise-linear                                              |
 * | ptsilu, ptsoftplus, -shift  | powers of two (SpikySpace, arXiv 2601.02411); of whole exponents     |
 * | bspn, powernorm, -shift     | group scaling by a shift and fixed gain (Sorbet); fixed gain         |
 * | layernorm, -integer, -pwl   | exact; integer root and reciprocal; piecewise-linear 1/sqrt          |
 * | scan                        | a step of a state space whose transition is a shift (SpikySpace)     |
 *
 * "Exact" operators compute in double precision and round; the others are integer arithmetic throughout.
 */
#ifndef ARCH_VECTOR_OPERATION_H
#define ARCH_VECTOR_OPERATION_H

#include "arch/vector/piecewise.h"
#include "sim/base/err.h"
#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of work: name, help. */
#define ARCH_WORK(X)                                                                                         \
    X(additions, "additions and subtractions")                                                               \
    X(comparisons, "comparisons, maxima, clamps")                                                            \
    X(shifts, "shifts by a variable amount")                                                                 \
    X(encodes, "leading ones found")                                                                         \
    X(multiplications, "multiplications")                                                                    \
    X(divisions, "divisions")                                                                                \
    X(roots, "square roots")                                                                                 \
    X(functions, "exact exponential and error functions")                                                    \
    X(lookups, "slope and bias of a piecewise-linear function, or a power of two, looked up")                \
    X(reductions, "sums and maxima over a row")                                                              \
    X(reads, "elements read")                                                                                \
    X(writes, "elements written")

enum arch_work {
#define ARCH_WORK_NAME(name, help) ARCH_WORK_##name,
    ARCH_WORK(ARCH_WORK_NAME)
#undef ARCH_WORK_NAME
        ARCH_WORK_COUNT
};

#define ARCH_OPERANDS_MAX 6u
#define ARCH_GAIN_FRACTION 16 /* fraction bits of gains */

enum arch_operand_shape {
    ARCH_OPERAND_ROW,    /* [n] */
    ARCH_OPERAND_STATES, /* [states] */
    ARCH_OPERAND_MATRIX, /* [n][states] */
};

struct arch_operand {
    const char *name, *help;
    enum arch_operand_shape shape;
};

struct arch_operation_spec {
    const char *name;
    uint32_t in_fraction, out_fraction; /* fraction bits of data in and out */
    uint32_t out_bits;                  /* the result saturates to this word */
    uint32_t group;                     /* bspn: elements of a channel group; 0: the row is one */
    double epsilon;                     /* layernorm: added to the variance */
    uint32_t segments, table_bits;      /* piecewise-linear functions */
    int cut;                            /* enum arch_cut */
    uint32_t states, levels, step;      /* scan: see op_scan.c */
};

extern const struct sim_schema arch_operation_schema; /* nested; "arch.operation" */

struct arch_operation {
    const struct arch_operation_type *type;
    struct arch_operation_spec spec;
    const struct arch_fixed *table[ARCH_SCALAR_COUNT]; /* those it needs */
    const int32_t *power; /* [2^in_fraction] 2^(i / 2^in_fraction), 30 fraction bits */
};

struct arch_operation_type {
    const char *name, *help;
    bool integer; /* integer arithmetic throughout: reproducible bit by bit */
    const struct arch_operand *operand; /* after the row itself; ends with a NULL name; NULL: none */
    unsigned tables;                    /* set of 1 << enum arch_scalar */
    bool powers, state;
    /* operand[0] is the row; state is [n][states] where the type has one. Adds to work[ARCH_WORK_COUNT]. */
    void (*apply)(const struct arch_operation *op, const int32_t *const *operand, uint32_t n, int32_t *state,
                  int32_t *out, uint64_t *work);
};

/* All operators; ends with NULL. */
extern const struct arch_operation_type *const arch_operation_types[];

/* By name; NULL, and in *nearest a similar name or NULL. */
const struct arch_operation_type *arch_operation_find(const char *name, const char **nearest);

/* Resolves a spec, with its tables in the arena. False and messages when it does not go together. */
bool arch_operation_init(struct arch_operation *op, const struct arch_operation_spec *spec,
                         struct sim_arena *arena, struct sim_err *err);

/* One row of n > 0 elements of at most 24 bits; out must not overlap the operands. `more` are the operands
 * after the row in the order of the type; state as the type has it (both may be NULL where there are none).
 */
void arch_operation_apply(const struct arch_operation *op, const int32_t *row, uint32_t n,
                          const int32_t *const *more, int32_t *state, int32_t *out, uint64_t *work);

/* Operands after the row. */
uint32_t arch_operation_operands(const struct arch_operation_type *type);

#ifdef __cplusplus
}
#endif

#endif
