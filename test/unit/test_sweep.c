/* SPDX-License-Identifier: MIT
 *
 * Sweeps: values of axes, numbering of candidates, samples, constraints, and expressions that must stay
 * expressions.
 */
#include "sim/sweep/sweep.h"
#include "sim/sweep/db.h"
#include "sim/sweep/expr.h"
#include "sim/base/rng.h"

#include "test/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const mode_names[] = {"slow", "fast", NULL};
static const struct sim_param rows = {.key = "rows", .kind = SIM_PARAM_KIND_UINT, .min = 1, .max = 4096};
static const struct sim_param cols = {.key = "cols", .kind = SIM_PARAM_KIND_UINT, .min = 1, .max = 64};
static const struct sim_param clock_ = {
    .key = "clock", .kind = SIM_PARAM_KIND_QUANTITY, .unit = SIM_UNIT_HERTZ, .min = 1, .max = 1e10};
static const struct sim_param rate = {.key = "rate", .kind = SIM_PARAM_KIND_REAL, .min = 0, .max = 1};
static const struct sim_param mode = {.key = "mode", .kind = SIM_PARAM_KIND_CHOICE, .choices = mode_names};
static const struct sim_param flag = {.key = "flag", .kind = SIM_PARAM_KIND_BOOL};
static const struct sim_sweep_key keys[] = {
    {.path = "chip.rows", .param = &rows},    {.path = "chip.cols", .param = &cols},
    {.path = "chip.clock", .param = &clock_}, {.path = "chip.rate", .param = &rate},
    {.path = "chip.mode", .param = &mode},    {.path = "chip.flag", .param = &flag},
    {.path = "chip", .param = NULL},          {.path = "trace", .option = true, .file = true},
};
#define KEYS (uint32_t)(sizeof keys / sizeof *keys)

static struct sim_sweep sweep;
static struct sim_err err;
static char folder[64], file[96];

static void set_up(void) {
    strcpy(folder, "/tmp/nocsim-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/sweep.yaml", folder);
    sim_err_init(&err);
    sweep = (struct sim_sweep){.file = NULL};
}

