/* SPDX-License-Identifier: MIT
 *
 * nocsim sweep FILE.yaml: many points of one design space, in one database.
 */
#include "sim/cli/commands.h"
#include "sim/base/number.h"
#include "sim/cli/options.h"
#include "sim/cli/sweep.h"
#include "sim/config/quantity.h"
#include "sim/cli/sweep_pool.h"
#include "sim/cli/json.h"
#include "sim/base/table.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLE_DEFAULT 4
#define FRONT_SHOWN 20
#define AXES_SHOWN 20

struct request {
    const char *output;
    uint32_t jobs, sample;
    uint64_t shard, shards;
    bool dry_run, retry, force, quiet;
    enum cli_format format;
};

static bool read_shard(const char *text, struct request *request) {
    const char *slash = strchr(text, '/');
    char first[24];
    if (slash == NULL || (size_t)(slash - text) >= sizeof first)
        return false;
    snprintf(first, sizeof first, "%.*s", (int)(slash - text), text);
    uint64_t number;
    if (!cli_parse_uint(slash + 1, 1, 1000000, &request->shards) ||
        !cli_parse_uint(first, 1, request->shards, &number))
        return false;
    request->shard = number - 1;
    return true;
}

static int parse_shard(void *request, char *text) {
    return read_shard(text, request)
               ? SIM_EXIT_OK
               : cli_usage("sweep", "--shard takes I/N with I from 1 to N, not '%s'", text);
}

static const struct cli_option option_table[] = {
    {"output", 'o', "FILE",
     "database of the sweep (default: NAME.db in the current directory);\nan unfinished one is continued",
     CLI_TEXT(struct request, output)},
    {"jobs", 'j', "N", "points at the same time (default: one for each core)",
     CLI_UINT(struct request, jobs, 1, CLI_SWEEP_JOBS_MAX)},
    {"shard", 0, "I/N",
     "do only every Nth point, from the Ith on (1/N to N/N);\n'nocsim merge' joins the databases",
     CLI_PARSED(parse_shard)},
    {"dry-run", 0, NULL, "count the points, do a few of them, and estimate the time",
     CLI_FLAG(struct request, dry_run)},
    {"sample", 0, "N", "how many points a dry run does (default: 4)",
     CLI_UINT(struct request, sample, 1, 1000000)},
    {"retry", 0, NULL, "do points again that have failed", CLI_FLAG(struct request, retry)},
    {"force", 0, NULL, "begin anew: replace the database", CLI_FLAG(struct request, force)},
    {"format", 'f', "FORMAT", "form of the closing summary: text (default) or json",
     CLI_TEXT_OR_JSON(struct request, format)},
    {"quiet", 'q', NULL, "no progress, no summary", CLI_FLAG(struct request, quiet)},
    CLI_HELP,
    CLI_END,
};

static const struct cli_command command = {
    .name = "sweep",
    .usage =
        "Usage: nocsim sweep FILE.yaml [OPTION]...\n"
        "Runs every point of a sweep, each in a process of its own, and leaves one database with one row a "
        "point:\n"
        "view 'result' has the axes and the results, view 'pareto' the best by the objectives. Points that "
        "fail "
        "are\n"
        "recorded with their error and do not stop the others. A sweep that was stopped goes on where it "
        "was.\n\n"
        "Options:\n",
    .option = option_table,
    .least = 1,
    .most = 1,
    .missing = "which sweep?",
    .surplus = "one sweep at a time",
};

/* ---- what is printed -------------------------------------------------------------------------- */

static const char *seconds(double value, char buffer[32]) {
    if (value < 120)
        sim_quantity_format(buffer, 32, value, SIM_UNIT_SECOND);
    else if (value < 7200)
        snprintf(buffer, 32, "%.0f min", value / 60);
    else
        snprintf(buffer, 32, "%.1f h", value / 3600);
    return buffer;
}

static void print_json(json_t *object) {
    cli_json_print(object, 15, stdout);
}

