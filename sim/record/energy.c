/* SPDX-License-Identifier: MIT
 *
 * Technology files; see energy.h. Entries are a flat list: a file has hundreds, a chip asks once for each.
 */
#include "sim/record/energy.h"

#include "sim/base/heap.h"
#include "sim/config/node.h"
#include "sim/config/quantity.h"
#include "sim/config/yaml.h"

#include <math.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

struct scale {
    const char *name;
    double reference;
};

struct entry {
    const char *type, *event, *source, *trust;
    double value; /* J, at leakage W */
    bool leakage;
    struct scale *scale;
    uint32_t scales;
    struct sim_where where;
};

struct sim_energy {
    struct sim_arena arena;
    const char *file, *name;
    double voltage_v;
    struct entry *entry;
    uint32_t entries, capacity;
    struct entry *area; /* event: "area" */
    uint32_t areas, area_capacity;
};

static const char *const trusts[] = {"paper", "code", "note", "derived", "fit", "choice", "calibrated"};

/* ---- reading ---------------------------------------------------------------------------------- */

static const char *need_text(const struct sim_node *mapping, const char *key, const char *what,
                             struct sim_err *err) {
    const struct sim_node *node = sim_node_need(mapping, key, SIM_NODE_SCALAR, what, err);
    if (node == NULL)
        return NULL;
    if (node->text[strspn(node->text, " \t\r\n")] == '\0') {
        sim_err_add(err, SIM_EXIT_CONFIG, &node->where, "%s: '%s' must not be empty", what, key);
        return NULL;
    }
    return node->text;
}

static bool need_quantity(const struct sim_node *mapping, const char *key, enum sim_unit unit,
                          const char *what, double *value, struct sim_err *err) {
    const struct sim_node *node = sim_node_need(mapping, key, SIM_NODE_SCALAR, what, err);
    if (node == NULL)
        return false;
    char why[SIM_QUANTITY_SIZE];
    if (!sim_quantity_parse(node->text, unit, value, why))
        return sim_err_add(err, SIM_EXIT_CONFIG, &node->where, "%s: %s: %s", what, key, why);
    if (!(*value >= 0) || isinf(*value))
        return sim_err_add(err, SIM_EXIT_CONFIG, &node->where, "%s: %s: must be finite and not negative",
                           what, key);
    return true;
}

static bool read_trust(const struct sim_node *mapping, const char *what, struct entry *entry,
                       struct sim_err *err) {
    entry->trust = need_text(mapping, "trust", what, err);
    if (entry->trust == NULL)
        return false;
    for (size_t i = 0; i < COUNT(trusts); i++)
        if (strcmp(trusts[i], entry->trust) == 0)
            return true;
    const char *near = sim_err_nearest(entry->trust, trusts, COUNT(trusts));
    char quoted[SIM_QUOTE_SIZE];
    return sim_err_add(err, SIM_EXIT_CONFIG, &sim_node_get(mapping, "trust")->where,
                       "%s: unknown trust '%s' (%s%s)", what, sim_quote(quoted, entry->trust),
                       near == NULL ? "paper, code, note, derived, fit, choice or calibrated"
                                    : "did you mean ",
                       near == NULL ? "" : near);
}

static bool read_scale(struct sim_energy *energy, const struct sim_node *mapping, const char *what,
                       struct entry *entry, struct sim_err *err) {
    if (sim_node_get(mapping, "scale") == NULL)
        return true;
    const struct sim_node *scale = sim_node_need(mapping, "scale", SIM_NODE_MAPPING, what, err);
    if (scale == NULL)
        return false;
    bool good = true;
    entry->scale = SIM_NEW_ARRAY(&energy->arena, struct scale, scale->count);
    for (uint32_t i = 0; i < scale->count; i++) {
        struct scale *out = &entry->scale[entry->scales++];
        out->name = scale->item[i].key;
        if (!need_quantity(scale, out->name, SIM_UNIT_NONE, what, &out->reference, err))
            good = false;
        else if (!(out->reference > 0))
            good = sim_err_add(err, SIM_EXIT_CONFIG, &scale->item[i].where,
                               "%s: scale: '%s' must be above 0", what, out->name);
    }
    return good;
}