static void tear_down(void) {
    if (sweep.file != NULL)
        sim_sweep_release(&sweep);
    sim_err_release(&err);
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static void write_file(const char *body) {
    FILE *out = fopen(file, "w");
    fprintf(out, "arch: chip.yaml\ntrace: a.spk\n%s", body);
    fclose(out);
}

static bool load(const char *body) {
    write_file(body);
    return sim_sweep_load(&sweep, file, &err) && sim_sweep_bind(&sweep, keys, KEYS, &err);
}

static void must_load(const char *body) {
    if (!load(body)) {
        sim_err_print(&err, stderr);
        ck_abort_msg("refused: %s", body);
    }
}

/* "128,fast" for the candidate's values. */
static const char *values_of(uint32_t candidate) {
    static char text[512];
    const struct sim_sweep_value *value[SIM_SWEEP_AXES_MAX];
    size_t used = 0;
    sim_sweep_values(&sweep, candidate, value);
    text[0] = '\0';
    for (uint32_t a = 0; a < sweep.axes; a++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", a == 0 ? "" : ",", value[a]->text);
    return text;
}

static const char *axis_of(const char *axis) {
    static char text[1024];
    char body[512];
    set_up();
    snprintf(body, sizeof body, "axes: [%s]", axis);
    must_load(body);
    size_t used = 0;
    for (uint32_t i = 0; i < sweep.candidates; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i == 0 ? "" : " | ", values_of(i));
    tear_down();
    return text;
}

/* ---- axes ------------------------------------------------------------------------------------- */

START_TEST(lists_and_ranges) {
    static const struct {
        const char *axis, *values;
    } cases[] = {
        {"{key: chip.rows, values: [1, 0x10, 3]}", "1 | 16 | 3"},
        {"{key: chip.mode, values: [fast, slow]}", "fast | slow"},
        {"{key: chip.flag, values: [true, false]}", "true | false"},
        {"{key: chip.clock, values: [120 kHz, 1000 Hz, 1.5MHz]}", "120 kHz | 1 kHz | 1.5 MHz"},
        {"{key: chip.rows, range: {from: 2, to: 11, step: 3}}", "2 | 5 | 8 | 11"},
        {"{key: chip.rows, range: {from: 2, to: 10, step: 3}}", "2 | 5 | 8"},
        {"{key: chip.rows, range: {from: 2, to: 10, count: 5}}", "2 | 4 | 6 | 8 | 10"},
        {"{key: chip.rows, range: {from: 7, to: 7, step: 1}}", "7"},
        {"{key: chip.rate, range: {from: 0.1, to: 0.5, step: 0.1}}", "0.1 | 0.2 | 0.3 | 0.4 | 0.5"},
        {"{key: chip.clock, range: {from: 0.1 MHz, to: 300 kHz, step: 100 kHz}}",
         "100 kHz | 200 kHz | 300 kHz"},
        {"{key: chip.rows, log: {from: 64, to: 512, factor: 2}}", "64 | 128 | 256 | 512"},
        {"{key: chip.rows, log: {from: 1, to: 1000, factor: 10}}", "1 | 10 | 100 | 1000"},
        {"{key: chip.rows, log: {from: 1, to: 4, count: 7}}", "1 | 2 | 3 | 4"}, /* rounded, without doubles */
        {"{key: chip.rate, log: {from: 0.01, to: 1, count: 3}}", "0.01 | 0.1 | 1"},
        {"{key: chip.clock, log: {from: 1 kHz, to: 1 MHz, factor: 10}}", "1 kHz | 10 kHz | 100 kHz | 1 MHz"},
        {"{key: chip, values: ['{type: a}', x]}", "{type: a} | x"},
        {"{option: trace, values: [b.spk]}", NULL},
    };
    tear_down();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *values = axis_of(cases[i].axis);
        if (cases[i].values != NULL)
            ck_assert_str_eq(values, cases[i].values);
        else
            ck_assert_ptr_nonnull(strstr(values, "/b.spk")); /* relative to the sweep */
    }
    set_up();
}
END_TEST

START_TEST(an_axis_may_move_several_keys) {
    must_load("axes: [{name: size, keys: [chip.rows, chip.cols], values: [8, 16]}]");
    ck_assert_uint_eq(sweep.axes, 1);
    ck_assert_uint_eq(sweep.axis[0]->keys, 2);
    ck_assert_str_eq(sweep.axis[0]->name, "size");
    ck_assert_double_eq(sweep.axis[0]->value[1].number, 16);
}
END_TEST

/* ---- numbering -------------------------------------------------------------------------------- */

START_TEST(the_last_axis_is_the_fastest) {
    must_load("axes: [{key: chip.rows, values: [1, 2]}, {key: chip.mode, values: [slow, fast]}, {key: "
              "chip.cols, values: [3, 4, 5]}]");
    ck_assert_uint_eq(sweep.candidates, 12);
    ck_assert_uint_eq(sweep.points, 12);
    ck_assert_str_eq(values_of(0), "1,slow,3");
    ck_assert_str_eq(values_of(1), "1,slow,4");
    ck_assert_str_eq(values_of(3), "1,fast,3");
    ck_assert_str_eq(values_of(11), "2,fast,5");
}
END_TEST

START_TEST(zips_move_together_and_nest) {
    must_load("axes:\n- zip:\n  - {key: chip.rows, values: [1, 2, 3, 4]}\n  - product:\n    - {key: "
              "chip.mode, values: [slow, fast]}\n"
              "    - {key: chip.flag, values: [true, false]}\n- {key: chip.cols, values: [8, 9]}\n");
    ck_assert_uint_eq(sweep.candidates, 8);
    static const char *const expected[] = {"1,slow,true,8",  "1,slow,true,9", "2,slow,false,8",
                                           "2,slow,false,9", "3,fast,true,8", "3,fast,true,9",
                                           "4,fast,false,8", "4,fast,false,9"};
    for (uint32_t i = 0; i < 8; i++)
        ck_assert_str_eq(values_of(i), expected[i]);
}
END_TEST

START_TEST(no_axes_is_one_point) {
    must_load("");
    ck_assert_uint_eq(sweep.points, 1);
    ck_assert_str_eq(values_of(0), "");
}
END_TEST

START_TEST(constraints_leave_numbers_alone) {
    must_load("axes: [{key: chip.rows, values: [1, 2, 3]}, {key: chip.cols, values: [1, 2, 3]}, {key: "
              "chip.mode, values: [slow, fast]}]\n"
              "constraints: [rows * cols <= 4, \"mode = 'fast' or rows > 1\"]");
    ck_assert_uint_eq(sweep.candidates, 18);
    uint32_t found = 0;
    for (uint32_t candidate = 0; candidate < 18; candidate++) {
        int r = candidate / 6 + 1, c = candidate / 2 % 3 + 1;
        bool fast = candidate % 2;
        if (r * c <= 4 && (fast || r > 1))
            ck_assert_uint_eq(sim_sweep_candidate(&sweep, found++), candidate);
    }
    ck_assert_uint_eq(sweep.points, found);
}
END_TEST

START_TEST(quantities_are_si_units_and_reals) {
    must_load("axes: [{key: chip.clock, values: [1 kHz, 3 kHz]}, {key: chip.rows, values: [1, "
              "3]}]\nconstraints: [clock / 2 = 500 and rows / 2 = 0.5]");
    ck_assert_uint_eq(sweep.points, 1);
}
END_TEST

START_TEST(the_hash_is_of_what_the_points_are) {
    static const struct {
        const char *body;
        bool same;
    } cases[] = {
        {"axes: [{key: chip.rows, values: [1, 2]}]", true},
        {"axes: [{key: chip.rows, range: {from: 1, to: 2, step: 1}}]", true},
        {"name: other\ndescription: x\ntimeout: 1 s\naxes: [{key: chip.rows, values: [1, 2]}]\nobjectives: "
         "[{minimise: x}]",
         true},
        {"axes: [{key: chip.rows, values: [1, 3]}]", false},
        {"axes: [{name: r, key: chip.rows, values: [1, 2]}]", false},
        {"axes: [{key: chip.cols, values: [1, 2]}]", false},
        {"axes: [{key: chip.rows, values: [1, 2]}]\nset: {chip.cols: 3}", false},
        {"axes: [{key: chip.rows, values: [1, 2]}]\noptions: {samples: 3}", false},
        {"axes: [{key: chip.rows, values: [1, 2]}]\nconstraints: [rows < 2]", false},
    };
    char first[SIM_SWEEP_HASH_SIZE] = "", here[SIM_SWEEP_HASH_SIZE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        must_load(cases[i].body);
        sim_sweep_hash(&sweep, here);
        if (i == 0)
            strcpy(first, here);
        ck_assert_msg((strcmp(first, here) == 0) == cases[i].same, "%s", cases[i].body);
        sim_sweep_release(&sweep);
    }
}
END_TEST

/* ---- samples ---------------------------------------------------------------------------------- */

START_TEST(a_latin_hypercube_meets_every_stratum_once) {
    must_load(
        "axes: [{sample: {method: latin-hypercube, count: 100, seed: 7, axes: [{key: chip.rate, range: "
        "{from: 0.2, to: 0.7}}, "
        "{key: chip.rows, range: {from: 1, to: 100}}, {key: chip.clock, log: {from: 1 Hz, to: 10 GHz}}]}}]");
    ck_assert_uint_eq(sweep.candidates, 100);
    bool met[3][100] = {{false}};
    double product = 0;
    for (uint32_t i = 0; i < 100; i++) {
        const struct sim_sweep_value *value[3];
        sim_sweep_values(&sweep, i, value);
        double place[3] = {(value[0]->number - 0.2) / 0.5, (value[1]->number - 1) / 100,
                           log10(value[2]->number) / 10};
        for (int a = 0; a < 3; a++) {
            int stratum = (int)floor(place[a] * 100 + 1e-9);
            ck_assert(stratum >= 0 && stratum < 100);
            ck_assert_msg(!met[a][stratum], "axis %d, stratum %d twice", a, stratum);
            met[a][stratum] = true;
        }
        product += (place[0] - 0.5) * (place[2] - 0.5);
    }
    ck_assert_double_lt(fabs(product / 100),
                        0.04); /* the axes are shuffled apart: covariance of 1/12 if not */
}
END_TEST

START_TEST(samples_depend_on_the_seed_alone) {
    char first[3][512];
    static const char *const seeds[] = {"1", "1", "2"};
    for (int i = 0; i < 3; i++) {
        char body[256];
        snprintf(body, sizeof body,
                 "axes: [{sample: {method: random, count: 4, seed: %s, axes: [{key: chip.rate, range: {from: "
                 "0, to: 1}}, "
                 "{key: chip.mode, values: [slow, fast]}]}}]",
                 seeds[i]);
        must_load(body);
        strcpy(first[i], "");
        for (uint32_t k = 0; k < 4; k++) {
            strcat(first[i], values_of(k));
            strcat(first[i], " ");
        }
        sim_sweep_release(&sweep);
    }
    ck_assert_str_eq(first[0], first[1]);
    ck_assert_str_ne(first[0], first[2]);
}
END_TEST

START_TEST(a_random_sample_is_uniform) {
    must_load("axes: [{sample: {method: random, count: 10000, axes: [{key: chip.cols, range: {from: 1, to: "
              "10}}]}}]");
    int count[11] = {0};
    for (uint32_t i = 0; i < 10000; i++) {
        const struct sim_sweep_value *value[1];
        sim_sweep_values(&sweep, i, value);
        count[(int)value[0]->number]++;
    }
    for (int i = 1; i <= 10; i++)
        ck_assert_int_lt(abs(count[i] - 1000), 150); /* five standard deviations */
}
END_TEST

/* ---- expressions ------------------------------------------------------------------------------ */

static const char *const names[] = {"a", "b", "word", "x.y"};
static const struct sim_sweep_value given[] = {
    {"3", "3", 3}, {"0.5", "0.5", 0.5}, {"hot", "hot", NAN}, {"7", "7", 7}};

static bool value_of(const char *text, double *result) {
    const struct sim_sweep_value *value[] = {&given[0], &given[1], &given[2], &given[3]};
    struct sim_sweep_expr *expr = sim_sweep_expr_new(text, names, 4, "constraint", NULL, &err);
    if (expr == NULL)
        return false;
    bool good = sim_sweep_expr_value(expr, value, result) && sim_sweep_expr_value(expr, value, result);
    sim_sweep_expr_free(expr);
    return good;
}

START_TEST(expressions_have_values) {
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"a + b", 3.5},
        {"a / 2", 1.5},
        {"a > 2 and b < 1", 1},
        {"word = 'hot'", 1},
        {"not a", 0},
        {"a ->> 1", NAN},
        {"1 / 0", NAN},
        {"word", NAN},
        {"null", NAN},
        {"\"x.y\" * 2", 14},
        {"max(a, b)", 3},
        {"iif(a > 2, 10, 20)", 10},
        {"pow(2, a)", 8},
        {"log2(8) = a", 1},
        {"round(2.6)", 3},
        {"a in (1, 3)", 1},
        {"a between 2 and 4", 1},
        {"case when b < 1 then 5 end", 5},
        {"a -- remark", 3},
        {"abs(-b)", 0.5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = NAN;
        bool good = value_of(cases[i].text, &value);
        ck_assert_msg(good == !isnan(cases[i].value) && (!good || value == cases[i].value), "%s: %g",
                      cases[i].text, value);
    }
}
END_TEST

