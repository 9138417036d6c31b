/* SPDX-License-Identifier: MIT
 *
 * Reading the crossbar: passes, noise, conversion, signed sums; see crossbar.h.
 */
#include "arch/crossbar/core.h"

#include "sim/base/lanes.h"

#include <math.h>
#include <string.h>

#define NARROW_ROWS 256u /* of 8-bit weights, whose sum 16 bits hold */

#define EVENT(xb, name) ((xb)->host.first_event + ARCH_CROSSBAR_EVENT_##name)

/* One pass: rows row[0 .. rows - 1] of a block, driven with their digits. */
struct pass {
    uint32_t block, first, rows; /* first: of xb->row */
    double weight;               /* of the digit in the sums */
    uint64_t digits;             /* sum of the digits */
    sim_cycle now;
};

static void count(struct arch_crossbar *xb, const struct pass *p) {
    const struct arch_crossbar_layout *l = &xb->layout;
    struct sim_component *owner = xb->host.owner;
    uint64_t steps = 0, conversions = l->conversions + l->units, latency = xb->pass_cycles;
    for (uint32_t i = 0; i < p->rows; i++)
        steps += (uint64_t)xb->digit[p->first + i] * xb->row_steps[xb->row[p->first + i]];
    sim_count(owner, EVENT(xb, accesses), l->across, p->now, latency);
    sim_count(owner, EVENT(xb, row_drives), (uint64_t)p->rows * l->across, p->now, latency);
    sim_count(owner, EVENT(xb, cell_reads), (uint64_t)p->rows * (l->columns + l->units), p->now, latency);
    sim_count(owner, EVENT(xb, cell_steps), steps, p->now, latency);
    sim_count(owner, EVENT(xb, samples), xb->spec->timing.sample_hold ? conversions : 0, p->now, latency);
    sim_count(owner, EVENT(xb, mux_steps), (uint64_t)l->across * l->mux, p->now, latency);
    sim_count(owner, EVENT(xb, conversions), conversions, p->now, latency);
    sim_count(owner, EVENT(xb, subtractions), l->signs == 2 ? l->columns / 2 : 0, p->now, latency);
    sim_count(owner, EVENT(xb, shift_adds), conversions, p->now, latency);
    xb->block_passes[p->block]++;
}

/* ---- currents ---------------------------------------------------------------------------------- */

/* Fills the solver with the connected rows of one array and adds its currents to `value`. */
static void solve_array(struct arch_crossbar *xb, const struct pass *p, uint32_t array, double *value) {
    const struct arch_crossbar_spec *spec = xb->spec;
    const struct arch_crossbar_layout *l = &xb->layout;
    struct arch_crossbar_wires *w = xb->wires;
    uint32_t first, end, base = p->block * spec->array.rows, left = spec->axons - base;
    uint32_t rows = left < spec->array.rows ? left : spec->array.rows, driven = 0;
    bool all = spec->array.access == ARCH_CROSSBAR_1R;
    double lsb_v = spec->cell.read_voltage_v / l->drive_steps, step_s = xb->device.step_s;
    arch_crossbar_array_columns(spec, l, array, &first, &end);
    w->rows = 0;
    w->cols = end - first + (l->units != 0);
    for (uint32_t row = 0; row < rows; row++) {
        bool on = driven < p->rows && xb->row[p->first + driven] == base + row;
        double volts = on ? xb->digit[p->first + driven] * lsb_v : 0;
        driven += on;
        if (!on && !all) {
            if (w->rows > 0)
                w->gap[w->rows - 1]++;
            continue;
        }
        const double *cell = xb->cell + (size_t)(base + row) * l->lanes;
        double *g = w->cell + (size_t)w->rows * w->cols;
        for (uint32_t column = first; column < end; column++)
            *g++ = spec->cell.g_min_s + cell[column] * step_s;
        if (l->units != 0)
            *g = spec->cell.g_min_s + cell[l->columns + array] * step_s;
        w->drive_v[w->rows] = volts;
        w->gap[w->rows++] = 1;
    }
    arch_crossbar_wires_solve(w);
    xb->unconverged += !w->converged;
    for (uint32_t column = first; column < end; column++)
        value[column] += w->current[column - first] / (lsb_v * step_s);
    if (l->units != 0)
        value[l->columns + array] += w->current[end - first] / (lsb_v * step_s);
}

