/* SPDX-License-Identifier: MIT
 *
 * The search for equal energies; see compare_crossover.h.
 */
#include "sim/cli/compare_crossover.h"

#include "sim/heap.h"

#include <math.h>
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

struct search {
    const struct compare_chip *chip;
    struct compare_layer layer;
    double *variable; /* in layer */
    double low, high;
    bool model; /* of the closed form */
    bool failed;
    struct corner *corner; /* [corners] simulated so far */
    size_t corners, room;
    const struct sim_where *where;
    struct sim_err *err;
};

/* ---- expected energies ------------------------------------------------------------------------ */

/* The energies of a layer of whole counts; NULL: it failed. */
static const struct corner *simulate(struct search *search, double spikes, double active, double hops) {
    const struct compare_layer *asked = &search->layer;
    double inputs = asked->fan_in, t = asked->timesteps;
    active = fmax(fmin(active, fmin(spikes, inputs)), ceil(spikes / t));
    for (size_t i = 0; i < search->corners; i++) {
        const struct corner *known = &search->corner[i];
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
    if (search->corners == search->room) {
        search->room = 2 * search->room + 16;
        search->corner = sim_heap_must(realloc(search->corner, search->room * sizeof *search->corner));
    }
    struct corner *corner = &search->corner[search->corners++];
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
 * numbers of active inputs, on a line. */
static void add_energies(struct search *search, double spikes, double hops, double weight,
                         struct expected *sum) {
    const struct compare_layer *layer = &search->layer;
    double rest, least = ceil(spikes / layer->timesteps), most = fmin(layer->fan_in, spikes);
    double active = split(layer->fan_in * compare_layer_density(layer), least, most, &rest);
    for (int up = 0; up < 2 && !search->failed; up++) {
        double share = weight * (up ? rest : 1 - rest);
        const struct corner *corner = share != 0 ? simulate(search, spikes, active + up, hops) : NULL;
        for (int mode = 0; corner != NULL && mode < ARCH_DUAL_MODE_COUNT; mode++)
            for (int kind = 0; kind < COMPARE_SHARE_COUNT; kind++)
                sum->share_j[mode][kind] += share * corner->share_j[mode][kind];
    }
}

/* A single spike leaves no choice of active inputs: the line then goes through two and three. */
static bool expect(struct search *search, struct expected *sum) {
    const struct compare_layer *layer = &search->layer;
    double places = (double)layer->fan_in * layer->timesteps, more, far;
    double spikes = split(places * layer->rate, fmin(2, places - 1), places, &more);
    double hops = split(layer->hops, 0, ARCH_DUAL_LAYER_HOPS_MAX + 1, &far);
    memset(sum, 0, sizeof *sum);
    for (int i = 0; i < 4; i++) {
        double weight = (i & 1 ? more : 1 - more) * (i & 2 ? far : 1 - far);
        if (weight != 0)
            add_energies(search, spikes + (i & 1), hops + (i >> 1), weight, sum);
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
    struct search search = {.chip = chip, .layer = *layer, .where = where, .err = err};
    struct expected sum;
    bool sound = compare_layer_run(chip, layer, where, result, err) && expect(&search, &sum);
    free(search.corner);
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

static double excess_simulated(struct search *search) {
    struct expected sum;
    if (!expect(search, &sum))
        return NAN;
    return total(sum.share_j[ARCH_DUAL_SNN]) / total(sum.share_j[ARCH_DUAL_QNN]) - 1;
}

static double excess_model(struct search *search) {
    struct compare_result result;
    if (!compare_layer_prices(search->chip, &search->layer, &result, search->err)) {
        search->failed = true;
        return NAN;
    }
    set_expected_model(&result);
    return result.model_ratio - 1;
}

static double excess_at(struct search *search, double x) {
    *search->variable = x;
    return search->model ? excess_model(search) : excess_simulated(search);
}

/* ---- the search ------------------------------------------------------------------------------- */

/* The least zero between low and high. */
static double find_crossing(struct search *search) {
    double below = search->low, before = excess_at(search, below);
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

/* The variable and its range: by default all values that go with the rest of the layer. */
static bool open_search(struct search *search, const char *text, const char **key) {
    struct compare_layer *layer = &search->layer;
    double t = layer->timesteps;
    bool given = layer->activity == ARCH_MODEL_V4_GIVEN;
    struct {
        const char *name;
        double *field, low, high, most;
    } keys[] = {{"rate", &layer->rate, given ? layer->density / t : 0.001, given ? layer->density : 0.5, 1},
                {"hops", &layer->hops, 0, 16, ARCH_DUAL_LAYER_HOPS_MAX},
                {"density", &layer->density, layer->rate, fmin(1, layer->rate * t), 1},
                {"eta", &layer->eta, 0.01, 256, 1e6}};
    size_t length = strcspn(text, "=");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (strlen(keys[i].name) != length || strncmp(keys[i].name, text, length) != 0)
            continue;
        *key = keys[i].name;
        search->variable = keys[i].field;
        search->low = keys[i].low;
        search->high = keys[i].high;
        int used = 0;
        bool ranged = text[length] != '\0';
        if (ranged && (sscanf(text + length, "=%lf..%lf%n", &search->low, &search->high, &used) != 2 ||
                       text[length + (size_t)used] != '\0' || !(search->low >= 0) ||
                       !(search->high > search->low) || !(search->high <= keys[i].most)))
            return sim_err_add(search->err, SIM_EXIT_CONFIG, &option,
                               "%s=A..B with 0 <= A < B <= %g is expected", *key, keys[i].most);
        if (search->variable == &layer->density)
            layer->activity = ARCH_MODEL_V4_GIVEN;
        return true;
    }
    return sim_err_add(search->err, SIM_EXIT_CONFIG, &option, "one of rate, hops, density, eta is expected");
}

bool compare_find_crossover(const struct compare_chip *chip, const struct compare_layer *layer,
                            const char *text, struct compare_crossover *crossover, struct sim_err *err) {
    struct search search = {.chip = chip, .layer = *layer, .where = &option, .err = err};
    if (!open_search(&search, text, &crossover->key))
        return false;
    crossover->simulated = find_crossing(&search);
    search.model = true;
    crossover->model = search.failed ? NAN : find_crossing(&search);
    free(search.corner);
    return !search.failed;
}