START_TEST(only_expressions_are_expressions) {
    static const char *const cases[] = {
        "",
        "a b",
        "a,b",
        "a; drop table x",
        "a) from (select 1",
        "a) --",
        "(select 1)",
        "a union select 2",
        "exists(select 1)",
        "a in (select 1)",
        "random()",
        "randomblob(9)",
        "zeroblob(1000000000)",
        "load_extension('x')",
        "readfile('/etc/passwd')",
        "sqlite_version()",
        "datetime('now')",
        "?1",
        "?5",
        ":a",
        "@b",
        "\"nothing\"",
        "c",
        "a.b",
        "count(*) over ()",
        "1); select (2",
        "printf('%1000000d', 1)",
        "a) from x, (select 1",
        "(with r(x) as (select 1 union all select x from r) select * from r)",
        "raise(abort, 'x')",
        "changes()",
        "hex(a)",
        "quote(a)",
        "a from given, given",
        "(select max(a) from given)",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value;
        sim_err_release(&err);
        bool good = value_of(cases[i], &value);
        bool bound = strcmp(cases[i], "?1") == 0; /* the first name by its number: odd, harmless */
        ck_assert_msg(bound || (!good && err.count == 1 && err.code == SIM_EXIT_CONFIG), "'%s' is accepted",
                      cases[i]);
    }
}
END_TEST

