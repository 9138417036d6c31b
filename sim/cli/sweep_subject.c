/* SPDX-License-Identifier: MIT
 *
 * What a sweep is about; see sim/sweep/sweep.h.
 */
#include "sim/cli/sweep.h"

#include "sim/base/heap.h"
#include "sim/config/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#define READ_BYTES 65536

/* ---- a chip ----------------------------------------------------------------------------------- */

/* The settings of the description; with `compare: layer` others are of the layer. Returns their number. */
static uint32_t list_settings(struct cli_sweep_subject *subject, const struct sim_sweep_setting ***given) {
    const struct sim_sweep *sweep = subject->sweep;
    uint32_t count = 0;
    *given = SIM_NEW_ARRAY(&subject->arena, const struct sim_sweep_setting *, sweep->sets + 1);
    for (uint32_t i = 0; i < sweep->sets; i++)
        if (sweep->compare == NULL || cli_sweep_is_chip_key(sweep->set[i].key))
            (*given)[count++] = &sweep->set[i];
    return count;
}

/* Messages about the settings of the sweep say "--set N": puts their place in the file instead. */
static void relocate(struct cli_sweep_subject *subject, struct sim_err *err) {
    const struct sim_sweep_setting **given;
    uint32_t sets = list_settings(subject, &given);
    for (int i = 0; i < err->count; i++) {
        unsigned number;
        int length = 0;
        if (sscanf(err->message[i], "--set %u%n", &number, &length) != 1 || number == 0 || number > sets)
            continue;
        const struct sim_sweep_setting *set = given[number - 1];
        char place[4200], *old = err->message[i];
        snprintf(place, sizeof place, "%.4000s:%d:%d", set->where.file, set->where.line, set->where.column);
        size_t size = strlen(place) + strlen(old) + 1;
        err->message[i] = sim_heap_must(malloc(size));
        snprintf(err->message[i], size, "%s%s", place, old + length);
        free(old);
    }
}

static bool load_config(struct cli_sweep_subject *subject, struct sim_err *err) {
    const struct sim_sweep_setting **given;
    uint32_t sets = list_settings(subject, &given);
    const char **set = SIM_NEW_ARRAY(&subject->arena, const char *, sets + 1);
    for (uint32_t i = 0; i < sets; i++)
        set[i] = sim_arena_format(&subject->arena, "%s=%s", given[i]->key, given[i]->value);
    subject->config_loaded = cli_config_load(&subject->config, subject->sweep->arch, set, sets, err);
    relocate(subject, err);
    return subject->config_loaded;
}

static bool load_compare(struct cli_sweep_subject *subject, struct sim_err *err) {
    bool good = load_config(subject, err) && cli_sweep_compare_load(subject, err);
    relocate(subject, err); /* prices are read there */
    return good;
}

static bool is_known(const struct cli_sweep_subject *subject, const char *path) {
    for (uint32_t i = 0; i < subject->keys; i++)
        if (!subject->key[i].option && strcmp(subject->key[i].path, path) == 0)
            return true;
    return false;
}

/* "chip.networks[0].vcs" has three parts that can be changed as a whole. */
static void add_prefixes(struct cli_sweep_subject *subject, const char *path) {
    for (size_t i = 1; path[i] != '\0'; i++) {
        if (path[i] != '.' && path[i] != '[')
            continue;
        const char *prefix = sim_arena_format(&subject->arena, "%.*s", (int)i, path);
        if (!is_known(subject, prefix))
            subject->key[subject->keys++] = (struct sim_sweep_key){.path = prefix};
    }
}

static size_t parts_of(const char *path) {
    size_t parts = 1;
    for (; *path != '\0'; path++)
        parts += *path == '.' || *path == '[';
    return parts;
}

/* Paths of the effective configuration. Of the technology only the file counts, so that is all that can
 * change. */
static void list_paths(struct cli_sweep_subject *subject) {
    const struct sim_config *config = &subject->config;
    const struct cli_sweep_command *command = subject->command;
    size_t room = command->options + subject->traffics + 1;
    for (uint32_t i = 0; i < config->settings; i++)
        room += parts_of(config->setting[i].path);
    subject->key = SIM_NEW_ARRAY(&subject->arena, struct sim_sweep_key, room);
    memcpy(subject->key, command->option, command->options * sizeof *command->option);
    subject->keys = command->options;
    for (uint32_t i = 0; i < subject->traffics; i++)
        subject->key[subject->keys++] = subject->traffic[i];
    subject->key[subject->keys++] = (struct sim_sweep_key){.path = "tech"};
    for (uint32_t i = 0; i < config->settings; i++) {
        const char *path = config->setting[i].path;
        if (strncmp(path, "chip.", 5) != 0 && strncmp(path, "run.", 4) != 0)
            continue;
        subject->key[subject->keys++] =
            (struct sim_sweep_key){.path = path, .param = config->setting[i].param};
        add_prefixes(subject, path);
    }
}