static void add_currents(struct arch_crossbar *xb, const struct pass *p) {
    const struct arch_crossbar_layout *l = &xb->layout;
    memset(xb->value, 0, l->lanes * sizeof *xb->value);
    if (xb->wires == NULL || xb->programmed != NULL) {
        xb->lanes->add(xb->value, xb->cell, xb->row + p->first,
                       l->drive_steps > 1 ? xb->drive + p->first : NULL, p->rows, l->lanes);
        return;
    }
    double reference = 0;
    for (uint32_t i = 0; i < p->rows; i++)
        reference += xb->drive[p->first + i];
    reference *= xb->spec->cell.g_min_s / xb->device.step_s;
    for (uint32_t array = 0; array < l->across; array++)
        solve_array(xb, p, array, xb->value);
    for (uint32_t column = 0; column < l->columns + l->units; column++)
        xb->value[column] -= reference;
}

static void add_noise(struct arch_crossbar *xb, const struct pass *p) {
    const struct arch_crossbar_layout *l = &xb->layout;
    uint64_t n = xb->first_read + xb->reads++ * l->lanes;
    memset(xb->spread, 0, l->lanes * sizeof *xb->spread);
    xb->lanes->add(xb->spread, xb->variance, xb->row + p->first,
                   l->drive_steps > 1 ? xb->drive_squared + p->first : NULL, p->rows, l->lanes);
    if (xb->johnson != NULL)
        xb->lanes->add(xb->spread, xb->johnson, xb->row + p->first, NULL, p->rows, l->lanes);
    for (uint32_t column = 0; column < l->columns + l->units; column++)
        xb->normal[column] = arch_crossbar_normal(xb->device.ziggurat, xb->key_read, n + column);
    xb->lanes->noise(xb->value, xb->spread, xb->normal, l->lanes);
}

/* Pairs of columns become one value each, in the order of conversions. */
static void subtract_currents(struct arch_crossbar *xb) {
    const struct arch_crossbar_layout *l = &xb->layout;
    for (uint32_t c = 0; c < l->conversions; c++) {
        uint32_t column = arch_crossbar_column_of_conversion(xb, c);
        xb->value[c] = xb->value[column] - xb->value[column + l->sign_stride];
    }
}

/* ---- sums -------------------------------------------------------------------------------------- */

static void join_differential(struct arch_crossbar *xb, const struct pass *p) {
    const struct arch_crossbar_layout *l = &xb->layout;
    bool analog = l->conversions != l->columns;
    uint32_t neuron_stride = analog && l->sign_stride == 1 ? l->neuron_stride / 2 : l->neuron_stride;
    uint32_t slice_stride = analog ? l->slice_stride / 2 : l->slice_stride;
    double weight = p->weight;
    for (uint32_t slice = 0; slice < l->slices; slice++) {
        const double *value = xb->value + slice * slice_stride;
        for (uint32_t neuron = 0; neuron < xb->spec->neurons; neuron++, value += neuron_stride)
            xb->total[neuron] += weight * (analog ? *value : *value - value[l->sign_stride]);
        weight *= l->steps + 1;
    }
}

static void join_offset(struct arch_crossbar *xb, const struct pass *p) {
    const struct arch_crossbar_layout *l = &xb->layout;
    double half = ldexp(1, (int)xb->spec->weights.bits - 1);
    for (uint32_t neuron = 0; neuron < xb->spec->neurons; neuron++) {
        double sum = 0, inputs = (double)p->digits, weight = 1;
        for (uint32_t slice = 0; slice < l->slices; slice++) {
            uint32_t column = neuron * l->neuron_stride + slice * l->slice_stride;
            if (l->units != 0)
                inputs = xb->value[l->columns + xb->array_of[column]];
            double value = xb->value[column];
            sum +=
                weight * (arch_crossbar_is_flipped(xb, p->block, column) ? l->steps * inputs - value : value);
            weight *= l->steps + 1;
        }
        if (l->units != 0)
            inputs = xb->value[l->columns + xb->array_of[neuron * l->neuron_stride]];
        xb->total[neuron] += p->weight * (sum - half * inputs);
    }
}

static void read_cells(struct arch_crossbar *xb, const struct pass *p) {
    const struct arch_crossbar_layout *l = &xb->layout;
    add_currents(xb, p);
    if (xb->variance != NULL && p->rows > 0)
        add_noise(xb, p);
    if (l->conversions != l->columns)
        subtract_currents(xb);
    if (xb->spec->adc.kind != ARCH_CROSSBAR_ADC_IDEAL)
        xb->lanes->convert(xb->value, xb->offset + (size_t)p->block * l->lanes, &xb->codes, l->lanes);
    if (l->signs == 2)
        join_differential(xb, p);
    else
        join_offset(xb, p);
}

