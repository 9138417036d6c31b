/* SPDX-License-Identifier: MIT
 *
 * nocsim hash RUN.db ...: what a run did, as 32 digits.
 */
#include "sim/cli/cli.h"
#include "sim/cli/commands.h"
#include "sim/hash.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] =
    "usage: nocsim hash [--tables] RUN.db ...\n"
    "\n"
    "Prints the content hash of run databases: equal exactly when the runs have done the same, on any\n"
    "engine and in any order. Prices, dates and speed do not count; only runs of the same --log compare.\n"
    "With several files each line ends with the file's name.\n"
    "\n"
    "  --tables   also print rows and hash of each table\n";

static void print(const char *path, const struct sim_hash *hash, bool named, bool tables) {
    printf("%s%s%s\n", hash->digest, named ? "  " : "", named ? path : "");
    for (int i = 0; tables && i < SIM_HASH_TABLES; i++)
        printf("%s  %s  %llu rows\n", hash->table[i].digest, hash->table[i].name,
               (unsigned long long)hash->table[i].rows);
}

int cmd_hash(int argc, char **argv) {
    static const struct option options[] = {{"help", no_argument, NULL, 'h'},
                                            {"tables", no_argument, NULL, 't'},
                                            {NULL, 0, NULL, 0}};
    bool tables = false;
    cli_getopt_reset();
    for (int option; (option = getopt_long(argc, argv, ":h", options, NULL)) != -1;) {
        if (option == 'h') {
            fputs(help, stdout);
            return cli_flush("hash", SIM_EXIT_OK);
        }
        if (option != 't')
            return cli_usage_getopt("hash", argv, option);
        tables = true;
    }
    if (optind == argc)
        return cli_usage("hash", "which run database?");
    struct sim_err err;
    sim_err_init(&err);
    for (int i = optind; i < argc; i++) {
        struct sim_hash hash;
        if (sim_hash_run(argv[i], &hash, &err))
            print(argv[i], &hash, argc - optind > 1, tables);
    }
    return cli_flush("hash", cli_finish(&err));
}
