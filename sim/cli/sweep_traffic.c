/* SPDX-License-Identifier: MIT
 *
 * Traffic on a packet network as the subject of a sweep (`traffic:`): each point is a run of `nocsim
 * traffic`. Its keys are those of noc.traffic, called traffic.rate and so on, beside those of the chip; see
 * sim/sweep/sweep.h.
 */
#include "noc/network/chip.h"
#include "noc/traffic/traffic.h"
#include "sim/cli/sweep.h"
#include "sim/cli/traffic.h"

#include <string.h>

/* Index of a key in the schema of traffic, -1 when it is none. */
static int param_of(const char *key) {
    for (uint32_t i = 0; i < noc_traffic_schema.param_count; i++)
        if (strcmp(noc_traffic_schema.params[i].key, key) == 0)
            return (int)i;
    return -1;
}

static void list_keys(struct cli_sweep_subject *subject) {
    uint32_t count = noc_traffic_schema.param_count;
    subject->traffic = SIM_NEW_ARRAY(&subject->arena, struct sim_sweep_key, count);
    subject->traffics = count;
    for (uint32_t i = 0; i < count; i++)
        subject->traffic[i] = (struct sim_sweep_key){
            .path = sim_arena_format(&subject->arena, "traffic.%s", noc_traffic_schema.params[i].key),
            .param = &noc_traffic_schema.params[i]};
}

static bool check_settings(struct cli_sweep_subject *subject, struct sim_err *err) {
    const struct sim_sweep *sweep = subject->sweep;
    bool good = true;
    for (uint32_t i = 0; i < sweep->traffics; i++) {
        const struct sim_sweep_setting *setting = &sweep->traffic[i];
        const char *path = sim_arena_format(&subject->arena, "traffic.%s", setting->key);
        const struct sim_sweep_key *key =
            sim_sweep_find_key(subject->traffic, subject->traffics, path, false, &setting->where, err);
        good = key != NULL && cli_sweep_check_setting(setting, key, err) && good;
    }
    return good;
}

bool cli_sweep_traffic_load(struct cli_sweep_subject *subject, struct sim_err *err) {
    const struct sim_sweep *sweep = subject->sweep;
    if (subject->config.chip.schema != &noc_chip_schema)
        return sim_err_add(err, SIM_EXIT_CONFIG, &sweep->traffic_where,
                           "sweep.traffic: a chip of type 'noc.chip' is needed, not '%s'",
                           subject->config.chip.schema->name);
    if (sweep->trace == NULL) {
        list_keys(subject);
        return check_settings(subject, err);
    }
    return sweep->traffics == 1 ||
           sim_err_add(err, SIM_EXIT_CONFIG, &sweep->traffic_where,
                       "sweep.traffic: recorded packets ('trace') have no other keys");
}

/* Of the axes the last, else of the settings; NULL: not given. */
static const char *value_of(const struct cli_sweep_subject *subject,
                            const struct sim_sweep_value *const *value, const char *key) {
    const struct sim_sweep *sweep = subject->sweep;
    for (uint32_t a = 0; a < sweep->axes; a++)
        for (uint32_t k = 0; k < sweep->axis[a]->keys; k++) {
            const char *name = sim_sweep_traffic_key(sweep->axis[a]->key[k]->path);
            if (name != NULL && strcmp(name, key) == 0)
                return value[a]->text;
        }
    for (uint32_t i = 0; i < sweep->traffics; i++)
        if (strcmp(sweep->traffic[i].key, key) == 0)
            return sweep->traffic[i].value;
    return NULL;
}

char *cli_sweep_traffic_text(const struct cli_sweep_subject *subject,
                             const struct sim_sweep_value *const *value, struct sim_arena *arena) {
    const struct sim_param *pattern = &noc_traffic_schema.params[param_of("pattern")];
    const char *chosen = value_of(subject, value, pattern->key);
    chosen = chosen != NULL ? chosen : pattern->fallback;
    char *text = sim_arena_format(arena, "--traffic=%s", chosen);
    for (uint32_t i = 0; i < noc_traffic_schema.param_count; i++) {
        const struct sim_param *param = &noc_traffic_schema.params[i];
        const char *given = param == pattern ? NULL : value_of(subject, value, param->key);
        if (given != NULL && cli_traffic_looks_at(chosen, param->key))
            text = sim_arena_format(arena, "%s,%s=%s", text, param->key, given);
    }
    return text;
}