/* ---- passes ------------------------------------------------------------------------------------ */

static void run_pass(struct arch_crossbar *xb, struct pass *p) {
    if (p->rows == 0 && xb->spec->array.skip_idle)
        return;
    p->digits = 0;
    for (uint32_t i = 0; i < p->rows; i++)
        p->digits += xb->digit[p->first + i];
    count(xb, p);
    if (xb->fold != NULL)
        arch_crossbar_fold_read(xb, p->first, p->rows, p->weight);
    else if (xb->planes != NULL)
        arch_crossbar_planes_read(xb, p->block, p->first, p->rows, p->weight, p->digits);
    else if (!xb->exact)
        read_cells(xb, p);
}

/* The groups of one block whose driven rows are row[p->first .. end - 1]. */
static void run_block(struct arch_crossbar *xb, struct pass *p, uint32_t end) {
    const struct arch_crossbar_spec *spec = xb->spec;
    uint32_t group = xb->layout.group_rows, base = p->block * spec->array.rows;
    uint32_t limit = base + spec->array.rows < spec->axons ? base + spec->array.rows : spec->axons;
    if (spec->array.select == ARCH_CROSSBAR_ROWS_ACTIVE) {
        do {
            p->rows = end - p->first < group ? end - p->first : group;
            run_pass(xb, p);
            p->first += p->rows;
        } while (p->first < end);
        return;
    }
    for (; base < limit; base += group) {
        uint32_t next = p->first;
        while (next < end && xb->row[next] < base + group)
            next++;
        p->rows = next - p->first;
        run_pass(xb, p);
        p->first = next;
    }
}

/* All blocks with the digits in row, digit (`driven` of them). */
static void run_digit(struct arch_crossbar *xb, uint32_t driven, double weight, sim_cycle now) {
    struct pass p = {.weight = weight, .now = now};
    uint32_t end = 0;
    for (uint32_t i = 0; !xb->exact && i < driven; i++) {
        xb->drive[i] = xb->drive_level[xb->digit[i]];
        xb->drive_squared[i] = xb->drive[i] * xb->drive[i];
    }
    for (p.block = 0; p.block < xb->layout.blocks; p.block++) {
        p.first = end;
        while (end < driven && xb->row[end] / xb->spec->array.rows == p.block)
            end++;
        run_block(xb, &p, end);
    }
    if (xb->planes != NULL)
        arch_crossbar_planes_finish(xb, weight);
}

static uint64_t cycles_of(const struct arch_crossbar *xb, uint64_t passes) {
    double cycles = arch_crossbar_pass_time(xb->spec, &xb->layout, passes) * xb->host.clock_hz;
    return (uint64_t)ceil(cycles - 1e-6 * (cycles > 1 ? cycles : 1));
}

static void begin(struct arch_crossbar *xb) {
    assert(xb->prepared);
    xb->pass_cycles = cycles_of(xb, 1);
    memset(xb->block_passes, 0, xb->layout.blocks * sizeof *xb->block_passes);
    memset(xb->total, 0, xb->spec->neurons * sizeof *xb->total);
}

static uint64_t most_passes(const struct arch_crossbar *xb) {
    uint64_t most = 0;
    for (uint32_t block = 0; block < xb->layout.blocks; block++)
        most = xb->block_passes[block] > most ? xb->block_passes[block] : most;
    return most;
}

static void settle_telegraph(struct arch_crossbar *xb, sim_cycle now) {
    if (xb->telegraph != NULL)
        arch_crossbar_telegraph_advance(xb->telegraph,
                                        (double)now / xb->host.clock_hz +
                                            arch_crossbar_pass_time(xb->spec, &xb->layout, most_passes(xb)));
}

static uint64_t finish(struct arch_crossbar *xb, sim_cycle now) {
    uint64_t latency = cycles_of(xb, most_passes(xb)) + xb->spec->timing.digital_cycles;
    sim_count(xb->host.owner, EVENT(xb, input_bits), (uint64_t)xb->spec->axons * xb->spec->input.bits, now,
              1);
    sim_count(xb->host.owner, EVENT(xb, sums), xb->spec->neurons, now, latency);
    return latency > 0 ? latency : 1;
}

