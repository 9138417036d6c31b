/* SPDX-License-Identifier: MIT
 *
 * What each number of a description decides: halved and doubled, one at a time, everything else as it is; see
 * approximate.h. A number that several approximators share (an energy of an event, an area of a part) changes
 * in all of them together.
 */
#include "sim/base/table.h"
#include "sim/cli/approximate.h"
#include "sim/cli/json.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PATH_SIZE 160
#define TOGETHER_MAX 8
#define NUMBERS_MAX 256
#define SEEN 0.005 /* relative change of a ratio that is worth a row */

struct number {
    char name[PATH_SIZE]; /* the path, without which approximator it belongs to */
    char path[TOGETHER_MAX][PATH_SIZE], value[64];
    int paths;
    double ratio[2]
                [APPROXIMATE_KINDS_MAX]; /* halved, doubled: energy over the first kind's; NaN: not allowed */
    double effect;                          /* largest change of a ratio, in logarithms */
};

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* Numbers that describe hardware: of the chip, and unit energies and powers. */
static bool is_wanted(const struct sim_setting *setting) {
    if (!isdigit((unsigned char)setting->value[0]) || strtod(setting->value, NULL) == 0)
        return false;
    if (strncmp(setting->path, "tech.energy.", 12) == 0)
        return ends_with(setting->path, ".energy") || ends_with(setting->path, ".power");
    return strncmp(setting->path, "chip.", 5) == 0;
}

/* "chip.approximator[1].area.bit" -> "approximator.area.bit"; "tech.energy.arch.nova.macs.energy" ->
 * "macs.energy" where the lanes of all kinds have it. */
static void name_of(char name[PATH_SIZE], const char *path) {
    static const char *const lanes[] = {"tech.energy.arch.nova.", "tech.energy.arch.lane_table.",
                                        "tech.energy.arch.core_table."};
    for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++)
        if (strncmp(path, lanes[i], strlen(lanes[i])) == 0) {
            snprintf(name, PATH_SIZE, "lanes.%s", path + strlen(lanes[i]));
            return;
        }
    if (strncmp(path, "tech.energy.", 12) == 0) {
        snprintf(name, PATH_SIZE, "%s", path + 12);
        return;
    }
    const char *rest = path + 5, *bracket = strchr(rest, '['),
               *close = bracket != NULL ? strchr(bracket, ']') : NULL;
    if (close != NULL && strncmp(close, "].area.", 7) == 0)
        snprintf(name, PATH_SIZE, "lanes%s", close + 1);
    else
        snprintf(name, PATH_SIZE, "%s", rest);
}

static uint32_t collect(struct number *number, const struct sim_config *config) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < config->settings; i++) {
        const struct sim_setting *setting = &config->setting[i];
        char name[PATH_SIZE];
        if (!is_wanted(setting) || strlen(setting->path) >= PATH_SIZE)
            continue;
        name_of(name, setting->path);
        uint32_t n = 0;
        while (n < count &&
               (strcmp(number[n].name, name) != 0 || strcmp(number[n].value, setting->value) != 0))
            n++;
        if (n == count && count == NUMBERS_MAX)
            continue;
        if (n == count) {
            number[count++] = (struct number){.paths = 0};
            strcpy(number[n].name, name);
            snprintf(number[n].value, sizeof number[n].value, "%s", setting->value);
        }
        if (number[n].paths < TOGETHER_MAX)
            strcpy(number[n].path[number[n].paths++], setting->path);
    }
    return count;
}

/* The value times a factor, with its unit; whole numbers stay whole. */
static void scale(char text[96], const char *value, double factor) {
    char *unit;
    double number = strtod(value, &unit);
    if (*unit == '\0' && strpbrk(value, ".eE") == NULL)
        snprintf(text, 96, "%.0f", ceil(number * factor));
    else
        snprintf(text, 96, "%.17g%s", number * factor, unit);
}

/* The ratios with the number times a factor; NaN where that is not allowed. */
static void try(const struct approximate_options *options, struct number *number, int which, double factor) {
    struct approximate_options more = *options;
    struct approximate_result result[APPROXIMATE_KINDS_MAX];
    struct arch_lanes_spec lanes;
    struct sim_err err;
    char setting[TOGETHER_MAX][PATH_SIZE + 100], text[96];
    uint32_t count = 0;
    scale(text, number->value, factor);
    for (int p = 0; p < number->paths && more.sets < APPROXIMATE_SETS_MAX; p++) {
        snprintf(setting[p], sizeof setting[p], "%s=%s", number->path[p], text);
        more.set[more.sets++] = setting[p];
    }
    sim_err_init(&err);
    bool done = cli_approximate_run_all(&more, result, &count, &lanes, &err);
    for (uint32_t i = 0; i < APPROXIMATE_KINDS_MAX; i++)
        number->ratio[which][i] =
            done && i < count ? approximate_energy(&result[i]) / approximate_energy(&result[0]) : NAN;
    sim_err_release(&err);
}

