/* SPDX-License-Identifier: MIT
 *
 * Synthetic layers on a chip as the subject of a sweep (`compare: layer`): each point simulates the layer as
 * SNN and as QNN in this process; see sweep.h and compare.h.
 */
#include "sim/cli/compare.h"
#include "sim/cli/sweep.h"
#include "sim/heap.h"

#include <math.h>
#include <string.h>

static json_t *evaluate(const struct cli_sweep_subject *subject, const void *spec, struct sim_err *err) {
    struct compare_result result;
    const struct sim_where nowhere = {NULL, 0, 0};
    if (!compare_layer_run(subject->chip, spec, &nowhere, &result, err))
        return NULL;
    json_t *object = sim_heap_must(json_object());
    for (const struct compare_value *value = compare_values; value->name != NULL; value++) {
        double number = value->of(&result);
        json_object_set_new_nocheck(object, value->name, isfinite(number) ? json_real(number) : json_null());
    }
    return object;
}

bool cli_sweep_compare_load(struct cli_sweep_subject *subject, struct sim_err *err) {
    const struct sim_sweep *sweep = subject->sweep;
    if (strcmp(sweep->compare, "layer") != 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, &sweep->compare_where, "sweep.compare: 'layer' is expected");
    struct compare_chip *chip = SIM_NEW(&subject->arena, struct compare_chip);
    if (!compare_chip_open(chip, &subject->config, err))
        return false;
    subject->chip = chip;
    return cli_sweep_schema_load(subject, &compare_layer_schema, evaluate, err);
}

void cli_sweep_compare_release(struct cli_sweep_subject *subject) {
    if (subject->chip != NULL)
        compare_chip_close(subject->chip);
}
