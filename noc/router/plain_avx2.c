/* SPDX-License-Identifier: MIT
 *
 * The plain router once more, for processors that shift and count bits in one instruction.
 */
#define NOC_PLAIN(name) name##_avx2
#include "noc/router/plain.c"
