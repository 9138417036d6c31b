/* SPDX-License-Identifier: MIT
 *
 * Technology files: prices are what the file says, at any voltage and clock; what is wrong in a file is
 * said with its place; pricing a finished run again gives what pricing it at first would have given.
 */
#include "sim/record/energy.h"

#include "arch/shenjing/tile.h"
#include "noc/router/router.h"
#include "sim/record/rundb.h"
#include "test/suite.h"
#include "test/unit/priced_run.h"

#include <math.h>

static const struct sim_energy_parameter parameter[] = {{"test.host", "width", 1},
                                                        {"test.tile", "width", 64}};

static double price_at(const char *type, const char *event, double voltage_v, double clock_hz) {
    struct sim_energy_price price;
    struct sim_energy_point point = {voltage_v, clock_hz, parameter, 2};
    bool good = sim_energy_price(energy, type, event, &point, &price, &err);
    sim_err_print(&err, stderr);
    ck_assert(good);
    return price.unit_energy_j;
}

START_TEST(prices_follow_voltage_clock_and_size) {
    ck_assert_str_eq(sim_energy_name(energy), "test");
    ck_assert_double_eq(sim_energy_voltage(energy), 0.8);
    assert_near(price_at("test.tile", "work", 0, 1e6), 2e-12);
    assert_near(price_at("test.tile", "work", 0.8, 1e6), 2e-12);
    assert_near(price_at("test.tile", "work", 0.4, 1e6), 2e-12 / 4);
    assert_near(price_at("test.tile", "work", 0, 1e9), 2e-12);
    assert_near(price_at("test.tile", "hop", 0, 1e6), 3e-12 * 64 / 32);
    assert_near(price_at("test.tile", "leakage", 0, 1e6), 1e-6 / 1e6);
    assert_near(price_at("test.tile", "leakage", 0.4, 2e6), 1e-6 / 2e6 / 2);
    ck_assert_double_eq(price_at("test.tile", "tick", 0, 1e6), 0);
    ck_assert_double_eq(price_at("test.host", "leakage", 0, 1e6), 0);
}
END_TEST

START_TEST(prices_have_a_source) {
    struct sim_energy_price price;
    struct sim_energy_point point = {0, 1e6, parameter, 2};
    ck_assert(sim_energy_price(energy, "test.tile", "hop", &point, &price, &err));
    ck_assert_str_eq(price.source, "made up");
    ck_assert_str_eq(price.trust, "derived");
    ck_assert(sim_energy_price(energy, "test.tile", "tick", &point, &price, &err));
    ck_assert_str_eq(price.source, "counted in leakage");
    ck_assert_str_eq(price.trust, "free");
}
END_TEST

START_TEST(nothing_is_free_in_silence) {
    struct sim_energy_price price;
    struct sim_energy_point point = {0, 1e6, parameter, 2};
    ck_assert(!sim_energy_price(energy, "test.tile", "unheard", &point, &price, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "'test.tile.unheard' has no price"));
    point.parameters = 1;
    ck_assert(!sim_energy_price(energy, "test.tile", "hop", &point, &price, &err));
    ck_assert_ptr_nonnull(strstr(err.message[1], "no parameter 'width'"));
    point.clock_hz = 0;
    ck_assert(!sim_energy_price(energy, "test.tile", "leakage", &point, &price, &err));
    ck_assert_int_eq(err.count, 3);
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
}
END_TEST

START_TEST(entries_that_price_nothing_are_errors) {
    static const char *const event[] = {"wort", "hop", "tick", "leakage"};
    ck_assert(!sim_energy_check_type(energy, "test.tile", event, 4, &err));
    ck_assert_int_eq(err.count, 1);
    ck_assert_ptr_nonnull(
        strstr(err.message[0],
               "tech.yaml:4:5: energy: test.tile has no event 'work' (did you mean 'wort'?)"));
}
END_TEST

START_TEST(areas_scale_or_are_not_known) {
    write_file(in_folder("area.yaml"), "technology: {name: t, node: 28 nm, voltage: 1 V}\nenergy: {}\narea:\n"
                            "  a: {area: 10 um2, scale: {width: 4}, source: measured, trust: paper}\n");
    struct sim_energy *measured = sim_energy_load(in_folder("area.yaml"), &err);
    ck_assert_ptr_nonnull(measured);
    struct sim_energy_parameter width = {"a", "width", 6};
    struct sim_energy_point point = {0, 1e6, &width, 1};
    struct sim_energy_area area;
    ck_assert(sim_energy_area(measured, "a", &point, &area, &err));
    ck_assert_double_eq_tol(area.area_m2, 15e-12, 1e-24);
    ck_assert_str_eq(area.source, "measured");
    ck_assert_str_eq(area.trust, "paper");
    ck_assert(sim_energy_area(measured, "b", &point, &area, &err));
    ck_assert(isnan(area.area_m2));
    ck_assert_ptr_null(area.source);
    ck_assert_int_eq(err.count, 0);
    point.parameters = 0;
    ck_assert(!sim_energy_area(measured, "a", &point, &area, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "a has no parameter 'width'"));
    sim_energy_free(measured);
}
END_TEST

