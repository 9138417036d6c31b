/* SPDX-License-Identifier: MIT
 *
 * Choice of the vector operations, and the variant of the base instruction set; see crossbar_lanes.h.
 */
#define ARCH_CROSSBAR_LANES_TABLE arch_crossbar_lanes_scalar
#include "arch/unit/crossbar_lanes_body.h"

#include "sim/base/lanes.h"

#include <string.h>

const struct arch_crossbar_lanes *arch_crossbar_lanes(void) {
#if defined(__x86_64__) && defined(__GNUC__)
    const char *name = sim_lanes()->name;
    if (strcmp(name, "avx512") == 0)
        return &arch_crossbar_lanes_avx512;
    if (strcmp(name, "avx2") == 0)
        return &arch_crossbar_lanes_avx2;
#endif
    return &arch_crossbar_lanes_scalar;
}