/* ---- either ----------------------------------------------------------------------------------- */

bool cli_sweep_subject_load(struct cli_sweep_subject *subject, const struct sim_sweep *sweep,
                            struct sim_err *err) {
    *subject = (struct cli_sweep_subject){.sweep = sweep};
    sim_arena_init(&subject->arena);
    if (sweep->model != NULL)
        return cli_sweep_model_load(subject, err);
    if (sweep->compare != NULL)
        return load_compare(subject, err);
    if (!load_config(subject, err))
        return false;
    subject->command = cli_sweep_command_of(subject);
    bool traffic = !sweep->has_traffic || cli_sweep_traffic_load(subject, err);
    if (!cli_sweep_check_options(subject, err) || !traffic)
        return false;
    list_paths(subject);
    return true;
}

void cli_sweep_subject_release(struct cli_sweep_subject *subject) {
    cli_sweep_compare_release(subject);
    if (subject->config_loaded)
        sim_config_release(&subject->config);
    sim_arena_release(&subject->arena);
}

/* ---- identity --------------------------------------------------------------------------------- */

static bool hash_file(XXH3_state_t *state, const char *path, const struct sim_where *where,
                      struct sim_err *err) {
    static char buffer[READ_BYTES];
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return sim_err_add(err, SIM_EXIT_IO, where, "%s: is not a regular file", path);
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return sim_err_add(err, SIM_EXIT_IO, where, "%s: %s", path, strerror(errno));
    size_t count;
    while ((count = fread(buffer, 1, sizeof buffer, file)) > 0)
        XXH3_128bits_update(state, buffer, count);
    bool good = ferror(file) == 0 || sim_err_add(err, SIM_EXIT_IO, where, "%s: %s", path, strerror(errno));
    fclose(file);
    return good;
}

static void hash_text(XXH3_state_t *state, const char *text) {
    XXH3_128bits_update(state, text, strlen(text) + 1);
}

/* The files that the values of axes name: traces if `traces`, otherwise descriptions and their parts. */
static bool hash_axes(XXH3_state_t *state, const struct sim_sweep *sweep, bool traces, struct sim_err *err) {
    static const char include[] = "!include ";
    bool good = true;
    for (uint32_t a = 0; a < sweep->axes; a++) {
        const struct sim_sweep_axis *axis = sweep->axis[a];
        bool is_trace = axis->key[0]->option && strcmp(axis->key[0]->path, "trace") == 0;
        for (uint32_t i = 0; i < axis->values && is_trace == traces && good; i++) {
            const char *text = axis->value[i].text;
            if (axis->key[0]->file)
                good = hash_file(state, text, &axis->where, err);
            else if (strncmp(text, include, sizeof include - 1) == 0)
                good = hash_file(state, text + sizeof include - 1, &axis->where, err);
        }
    }
    return good;
}

static bool hash_config(XXH3_state_t *state, const struct cli_sweep_subject *subject, struct sim_err *err) {
    if (subject->model != NULL) {
        hash_text(state, subject->model->trust);
        return true;
    }
    for (uint32_t i = 0; i < subject->config.settings; i++) {
        const struct sim_setting *setting = &subject->config.setting[i];
        if (strcmp(setting->path, "name") == 0 || strcmp(setting->path, "description") == 0)
            continue;
        hash_text(state, setting->path);
        hash_text(state, setting->value);
    }
    return hash_axes(state, subject->sweep, false, err);
}

static bool hash_trace(XXH3_state_t *state, const struct cli_sweep_subject *subject, struct sim_err *err) {
    const struct sim_sweep *sweep = subject->sweep;
    return sweep->trace == NULL || /* synthetic traffic, or none */
           (hash_file(state, sweep->trace, &sweep->trace_where, err) && hash_axes(state, sweep, true, err));
}

bool cli_sweep_subject_identify(const struct cli_sweep_subject *subject, struct sim_sweep_identity *identity,
                                struct sim_err *err) {
    static const char *const names[SIM_SWEEP_PARTS] = {"description", "arch", "trace", "program"};
    bool good = true;
    for (int i = 0; i < SIM_SWEEP_PARTS; i++) {
        XXH3_state_t *state = XXH3_createState();
        XXH3_128bits_reset(state);
        if (i == 1)
            good = hash_config(state, subject, err) && good;
        else if (i == 2)
            good = hash_trace(state, subject, err) && good;
        else if (i == 3)
            hash_text(state, NOCSIM_VERSION);
        XXH128_hash_t hash = XXH3_128bits_digest(state);
        XXH3_freeState(state);
        identity->part[i].name = names[i];
        snprintf(identity->part[i].digest, SIM_SWEEP_HASH_SIZE, "%016llx%016llx",
                 (unsigned long long)hash.high64, (unsigned long long)hash.low64);
        if (i == 0)
            sim_sweep_hash(subject->sweep, identity->part[i].digest);
    }
    return good;
}