/* ---- wrong files ----------------------------------------------------------------------------------- */

#define HEAD "technology: {name: t, node: 28 nm, voltage: 1 V}\n"

static const struct {
    const char *text, *message;
} wrong[] = {
    {"", "1:1: "},
    {"- 1\n", "1:1: a technology file is a mapping, not a list"},
    {"energy: {}\n", "'technology'"},
    {HEAD, "'energy'"},
    {HEAD "energie: {}\n", "2:1: technology file: unknown key 'energie' (did you mean 'energy'?)"},
    {"technology: {name: t, node: 28 nm}\nenergy: {}\n", "'voltage'"},
    {"technology: {name: t, node: 28, voltage: 1 V}\nenergy: {}\n",
     "1:29: technology: node: '28' has no unit"},
    {"technology: {name: t, node: 28 nm, voltage: 0 V}\nenergy: {}\n", "must be above 0"},
    {HEAD "energy: {a: {e: 1 pJ}}\n", "2:17: a.e: must be a mapping"},
    {HEAD "energy: {a: 1 pJ}\n", "2:13: energy: 'a' must be a mapping"},
    {HEAD "energy: {a: {e: {energy: 1 pJ, trust: derived}}}\n", "'source'"},
    {HEAD "energy: {a: {e: {energy: 1 pJ, source: '', trust: derived}}}\n", "'source' must not be empty"},
    {HEAD "energy: {a: {e: {energy: 1 pJ, source: s}}}\n", "'trust'"},
    {HEAD "energy: {a: {e: {energy: 1 pJ, source: s, trust: derivd}}}\n",
     "2:50: a.e: unknown trust 'derivd' (did you mean derived)"},
    {HEAD "energy: {a: {e: {energy: 1 pW, source: s, trust: fit}}}\n", "2:26: a.e: energy: "},
    {HEAD "energy: {a: {e: {energy: 1, source: s, trust: fit}}}\n", "no unit"},
    {HEAD "energy: {a: {e: {energy: -1 pJ, source: s, trust: fit}}}\n", "not negative"},
    {HEAD "energy: {a: {e: {enrgy: 1 pJ, source: s, trust: fit}}}\n",
     "unknown key 'enrgy' (did you mean 'energy'?)"},
    {HEAD "energy: {a: {leakage: {energy: 1 pJ, source: s, trust: fit}}}\n", "'energy'"},
    {HEAD "energy: {a: {e: {energy: 1 pJ, scale: {n: 0}, source: s, trust: fit}}}\n",
     "'n' must be above 0"},
    {HEAD "energy: {a: {e: {energy: 1 pJ, scale: 3, source: s, trust: fit}}}\n",
     "2:39: a.e.scale: a mapping is expected"},
    {HEAD "energy: {a: {e: {energy: 1 pJ, source: s, trust: fit}}}\nfree: {a: {e: why}}\n",
     "3:12: free: a.e: has an energy as well, at line 2"},
    {HEAD "energy: {}\nfree: {a: {e: ''}}\n", "must say why"},
    {HEAD "energy: {}\nfree: {a: {e: {}}}\n", "must say why"},
    {HEAD "energy: {}\narea: {a: 1 um2}\n", "3:11: area: a: must be a mapping"},
    {HEAD "energy: {}\narea: {a: {area: 1 um, source: s, trust: fit}}\n", "area: a: area: "},
    {HEAD "energy: {}\narea: {a: {area: 1 um2, trust: fit}}\n", "'source'"},
    {HEAD "energy: {}\narea: {a: {power: 1 um2, source: s, trust: fit}}\n", "unknown key 'power'"},
    {HEAD "energy: {}\narea: [a]\n", "3:7: technology file.area: a mapping is expected"},
    {HEAD "energy: {}\nfree: [a]\n", "3:7: technology file.free: a mapping is expected"},
};

START_TEST(wrong_files_are_located_errors) {
    write_file(in_folder("wrong.yaml"), wrong[_i].text);
    ck_assert_ptr_null(sim_energy_load(in_folder("wrong.yaml"), &err));
    ck_assert_int_ge(err.count, 1);
    ck_assert_int_eq(err.code, SIM_EXIT_CONFIG);
    ck_assert_msg(strstr(err.message[0], wrong[_i].message) != NULL, "expected '%s' in: %s",
                  wrong[_i].message, err.message[0]);
    ck_assert_ptr_nonnull(strstr(err.message[0], "wrong.yaml"));
}
END_TEST

