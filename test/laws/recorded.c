/* SPDX-License-Identifier: MIT
 *
 * The laws L7 and L8 in the run database: every order writes the same content, every event is a row, and the
 * views give count x unit energy. For laws.c.
 */
#include "test/laws/recorded.h"

#include "sim/base/rng.h"
#include "sim/record/hash.h"
#include "sim/record/record.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CLOCK_HZ 1e6

/* Each test is a process of its own. */
static char folder[] = "/tmp/nocsim-laws-XXXXXX", technology[sizeof folder + 16],
            database[sizeof folder + 16];

static void open_folder(void) {
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(technology, sizeof technology, "%s/tech.yaml", folder);
    snprintf(database, sizeof database, "%s/run.db", folder);
}

static void remove_folder(void) {
    unlink(technology);
    unlink(database);
    rmdir(folder);
}

static void require(const struct law_run *run, bool done, const struct sim_err *err) {
    if (!done)
        law_fail(run, "%s", err->count > 0 ? err->message[0] : "fails without a message");
}

/* The price of an event, in whole femtojoules; leakage costs nothing, so that all energy comes from counts.
 */
static uint64_t price_fj(const char *type, const char *event) {
    uint64_t state = 1;
    for (; *type != '\0'; type++)
        state = state * 31 + (unsigned char)*type;
    for (; *event != '\0'; event++)
        state = state * 31 + (unsigned char)*event;
    return 1 + sim_rng_below(&state, 100000);
}

static bool is_first_of_type(const struct sim_kernel *kernel, uint32_t id) {
    for (uint32_t other = 0; other < id; other++)
        if (kernel->component[other]->type == kernel->component[id]->type)
            return false;
    return true;
}

static struct sim_energy *load_technology(const struct law_run *run, struct sim_err *err) {
    const struct sim_kernel *kernel = &run->kernel;
    FILE *file = fopen(technology, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "technology: {name: laws, node: 28 nm, voltage: 0.9 V}\nenergy:\n");
    for (uint32_t id = 0; id < kernel->components; id++) {
        const struct sim_type *type = kernel->component[id]->type;
        if (!is_first_of_type(kernel, id))
            continue;
        fprintf(file, "  %s:\n    leakage: {power: 0 W, source: none, trust: choice}\n", type->name);
        for (uint32_t event = 0; event < type->event_count; event++)
            fprintf(file, "    %s: {energy: %llu fJ, source: drawn, trust: choice}\n",
                    type->events[event].name,
                    (unsigned long long)price_fj(type->name, type->events[event].name));
    }
    fclose(file);
    struct sim_energy *energy = sim_energy_load(technology, err);
    require(run, energy != NULL, err);
    return energy;
}

/* Runs the system and records every event; returns the energy by the counters, in femtojoules. */
static double record(struct law_run *run, sim_cycle cycles) {
    struct sim_err err;
    sim_err_init(&err);
    struct sim_kernel *kernel = &run->kernel;
    struct sim_energy *energy = load_technology(run, &err);
    struct sim_record_spec spec = {.path = database, .level = SIM_RECORD_EVENTS};
    struct sim_record *record = sim_record_new(&spec, &err);
    require(run, record != NULL, &err);
    for (uint32_t id = 0; id < kernel->components; id++)
        sim_record_component(record, kernel->component[id], &(struct sim_record_place){-1, -1, -1});
    struct sim_energy_point point = {.clock_hz = CLOCK_HZ};
    require(run, sim_record_price(record, energy, &point, &err), &err);
    law_run_until(run, cycles);
    sim_kernel_settle(kernel);
    double energy_fj = 0;
    for (uint32_t id = 0; id < kernel->components; id++) {
        const struct sim_component *component = kernel->component[id];
        for (uint32_t event = 0; event < component->type->event_count; event++)
            energy_fj += (double)(component->count[event] *
                                  price_fj(component->type->name, component->type->events[event].name));
    }
    require(run, sim_record_finish(record, kernel->now, &err), &err);
    sim_record_free(record);
    sim_energy_free(energy);
    sim_err_release(&err);
    return energy_fj;
}

static double ask(const struct law_run *run, const char *sql) {
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_open_v2(database, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        law_fail(run, "%s: %s", sql, sqlite3_errmsg(db));
    double answer = sqlite3_column_double(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return answer;
}

void law_recorded_replay(const struct law_subject *subject, uint64_t seed) {
    char digest[SIM_ORDER_COUNT][SIM_HASH_SIZE];
    open_folder();
    for (enum sim_order order = 0; order < SIM_ORDER_COUNT; order++) {
        struct law_run run;
        struct sim_hash hash;
        struct sim_err err;
        sim_err_init(&err);
        law_run_open(&run, subject, seed, order);
        unlink(database);
        record(&run, subject->cycles / 4);
        require(&run, sim_hash_run(database, &hash, &err), &err);
        memcpy(digest[order], hash.digest, sizeof hash.digest);
        if (strcmp(digest[order], digest[0]) != 0)
            law_fail(&run, "the database of order %d differs from that of sparse", (int)order);
        sim_err_release(&err);
        law_run_close(&run);
    }
    remove_folder();
}

void law_recorded_energy(const struct law_subject *subject, uint64_t seed) {
    struct law_run run;
    open_folder();
    law_run_open(&run, subject, seed, SIM_ORDER_SPARSE);
    double expected = record(&run, subject->cycles / 4) * 1e-15;
    double total = ask(&run, "SELECT energy_j FROM energy_total");
    double by_event = ask(&run, "SELECT total(energy_j) FROM event_energy");
    double unlogged =
        ask(&run, "SELECT count(*) FROM count c WHERE c.count <> (SELECT total(e.count) FROM event e "
                  "WHERE e.component = c.component AND e.kind = c.kind)");
    if (fabs(total - expected) > 1e-12 * expected || fabs(by_event - expected) > 1e-9 * expected)
        law_fail(&run, "counters cost %.17g J, the view says %.17g J, the events %.17g J", expected, total,
                 by_event);
    if (unlogged != 0)
        law_fail(&run, "%d counts are not the sum of their events", (int)unlogged);
    law_run_close(&run);
    remove_folder();
}