void arch_crossbar_add_weights(struct arch_crossbar *xb, const uint32_t *row, uint32_t rows, int32_t *sums) {
    const struct sim_lanes *lanes = sim_lanes();
    uint32_t neurons = xb->spec->neurons;
    for (uint32_t first = 0; xb->narrow != NULL && first < rows; first += NARROW_ROWS) {
        uint32_t at[NARROW_ROWS], some = rows - first < NARROW_ROWS ? rows - first : NARROW_ROWS;
        for (uint32_t i = 0; i < some; i++)
            at[i] = row[first + i] * xb->narrow_lanes;
        memset(xb->narrow_acc, 0, xb->narrow_lanes * sizeof *xb->narrow_acc);
        lanes->add_rows(xb->narrow_acc, xb->narrow, at, some, xb->narrow_group, xb->narrow_lanes);
        for (uint32_t neuron = 0; neuron < neurons; neuron++)
            sums[neuron] += xb->narrow_acc[neuron];
    }
    for (uint32_t i = 0; xb->narrow == NULL && i < rows; i++) {
        const int16_t *weight = xb->weight + (size_t)row[i] * neurons;
        for (uint32_t neuron = 0; neuron < neurons; neuron++)
            sums[neuron] += weight[neuron];
    }
}

void arch_crossbar_begin(struct arch_crossbar *xb, uint64_t stretch) {
    assert(xb->prepared);
    xb->first_read = arch_crossbar_stretch(stretch);
    xb->reads = 0;
    if (xb->telegraph != NULL)
        arch_crossbar_telegraph_start(xb->telegraph, stretch);
}

uint64_t arch_crossbar_spikes(struct arch_crossbar *xb, const uint64_t *spikes, int32_t *sums,
                              sim_cycle now) {
    uint32_t driven = 0, neurons = xb->spec->neurons;
    assert(xb->spec->input.kind == ARCH_CROSSBAR_SPIKES);
    begin(xb);
    settle_telegraph(xb, now);
    for (uint32_t word = 0; word < (xb->spec->axons + 63) / 64; word++)
        for (uint64_t left = spikes[word]; left != 0; left &= left - 1) {
            xb->digit[driven] = 1;
            xb->row[driven++] = word * 64 + (uint32_t)__builtin_ctzll(left);
        }
    run_digit(xb, driven, 1, now);
    if (xb->exact) {
        memset(sums, 0, neurons * sizeof *sums);
        arch_crossbar_add_weights(xb, xb->row, driven, sums);
    } else {
        xb->lanes->whole(xb->integer, xb->total, xb->total_lanes);
        memcpy(sums, xb->integer, neurons * sizeof *sums);
    }
    return finish(xb, now);
}

uint64_t arch_crossbar_spike_train(struct arch_crossbar *xb, const uint64_t *spikes, uint32_t timesteps,
                                   int32_t *sums, sim_cycle now) {
    uint64_t cycles = 0;
    for (uint32_t t = 0; t < timesteps; t++)
        cycles += arch_crossbar_spikes(xb, spikes + (size_t)t * ((xb->spec->axons + 63) / 64),
                                       sums + (size_t)t * xb->spec->neurons, now + cycles);
    return cycles;
}

/* ---- numbers ----------------------------------------------------------------------------------- */

uint64_t arch_crossbar_numbers(struct arch_crossbar *xb, const int32_t *numbers, double *total,
                               sim_cycle now) {
    const struct arch_crossbar_input_spec *input = &xb->spec->input;
    uint32_t mask = xb->layout.drive_steps, neurons = xb->spec->neurons;
    begin(xb);
    for (uint32_t pass = 0; pass < xb->layout.passes; pass++) {
        uint32_t shift = pass * input->dac_bits, driven = 0;
        double weight = ldexp(1, (int)shift);
        for (uint32_t axon = 0; axon < xb->spec->axons; axon++) {
            uint32_t digit = (uint32_t)numbers[axon] >> shift & mask;
            xb->row[driven] = axon;
            xb->digit[driven] = digit;
            driven += digit != 0;
        }
        settle_telegraph(xb, now);
        run_digit(xb, driven, input->twos_complement && pass + 1 == xb->layout.passes ? -weight : weight,
                  now);
    }
    for (uint32_t axon = 0; xb->exact && axon < xb->spec->axons; axon++)
        for (uint32_t neuron = 0; numbers[axon] != 0 && neuron < neurons; neuron++)
            xb->total[neuron] += (double)numbers[axon] * xb->weight[(size_t)axon * neurons + neuron];
    memcpy(total, xb->total, neurons * sizeof *total);
    return finish(xb, now);
}
