/* SPDX-License-Identifier: MIT
 *
 * The vector operations of the crossbar for AVX2; see crossbar_lanes.h.
 */
#if defined(__x86_64__) && defined(__GNUC__)
#define ARCH_CROSSBAR_LANES_TABLE arch_crossbar_lanes_avx2
#include "arch/unit/crossbar_lanes_body.h"
#else
typedef int nothing_to_compile;
#endif
