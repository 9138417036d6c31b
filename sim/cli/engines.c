/* SPDX-License-Identifier: MIT
 *
 * The engines that --engine names; a build with SYSTEMC=0 has the native one only.
 */
#include "sim/cli/engines.h"

#ifdef NOCSIM_SYSTEMC
#include "sim/sc/engine.h"
#endif

#include <string.h>

const struct sim_engine_type *engines_find(const char *name, const char **fault) {
    if (strcmp(name, "native") == 0)
        return &sim_engine_native;
    *fault = "--engine takes native or systemc";
    if (strcmp(name, "systemc") != 0)
        return NULL;
#ifdef NOCSIM_SYSTEMC
    return &sim_engine_systemc;
#else
    *fault = "this nocsim was built without SystemC (SYSTEMC=0): --engine takes native";
    return NULL;
#endif
}
