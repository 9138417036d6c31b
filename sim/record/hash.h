/* SPDX-License-Identifier: MIT
 *
 * The content hash of a run database: two runs have the same hash exactly when they have done the same
 * (laws L6 and L7).
 *
 * It covers what the chip is made of and what it did: layers, components, kinds of events, counts, steps,
 * events, samples, spikes, links, latencies. It does not cover how the run was made (engine, order,
 * threads, seed of the order, dates, speed: table `run`), where values were written (`config`), nor prices
 * (unit energies are an input; energy is linear in them). What a database holds depends on --log, so only
 * runs of the same level compare.
 *
 * Every row is hashed with XXH3-128, types and lengths included; the row hashes of a table are added, so
 * the order of the rows does not matter but their number does; the tables' sums are hashed in a fixed order.
 */
#ifndef SIM_RECORD_HASH_H
#define SIM_RECORD_HASH_H

#include "sim/base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SIM_HASH_SIZE 33   /* 32 hexadecimal digits and a NUL */
#define SIM_HASH_TABLES 12 /* tables covered */

struct sqlite3;

struct sim_hash_table {
    const char *name;
    uint64_t rows;
    char digest[SIM_HASH_SIZE];
};

struct sim_hash {
    char digest[SIM_HASH_SIZE];
    struct sim_hash_table table[SIM_HASH_TABLES];
};

/* False and a message: SIM_EXIT_IO when the file cannot be read, SIM_EXIT_CONFIG when it is damaged or
 * foreign. */
bool sim_hash_run(const char *path, struct sim_hash *hash, struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif
