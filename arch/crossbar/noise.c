/* SPDX-License-Identifier: MIT
 *
 * Noise of reads; see noise.h.
 */
#include "arch/crossbar/noise.h"

#include "sim/base/arena.h"

#include <math.h>

#define BOLTZMANN_J_PER_K 1.380649e-23
#define FLICKER_READ_S 250e-9 /* AIHWKIT: length of a read */

static double square(double x) { return x * x; }

static double conductance(const struct arch_crossbar_device *device, double cell) {
    return device->spec->cell.g_min_s + cell * device->step_s;
}

static double flicker_sigma(const struct arch_crossbar_spec *spec, double g) {
    const struct arch_crossbar_read_spec *read = &spec->read;
    if (read->flicker <= 0 || g <= 0)
        return 0;
    double q = read->flicker / pow(g / spec->cell.g_max_s, read->flicker_exponent);
    q = q < read->flicker_limit ? q : read->flicker_limit;
    double growth = log((spec->drift.age_s + FLICKER_READ_S) / (2 * FLICKER_READ_S));
    return growth > 0 ? g * q * sqrt(growth) : 0;
}

double arch_crossbar_johnson(const struct arch_crossbar_device *device, double cell, uint32_t drive_steps) {
    const struct arch_crossbar_read_spec *read = &device->spec->read;
    double power =
        4 * BOLTZMANN_J_PER_K * read->temperature_k * read->bandwidth_hz * conductance(device, cell);
    return power / read->energy / square(device->spec->cell.read_voltage_v / drive_steps * device->step_s);
}

double arch_crossbar_variance(const struct arch_crossbar_device *device, double cell, bool johnson) {
    const struct arch_crossbar_read_spec *read = &device->spec->read;
    double g = conductance(device, cell);
    double fluctuation = read->fluctuation * g * pow(read->energy, -read->fluctuation_exponent);
    double sum =
        square(fluctuation) + square(read->thermal_s) / read->energy + square(flicker_sigma(device->spec, g));
    return sum / square(device->step_s) + (johnson ? arch_crossbar_johnson(device, cell, 1) : 0);
}

bool arch_crossbar_reads_are_noisy(const struct arch_crossbar_read_spec *read) {
    return read->fluctuation > 0 || read->thermal_s > 0 || read->bandwidth_hz > 0 || read->flicker > 0;
}

/* ---- telegraph noise --------------------------------------------------------------------------- */

/* Cells are counted without the padding of the lanes. */
static uint64_t number(const struct arch_crossbar_telegraph *t, uint32_t place) {
    return (uint64_t)(place / t->used) * t->lanes + place % t->used;
}

double arch_crossbar_telegraph_step(const struct arch_crossbar_telegraph *t, uint64_t cell) {
    const struct arch_crossbar_read_spec *read = &t->device->spec->read;
    double step = read->telegraph +
                  read->telegraph_sigma * arch_crossbar_normal(t->device->ziggurat, t->key_step, cell);
    return step > 0 ? step : 0;
}

static void set_level(struct arch_crossbar_telegraph *t, uint64_t cell, bool high) {
    double quiet = t->quiet[cell];
    double g = conductance(t->device, quiet);
    t->cell[cell] = high ? quiet + arch_crossbar_telegraph_step(t, cell) * g / t->device->step_s : quiet;
    if (t->changed != NULL)
        t->changed(t->user, cell);
}

static void swap(uint32_t *a, uint32_t *b) {
    uint32_t kept = *a;
    *a = *b;
    *b = kept;
}

/* Moves place[i] to the other side of the border. */
static void change(struct arch_crossbar_telegraph *t, uint32_t i) {
    bool high = i >= t->high;
    set_level(t, number(t, t->place[i]), high);
    if (high)
        swap(&t->place[i], &t->place[t->high++]);
    else
        swap(&t->place[i], &t->place[--t->high]);
}

static void draw_next(struct arch_crossbar_telegraph *t) {
    double rate = t->high * t->rate_down + (t->cells - t->high) * t->rate_up;
    t->next_s = t->at_s - log1p(-sim_rng_real(&t->rng)) / rate;
}

