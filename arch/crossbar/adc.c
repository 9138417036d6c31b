/* SPDX-License-Identifier: MIT
 *
 * Converters: codes and time; see adc.h.
 */
#include "arch/crossbar/adc.h"

#include <math.h>

void arch_crossbar_adc_codes(const struct arch_crossbar_spec *spec, const struct arch_crossbar_layout *layout,
                             struct arch_crossbar_codes *codes) {
    bool is_signed = spec->weights.subtraction == ARCH_CROSSBAR_ANALOG;
    double scale = spec->adc.full_scale > 0 ? spec->adc.full_scale : layout->largest;
    double top = ldexp(1, (int)spec->adc.bits - is_signed) - 1, bottom = is_signed ? -top - 1 : 0;
    codes->lsb = fmax(1, scale / fmax(1, top));
    double last = fmin(top, rint(scale / codes->lsb));
    codes->high = last;
    codes->low = fmax(bottom, is_signed ? -last : 0);
    if (is_signed && top < 1)
        codes->low = bottom;
}

bool arch_crossbar_adc_is_exact(const struct arch_crossbar_spec *spec,
                                const struct arch_crossbar_layout *layout) {
    if (spec->adc.kind == ARCH_CROSSBAR_ADC_IDEAL)
        return true;
    struct arch_crossbar_codes codes;
    arch_crossbar_adc_codes(spec, layout, &codes);
    return codes.lsb <= 1 && codes.high >= layout->largest && spec->adc.offset_sigma <= 0;
}

uint32_t arch_crossbar_adc_bits_needed(const struct arch_crossbar_spec *spec,
                                       const struct arch_crossbar_layout *layout) {
    uint32_t bits = spec->weights.subtraction == ARCH_CROSSBAR_ANALOG;
    while (ldexp(1, (int)bits - (spec->weights.subtraction == ARCH_CROSSBAR_ANALOG)) - 1 < layout->largest)
        bits++;
    return bits;
}

double arch_crossbar_adc_time(const struct arch_crossbar_adc_spec *adc) {
    if (adc->time_s > 0)
        return adc->time_s;
    switch ((enum arch_crossbar_adc_kind)adc->kind) {
    case ARCH_CROSSBAR_ADC_IDEAL: return 0;
    case ARCH_CROSSBAR_ADC_SAR: return (adc->bits + adc->extra_steps) * adc->period_s;
    case ARCH_CROSSBAR_ADC_FLASH: return (1 + adc->extra_steps) * adc->period_s;
    case ARCH_CROSSBAR_ADC_RAMP: return (ldexp(1, (int)adc->bits) + adc->extra_steps) * adc->period_s;
    }
    return 0;
}

double arch_crossbar_pass_time(const struct arch_crossbar_spec *spec,
                               const struct arch_crossbar_layout *layout, uint64_t passes) {
    double settle = spec->timing.settle_s, step = arch_crossbar_adc_time(&spec->adc),
           conversions = layout->mux * step;
    if (passes == 0)
        return 0;
    if (!spec->timing.sample_hold)
        return (double)passes * layout->mux * (settle + step);
    if (!spec->timing.pipelined)
        return (double)passes * (settle + conversions);
    return settle + conversions + (double)(passes - 1) * fmax(settle, conversions);
}
