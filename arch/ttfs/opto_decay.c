/* SPDX-License-Identifier: MIT
 *
 * Stretched-exponential decay; see opto_decay.h.
 */
#include "arch/ttfs/opto_decay.h"

#include <math.h>

double arch_opto_decay_at(const struct arch_opto_decay *decay, double t) {
    return decay->amplitude * exp(-pow(t / decay->tau, decay->beta)) + decay->offset;
}

double arch_opto_decay_instant(const struct arch_opto_decay *decay, double value) {
    double rest = (value - decay->offset) / decay->amplitude;
    if (!(rest > 0))
        return NAN;
    return rest >= 1 ? 0 : decay->tau * pow(-log(rest), 1 / decay->beta);
}