void arch_crossbar_telegraph_init(struct arch_crossbar_telegraph *t,
                                  const struct arch_crossbar_device *device, uint32_t core, double *cell,
                                  double *quiet, uint32_t rows, uint32_t lanes, uint32_t used,
                                  struct sim_arena *arena) {
    const struct arch_crossbar_read_spec *read = &device->spec->read;
    uint64_t seed = device->spec->seed;
    *t = (struct arch_crossbar_telegraph){
        .device = device, .cell = cell, .quiet = quiet, .cells = rows * used, .lanes = lanes, .used = used};
    t->key_step = arch_crossbar_key(seed, core, ARCH_CROSSBAR_STREAM_TELEGRAPH);
    t->key_time = arch_crossbar_key(seed, core, ARCH_CROSSBAR_STREAM_TELEGRAPH_TIME);
    t->rate_down = 1 / read->telegraph_dwell_s;
    t->rate_up = t->rate_down * read->telegraph_high / (1 - read->telegraph_high);
    t->place = SIM_NEW_ARRAY(arena, uint32_t, t->cells);
    t->key_high = arch_crossbar_key(seed, core, ARCH_CROSSBAR_STREAM_TELEGRAPH_HIGH);
}

void arch_crossbar_telegraph_start(struct arch_crossbar_telegraph *t, uint64_t stretch) {
    uint64_t first = arch_crossbar_stretch(stretch);
    while (t->high > 0)
        change(t, t->high - 1);
    for (uint32_t i = 0; i < t->cells; i++)
        t->place[i] = i;
    t->rng = arch_crossbar_state(t->key_time, first);
    t->at_s = 0;
    for (uint32_t i = 0; i < t->cells; i++)
        if (arch_crossbar_uniform(t->key_high, first + number(t, i)) < t->device->spec->read.telegraph_high)
            change(t, i);
    draw_next(t);
}

/* After `pause_s` a cell that was high with probability 1 (or 0) is so with p + (1 - p) decay (or p - p
 * decay). Every cell changes at most once: those that rise are taken from the end, the border then lies
 * behind them. */
static void draw_all(struct arch_crossbar_telegraph *t, double pause_s) {
    double p = t->device->spec->read.telegraph_high, decay = exp(-pause_s * (t->rate_up + t->rate_down));
    uint32_t lows = t->cells - t->high, was_high = t->high, i = t->high;
    for (uint32_t n = 0; n < lows; n++, i++)
        if (sim_rng_real(&t->rng) < p - p * decay)
            change(t, i); /* place[i] now holds a low cell that was asked before, or itself */
    for (i = was_high; i-- > 0;)
        if (sim_rng_real(&t->rng) >= p + (1 - p) * decay)
            change(t, i); /* place[i] now holds a high cell that stays */
}

void arch_crossbar_telegraph_advance(struct arch_crossbar_telegraph *t, double now_s) {
    double rate = t->high * t->rate_down + (t->cells - t->high) * t->rate_up;
    if ((now_s - t->at_s) * rate > 2.0 * t->cells) {
        draw_all(t, now_s - t->at_s);
        t->at_s = now_s;
        draw_next(t);
        return;
    }
    while (t->next_s <= now_s) {
        double up = (t->cells - t->high) * t->rate_up, down = t->high * t->rate_down;
        t->at_s = t->next_s;
        if (sim_rng_real(&t->rng) * (up + down) < up)
            change(t, t->high + (uint32_t)sim_rng_below(&t->rng, t->cells - t->high));
        else
            change(t, (uint32_t)sim_rng_below(&t->rng, t->high));
        draw_next(t);
    }
}

void arch_crossbar_telegraph_set(struct arch_crossbar_telegraph *t, uint64_t cell, double quiet) {
    bool high = t->cell[cell] < t->quiet[cell] || t->cell[cell] > t->quiet[cell];
    t->quiet[cell] = quiet;
    set_level(t, cell, high);
}