static void judge(struct number *number, const double *now, uint32_t kinds) {
    for (int which = 0; which < 2; which++)
        for (uint32_t i = 1; i < kinds; i++)
            if (!isnan(number->ratio[which][i]))
                number->effect = fmax(number->effect, fabs(log(number->ratio[which][i] / now[i])));
}

static int by_effect(const void *a, const void *b) {
    const struct number *x = a, *y = b;
    return x->effect != y->effect ? (x->effect < y->effect) - (x->effect > y->effect)
                                  : strcmp(x->name, y->name);
}

static void print_text(const struct number *number, uint32_t numbers, const struct approximate_result *now,
                       const double *ratio, uint32_t kinds) {
    struct sim_table table;
    char text[96];
    sim_table_init(&table);
    sim_table_column(&table, "number", SIM_TABLE_LEFT);
    sim_table_column(&table, "value", SIM_TABLE_RIGHT);
    for (uint32_t i = 1; i < kinds; i++) {
        snprintf(text, sizeof text, "%s %.2f x: half", now[i].kind, ratio[i]);
        sim_table_column(&table, text, SIM_TABLE_RIGHT);
        sim_table_column(&table, "double", SIM_TABLE_RIGHT);
    }
    for (uint32_t n = 0; n < numbers && number[n].effect >= SEEN; n++) {
        sim_table_cell(&table, "%s", number[n].name);
        sim_table_cell(&table, "%s", number[n].value);
        for (uint32_t i = 1; i < kinds; i++)
            for (int which = 0; which < 2; which++) {
                if (isnan(number[n].ratio[which][i]))
                    sim_table_cell(&table, "-");
                else
                    sim_table_cell(&table, "%.2f", number[n].ratio[which][i]);
            }
    }
    sim_table_print(&table, 0, stdout);
    sim_table_release(&table);
    printf("\nEnergy of an element over that of %s, with one number halved or doubled. Numbers that change "
           "no ratio "
           "by half\na percent are left out; -: not allowed.\n",
           now[0].kind);
}

static json_t *number_or_null(double value) { return isnan(value) ? json_null() : json_real(value); }

static void print_json(const struct number *number, uint32_t numbers, const struct approximate_result *now,
                       uint32_t kinds) {
    json_t *list = json_array();
    for (uint32_t n = 0; n < numbers; n++) {
        json_t *ratios = json_object();
        for (uint32_t i = 1; i < kinds; i++)
            json_object_set_new(ratios, now[i].kind,
                                json_pack("{s:o, s:o}", "half", number_or_null(number[n].ratio[0][i]),
                                          "double", number_or_null(number[n].ratio[1][i])));
        json_array_append_new(list, json_pack("{s:s, s:s, s:f, s:o}", "number", number[n].name, "value",
                                              number[n].value, "effect", number[n].effect, "ratio", ratios));
    }
    cli_json_print(list, APPROXIMATE_DIGITS, stdout);
}

bool cli_approximate_sensitivity(const struct approximate_options *options, struct sim_err *err) {
    struct sim_config config;
    const struct arch_lanes_spec *spec;
    struct arch_lanes_spec lanes;
    struct approximate_result now[APPROXIMATE_KINDS_MAX];
    double ratio[APPROXIMATE_KINDS_MAX];
    uint32_t kinds;
    if (!cli_approximate_run_all(options, now, &kinds, &lanes, err) ||
        !cli_approximate_load(&config, options, &spec, err))
        return false;
    for (uint32_t i = 0; i < kinds; i++)
        ratio[i] = approximate_energy(&now[i]) / approximate_energy(&now[0]);
    struct number *number = SIM_NEW_ARRAY(&config.arena, struct number, NUMBERS_MAX);
    uint32_t numbers = collect(number, &config);
    for (uint32_t n = 0; n < numbers; n++) {
        try(options, &number[n], 0, 0.5);
        try(options, &number[n], 1, 2);
        judge(&number[n], ratio, kinds);
    }
    qsort(number, numbers, sizeof *number, by_effect);
    if (options->format == CLI_FORMAT_TEXT)
        print_text(number, numbers, now, ratio, kinds);
    else
        print_json(number, numbers, now, kinds);
    sim_config_release(&config);
    return true;
}
