/* SPDX-License-Identifier: MIT
 *
 * nocsim hash RUN.db ...: what a run did, as 32 digits.
 */
#include "sim/cli/commands.h"
#include "sim/base/number.h"
#include "sim/cli/options.h"
#include "sim/record/hash.h"

#include <limits.h>

struct request {
    bool tables;
};

static const struct cli_option option_table[] = {
    {"tables", 't', NULL, "also print rows and hash of each table", CLI_FLAG(struct request, tables)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "hash",
    .usage =
        "Usage: nocsim hash [OPTION]... RUN.db...\n"
        "Prints the content hash of run databases: equal exactly when the runs have done the same, on any\n"
        "engine and in any order. Prices, dates and speed do not count; only runs of the same --log "
        "compare.\n"
        "With several files each line ends with the file's name.\n\nOptions:\n",
    .option = option_table,
    .least = 1,
    .most = INT_MAX,
    .missing = "which run database?",
};

static void print(const char *path, const struct sim_hash *hash, bool named, bool tables) {
    printf("%s%s%s\n", hash->digest, named ? "  " : "", named ? path : "");
    for (int i = 0; tables && i < SIM_HASH_TABLES; i++)
        printf("%s  %s  %llu row%s\n", hash->table[i].digest, hash->table[i].name,
               (unsigned long long)hash->table[i].rows, sim_plural(hash->table[i].rows));
}

int cmd_hash(int argc, char **argv) {
    struct request request = {.tables = false};
    int code;
    if (!cli_command_line(&command, argc, argv, &request, &code))
        return code;
    struct sim_err err;
    sim_err_init(&err);
    for (int i = optind; i < argc; i++) {
        struct sim_hash hash;
        if (sim_hash_run(argv[i], &hash, &err))
            print(argv[i], &hash, argc - optind > 1, request.tables);
    }
    return cli_flush("hash", cli_finish(&err));
}