static void add(struct sim_energy *energy, const struct entry *entry) {
    energy->entry = sim_heap_grow(energy->entry, energy->entries, &energy->capacity, sizeof *energy->entry);
    energy->entry[energy->entries++] = *entry;
}

static const struct entry *find(const struct sim_energy *energy, const char *type, const char *event) {
    for (uint32_t i = 0; i < energy->entries; i++)
        if (strcmp(energy->entry[i].type, type) == 0 && strcmp(energy->entry[i].event, event) == 0)
            return &energy->entry[i];
    return NULL;
}

static void read_entry(struct sim_energy *energy, const char *type, const struct sim_item *item,
                       struct sim_err *err) {
    char what[160];
    snprintf(what, sizeof what, "%.80s.%.70s", type, item->key);
    const struct sim_node *mapping = item->value;
    if (mapping->kind != SIM_NODE_MAPPING) {
        sim_err_add(err, SIM_EXIT_CONFIG, &mapping->where,
                    "%s: must be a mapping such as {energy: 1 pJ, "
                    "source: \"...\", trust: derived}, not a %s",
                    what, sim_node_kind_name(mapping->kind));
        return;
    }
    struct entry entry = {.type = type, .event = item->key, .where = item->where};
    entry.leakage = strcmp(item->key, SIM_ENERGY_LEAKAGE) == 0;
    const char *value = entry.leakage ? "power" : "energy";
    const char *const keys[] = {value, "scale", "source", "trust"};
    bool good = sim_node_check_keys(mapping, keys, COUNT(keys), what, err);
    good = need_quantity(mapping, value, entry.leakage ? SIM_UNIT_WATT : SIM_UNIT_JOULE, what, &entry.value,
                         err) &&
           good;
    entry.source = need_text(mapping, "source", what, err);
    good = read_trust(mapping, what, &entry, err) && good && entry.source != NULL;
    if (read_scale(energy, mapping, what, &entry, err) && good)
        add(energy, &entry);
}

static void read_free(struct sim_energy *energy, const char *type, const struct sim_item *item,
                      struct sim_err *err) {
    char what[160];
    snprintf(what, sizeof what, "free: %.80s.%.60s", type, item->key);
    if (item->value->kind != SIM_NODE_SCALAR || item->value->text[0] == '\0') {
        sim_err_add(err, SIM_EXIT_CONFIG, &item->value->where, "%s: must say why it costs nothing", what);
        return;
    }
    const struct entry *priced = find(energy, type, item->key);
    if (priced != NULL) {
        sim_err_add(err, SIM_EXIT_CONFIG, &item->where, "%s: has an energy as well, at line %d", what,
                    priced->where.line);
        return;
    }
    add(energy, &(struct entry){.type = type,
                                .event = item->key,
                                .source = item->value->text,
                                .trust = "free",
                                .where = item->where});
}

static void read_area(struct sim_energy *energy, const struct sim_item *item, struct sim_err *err) {
    char what[160];
    snprintf(what, sizeof what, "area: %.120s", item->key);
    const struct sim_node *mapping = item->value;
    if (mapping->kind != SIM_NODE_MAPPING) {
        sim_err_add(err, SIM_EXIT_CONFIG, &mapping->where,
                    "%s: must be a mapping such as {area: 1 um2, source: \"...\", trust: derived}, not a %s",
                    what, sim_node_kind_name(mapping->kind));
        return;
    }
    static const char *const keys[] = {"area", "scale", "source", "trust"};
    struct entry entry = {.type = item->key, .event = "area", .where = item->where};
    bool good = sim_node_check_keys(mapping, keys, COUNT(keys), what, err);
    good = need_quantity(mapping, "area", SIM_UNIT_SQUARE_METRE, what, &entry.value, err) && good;
    entry.source = need_text(mapping, "source", what, err);
    good = read_trust(mapping, what, &entry, err) && good && entry.source != NULL;
    if (!read_scale(energy, mapping, what, &entry, err) || !good)
        return;
    energy->area = sim_heap_grow(energy->area, energy->areas, &energy->area_capacity, sizeof *energy->area);
    energy->area[energy->areas++] = entry;
}

