/* SPDX-License-Identifier: MIT
 *
 * The writer thread and the virtual table over the block it is writing; see rows.h.
 *
 * Locking: `mutex` guards the queue, the free list and the flags. A block belongs to its producer, to the
 * queue, or to the writer; the database belongs to the writer whenever `queued` or `busy` is set.
 */
#include "sim/base/rows.h"

#include "sim/base/heap.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE 16     /* blocks that may wait */
#define STATEMENTS 8 /* tables that a run writes at most */
#define FAULT_BYTES 256

struct job {
    const char *table;
    uint32_t columns, used;
    int64_t *cell;
};

struct statement {
    const char *table;
    sqlite3_stmt *insert;
};

struct sim_rows {
    sqlite3 *database;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t work, room;
    struct job queue[QUEUE];
    uint32_t head, queued;
    int64_t *spare[QUEUE + 1]; /* cells of written blocks, for the next ones */
    uint32_t spares;
    bool busy, end;
    atomic_bool failed;
    char fault[FAULT_BYTES];
    /* The writer's own. */
    struct job now;
    struct statement statement[STATEMENTS];
};

/* ---- the virtual table: row i, column j of the block being written ---------------------------- */

struct block_table {
    sqlite3_vtab base;
    const struct sim_rows *rows;
};

struct block_cursor {
    sqlite3_vtab_cursor base;
    const struct job *job;
    uint32_t row;
};

static int block_connect(sqlite3 *database, void *rows, int argc, const char *const *argv,
                         sqlite3_vtab **out, char **message) {
    (void)argc, (void)argv, (void)message;
    static_assert(SIM_ROWS_COLUMNS == 6, "one declared column each");
    int code = sqlite3_declare_vtab(database, "CREATE TABLE block(c0, c1, c2, c3, c4, c5)");
    if (code != SQLITE_OK)
        return code;
    struct block_table *table = sqlite3_malloc(sizeof *table);
    if (table == NULL)
        return SQLITE_NOMEM;
    *table = (struct block_table){.rows = rows};
    *out = &table->base;
    return SQLITE_OK;
}

static int block_disconnect(sqlite3_vtab *table) {
    sqlite3_free(table);
    return SQLITE_OK;
}

static int block_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
    (void)table;
    info->estimatedCost = SIM_ROWS_BLOCK;
    info->estimatedRows = SIM_ROWS_BLOCK;
    return SQLITE_OK;
}

static int block_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
    struct block_cursor *cursor = sqlite3_malloc(sizeof *cursor);
    if (cursor == NULL)
        return SQLITE_NOMEM;
    *cursor = (struct block_cursor){.job = &((struct block_table *)table)->rows->now};
    *out = &cursor->base;
    return SQLITE_OK;
}

static int block_close(sqlite3_vtab_cursor *cursor) {
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static int block_filter(sqlite3_vtab_cursor *cursor, int plan, const char *text, int argc,
                        sqlite3_value **argv) {
    (void)plan, (void)text, (void)argc, (void)argv;
    ((struct block_cursor *)cursor)->row = 0;
    return SQLITE_OK;
}

static int block_next(sqlite3_vtab_cursor *cursor) {
    ((struct block_cursor *)cursor)->row++;
    return SQLITE_OK;
}

static int block_eof(sqlite3_vtab_cursor *base) {
    const struct block_cursor *cursor = (const struct block_cursor *)base;
    return cursor->row >= cursor->job->used;
}

static int block_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column) {
    const struct block_cursor *cursor = (const struct block_cursor *)base;
    const struct job *job = cursor->job;
    int64_t value = job->cell[(size_t)cursor->row * job->columns + (size_t)column];
    if (value == SIM_ROWS_NULL)
        sqlite3_result_null(context);
    else
        sqlite3_result_int64(context, value);
    return SQLITE_OK;
}

static int block_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *row) {
    *row = ((struct block_cursor *)cursor)->row;
    return SQLITE_OK;
}

static const sqlite3_module block_module = {
    .iVersion = 1,
    .xConnect = block_connect, /* without xCreate: exists in every schema, in none by name */
    .xDisconnect = block_disconnect,
    .xBestIndex = block_best_index,
    .xOpen = block_open,
    .xClose = block_close,
    .xFilter = block_filter,
    .xNext = block_next,
    .xEof = block_eof,
    .xColumn = block_column,
    .xRowid = block_rowid,
};

/* ---- the writer ------------------------------------------------------------------------------- */

static void fail(struct sim_rows *rows) {
    if (atomic_load(&rows->failed))
        return;
    snprintf(rows->fault, sizeof rows->fault, "%s", sqlite3_errmsg(rows->database));
    atomic_store(&rows->failed, true);
}

static sqlite3_stmt *insert_of(struct sim_rows *rows, const struct job *job) {
    uint32_t i = 0;
    for (; rows->statement[i].table != NULL; i++)
        if (strcmp(rows->statement[i].table, job->table) == 0)
            return rows->statement[i].insert;
    assert(i + 1 < STATEMENTS);
    static const char *const columns[SIM_ROWS_COLUMNS + 1] = {
        "", "c0", "c0, c1", "c0, c1, c2", "c0, c1, c2, c3", "c0, c1, c2, c3, c4", "c0, c1, c2, c3, c4, c5",
    };
    char sql[160];
    snprintf(sql, sizeof sql, "INSERT INTO %s SELECT %s FROM sim_rows_block", job->table,
             columns[job->columns]);
    sqlite3_stmt *insert = NULL;
    if (sqlite3_prepare_v3(rows->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &insert, NULL) != SQLITE_OK)
        return NULL;
    rows->statement[i] = (struct statement){.table = job->table, .insert = insert};
    return insert;
}

