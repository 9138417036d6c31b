/* SPDX-License-Identifier: MIT
 *
 * Expressions over named values, for the constraints and objectives of a sweep: SQLite's expressions, over
 * nothing but the names given and a list of harmless functions (abs, min, max, round, floor, ceil, sqrt, exp,
 * ln, log2, log10, pow, mod, iif, coalesce ...). No tables, no subqueries, nothing that depends on anything
 * but the values, and bounded in size.
 *
 * Names stand for real numbers, so rows / 2 may be 3.5; between whole literals SQL divides whole: 1 / 2 is 0.
 */
#ifndef SIM_SWEEP_EXPR_H
#define SIM_SWEEP_EXPR_H

#include "sim/base/err.h"
#include "sim/sweep/sweep.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_SWEEP_EXPR_BYTES 4096

struct sim_sweep_expr;

/* Compiles an expression; `what` is what it is called in messages ("constraint"). NULL and a message on a
 * fault. */
struct sim_sweep_expr *sim_sweep_expr_new(const char *text, const char *const *name, uint32_t names,
                                          const char *what, const struct sim_where *where,
                                          struct sim_err *err);
void sim_sweep_expr_free(struct sim_sweep_expr *expr);

/* Its value for value[names]. False when it has none (a division by zero, a text). */
bool sim_sweep_expr_value(struct sim_sweep_expr *expr, const struct sim_sweep_value *const *value,
                          double *result);

/* Writes a name or text in SQL's quotes: "a ""b""". */
void sim_sweep_quote(const char *text, char quote, FILE *out);

#ifdef __cplusplus
}
#endif

#endif