START_TEST(large_expressions_are_refused) {
    char *text = malloc(100000);
    memset(text, '(', 99999);
    text[99999] = '\0';
    double value;
    ck_assert(!value_of(text, &value));
    memset(text, '-', 4000);
    text[4000] = 'a';
    text[4001] = '\0';
    ck_assert(!value_of(text, &value)); /* a comment without an expression */
    for (int i = 0; i < 4000; i += 2)
        memcpy(text + i, "- ", 2);
    ck_assert(!value_of(text, &value)); /* too deep */
    free(text);
}
END_TEST

START_TEST(names_are_suggested) {
    double value;
    ck_assert(!value_of("wird = 1", &value));
    ck_assert_str_eq(err.message[0], "constraint 'wird = 1': unknown name 'wird' (did you mean 'word'?)");
}
END_TEST

/* ---- the front -------------------------------------------------------------------------------- */

START_TEST(the_front_equals_its_definition) {
    uint64_t state = sim_rng_stream(3, 1);
    for (int round = 0; round < 200; round++) {
        uint32_t rows_ = 1 + (uint32_t)sim_rng_below(&state, 60),
                 objectives = 1 + (uint32_t)sim_rng_below(&state, 4);
        double value[60 * 4];
        bool front[60];
        for (uint32_t i = 0; i < rows_ * objectives; i++)
            value[i] = sim_rng_below(&state, 40) == 0 ? NAN : (double)sim_rng_below(&state, 6);
        sim_sweep_front(value, rows_, objectives, front);
        for (uint32_t i = 0; i < rows_; i++) {
            bool best = true;
            for (uint32_t k = 0; k < objectives; k++)
                best &= !isnan(value[i * objectives + k]);
            for (uint32_t other = 0; other < rows_ && best; other++) {
                bool as_good = true, better = false;
                for (uint32_t k = 0; k < objectives; k++) {
                    double mine = value[i * objectives + k], theirs = value[other * objectives + k];
                    as_good &= theirs <= mine;
                    better |= theirs < mine;
                }
                best = !(as_good && better);
            }
            ck_assert_msg(front[i] == best, "round %d, row %u", round, i);
        }
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/sweep/sweep");
    TCase *axes = suite_case(suite, "axes");
    tcase_add_checked_fixture(axes, set_up, tear_down);
    tcase_add_test(axes, lists_and_ranges);
    tcase_add_test(axes, an_axis_may_move_several_keys);
    TCase *numbers = suite_case(suite, "numbers");
    tcase_add_checked_fixture(numbers, set_up, tear_down);
    tcase_add_test(numbers, the_last_axis_is_the_fastest);
    tcase_add_test(numbers, zips_move_together_and_nest);
    tcase_add_test(numbers, no_axes_is_one_point);
    tcase_add_test(numbers, constraints_leave_numbers_alone);
    tcase_add_test(numbers, quantities_are_si_units_and_reals);
    tcase_add_test(numbers, the_hash_is_of_what_the_points_are);
    TCase *samples = suite_case(suite, "samples");
    tcase_add_checked_fixture(samples, set_up, tear_down);
    tcase_add_test(samples, a_latin_hypercube_meets_every_stratum_once);
    tcase_add_test(samples, samples_depend_on_the_seed_alone);
    tcase_add_test(samples, a_random_sample_is_uniform);
    TCase *expressions = suite_case(suite, "expressions");
    tcase_add_checked_fixture(expressions, set_up, tear_down);
    tcase_add_test(expressions, expressions_have_values);
    tcase_add_test(expressions, only_expressions_are_expressions);
    tcase_add_test(expressions, large_expressions_are_refused);
    tcase_add_test(expressions, names_are_suggested);
    TCase *front = suite_case(suite, "front");
    tcase_add_test(front, the_front_equals_its_definition);
    return suite_run(suite);
}
