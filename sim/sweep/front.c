/* SPDX-License-Identifier: MIT
 *
 * The Pareto front; see db.h. Rows are visited in lexicographic order: a row can then be dominated by
 * earlier ones only, so each is compared with the front found so far. Time: rows x size of the front.
 */
#include "sim/sweep/db.h"

#include "sim/base/heap.h"

#include <math.h>
#include <string.h>

struct row {
    const double *value;
    uint64_t index;
    uint32_t objectives;
};

static int by_value(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    for (uint32_t i = 0; i < x->objectives; i++)
        if (x->value[i] != y->value[i])
            return x->value[i] < y->value[i] ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* As good in everything and better in something. */
static bool dominates(const struct row *a, const struct row *b) {
    bool better = false;
    for (uint32_t i = 0; i < a->objectives; i++) {
        if (a->value[i] > b->value[i])
            return false;
        better |= a->value[i] < b->value[i];
    }
    return better;
}

static bool has_all(const double *value, uint32_t objectives) {
    for (uint32_t i = 0; i < objectives; i++)
        if (isnan(value[i]))
            return false;
    return true;
}

void sim_sweep_front(const double *value, uint64_t rows, uint32_t objectives, bool *front) {
    struct row *row = sim_heap_must(calloc(rows + 1, sizeof *row));
    struct row *best = sim_heap_must(calloc(rows + 1, sizeof *best));
    uint64_t count = 0, found = 0;
    memset(front, 0, rows * sizeof *front);
    for (uint64_t i = 0; i < rows; i++)
        if (has_all(value + i * objectives, objectives))
            row[count++] = (struct row){value + i * objectives, i, objectives};
    qsort(row, count, sizeof *row, by_value);
    for (uint64_t i = 0; i < count; i++) {
        bool beaten = false;
        for (uint64_t k = found; k-- > 0 && !beaten;)
            beaten = dominates(&best[k], &row[i]);
        if (beaten)
            continue;
        best[found++] = row[i];
        front[row[i].index] = true;
    }
    free(row);
    free(best);
}
