/* SPDX-License-Identifier: MIT
 *
 * What is evaluated in this process as the subject of a sweep, and closed forms; see sim/sweep/sweep.h.
 * Values of axes are bound once, a point only copies them into the spec: that is what makes thousands of
 * points a second.
 */
#include "sim/cli/sweep.h"

#include "sim/base/heap.h"
#include "sim/config/value.h"

#include <math.h>
#include <string.h>

#define FIELD_BYTES 8 /* of a scalar parameter */

struct listing {
    struct sim_sweep_key *key;
    struct cli_sweep_field *field;
    uint32_t room, count;
    struct sim_arena *arena;
};

static void list_fields(struct listing *listing, const struct sim_schema *schema, const char *prefix,
                        size_t offset) {
    for (uint32_t i = 0; i < schema->param_count; i++) {
        const struct sim_param *param = &schema->params[i];
        const char *path = sim_arena_format(listing->arena, "%s%s%s", prefix, *prefix ? "." : "", param->key);
        if (param->kind == SIM_PARAM_KIND_SPEC) {
            list_fields(listing, param->schema, path, offset + param->offset);
            continue;
        }
        if (listing->count < listing->room) {
            listing->key[listing->count] = (struct sim_sweep_key){.path = path, .param = param};
            listing->field[listing->count] = (struct cli_sweep_field){param, offset + param->offset};
        }
        listing->count++;
    }
}

/* Writes up to `room` parameters, nested ones by their path, and returns how many there are. */
static uint32_t list_model(const struct sim_schema *schema, struct sim_sweep_key *key,
                           struct cli_sweep_field *field, uint32_t room, struct sim_arena *arena) {
    struct listing listing = {key, field, room, 0, arena};
    list_fields(&listing, schema, "", 0);
    return listing.count;
}

json_t *cli_sweep_model_json(const struct arch_model *model, const void *spec) {
    double value[ARCH_MODEL_RESULTS_MAX];
    model->evaluate(spec, value);
    json_t *object = sim_heap_must(json_object());
    for (uint32_t i = 0; i < model->results; i++)
        json_object_set_new_nocheck(object, model->result[i].name,
                                    isfinite(value[i]) ? json_real(value[i]) : json_null());
    return object;
}

static bool find_model(struct cli_sweep_subject *subject, struct sim_err *err) {
    const struct sim_sweep *sweep = subject->sweep;
    char known[256] = "", quote[SIM_QUOTE_SIZE];
    size_t used = 0;
    subject->model = arch_model_find(sweep->model, sweep->version);
    for (size_t i = 0; arch_models[i] != NULL && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s %s", i == 0 ? "" : ", ",
                                 arch_models[i]->name, arch_models[i]->version);
    return subject->model != NULL ||
           sim_err_add(err, SIM_EXIT_CONFIG, &sweep->model_where,
                       "sweep: there is no model '%s' of this version: one of %s is expected",
                       sim_quote(quote, sweep->model), known);
}

static json_t *evaluate_model(const struct cli_sweep_evaluator *evaluator, struct sim_err *err) {
    (void)err;
    return cli_sweep_model_json(evaluator->subject->model, evaluator->spec);
}

bool cli_sweep_model_load(struct cli_sweep_subject *subject, struct sim_err *err) {
    return find_model(subject, err) &&
           cli_sweep_schema_load(subject, subject->model->schema, evaluate_model, err);
}

/* ---- keys ------------------------------------------------------------------------------------- */

bool cli_sweep_is_chip_key(const char *path) {
    return strncmp(path, "chip.", 5) == 0 || strncmp(path, "tech.", 5) == 0;
}

/* A price of the technology, so that it can be a range. */
static const struct sim_param price = {.key = "energy",
                                       .kind = SIM_PARAM_KIND_QUANTITY,
                                       .unit = SIM_UNIT_JOULE,
                                       .min = 0,
                                       .max = 1,
                                       .help = "of an event"};

static const struct sim_param *param_of(const struct sim_setting *setting) {
    static const char head[] = "tech.energy.", tail[] = ".energy";
    size_t length = strlen(setting->path);
    bool priced = strncmp(setting->path, head, sizeof head - 1) == 0 && length > sizeof head + sizeof tail &&
                  strcmp(setting->path + length - (sizeof tail - 1), tail) == 0;
    return priced ? &price : setting->param;
}

/* Values of the chip and the technology behind the keys of the schema. */
static void add_chip_keys(struct cli_sweep_subject *subject) {
    for (uint32_t i = 0; subject->config_loaded && i < subject->config.settings; i++) {
        const struct sim_setting *setting = &subject->config.setting[i];
        if (cli_sweep_is_chip_key(setting->path))
            subject->key[subject->keys++] =
                (struct sim_sweep_key){.path = setting->path, .param = param_of(setting)};
    }
}