START_TEST(all_faults_of_a_file_are_told) {
    write_file(in_folder("wrong.yaml"),
               HEAD "energy:\n  a:\n    x: {energy: 1 pJ}\n    y: {energy: 1 pJ, source: s, trust: fit}\n"
                    "    z: {energy: pJ, source: s, trust: fit}\n");
    ck_assert_ptr_null(sim_energy_load(in_folder("wrong.yaml"), &err));
    ck_assert_int_eq(err.count, 3);
}
END_TEST

START_TEST(a_missing_file_is_an_error) {
    ck_assert_ptr_null(sim_energy_load(in_folder("nothing.yaml"), &err));
    ck_assert_int_eq(err.code, SIM_EXIT_IO);
}
END_TEST

/* ---- pricing again ----------------------------------------------------------------------------------- */

static const char other_tech[] = "technology: {name: other, node: 22 nm, voltage: 0.6 V}\n"
                                 "energy:\n"
                                 "  test.tile:\n"
                                 "    work: {energy: 7 pJ, scale: {width: 128}, source: s, trust: fit}\n"
                                 "    hop: {energy: 1 fJ, source: s, trust: fit}\n"
                                 "    tick: {energy: 11 aJ, source: s, trust: fit}\n"
                                 "    leakage: {power: 3 nW, source: s, trust: fit}\n"
                                 "  test.host:\n"
                                 "    send: {energy: 13 pJ, source: s, trust: fit}\n"
                                 "    leakage: {power: 5 uW, source: s, trust: fit}\n";

static double total(sqlite3 *database) { return ask_real(database, "SELECT energy_j FROM energy_total"); }

START_TEST(pricing_again_equals_pricing_at_first) {
    struct synthetic_run run;
    write_file(in_folder("other.yaml"), other_tech);
    struct sim_energy *other = sim_energy_load(in_folder("other.yaml"), &err);
    ck_assert_ptr_nonnull(other);
    struct synthetic what = {.seed = 3, .samples = 4, .events = 100, .energy = energy, .clock_hz = 1e6};
    synthetic_make(in_folder("first.db"), &what, &run);
    what.energy = other;
    what.clock_hz = 5e6;
    synthetic_make(in_folder("second.db"), &what, &run);
    sqlite3 *first = sim_rundb_open(in_folder("first.db"), &err),
            *second = sim_rundb_open(in_folder("second.db"), &err);
    ck_assert(total(first) != total(second));
    ck_assert(
        sim_rundb_reprice(first, "first.db", other, &(struct sim_energy_point){.clock_hz = 5e6}, &err));
    ck_assert_double_eq(total(first), total(second));
    ck_assert_double_eq(ask_real(first, "SELECT power_w FROM energy_total"),
                        ask_real(second, "SELECT power_w FROM energy_total"));
    ck_assert_int_eq(ask_int(first, "SELECT count(*) FROM kind WHERE trust = 'fit'"), 6);
    sqlite3_close(first);
    sqlite3_close(second);
    sim_energy_free(other);
}
END_TEST

START_TEST(pricing_again_keeps_the_clock_and_the_file) {
    struct synthetic_run run;
    struct synthetic what = {.seed = 3, .samples = 4, .events = 100, .energy = energy, .clock_hz = 1e6};
    synthetic_make(in_folder("run.db"), &what, &run);
    sqlite3 *database = sim_rundb_open(in_folder("run.db"), &err);
    double before = total(database);
    ck_assert(
        sim_rundb_reprice(database, "run.db", energy, &(struct sim_energy_point){.voltage_v = 0}, &err));
    ck_assert_double_eq(total(database), before);
    sqlite3_close(database);
    database = sim_rundb_open(in_folder("run.db"), &err);
    ck_assert(
        sim_rundb_reprice(database, "run.db", energy, &(struct sim_energy_point){.voltage_v = 0.4}, &err));
    assert_near(ask_real(database, "SELECT dynamic_j FROM energy_total"),
                (synthetic_cost(&run) - SYNTHETIC_LEAK_J * (double)run.cycles * SYNTHETIC_TILES) / 4);
    sqlite3_close(database);
    database = sim_rundb_open(in_folder("run.db"), &err);
    ck_assert_double_eq(total(database), before);
    sqlite3_close(database);
}
END_TEST

