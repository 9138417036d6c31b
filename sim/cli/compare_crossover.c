/* SPDX-License-Identifier: MIT
 *
 * The search for equal energies; see compare_crossover.h.
 */
#include "sim/cli/compare_crossover.h"

#include "sim/base/heap.h"
#include "sim/base/number.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define SCAN_STEPS 24
#define BISECTIONS 24
#define WHOLE 1e-9 /* a count this near to a whole number is one */

static const struct sim_where option = {"--crossover", 0, 0};

/* A layer of whole counts, and what it costs. */
struct corner {
    double spikes, active, hops, eta;
    double share_j[ARCH_DUAL_MODE_COUNT][COMPARE_SHARE_COUNT];
};

/* What a layer costs at its expected counts. */
struct expected {
    double share_j[ARCH_DUAL_MODE_COUNT][COMPARE_SHARE_COUNT];
};

/* A layer of a search, and the corners of it that were simulated. */
struct part {
    struct compare_layer layer;
    double repeat;
    struct corner *corner; /* [corners] */
    size_t corners, room;
};

struct search {
    const struct compare_chip *chip;
    struct part *part; /* [parts] */
    uint32_t parts;
    size_t variable; /* offset of a double in struct compare_layer */
    double low, high;
    bool model; /* of the closed form */
    bool failed;
    const struct sim_where *where;
    struct sim_err *err;
};

/* ---- expected energies ------------------------------------------------------------------------ */

/* The energies of a layer of whole counts; NULL: it failed. */
static const struct corner *simulate(struct search *search, struct part *part, double spikes, double active,
                                     double hops) {
    const struct compare_layer *asked = &part->layer;
    double inputs = asked->fan_in, t = asked->timesteps;
    active = fmax(fmin(active, fmin(spikes, inputs)), ceil(spikes / t));
    for (size_t i = 0; i < part->corners; i++) {
        const struct corner *known = &part->corner[i];
        if (known->spikes == spikes && known->active == active && known->hops == hops &&
            known->eta == asked->eta)
            return known;
    }
    struct compare_layer layer = *asked;
    layer.rate = spikes / (inputs * t);
    layer.activity = ARCH_MODEL_V4_GIVEN;
    layer.density = active / inputs;
    layer.hops = hops;
    struct compare_result result;
    if (!compare_layer_run(search->chip, &layer, search->where, &result, search->err)) {
        search->failed = true;
        return NULL;
    }
    if (part->corners == part->room) {
        part->room = 2 * part->room + 16;
        part->corner = sim_heap_must(realloc(part->corner, part->room * sizeof *part->corner));
    }
    struct corner *corner = &part->corner[part->corners++];
    *corner = (struct corner){.spikes = spikes, .active = active, .hops = hops, .eta = asked->eta};
    for (int mode = 0; mode < ARCH_DUAL_MODE_COUNT; mode++)
        memcpy(corner->share_j[mode], result.run[mode].share_j, sizeof corner->share_j[mode]);
    return corner;
}

/* A whole number near `x` in least .. most - 1, and what is left: x = whole + rest. */
static double split(double x, double least, double most, double *rest) {
    double whole = fmax(least, fmin(floor(x + WHOLE), most - 1));
    *rest = most > least && fabs(x - whole) > WHOLE ? x - whole : 0;
    return whole;
}

/* Adds the energies of a layer of `spikes` spikes and `hops` hops, times `weight`: those of two feasible
 * numbers of inputs near `active`, on a line. */
static void add_energies(struct search *search, struct part *part, double spikes, double active, double hops,
                         double weight, struct expected *sum) {
    const struct compare_layer *layer = &part->layer;
    double rest, least = ceil(spikes / layer->timesteps), most = fmin(layer->fan_in, spikes);
    double whole = split(active, least, most, &rest);
    for (int up = 0; up < 2 && !search->failed; up++) {
        double share = weight * (up ? rest : 1 - rest);
        const struct corner *corner = share != 0 ? simulate(search, part, spikes, whole + up, hops) : NULL;
        for (int mode = 0; corner != NULL && mode < ARCH_DUAL_MODE_COUNT; mode++)
            for (int kind = 0; kind < COMPARE_SHARE_COUNT; kind++)
                sum->share_j[mode][kind] += share * corner->share_j[mode][kind];
    }
}

