/* SPDX-License-Identifier: MIT
 *
 * nocsim merge OUT IN...: joins the databases of a sweep's shards.
 */
#include "sim/cli/commands.h"
#include "sim/cli/options.h"
#include "sim/sweep/db.h"

#include <limits.h>

struct request {
    struct sim_sweep_merge merge;
    bool quiet;
};

static const struct cli_option option_table[] = {
    {"force", 'f', NULL, "replace OUT.db", CLI_FLAG(struct request, merge.force)},
    {"quiet", 'q', NULL, "print nothing", CLI_FLAG(struct request, quiet)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "merge",
    .usage =
        "Usage: nocsim merge OUT.db IN.db... [OPTION]...\n"
        "Joins databases of one sweep (nocsim sweep --shard I/N) to one. The inputs may overlap and may be "
        "unfinished: a\n"
        "point that is done in any of them is done. 'nocsim sweep FILE.yaml -o OUT.db' does what is still "
        "missing.\n\nOptions:\n",
    .option = option_table,
    .least = 2,
    .most = INT_MAX,
    .missing = "an output and at least one input are needed",
};

int cmd_merge(int argc, char **argv) {
    struct request request = {.quiet = false};
    struct sim_sweep_merge *merge = &request.merge;
    int code;
    if (!cli_command_line(&command, argc, argv, &request, &code))
        return code;
    merge->out = argv[optind];
    merge->in = argv + optind + 1;
    merge->count = argc - optind - 1;
    struct sim_err err;
    sim_err_init(&err);
    if (sim_sweep_db_merge(merge, &err) && !request.quiet)
        printf("Points     %llu: %llu done, %llu failed, %llu left\n", (unsigned long long)merge->points,
               (unsigned long long)merge->done, (unsigned long long)merge->failed,
               (unsigned long long)(merge->points - merge->done - merge->failed));
    return cli_flush("merge", cli_finish(&err));
}
