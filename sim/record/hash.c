/* SPDX-License-Identifier: MIT
 *
 * Multiset hash of explicit tables and columns; see hash.h.
 */
#include "sim/record/hash.h"

#include "sim/base/heap.h"
#include "sim/record/rundb.h"

#include <endian.h>
#include <sqlite3.h>
#include <string.h>
#include <xxhash.h>

struct content {
    const char *name, *columns;
};

static const struct content contents[] = {
    {"layer", "id, name, kind, neurons"},
    {"component", "id, path, type, layer, row, col"},
    {"kind", "id, type, event"},
    {"count", "component, kind, count"},
    {"step", "sample, timestep, component, kind, count"},
    {"event", "cycle, component, kind, count, latency"},
    {"sample", "id, label, class, first_cycle, last_cycle"},
    {"output", "sample, neuron, count"},
    {"spikes", "sample, layer, timestep, count"},
    {"link", "id, name, from_component, to_component, width, latency, sends, bits"},
    {"histogram", "id, name, count, sum, min, max"},
    {"latency", "histogram, low, high, count"},
};
_Static_assert(sizeof contents / sizeof *contents == SIM_HASH_TABLES, "one entry for each table");

/* A 128-bit sum, modulo 2^128. */
struct sum {
    uint64_t low, high;
};

static void add(struct sum *sum, XXH128_hash_t hash) {
    sum->low += hash.low64;
    sum->high += hash.high64 + (sum->low < hash.low64);
}

/* What is hashed, in 64-bit words, little-endian on every machine: digests are portable. */
struct buffer {
    uint64_t *word;
    size_t used, capacity;
};

static void reserve(struct buffer *buffer, size_t words) {
    if (buffer->used + words <= buffer->capacity)
        return;
    buffer->capacity = (buffer->used + words) * 2;
    buffer->word = sim_heap_must(realloc(buffer->word, buffer->capacity * sizeof *buffer->word));
}

static void append(struct buffer *buffer, uint64_t value) { buffer->word[buffer->used++] = htole64(value); }

static void append_bytes(struct buffer *buffer, const void *bytes, size_t count) {
    size_t words = (count + sizeof(uint64_t) - 1) / sizeof(uint64_t);
    reserve(buffer, words + 1);
    append(buffer, count);
    if (words == 0)
        return;
    buffer->word[buffer->used + words - 1] = 0;
    memcpy(buffer->word + buffer->used, bytes, count);
    buffer->used += words;
}

/* Type and value; texts with their length. */
static void append_value(struct buffer *buffer, sqlite3_stmt *row, int column) {
    int kind = sqlite3_column_type(row, column);
    reserve(buffer, 2);
    append(buffer, (uint64_t)kind);
    if (kind == SQLITE_INTEGER) {
        append(buffer, (uint64_t)sqlite3_column_int64(row, column));
    } else if (kind == SQLITE_FLOAT) {
        double value = sqlite3_column_double(row, column);
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        append(buffer, bits);
    } else if (kind == SQLITE_TEXT || kind == SQLITE_BLOB) {
        const void *bytes = sqlite3_column_blob(row, column);
        append_bytes(buffer, bytes, (size_t)sqlite3_column_bytes(row, column));
    }
}

static void print(char digest[SIM_HASH_SIZE], uint64_t high, uint64_t low) {
    snprintf(digest, SIM_HASH_SIZE, "%016llx%016llx", (unsigned long long)high, (unsigned long long)low);
}

static bool hash_table(sqlite3 *database, const struct content *content, struct buffer *buffer,
                       struct sim_hash_table *table, struct sum *sum) {
    char sql[160];
    snprintf(sql, sizeof sql, "SELECT %s FROM main.%s", content->columns, content->name);
    sqlite3_stmt *row;
    if (sqlite3_prepare_v2(database, sql, -1, &row, NULL) != SQLITE_OK)
        return false;
    *table = (struct sim_hash_table){.name = content->name};
    int code, columns = sqlite3_column_count(row);
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
        buffer->used = 0;
        for (int column = 0; column < columns; column++)
            append_value(buffer, row, column);
        add(sum, XXH3_128bits(buffer->word, buffer->used * sizeof *buffer->word));
        table->rows++;
    }
    sqlite3_finalize(row);
    print(table->digest, sum->high, sum->low);
    return code == SQLITE_DONE;
}

static bool hash_database(sqlite3 *database, struct sim_hash *hash) {
    struct buffer row = {.word = NULL}, all = {.word = NULL};
    bool good = true;
    for (int i = 0; i < SIM_HASH_TABLES && good; i++) {
        struct sum sum = {0, 0};
        good = hash_table(database, &contents[i], &row, &hash->table[i], &sum);
        append_bytes(&all, contents[i].name, strlen(contents[i].name));
        reserve(&all, 3);
        append(&all, hash->table[i].rows);
        append(&all, sum.low);
        append(&all, sum.high);
    }
    XXH128_hash_t digest = XXH3_128bits(all.word, all.used * sizeof *all.word);
    print(hash->digest, digest.high64, digest.low64);
    free(row.word);
    free(all.word);
    return good;
}

bool sim_hash_run(const char *path, struct sim_hash *hash, struct sim_err *err) {
    sqlite3 *database = sim_rundb_open(path, err);
    if (database == NULL)
        return false;
    bool good = hash_database(database, hash) || sim_rundb_fault(database, path, err);
    sqlite3_close(database);
    return good;
}
