/* SPDX-License-Identifier: MIT
 *
 * The list of closed-form models, and the search for crossings; see model.h.
 */
#include "arch/model/model.h"

#include "arch/model/attention_block.h"
#include "arch/model/crossbar_fluctuation.h"
#include "arch/model/encoder_energy.h"
#include "arch/model/opto_code.h"
#include "arch/model/power_law.h"
#include "arch/model/snn_vs_qnn_v1.h"
#include "arch/model/snn_vs_qnn_v4.h"
#include "arch/model/spikyspace.h"

#include <math.h>
#include <string.h>

const struct arch_model *const arch_models[] = {
    &arch_model_snn_vs_qnn_v1,
    &arch_model_snn_vs_qnn_v4,
    &arch_model_fluctuation,
    &arch_model_encoder_energy,
    &arch_model_attention_block,
    &arch_model_spikyspace,
    &arch_model_power_law,
    &arch_model_opto_code,
    NULL,
};

const struct arch_model *arch_model_find(const char *name, const char *version) {
    for (size_t i = 0; arch_models[i] != NULL; i++)
        if (strcmp(arch_models[i]->name, name) == 0 && strcmp(arch_models[i]->version, version) == 0)
            return arch_models[i];
    return NULL;
}

const struct arch_model *arch_model_of_schema(const struct sim_schema *schema) {
    for (size_t i = 0; arch_models[i] != NULL; i++)
        if (arch_models[i]->schema == schema)
            return arch_models[i];
    return NULL;
}

uint32_t arch_model_result_index(const struct arch_model *model, const char *name) {
    for (uint32_t i = 0; i < model->results; i++)
        if (strcmp(model->result[i].name, name) == 0)
            return i;
    return UINT32_MAX;
}

/* `low` and `high` see different signs; halves until no double lies between them. */
static double bisect(const struct arch_model_curve *curve, double low, double high, double at_low) {
    for (;;) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            return middle;
        if ((curve->at(curve->user, middle) > 0) == (at_low > 0))
            low = middle;
        else
            high = middle;
    }
}

double arch_model_crossing(const struct arch_model_curve *curve, double low, double high, uint32_t steps) {
    double x = low, y = curve->at(curve->user, low);
    for (uint32_t i = 1; i <= steps; i++) {
        double next_x = i == steps ? high : low + (high - low) * i / steps;
        double next_y = curve->at(curve->user, next_x);
        if (!isnan(y) && !isnan(next_y) && (y > 0) != (next_y > 0))
            return bisect(curve, x, next_x, y);
        x = next_x;
        y = next_y;
    }
    return NAN;
}