/* Where less than an active input or two spikes are expected, the layer is silent in a share of its samples:
 * what lies below would be energies of fractions of a spike. */
static bool expect(struct search *search, struct part *part, struct expected *sum) {
    const struct compare_layer *layer = &part->layer;
    double places = (double)layer->fan_in * layer->timesteps, density = compare_layer_density(layer), more,
           far;
    double busy = fmin(1, fmax(fmin(places * layer->rate / 2, layer->fan_in * density), density));
    double spikes = busy > 0 ? places * layer->rate / busy : 0;
    double active = busy > 0 ? layer->fan_in * density / busy : 0;
    double whole = split(spikes, fmin(2, places - 1), places, &more);
    double hops = split(layer->hops, 0, ARCH_DUAL_LAYER_HOPS_MAX + 1, &far);
    memset(sum, 0, sizeof *sum);
    for (int i = 0; i < 4; i++) {
        double distant = i & 2 ? far : 1 - far, weight = busy * distant * (i & 1 ? more : 1 - more);
        if (weight != 0)
            add_energies(search, part, whole + (i & 1), active, hops + (i >> 1), weight, sum);
        if (!(i & 1) && (1 - busy) * distant != 0)
            add_energies(search, part, 0, 0, hops + (i >> 1), (1 - busy) * distant, sum);
    }
    return !search->failed;
}

static double total(const double share_j[COMPARE_SHARE_COUNT]) {
    double sum = 0;
    for (int kind = 0; kind < COMPARE_SHARE_COUNT; kind++)
        sum += share_j[kind];
    return sum;
}

static void set_expected_model(struct compare_result *result) {
    result->rate = result->layer.rate;
    result->density = compare_layer_density(&result->layer);
    result->hops = result->layer.hops;
    compare_layer_model(result);
}

bool compare_layer_expect(const struct compare_chip *chip, const struct compare_layer *layer,
                          const struct sim_where *where, struct compare_result *result, struct sim_err *err) {
    struct search search = {.chip = chip, .where = where, .err = err};
    struct part part = {.layer = *layer, .repeat = 1};
    struct expected sum;
    bool sound = compare_layer_run(chip, layer, where, result, err) && expect(&search, &part, &sum);
    free(part.corner);
    if (!sound)
        return false;
    for (int mode = 0; mode < ARCH_DUAL_MODE_COUNT; mode++) {
        memcpy(result->run[mode].share_j, sum.share_j[mode], sizeof sum.share_j[mode]);
        result->run[mode].energy_j = total(sum.share_j[mode]);
    }
    set_expected_model(result);
    compare_set_ratio(result);
    return true;
}

/* ---- the excess ------------------------------------------------------------------------------- */

static void add_simulated(struct search *search, struct part *part, double energy_j[ARCH_DUAL_MODE_COUNT]) {
    struct expected sum;
    if (expect(search, part, &sum))
        for (int mode = 0; mode < ARCH_DUAL_MODE_COUNT; mode++)
            energy_j[mode] += part->repeat * total(sum.share_j[mode]);
}

static void add_model(struct search *search, struct part *part, double energy_j[ARCH_DUAL_MODE_COUNT]) {
    struct compare_result result;
    if (!compare_layer_prices(search->chip, &part->layer, &result, search->err)) {
        search->failed = true;
        return;
    }
    set_expected_model(&result);
    for (int mode = 0; mode < ARCH_DUAL_MODE_COUNT; mode++)
        energy_j[mode] += part->repeat * result.run[mode].model_j;
}

static double excess_at(struct search *search, double x) {
    double energy_j[ARCH_DUAL_MODE_COUNT] = {0};
    for (uint32_t i = 0; i < search->parts && !search->failed; i++) {
        struct part *part = &search->part[i];
        memcpy((char *)&part->layer + search->variable, &x, sizeof x);
        if (search->model)
            add_model(search, part, energy_j);
        else
            add_simulated(search, part, energy_j);
    }
    return search->failed ? NAN : energy_j[ARCH_DUAL_SNN] / energy_j[ARCH_DUAL_QNN] - 1;
}

/* ---- the search ------------------------------------------------------------------------------- */