bool cli_sweep_schema_load(struct cli_sweep_subject *subject, const struct sim_schema *schema,
                           cli_sweep_evaluate *evaluate, struct sim_err *err) {
    const struct sim_sweep *sweep = subject->sweep;
    subject->schema = schema;
    subject->evaluate = evaluate;
    const struct sim_binding binding = {NULL, &subject->arena, err};
    uint32_t fields = list_model(schema, NULL, NULL, 0, &subject->arena);
    uint32_t settings = subject->config_loaded ? subject->config.settings : 0;
    subject->key = SIM_NEW_ARRAY(&subject->arena, struct sim_sweep_key, (size_t)fields + settings);
    subject->field = SIM_NEW_ARRAY(&subject->arena, struct cli_sweep_field, fields);
    list_model(schema, subject->key, subject->field, fields, &subject->arena);
    subject->keys = subject->fields = fields;
    add_chip_keys(subject);
    subject->base = sim_arena_alloc(&subject->arena, 1, schema->size);
    bool good = sim_bind_text(&binding, schema, "{}", subject->base);
    for (uint32_t i = 0; i < sweep->sets; i++) {
        const struct sim_sweep_setting *set = &sweep->set[i];
        if (subject->config_loaded && cli_sweep_is_chip_key(set->key))
            continue; /* the description has it */
        const struct sim_sweep_key *key =
            sim_sweep_find_key(subject->key, subject->fields, set->key, false, &set->where, err);
        if (key == NULL) {
            good = false;
            continue;
        }
        const struct cli_sweep_field *field = &subject->field[key - subject->key];
        const struct sim_node *node = sim_node_scalar(set->value, &set->where, &subject->arena);
        good = sim_value_read(field->param, field->param->kind, node, key->path,
                              (char *)subject->base + field->offset, &subject->arena, err) &&
               good;
    }
    return good;
}

/* ---- points ----------------------------------------------------------------------------------- */

static size_t index_of(const struct cli_sweep_subject *subject, const struct sim_sweep_key *key) {
    return (size_t)(key - subject->key);
}

/* The values of a key as the spec has them. */
static unsigned char *prepare_bytes(struct cli_sweep_evaluator *evaluator, const struct sim_sweep_axis *axis,
                                    const struct sim_sweep_key *key, struct sim_err *err) {
    const struct sim_param *param = key->param;
    unsigned char *bytes = sim_arena_alloc(&evaluator->arena, axis->values, FIELD_BYTES);
    for (uint32_t i = 0; i < axis->values; i++) {
        struct sim_node node = {
            .kind = SIM_NODE_SCALAR, .where = axis->where, .text = axis->value[i].text, .quoted = true};
        sim_value_read(param, param->kind, &node, key->path, bytes + (size_t)i * FIELD_BYTES,
                       &evaluator->arena, err);
    }
    return bytes;
}

/* The values of a key of the description as settings. */
static const char **prepare_texts(struct cli_sweep_evaluator *evaluator, const struct sim_sweep_axis *axis,
                                  const struct sim_sweep_key *key) {
    const char **text = SIM_NEW_ARRAY(&evaluator->arena, const char *, axis->values);
    for (uint32_t i = 0; i < axis->values; i++)
        text[i] = sim_arena_format(&evaluator->arena, "%s=%s", key->path, axis->value[i].text);
    return text;
}

static void prepare_axis(struct cli_sweep_evaluator *evaluator, uint32_t a, struct sim_err *err) {
    const struct cli_sweep_subject *subject = evaluator->subject;
    const struct sim_sweep_axis *axis = subject->sweep->axis[a];
    evaluator->bytes[a] = SIM_NEW_ARRAY(&evaluator->arena, unsigned char *, axis->keys);
    evaluator->text[a] = SIM_NEW_ARRAY(&evaluator->arena, const char **, axis->keys);
    for (uint32_t k = 0; k < axis->keys; k++)
        if (index_of(subject, axis->key[k]) < subject->fields)
            evaluator->bytes[a][k] = prepare_bytes(evaluator, axis, axis->key[k], err);
        else
            evaluator->text[a][k] = prepare_texts(evaluator, axis, axis->key[k]);
}

bool cli_sweep_evaluator_init(struct cli_sweep_evaluator *evaluator, const struct cli_sweep_subject *subject,
                              struct sim_err *err) {
    *evaluator = (struct cli_sweep_evaluator){.subject = subject};
    sim_arena_init(&evaluator->arena);
    evaluator->spec = sim_arena_alloc(&evaluator->arena, 1, subject->schema->size);
    uint32_t keys = 0;
    for (uint32_t a = 0; a < subject->sweep->axes; a++) {
        prepare_axis(evaluator, a, err);
        keys += subject->sweep->axis[a]->keys;
    }
    evaluator->set = SIM_NEW_ARRAY(&evaluator->arena, const char *, (size_t)keys + 1);
    return err->count == 0;
}

bool cli_sweep_evaluator_fill(struct cli_sweep_evaluator *evaluator, uint32_t candidate,
                              struct sim_err *err) {
    const struct cli_sweep_subject *subject = evaluator->subject;
    const struct sim_sweep *sweep = subject->sweep;
    const struct sim_sweep_value *value[SIM_SWEEP_AXES_MAX];
    sim_sweep_values(sweep, candidate, value);
    memcpy(evaluator->spec, subject->base, subject->schema->size);
    evaluator->sets = 0;
    for (uint32_t a = 0; a < sweep->axes; a++) {
        size_t i = (size_t)(value[a] - sweep->axis[a]->value);
        for (uint32_t k = 0; k < sweep->axis[a]->keys; k++) {
            if (evaluator->text[a][k] != NULL) {
                evaluator->set[evaluator->sets++] = evaluator->text[a][k][i];
                continue;
            }
            const struct cli_sweep_field *field = &subject->field[index_of(subject, sweep->axis[a]->key[k])];
            memcpy((char *)evaluator->spec + field->offset, evaluator->bytes[a][k] + i * FIELD_BYTES,
                   sim_param_size(field->param));
        }
    }
    const struct sim_schema *schema = subject->schema;
    return schema->check == NULL || schema->check(evaluator->spec, &(struct sim_where){NULL, 0, 0}, err);
}

void cli_sweep_evaluator_release(struct cli_sweep_evaluator *evaluator) {
    sim_arena_release(&evaluator->arena);
}