static void write_block(struct sim_rows *rows) {
    if (atomic_load(&rows->failed))
        return;
    sqlite3_stmt *insert = insert_of(rows, &rows->now);
    if (insert == NULL || sqlite3_step(insert) != SQLITE_DONE)
        fail(rows);
    if (insert != NULL)
        sqlite3_reset(insert);
}

static void *writer(void *self) {
    struct sim_rows *rows = self;
    pthread_mutex_lock(&rows->mutex);
    for (;;) {
        while (rows->queued == 0 && !rows->end)
            pthread_cond_wait(&rows->work, &rows->mutex);
        if (rows->queued == 0)
            break;
        rows->now = rows->queue[rows->head];
        rows->head = (rows->head + 1) % QUEUE;
        rows->queued--;
        rows->busy = true;
        pthread_mutex_unlock(&rows->mutex);
        write_block(rows);
        pthread_mutex_lock(&rows->mutex);
        rows->busy = false;
        if (rows->spares < QUEUE + 1)
            rows->spare[rows->spares++] = rows->now.cell;
        else
            free(rows->now.cell);
        pthread_cond_broadcast(&rows->room);
    }
    pthread_mutex_unlock(&rows->mutex);
    return NULL;
}

/* Signals are for the thread that runs the simulation. */
static int start_thread(struct sim_rows *rows) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&rows->thread, NULL, writer, rows);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

struct sim_rows *sim_rows_new(sqlite3 *database) {
    struct sim_rows *rows = sim_heap_must(calloc(1, sizeof *rows));
    rows->database = database;
    pthread_mutex_init(&rows->mutex, NULL);
    pthread_cond_init(&rows->work, NULL);
    pthread_cond_init(&rows->room, NULL);
    if (sqlite3_create_module(database, "sim_rows_block", &block_module, rows) == SQLITE_OK &&
        start_thread(rows) == 0)
        return rows;
    pthread_cond_destroy(&rows->room);
    pthread_cond_destroy(&rows->work);
    pthread_mutex_destroy(&rows->mutex);
    free(rows);
    return NULL;
}

void sim_rows_flush(struct sim_rows *rows) {
    pthread_mutex_lock(&rows->mutex);
    while (rows->queued > 0 || rows->busy)
        pthread_cond_wait(&rows->room, &rows->mutex);
    pthread_mutex_unlock(&rows->mutex);
}

void sim_rows_free(struct sim_rows *rows) {
    if (rows == NULL)
        return;
    pthread_mutex_lock(&rows->mutex);
    rows->end = true;
    pthread_cond_signal(&rows->work);
    pthread_mutex_unlock(&rows->mutex);
    pthread_join(rows->thread, NULL);
    for (uint32_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(rows->statement[i].insert);
    for (uint32_t i = 0; i < rows->spares; i++)
        free(rows->spare[i]);
    pthread_cond_destroy(&rows->room);
    pthread_cond_destroy(&rows->work);
    pthread_mutex_destroy(&rows->mutex);
    free(rows);
}

bool sim_rows_failed(const struct sim_rows *rows) { return atomic_load(&rows->failed); }

const char *sim_rows_fault(const struct sim_rows *rows) {
    return sim_rows_failed(rows) ? rows->fault : NULL;
}

/* ---- producers -------------------------------------------------------------------------------- */

/* One size for all, so that a spare block fits every table. */
static int64_t *new_cells(void) {
    return sim_heap_must(malloc(sizeof(int64_t) * SIM_ROWS_BLOCK * SIM_ROWS_COLUMNS));
}

void sim_rows_block_init(struct sim_rows_block *block, struct sim_rows *rows, const char *table,
                         uint32_t columns) {
    assert(columns >= 1 && columns <= SIM_ROWS_COLUMNS);
    *block = (struct sim_rows_block){.columns = columns, .rows = rows, .table = table, .cell = new_cells()};
}

void sim_rows_block_send(struct sim_rows_block *block) {
    struct sim_rows *rows = block->rows;
    if (block->used == 0)
        return;
    pthread_mutex_lock(&rows->mutex);
    while (rows->queued == QUEUE)
        pthread_cond_wait(&rows->room, &rows->mutex);
    rows->queue[(rows->head + rows->queued) % QUEUE] = (struct job){.table = block->table,
                                                                    .columns = block->columns,
                                                                    .used = block->used,
                                                                    .cell = block->cell};
    rows->queued++;
    block->cell = rows->spares > 0 ? rows->spare[--rows->spares] : NULL;
    pthread_cond_signal(&rows->work);
    pthread_mutex_unlock(&rows->mutex);
    block->used = 0;
    if (block->cell == NULL)
        block->cell = new_cells();
}

void sim_rows_block_release(struct sim_rows_block *block) {
    sim_rows_block_send(block);
    free(block->cell);
    block->cell = NULL;
}