/* The least zero between low and high; NaN: none. *snn_first: below it SNN costs less. */
static double find_crossing(struct search *search, bool *snn_first) {
    double below = search->low, before = excess_at(search, below);
    *snn_first = before < 0;
    for (int i = 1; i <= SCAN_STEPS && !search->failed; i++) {
        double x = search->low + (search->high - search->low) * pow((double)i / SCAN_STEPS, 2);
        double value = excess_at(search, x);
        if ((before < 0) == (value < 0)) {
            below = x;
            before = value;
            continue;
        }
        for (int k = 0; k < BISECTIONS && !search->failed; k++) {
            double middle = below + (x - below) / 2, at = excess_at(search, middle);
            if ((at < 0) == (before < 0))
                below = middle;
            else
                x = middle;
        }
        return below + (x - below) / 2;
    }
    return NAN;
}

/* "A..B": a point before the dots belongs to them. */
static bool read_range(const char *text, double *low, double *high) {
    const char *dots = strstr(text, "..");
    char first[32];
    if (dots == NULL || dots - text >= (ptrdiff_t)sizeof first)
        return false;
    memcpy(first, text, (size_t)(dots - text));
    first[dots - text] = '\0';
    return sim_number_real(first, low) && sim_number_real(dots + 2, high);
}

/* The variable and its range: by default all values that go with the rest of the layer. */
static bool open_search(struct search *search, const char *text, const char **key) {
    const struct compare_layer *layer = &search->part->layer;
    double t = layer->timesteps;
    bool given = layer->activity == ARCH_MODEL_V4_GIVEN;
    struct {
        const char *name;
        size_t field;
        double low, high, most;
    } keys[] = {
        {"rate", offsetof(struct compare_layer, rate), given ? layer->density / t : 0.001,
         given ? layer->density : 0.5, 1},
        {"hops", offsetof(struct compare_layer, hops), 0, 16, ARCH_DUAL_LAYER_HOPS_MAX},
        {"density", offsetof(struct compare_layer, density), layer->rate, fmin(1, layer->rate * t), 1},
        {"eta", offsetof(struct compare_layer, eta), 0.01, 256, 1e6}};
    size_t length = strcspn(text, "=");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strlen(keys[i].name) != length || strncmp(keys[i].name, text, length) != 0)
            continue;
        *key = keys[i].name;
        search->variable = keys[i].field;
        search->low = keys[i].low;
        search->high = keys[i].high;
        bool ranged = text[length] != '\0';
        if (ranged && (!read_range(text + length + 1, &search->low, &search->high) || search->low < 0 ||
                       search->high <= search->low || search->high > keys[i].most))
            return sim_err_add(search->err, SIM_EXIT_CONFIG, &option,
                               "%s=A..B with 0 <= A < B <= %g is expected", *key, keys[i].most);
        for (uint32_t part = 0; part < search->parts; part++)
            if (search->variable == offsetof(struct compare_layer, density))
                search->part[part].layer.activity = ARCH_MODEL_V4_GIVEN;
        return true;
    }
    return sim_err_add(search->err, SIM_EXIT_CONFIG, &option, "one of rate, hops, density, eta is expected");
}

bool compare_find_crossover(const struct compare_chip *chip, const struct compare_layer *layer,
                            const double *repeat, uint32_t layers, const char *text,
                            struct compare_crossover *crossover, struct sim_err *err) {
    struct search search = {.chip = chip, .parts = layers, .where = &option, .err = err};
    search.part = sim_heap_must(calloc(layers, sizeof *search.part));
    for (uint32_t i = 0; i < layers; i++)
        search.part[i] = (struct part){.layer = layer[i], .repeat = repeat != NULL ? repeat[i] : 1};
    bool sound = open_search(&search, text, &crossover->key);
    if (sound) {
        crossover->low = search.low;
        crossover->high = search.high;
        crossover->simulated = find_crossing(&search, &crossover->snn_first);
        search.model = true;
        crossover->model = search.failed ? NAN : find_crossing(&search, &crossover->model_snn_first);
    }
    for (uint32_t i = 0; i < layers; i++)
        free(search.part[i].corner);
    free(search.part);
    return sound && !search.failed;
}