START_TEST(a_run_without_prices_can_be_priced_later) {
    struct synthetic_run run;
    struct synthetic what = {.seed = 3, .samples = 4, .events = 100};
    synthetic_make(in_folder("run.db"), &what, &run);
    sqlite3 *database = sim_rundb_open(in_folder("run.db"), &err);
    ck_assert(
        !sim_rundb_reprice(database, "run.db", energy, &(struct sim_energy_point){.voltage_v = 0}, &err));
    ck_assert_ptr_nonnull(strstr(err.message[0], "--clock"));
    sqlite3_close(database);
    sim_err_release(&err);
    database = sim_rundb_open(in_folder("run.db"), &err);
    ck_assert(
        sim_rundb_reprice(database, "run.db", energy, &(struct sim_energy_point){.clock_hz = 1e6}, &err));
    assert_near(total(database), synthetic_cost(&run));
    sqlite3_close(database);
}
END_TEST

/* ---- the files that are shipped ------------------------------------------------------------------------ */

START_TEST(every_shipped_technology_loads) {
    DIR *listing = opendir("configs/tech");
    ck_assert_ptr_nonnull(listing);
    uint32_t files = 0;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (strstr(entry->d_name, ".yaml") == NULL)
            continue;
        char path[PATH_MAX];
        snprintf(path, sizeof path, "configs/tech/%s", entry->d_name);
        struct sim_energy *shipped = sim_energy_load(path, &err);
        sim_err_print(&err, stderr);
        ck_assert_msg(shipped != NULL, "%s", path);
        sim_energy_free(shipped);
        files++;
    }
    closedir(listing);
    ck_assert_uint_ge(files, 1);
}
END_TEST

#define NAME(name, help) #name,
#define ROUTER_NAME(NAME_, name, help) #name,

/* Every event of the hardware is priced or free in 28nm.yaml, and nothing else is. */
START_TEST(the_28_nm_file_fits_the_hardware) {
    static const char *const tile[] = {ARCH_NEURON_CORE_EVENTS(NAME) ARCH_SEQUENCER_EVENTS(
        NAME) NOC_PS_EVENTS(NAME) NOC_SPIKE_EVENTS(NAME) ARCH_SHENJING_TILE_EVENTS(NAME) "leakage"};
    static const char *const router[] = {NOC_ROUTER_EVENTS(ROUTER_NAME) "leakage"};
    static const struct sim_energy_parameter size[] = {{"arch.shenjing_tile", "axons", 256},
                                                       {"arch.shenjing_tile", "neurons", 256},
                                                       {"arch.shenjing_tile", "weight_bits", 5},
                                                       {"arch.shenjing_tile", "sum_bits", 13},
                                                       {"arch.shenjing_tile", "ps_bits", 16},
                                                       {"noc.router", "flit_bits", 16}};
    struct sim_energy *shipped = sim_energy_load("configs/tech/28nm.yaml", &err);
    ck_assert_ptr_nonnull(shipped);
    struct sim_energy_point point = {0, 1.2e5, size, sizeof size / sizeof *size};
    struct sim_energy_price price;
    for (size_t i = 0; i < sizeof tile / sizeof *tile; i++)
        sim_energy_price(shipped, "arch.shenjing_tile", tile[i], &point, &price, &err);
    for (size_t i = 0; i < sizeof router / sizeof *router; i++)
        sim_energy_price(shipped, "noc.router", router[i], &point, &price, &err);
    sim_energy_check_type(shipped, "arch.shenjing_tile", tile, sizeof tile / sizeof *tile, &err);
    sim_energy_check_type(shipped, "noc.router", router, sizeof router / sizeof *router, &err);
    sim_err_print(&err, stderr);
    ck_assert_int_eq(err.count, 0);
    sim_energy_free(shipped);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/record/energy");
    TCase *prices = suite_case(suite, "prices");
    tcase_add_checked_fixture(prices, set_up, tear_down);
    tcase_add_test(prices, prices_follow_voltage_clock_and_size);
    tcase_add_test(prices, prices_have_a_source);
    tcase_add_test(prices, nothing_is_free_in_silence);
    tcase_add_test(prices, entries_that_price_nothing_are_errors);
    tcase_add_test(prices, areas_scale_or_are_not_known);
    TCase *files = suite_case(suite, "files");
    tcase_add_checked_fixture(files, set_up, tear_down);
    tcase_add_loop_test(files, wrong_files_are_located_errors, 0, sizeof wrong / sizeof *wrong);
    tcase_add_test(files, all_faults_of_a_file_are_told);
    tcase_add_test(files, a_missing_file_is_an_error);
    tcase_add_test(files, every_shipped_technology_loads);
    tcase_add_test(files, the_28_nm_file_fits_the_hardware);
    TCase *again = suite_case(suite, "pricing again");
    tcase_add_checked_fixture(again, set_up, tear_down);
    tcase_add_test(again, pricing_again_equals_pricing_at_first);
    tcase_add_test(again, pricing_again_keeps_the_clock_and_the_file);
    tcase_add_test(again, a_run_without_prices_can_be_priced_later);
    return suite_run(suite);
}