static void print_dry_run(const struct request *request, const struct cli_sweep_work *work,
                          const struct cli_sweep_sample *sample) {
    const struct sim_sweep *sweep = work->sweep;
    uint32_t jobs = work->subject->evaluate != NULL ? 1 : work->jobs;
    double total_s = sample->mean_s * (double)work->todo / jobs;
    char least[32], most[32], mean[32], total[32];
    if (request->format == CLI_FORMAT_JSON) {
        print_json(json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:f}", "candidates",
                             (json_int_t)sweep->candidates, "points", (json_int_t)sweep->points, "todo",
                             (json_int_t)work->todo, "jobs", (json_int_t)jobs, "sampled",
                             (json_int_t)sample->points, "failed", (json_int_t)sample->failed, "point_s",
                             sample->mean_s, "estimate_s", total_s));
        return;
    }
    printf("Points     %llu of %llu candidate%s", (unsigned long long)sweep->points,
           (unsigned long long)sweep->candidates, sim_plural(sweep->candidates));
    if (work->shards > 1)
        printf(", shard %llu of %llu", (unsigned long long)work->shard + 1, (unsigned long long)work->shards);
    printf(", %llu to do\n", (unsigned long long)work->todo);
    if (sample->points == 0)
        return;
    printf("Sample     %u point%s, %s to %s each, %s on average\n", sample->points,
           sim_plural(sample->points), seconds(sample->least_s, least), seconds(sample->most_s, most),
           seconds(sample->mean_s, mean));
    if (sample->failed > 0)
        printf("Failed     %u of the sample: %s\n", sample->failed, sample->error);
    printf("Estimate   %s on %u core%s\n", seconds(total_s, total), jobs, sim_plural(jobs));
}

/* Rows of table score on the front, with the values of the axes as they were written. */
static void print_front(const struct sim_sweep_db *db) {
    const struct sim_sweep *sweep = db->sweep;
    const struct sim_sweep_value *value[SIM_SWEEP_AXES_MAX];
    struct sim_table table;
    sqlite3_stmt *row = NULL;
    if (sqlite3_prepare_v2(db->database, "SELECT * FROM score WHERE front ORDER BY 3", -1, &row, NULL) !=
        SQLITE_OK)
        return;
    sim_table_init(&table);
    sim_table_column(&table, "point", SIM_TABLE_RIGHT);
    for (uint32_t i = 0; i < sweep->axes && i < AXES_SHOWN; i++)
        sim_table_column(&table, sweep->axis[i]->name, SIM_TABLE_RIGHT);
    for (uint32_t i = 0; i < sweep->objectives; i++)
        sim_table_column(&table, sweep->objective[i].name, SIM_TABLE_RIGHT);
    uint64_t count = 0;
    for (; sqlite3_step(row) == SQLITE_ROW; count++) {
        uint64_t candidate = (uint64_t)sqlite3_column_int64(row, 0);
        if (count >= FRONT_SHOWN || candidate >= sweep->candidates)
            continue;
        sim_sweep_values(sweep, candidate, value);
        sim_table_cell(&table, "%llu", (unsigned long long)candidate);
        for (uint32_t i = 0; i < sweep->axes && i < AXES_SHOWN; i++)
            sim_table_cell(&table, "%s", value[i]->shown);
        for (uint32_t i = 0; i < sweep->objectives; i++)
            sim_table_cell(&table, "%.4g", sqlite3_column_double(row, (int)i + 2));
    }
    sqlite3_finalize(row);
    printf("\nBest by the objectives (view pareto, %llu point%s):\n\n", (unsigned long long)count,
           sim_plural(count));
    sim_table_print(&table, 2, stdout);
    if (count > FRONT_SHOWN)
        printf("  ... and %llu more\n", (unsigned long long)count - FRONT_SHOWN);
    putchar('\n');
    sim_table_release(&table);
}

static void print_summary(const struct request *request, const struct cli_sweep_work *work) {
    const struct sim_sweep_db *db = work->db;
    uint64_t points = work->sweep->points, done = db->count[SIM_SWEEP_DONE],
             failed = db->count[SIM_SWEEP_FAILED];
    uint64_t tried = work->done + work->failed;
    double speed = work->wall_s > 0 ? (double)tried / work->wall_s : 0;
    char time[32];
    if (request->format == CLI_FORMAT_JSON) {
        print_json(json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:f, s:f, s:b}", "database", db->path, "points",
                             (json_int_t)points, "done", (json_int_t)done, "failed", (json_int_t)failed,
                             "tried", (json_int_t)tried, "jobs", (json_int_t)work->jobs, "wall_s",
                             work->wall_s, "points_per_s", speed, "interrupted", work->interrupted != 0));
        return;
    }
    printf("Points     %llu: %llu done, %llu failed, %llu left\n", (unsigned long long)points,
           (unsigned long long)done, (unsigned long long)failed,
           (unsigned long long)(points - done - failed));
    printf("Now        %llu in %s, %.4g points/s\n", (unsigned long long)tried, seconds(work->wall_s, time),
           speed);
    if (work->sweep->objectives > 0 && done > 0)
        print_front(db);
    printf("Results    %s (SQLite: view result)\n", db->path);
    if (failed > 0)
        printf("Failed     SELECT id, error FROM point WHERE status = 'failed'\n");
}

