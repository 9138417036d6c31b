/* SPDX-License-Identifier: MIT
 *
 * The time code of an optoelectronic synapse (arch/ttfs/opto_decay.h) in figures: the value of the
 * photocurrent at an instant, and the instant t_k of step k of T, where the decay has come down to (T - k) /
 * T.
 *
 * The unit of time is the second by reading, not by publication. Source: Otters (arXiv 2509.18968), by a
 * third party's digest.
 */
#ifndef ARCH_MODEL_OPTO_CODE_H
#define ARCH_MODEL_OPTO_CODE_H

#include "arch/model/model.h"

#ifdef __cplusplus
extern "C" {
#endif

struct arch_model_opto_spec {
    double amplitude, tau_s, beta, offset;
    uint32_t timesteps, step; /* step k of T */
    double time_s;
};

enum arch_model_opto_result {
    ARCH_MODEL_OPTO_VALUE,
    ARCH_MODEL_OPTO_INSTANT,
    ARCH_MODEL_OPTO_LEVEL,
    ARCH_MODEL_OPTO_RESULT_COUNT
};

extern const struct sim_schema arch_model_opto_schema;
extern const struct arch_model arch_model_opto_code;

#ifdef __cplusplus
}
#endif

#endif
