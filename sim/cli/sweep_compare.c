/* SPDX-License-Identifier: MIT
 *
 * Synthetic layers on a chip as the subject of a sweep (`compare: layer`): each point simulates the layer as
 * SNN and as QNN in this process; see sim/sweep/sweep.h and compare.h.
 *
 * Points that change the chip or its technology share what is loaded for each combination of such values; of
 * many combinations the last ones are kept.
 */
#include "sim/base/heap.h"
#include "sim/cli/compare.h"
#include "sim/cli/sweep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHIPS_MOST 64

/* A description with the changes of some points. */
struct variant {
    char *name; /* the changes, a line each; "": none; NULL: this place is free */
    struct sim_config config;
    struct compare_chip chip;
};

struct cli_sweep_chips {
    struct variant variant[CHIPS_MOST];
    uint32_t next; /* to be replaced */
};

/* ---- chips ------------------------------------------------------------------------------------ */

static void release_variant(struct variant *variant) {
    if (variant->name == NULL)
        return;
    compare_chip_close(&variant->chip);
    sim_config_release(&variant->config);
    free(variant->name);
    variant->name = NULL;
}

static char *name_of(const struct cli_sweep_evaluator *evaluator) {
    char *name = NULL;
    size_t size = 0;
    FILE *out = sim_heap_must(open_memstream(&name, &size));
    for (uint32_t i = 0; i < evaluator->sets; i++)
        fprintf(out, "%s\n", evaluator->set[i]);
    fclose(out);
    return sim_heap_must(name);
}

/* Messages about a point's values say "--set N": puts the value instead. */
static void name_values(const char *const *set, uint32_t sets, struct sim_err *err) {
    for (int i = 0; i < err->count; i++) {
        unsigned number;
        int length = 0;
        if (sscanf(err->message[i], "--set %u%n", &number, &length) != 1 || number == 0 || number > sets)
            continue;
        char *old = err->message[i];
        size_t size = strlen(set[number - 1]) + strlen(old) + 1;
        err->message[i] = sim_heap_must(malloc(size));
        snprintf(err->message[i], size, "%s%s", set[number - 1], old + length);
        free(old);
    }
}

/* The settings of the sweep, then the point's. */
static bool load_variant(const struct cli_sweep_evaluator *evaluator, struct variant *variant,
                         struct sim_err *err) {
    const struct sim_sweep *sweep = evaluator->subject->sweep;
    struct sim_arena arena;
    uint32_t sets = 0;
    sim_arena_init(&arena);
    const char **set = SIM_NEW_ARRAY(&arena, const char *, (size_t)sweep->sets + evaluator->sets + 1);
    for (uint32_t i = 0; i < sweep->sets; i++)
        if (cli_sweep_is_chip_key(sweep->set[i].key))
            set[sets++] = sim_arena_format(&arena, "%s=%s", sweep->set[i].key, sweep->set[i].value);
    for (uint32_t i = 0; i < evaluator->sets; i++)
        set[sets++] = evaluator->set[i];
    bool good = cli_config_load(&variant->config, sweep->arch, set, sets, err);
    if (good && !compare_chip_open(&variant->chip, &variant->config, err)) {
        compare_chip_close(&variant->chip);
        sim_config_release(&variant->config);
        good = false;
    }
    name_values(set, sets, err);
    sim_arena_release(&arena);
    return good;
}

/* The chip of the point; NULL and messages on a fault. */
static const struct compare_chip *find_chip(const struct cli_sweep_evaluator *evaluator,
                                            struct sim_err *err) {
    struct cli_sweep_chips *chips = evaluator->subject->chips;
    char *name = name_of(evaluator);
    for (uint32_t i = 0; i < CHIPS_MOST; i++)
        if (chips->variant[i].name != NULL && strcmp(chips->variant[i].name, name) == 0) {
            free(name);
            return &chips->variant[i].chip;
        }
    struct variant *variant = &chips->variant[chips->next];
    release_variant(variant);
    if (!load_variant(evaluator, variant, err)) {
        free(name);
        return NULL;
    }
    variant->name = name;
    chips->next = (chips->next + 1) % CHIPS_MOST;
    return &variant->chip;
}

/* ---- points ----------------------------------------------------------------------------------- */

static json_t *evaluate(const struct cli_sweep_evaluator *evaluator, struct sim_err *err) {
    struct compare_result result;
    const struct sim_where nowhere = {NULL, 0, 0};
    const struct compare_chip *chip = find_chip(evaluator, err);
    if (chip == NULL || !compare_layer_run(chip, evaluator->spec, &nowhere, &result, err))
        return NULL;
    json_t *object = sim_heap_must(json_object());
    for (const struct compare_value *value = compare_values; value->name != NULL; value++) {
        double number = value->of(&result);
        json_object_set_new_nocheck(object, value->name, isfinite(number) ? json_real(number) : json_null());
    }
    return object;
}

bool cli_sweep_compare_load(struct cli_sweep_subject *subject, struct sim_err *err) {
    const struct sim_sweep *sweep = subject->sweep;
    if (strcmp(sweep->compare, "layer") != 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, &sweep->compare_where, "sweep.compare: 'layer' is expected");
    struct compare_chip chip; /* judged before any point is */
    bool good = compare_chip_open(&chip, &subject->config, err);
    compare_chip_close(&chip);
    if (!good)
        return false;
    subject->chips = SIM_NEW(&subject->arena, struct cli_sweep_chips);
    return cli_sweep_schema_load(subject, &compare_layer_schema, evaluate, err);
}

void cli_sweep_compare_release(struct cli_sweep_subject *subject) {
    for (uint32_t i = 0; subject->chips != NULL && i < CHIPS_MOST; i++)
        release_variant(&subject->chips->variant[i]);
}
