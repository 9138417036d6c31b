/* SPDX-License-Identifier: MIT
 *
 * Reports of placements; see placement_print.h.
 */
#include "arch/layout/placement_print.h"

#include "sim/base/number.h"

void arch_placement_print(const struct arch_placement_spec *spec, const struct arch_placement_report *report,
                          const char *unit, FILE *out) {
    char part[48];
    fprintf(out, "Placement  %s", arch_placement_names[spec->strategy]);
    if (spec->strategy == ARCH_PLACEMENT_ANNEAL)
        fprintf(out, " (seed %llu, %llu moves, %llu taken%s)", (unsigned long long)spec->seed,
                (unsigned long long)report->moves, (unsigned long long)report->accepted,
                report->out_of_time ? ", ended by its limit of time: not reproducible" : "");
    fprintf(out, ": %.6g %s expected a timestep", report->after, unit);
    if (spec->strategy != ARCH_PLACEMENT_ORDER)
        fprintf(out, ", in the chip's own order %.6g (%s)", report->before,
                sim_number_percent(part, sizeof part,
                                   report->before > 0 ? report->after / report->before - 1 : 0, 1));
    fputc('\n', out);
}

json_t *arch_placement_json(const struct arch_placement_spec *spec,
                            const struct arch_placement_report *report, const char *unit) {
    return json_pack("{s:s, s:I, s:I, s:I, s:b, s:{s:f, s:f, s:s}}", "strategy",
                     arch_placement_names[spec->strategy], "seed", (json_int_t)spec->seed, "moves",
                     (json_int_t)report->moves, "accepted", (json_int_t)report->accepted, "out_of_time",
                     (int)report->out_of_time, "cost", "before", report->before, "after", report->after,
                     "unit", unit);
}