static void read_section(struct sim_energy *energy, const struct sim_node *section, const char *what,
                         void (*read)(struct sim_energy *, const char *, const struct sim_item *,
                                      struct sim_err *),
                         struct sim_err *err) {
    for (uint32_t i = 0; i < section->count && !sim_err_full(err); i++) {
        const struct sim_item *type = &section->item[i];
        if (type->value->kind != SIM_NODE_MAPPING) {
            sim_err_add(err, SIM_EXIT_CONFIG, &type->value->where, "%s: '%s' must be a mapping of events",
                        what, type->key);
            continue;
        }
        for (uint32_t j = 0; j < type->value->count && !sim_err_full(err); j++)
            read(energy, type->key, &type->value->item[j], err);
    }
}

static void read_technology(struct sim_energy *energy, const struct sim_node *root, struct sim_err *err) {
    const struct sim_node *technology =
        sim_node_need(root, "technology", SIM_NODE_MAPPING, energy->file, err);
    if (technology == NULL)
        return;
    static const char *const keys[] = {"name", "node", "voltage", "help"};
    double node_m;
    sim_node_check_keys(technology, keys, COUNT(keys), "technology", err);
    energy->name = need_text(technology, "name", "technology", err);
    need_quantity(technology, "node", SIM_UNIT_METRE, "technology", &node_m, err);
    if (need_quantity(technology, "voltage", SIM_UNIT_VOLT, "technology", &energy->voltage_v, err) &&
        !(energy->voltage_v > 0))
        sim_err_add(err, SIM_EXIT_CONFIG, &sim_node_get(technology, "voltage")->where,
                    "technology: voltage: must be above 0");
}

static void read_file(struct sim_energy *energy, const struct sim_node *root, struct sim_err *err) {
    if (root->kind != SIM_NODE_MAPPING) {
        sim_err_add(err, SIM_EXIT_CONFIG, &root->where, "a technology file is a mapping, not a %s",
                    sim_node_kind_name(root->kind));
        return;
    }
    static const char *const keys[] = {"technology", "energy", "free", "area"};
    sim_node_check_keys(root, keys, COUNT(keys), "technology file", err);
    read_technology(energy, root, err);
    const struct sim_node *section =
        sim_node_need(root, "energy", SIM_NODE_MAPPING, "technology file", err);
    if (section != NULL)
        read_section(energy, section, "energy", read_entry, err);
    if (sim_node_get(root, "free") != NULL) {
        section = sim_node_need(root, "free", SIM_NODE_MAPPING, "technology file", err);
        if (section != NULL)
            read_section(energy, section, "free", read_free, err);
    }
    if (sim_node_get(root, "area") != NULL) {
        section = sim_node_need(root, "area", SIM_NODE_MAPPING, "technology file", err);
        for (uint32_t i = 0; section != NULL && i < section->count && !sim_err_full(err); i++)
            read_area(energy, &section->item[i], err);
    }
}

static struct sim_energy *new_energy(const char *file) {
    struct sim_energy *energy = sim_heap_must(calloc(1, sizeof *energy));
    sim_arena_init(&energy->arena);
    energy->file = sim_arena_format(&energy->arena, "%s", file);
    return energy;
}

/* The technology if nothing was wrong with it, or NULL. */
static struct sim_energy *checked(struct sim_energy *energy, const struct sim_node *root,
                                  struct sim_err *err) {
    int before = err->count + err->dropped;
    if (root != NULL)
        read_file(energy, root, err);
    if (root != NULL && err->count + err->dropped == before)
        return energy;
    sim_energy_free(energy);
    return NULL;
}

