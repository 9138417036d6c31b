/* SPDX-License-Identifier: MIT
 *
 * Rows of integers on their way into a database, by a writer thread.
 *
 *     producer   row, row, ... block full ->  [ bounded queue ]  -> writer thread -> SQLite
 *
 * A producer fills a block of its own and hands it over when full; it waits only when the writer is
 * behind by the whole queue, so memory stays bounded. The writer moves a block with one statement,
 * `INSERT INTO t SELECT * FROM` a virtual table over the block: several times cheaper than one
 * statement execution for each row.
 *
 * The writer alone touches the database between `sim_rows_flush` calls. After its first fault it
 * discards what comes, so that no producer hangs.
 */
#ifndef SIM_BASE_ROWS_H
#define SIM_BASE_ROWS_H

#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_ROWS_COLUMNS 6      /* most columns of a table */
#define SIM_ROWS_BLOCK 8192u    /* rows of a block */
#define SIM_ROWS_NULL INT64_MIN /* stored as NULL */

struct sqlite3;
struct sim_rows; /* the queue and its thread */

/* One table's block being filled. Invariant: used <= SIM_ROWS_BLOCK. */
struct sim_rows_block {
    uint32_t columns, used;
    int64_t *cell; /* [used][columns] */
    struct sim_rows *rows;
    const char *table;
};

/* Starts a writer on an open database inside a transaction. NULL: no thread could be started.
 * The database must not be used elsewhere until flushed or freed. */
struct sim_rows *sim_rows_new(struct sqlite3 *database);

/* Waits until everything handed over is written: the caller may use the database until the next row. */
void sim_rows_flush(struct sim_rows *rows);

/* Flushes, ends the thread, releases. */
void sim_rows_free(struct sim_rows *rows);

/* True once a block could not be written. */
bool sim_rows_failed(const struct sim_rows *rows);

/* The first fault, in SQLite's words; valid after flush. NULL: none. */
const char *sim_rows_fault(const struct sim_rows *rows);

/* A block for rows of `table` with `columns` columns (its name is a constant of the program). */
void sim_rows_block_init(struct sim_rows_block *block, struct sim_rows *rows, const char *table,
                         uint32_t columns);

/* Hands over what the block holds. */
void sim_rows_block_send(struct sim_rows_block *block);

/* Sends the rest and releases. */
void sim_rows_block_release(struct sim_rows_block *block);

/* The cells of the next row, to be filled at once; the row is handed over with a later one. */
static inline int64_t *sim_rows_next(struct sim_rows_block *block) {
    if (__builtin_expect(block->used == SIM_ROWS_BLOCK, 0))
        sim_rows_block_send(block);
    return block->cell + (size_t)block->used++ * block->columns;
}

#ifdef __cplusplus
}
#endif

#endif
