/* SPDX-License-Identifier: MIT
 *
 * nocsim merge OUT IN...: joins the databases of a sweep's shards.
 */
#include "sim/cli/cli.h"
#include "sim/cli/commands.h"
#include "sim/sweep_db.h"

#include <getopt.h>

static const char help[] = "Usage: nocsim merge OUT.db IN.db... [--force] [--quiet]\n"
                           "\n"
                           "Joins databases of one sweep (nocsim sweep --shard I/N) to one. The inputs may "
                           "overlap and may be unfinished: a\n"
                           "point that is done in any of them is done. 'nocsim sweep FILE.yaml -o OUT.db' "
                           "does what is still missing.\n"
                           "\n"
                           "  --force  replace OUT.db\n"
                           "  --quiet  print nothing\n"
                           "  --help   this page\n";

int cmd_merge(int argc, char **argv) {
    static const struct option options[] = {{"force", no_argument, NULL, 'f'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    struct sim_sweep_merge merge = {.force = false};
    bool quiet = false;
    cli_getopt_reset();
    for (int option; (option = getopt_long(argc, argv, ":fqh", options, NULL)) != -1;) {
        switch (option) {
        case 'f': merge.force = true; break;
        case 'q': quiet = true; break;
        case 'h': fputs(help, stdout); return cli_flush("merge", SIM_EXIT_OK);
        default: return cli_usage_getopt("merge", argv, option);
        }
    }
    if (argc - optind < 2)
        return cli_usage("merge", "an output and at least one input are needed");
    merge.out = argv[optind];
    merge.in = argv + optind + 1;
    merge.count = argc - optind - 1;
    struct sim_err err;
    sim_err_init(&err);
    if (sim_sweep_db_merge(&merge, &err) && !quiet)
        printf("Points     %llu: %llu done, %llu failed, %llu left\n", (unsigned long long)merge.points,
               (unsigned long long)merge.done, (unsigned long long)merge.failed,
               (unsigned long long)(merge.points - merge.done - merge.failed));
    return cli_flush("merge", cli_finish(&err));
}