struct sim_energy *sim_energy_load(const char *path, struct sim_err *err) {
    struct sim_energy *energy = new_energy(path);
    return checked(energy, sim_yaml_load(path, &energy->arena, err), err);
}

struct sim_energy *sim_energy_read(const struct sim_node *root, struct sim_err *err) {
    return checked(new_energy(root->where.file), root, err);
}

void sim_energy_free(struct sim_energy *energy) {
    if (energy == NULL)
        return;
    free(energy->entry);
    free(energy->area);
    sim_arena_release(&energy->arena);
    free(energy);
}

const char *sim_energy_name(const struct sim_energy *energy) { return energy->name; }
double sim_energy_voltage(const struct sim_energy *energy) { return energy->voltage_v; }

/* ---- pricing ---------------------------------------------------------------------------------- */

static bool scaled(const struct entry *entry, const struct sim_energy_point *point, double *value,
                   struct sim_err *err) {
    for (uint32_t i = 0; i < entry->scales; i++) {
        const struct sim_energy_parameter *found = NULL;
        for (size_t j = 0; j < point->parameters; j++)
            if (strcmp(point->parameter[j].type, entry->type) == 0 &&
                strcmp(point->parameter[j].name, entry->scale[i].name) == 0)
                found = &point->parameter[j];
        if (found == NULL)
            return sim_err_add(err, SIM_EXIT_CONFIG, &entry->where,
                               "%s.%s: scale: %s has no parameter '%s'", entry->type, entry->event,
                               entry->type, entry->scale[i].name);
        *value *= found->value / entry->scale[i].reference;
    }
    return true;
}

bool sim_energy_price(const struct sim_energy *energy, const char *type, const char *event,
                      const struct sim_energy_point *point, struct sim_energy_price *price,
                      struct sim_err *err) {
    const struct entry *entry = find(energy, type, event);
    if (entry == NULL)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, &(struct sim_where){.file = energy->file},
            "energy: '%s.%s' has no price (give it one, or list it under free: with the reason)", type,
            event);
    double value = entry->value;
    if (!scaled(entry, point, &value, err))
        return false;
    double relative_v = point->voltage_v > 0 ? point->voltage_v / energy->voltage_v : 1;
    value *= entry->leakage ? relative_v / point->clock_hz : relative_v * relative_v;
    if (!isfinite(value))
        return sim_err_add(err, SIM_EXIT_CONFIG, &entry->where, "%s.%s: the clock must be above 0", type,
                           event);
    *price =
        (struct sim_energy_price){.unit_energy_j = value, .source = entry->source, .trust = entry->trust};
    return true;
}

bool sim_energy_area(const struct sim_energy *energy, const char *type, const struct sim_energy_point *point,
                     struct sim_energy_area *area, struct sim_err *err) {
    *area = (struct sim_energy_area){.area_m2 = NAN};
    for (uint32_t i = 0; i < energy->areas; i++) {
        const struct entry *entry = &energy->area[i];
        if (strcmp(entry->type, type) != 0)
            continue;
        double value = entry->value;
        if (!scaled(entry, point, &value, err))
            return false;
        *area = (struct sim_energy_area){value, entry->source, entry->trust};
    }
    return true;
}

bool sim_energy_check_type(const struct sim_energy *energy, const char *type, const char *const *event,
                           size_t events, struct sim_err *err) {
    bool good = true;
    for (uint32_t i = 0; i < energy->entries; i++) {
        const struct entry *entry = &energy->entry[i];
        if (strcmp(entry->type, type) != 0)
            continue;
        size_t j = 0;
        while (j < events && strcmp(event[j], entry->event) != 0)
            j++;
        if (j < events)
            continue;
        char suggestion[SIM_SUGGEST_SIZE];
        const char *near = sim_err_nearest(entry->event, event, events);
        good = sim_err_add(err, SIM_EXIT_CONFIG, &entry->where, "energy: %s has no event '%s'%s", type,
                           entry->event, sim_err_suggest(suggestion, near));
    }
    return good;
}
