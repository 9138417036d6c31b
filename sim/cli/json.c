/* SPDX-License-Identifier: MIT
 *
 * Results for programs; see json.h.
 */
#include "sim/cli/json.h"

void cli_json_print(json_t *value, int digits, FILE *out) {
    json_dumpf(value, out, JSON_INDENT(2) | JSON_REAL_PRECISION(digits));
    fputc('\n', out);
    json_decref(value);
}
