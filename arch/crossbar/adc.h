/* SPDX-License-Identifier: MIT
 *
 * Converters: codes and time.
 *
 * A converter sees a column's current in steps of a cell and gives lsb x code, code = the integer nearest to
 * value / lsb + offset, clipped to low .. high. With n bits: codes 0 .. 2^n - 1, or -2^(n-1) .. 2^(n-1) - 1
 * where currents were subtracted; lsb is 1 where the codes suffice for the full scale, else full scale /
 * highest code. Time: SAR one step a bit, flash one step, ramp one step a code. Not modelled: gain error,
 * non-linearity, mismatch of capacitors, noise of the comparator.
 */
#ifndef ARCH_CROSSBAR_ADC_H
#define ARCH_CROSSBAR_ADC_H

#include "arch/crossbar/layout.h"
#include "arch/unit/crossbar_lanes.h"

#ifdef __cplusplus
extern "C" {
#endif

void arch_crossbar_adc_codes(const struct arch_crossbar_spec *spec, const struct arch_crossbar_layout *layout,
                             struct arch_crossbar_codes *codes);

/* Every sum of a pass comes out as it is. */
bool arch_crossbar_adc_is_exact(const struct arch_crossbar_spec *spec,
                                const struct arch_crossbar_layout *layout);

/* Bits that tell all sums apart which one pass can give (ISAAC: log2(rows) + dac bits + cell bits, less one
 * where either is 1, less one with flipped columns). */
uint32_t arch_crossbar_adc_bits_needed(const struct arch_crossbar_spec *spec,
                                       const struct arch_crossbar_layout *layout);

/* Time of a conversion, s. */
double arch_crossbar_adc_time(const struct arch_crossbar_adc_spec *adc);

/* Time of `passes` passes of settling and conversions, s. */
double arch_crossbar_pass_time(const struct arch_crossbar_spec *spec,
                               const struct arch_crossbar_layout *layout, uint64_t passes);

#ifdef __cplusplus
}
#endif

#endif
