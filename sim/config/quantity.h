/* SPDX-License-Identifier: MIT
 *
 * Quantities: a number with its unit, "120 kHz", "3.0 pJ/bit", "1 mm2", "4 KiB".
 *
 * In memory a quantity is a double in SI units (enum sim_unit says which). In text it always has its
 * unit; every factor of the unit takes a prefix a f p n u (or the Greek letter) m k M G T, bytes and bits
 * only k and up, bytes also Ki Mi Gi Ti. The decimal point is a point in every locale, and a prefix costs no
 * rounding: "0.1 mm" and "100 um" are the same double.
 */
#ifndef SIM_CONFIG_QUANTITY_H
#define SIM_CONFIG_QUANTITY_H

#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_QUANTITY_SIZE 384

/* Reads a quantity of this unit. On a fault false, and `why` says what is wrong and what is expected:
 * "'120' has no unit: a frequency such as '120 kHz' is expected". SIM_UNIT_NONE reads a bare number. */
bool sim_quantity_parse(const char *text, enum sim_unit unit, double *value,
                        char why[SIM_QUANTITY_SIZE]);

/* For reports: three significant digits and the prefix that suits, "12.6 uW". Returns buffer. */
char *sim_quantity_format(char *buffer, size_t size, double value, enum sim_unit unit);

/* For descriptions: the fewest digits that read back as the same value, "28.125 MHz". Returns buffer. */
char *sim_quantity_exact(char *buffer, size_t size, double value, enum sim_unit unit);

/* "a frequency", "a length". */
const char *sim_unit_name(enum sim_unit unit);

/* "120 kHz": how such a quantity may be written. */
const char *sim_unit_example(enum sim_unit unit);

/* "Hz", "J/bit/m"; "" for SIM_UNIT_NONE: the unit of the value in memory. */
const char *sim_unit_symbol(enum sim_unit unit);

#ifdef __cplusplus
}
#endif

#endif