/* ---- the sweep -------------------------------------------------------------------------------- */

static const char *default_output(const struct request *request, const char *file, char *buffer,
                                  size_t size) {
    const char *slash = strrchr(file, '/'), *base = slash == NULL ? file : slash + 1,
               *dot = strrchr(base, '.');
    int length = dot == NULL || dot == base ? (int)strlen(base) : (int)(dot - base);
    if (request->shards > 1)
        snprintf(buffer, size, "%.*s-%llu-of-%llu.db", length, base, (unsigned long long)request->shard + 1,
                 (unsigned long long)request->shards);
    else
        snprintf(buffer, size, "%.*s.db", length, base);
    return buffer;
}

static int dry_run(const struct request *request, struct cli_sweep_work *work, struct sim_err *err) {
    struct cli_sweep_sample sample;
    if (cli_sweep_work_sample(work, request->sample, &sample, err) && work->interrupted == 0)
        print_dry_run(request, work, &sample);
    free(sample.error);
    return work->interrupted != 0 ? 128 + work->interrupted : cli_finish(err);
}

/* 0 unless nothing came out: then as the points that failed. */
static int exit_code(const struct cli_sweep_work *work) {
    if (work->interrupted != 0)
        return 128 + work->interrupted;
    if (work->cut > 0) {
        fprintf(stderr, "nocsim sweep: %llu point%s ended by a signal and left to do\n",
                (unsigned long long)work->cut, work->cut == 1 ? " was" : "s were");
        return SIM_EXIT_STOPPED;
    }
    if (work->failed > 0)
        fprintf(stderr, "nocsim sweep: %llu of %llu point%s failed\n", (unsigned long long)work->failed,
                (unsigned long long)(work->done + work->failed), sim_plural(work->done + work->failed));
    return work->failed > 0 && work->db->count[SIM_SWEEP_DONE] == 0 ? SIM_EXIT_STOPPED : SIM_EXIT_OK;
}

static int do_sweep(const struct request *request, struct cli_sweep_work *work,
                    const struct sim_sweep_identity *identity, struct sim_err *err) {
    struct sim_sweep_db db;
    char name[4096];
    const char *path = request->output != NULL
                           ? request->output
                           : default_output(request, work->sweep->file, name, sizeof name);
    if (!sim_sweep_db_open(&db, path, work->sweep, identity, request->force, err))
        return cli_finish(err);
    work->db = &db;
    bool good = cli_sweep_work_run(work, err) && sim_sweep_db_finish(&db, err);
    if (good && !request->quiet)
        print_summary(request, work);
    int code = good ? exit_code(work) : SIM_EXIT_OK;
    sim_sweep_db_close(&db);
    return good ? code : cli_finish(err);
}

static int run(const struct request *request, struct sim_sweep *sweep, struct cli_sweep_subject *subject,
               struct sim_err *err) {
    struct sim_sweep_identity identity;
    if (!cli_sweep_subject_load(subject, sweep, err) ||
        !sim_sweep_bind(sweep, subject->key, subject->keys, err) ||
        !cli_sweep_subject_identify(subject, &identity, err))
        return cli_finish(err);
    struct cli_sweep_work work = {
        .sweep = sweep,
        .subject = subject,
        .jobs = request->jobs,
        .shard = request->shard,
        .shards = request->shards,
        .retry = request->retry,
        .quiet = request->quiet,
    };
    return request->dry_run ? dry_run(request, &work, err) : do_sweep(request, &work, &identity, err);
}

int cmd_sweep(int argc, char **argv) {
    struct request request = {.jobs = cli_cores(), .sample = SAMPLE_DEFAULT, .shards = 1};
    int code;
    if (!cli_command_line(&command, argc, argv, &request, &code))
        return code;
    struct sim_err err;
    struct sim_sweep sweep;
    struct cli_sweep_subject subject;
    sim_err_init(&err);
    if (!sim_sweep_load(&sweep, argv[optind], &err))
        return cli_finish(&err);
    code = run(&request, &sweep, &subject, &err);
    sim_err_release(&err);
    cli_sweep_subject_release(&subject);
    sim_sweep_release(&sweep);
    return cli_flush("sweep", code);
}
