/* SPDX-License-Identifier: MIT
 *
 * The closing summary of a run, for people and for scripts.
 */
#include "arch/layout/placement_print.h"
#include "sim/base/number.h"
#include "sim/cli/json.h"
#include "sim/cli/merit.h"

#include "sim/base/histogram.h"
#include "sim/base/table.h"
#include "sim/config/quantity.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#define KINDS_SHOWN 12

static const char *quantity(double value, enum sim_unit unit) {
    static char buffer[8][48];
    static int next;
    next = (next + 1) % 8;
    return sim_quantity_format(buffer[next], sizeof buffer[next], value, unit);
}

static double run_time_s(const struct run *run, const struct run_result *result) {
    return (double)result->cycles / run->chip->clock_hz;
}

/* Cycles a timestep: exact where the chip's period is fixed, else the mean. */
static double timestep_cycles(const struct arch_chip *chip, const struct run_result *result) {
    if (chip->period != 0 || chip->timesteps == 0)
        return (double)chip->period;
    return (double)result->cycles / (double)chip->timesteps;
}

static double kind_energy(const struct sim_record_kind *kind) {
    return (double)kind->count * kind->unit_energy_j;
}

static int by_energy(const void *a, const void *b) {
    double x = kind_energy(*(const struct sim_record_kind *const *)a);
    double y = kind_energy(*(const struct sim_record_kind *const *)b);
    return (x < y) - (x > y);
}

/* The kinds that cost anything, dearest first; the caller frees the list. */
static const struct sim_record_kind **sorted_kinds(const struct sim_record *record, uint32_t *count) {
    uint32_t kinds;
    const struct sim_record_kind *kind = sim_record_kinds(record, &kinds);
    const struct sim_record_kind **list = calloc(kinds + 1, sizeof *list);
    *count = 0;
    for (uint32_t i = 0; list != NULL && i < kinds; i++)
        if (kind_energy(&kind[i]) > 0)
            list[(*count)++] = &kind[i];
    if (list != NULL)
        qsort(list, *count, sizeof *list, by_energy);
    return list;
}

static void print_energy(const struct run_result *result, const struct sim_record *record,
                         const struct run_merit *merit, double time_s, FILE *out) {
    if (!(result->energy_j > 0))
        return;
    fprintf(out, "\nEnergy     %s, %s a sample, %s on average; %.1f %% of it leakage\n",
            quantity(result->energy_j, SIM_UNIT_JOULE),
            quantity(result->energy_j / (double)result->samples, SIM_UNIT_JOULE),
            quantity(result->energy_j / time_s, SIM_UNIT_WATT), 100 * merit->leakage_share);
    uint32_t count;
    const struct sim_record_kind **kind = sorted_kinds(record, &count);
    struct sim_table table;
    sim_table_init(&table);
    sim_table_column(&table, "component", SIM_TABLE_LEFT);
    sim_table_column(&table, "event", SIM_TABLE_LEFT);
    sim_table_column(&table, "count", SIM_TABLE_RIGHT);
    sim_table_column(&table, "energy", SIM_TABLE_RIGHT);
    sim_table_column(&table, "power", SIM_TABLE_RIGHT);
    sim_table_column(&table, "share", SIM_TABLE_RIGHT);
    sim_table_column(&table, "trust", SIM_TABLE_LEFT);
    double rest = 0;
    for (uint32_t i = 0; i < count; i++) {
        double energy = kind_energy(kind[i]);
        if (i >= KINDS_SHOWN - 1 && count > KINDS_SHOWN) {
            rest += energy;
            continue;
        }
        sim_table_cell(&table, "%s", kind[i]->type);
        sim_table_cell(&table, "%s", kind[i]->event);
        sim_table_cell(&table, "%llu", (unsigned long long)kind[i]->count);
        sim_table_cell(&table, "%s", quantity(energy, SIM_UNIT_JOULE));
        sim_table_cell(&table, "%s", quantity(energy / time_s, SIM_UNIT_WATT));
        sim_table_cell(&table, "%.1f %%", 100 * energy / result->energy_j);
        sim_table_cell(&table, "%s", kind[i]->trust != NULL ? kind[i]->trust : "");
    }
    if (rest > 0) {
        sim_table_cell(&table, "(%u more)", count - KINDS_SHOWN + 1);
        sim_table_cell(&table, "%s", "");
        sim_table_cell(&table, "%s", "");
        sim_table_cell(&table, "%s", quantity(rest, SIM_UNIT_JOULE));
        sim_table_cell(&table, "%s", quantity(rest / time_s, SIM_UNIT_WATT));
        sim_table_cell(&table, "%.1f %%", 100 * rest / result->energy_j);
        sim_table_cell(&table, "%s", "");
    }
    fputc('\n', out);
    sim_table_print(&table, 2, out);
    sim_table_release(&table);
    free(kind);
}

static void print_packets(const struct arch_chip *chip, const struct sim_histogram *packets, FILE *out) {
    if (packets == NULL || packets->count == 0)
        return;
    double mean = (double)packets->sum / (double)packets->count;
    fprintf(out,
            "Packets    %llu arrived, after %.2f cycles = %s on average; half within %llu, 95 %% within "
            "%llu,\n           99 %% within %llu, all within %llu\n",
            (unsigned long long)packets->count, mean, quantity(mean / chip->clock_hz, SIM_UNIT_SECOND),
            (unsigned long long)sim_histogram_quantile(packets, 0.50),
            (unsigned long long)sim_histogram_quantile(packets, 0.95),
            (unsigned long long)sim_histogram_quantile(packets, 0.99), (unsigned long long)packets->max);
}

/* The names are those of the traffic on a network by itself, behind "packet_". */
static void put_packets(json_t *root, const struct sim_histogram *packets) {
    static const struct {
        const char *key;
        double fraction;
    } quantiles[] = {
        {"packet_latency_p50", 0.50}, {"packet_latency_p95", 0.95}, {"packet_latency_p99", 0.99}};
    if (packets == NULL)
        return;
    bool any = packets->count > 0;
    json_object_set_new(root, "packets", json_integer((json_int_t)packets->count));
    json_object_set_new(root, "packet_latency_mean",
                        any ? json_real((double)packets->sum / (double)packets->count) : json_null());
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
        json_object_set_new(
            root, quantiles[i].key,
            any ? json_integer((json_int_t)sim_histogram_quantile(packets, quantiles[i].fraction))
                : json_null());
    json_object_set_new(root, "packet_latency_max",
                        any ? json_integer((json_int_t)packets->max) : json_null());
    json_t *bins = json_array();
    for (uint32_t bin = 0; bin < SIM_HISTOGRAM_BINS; bin++)
        if (packets->bin[bin] != 0)
            json_array_append_new(bins, json_pack("[I, I, I]", (json_int_t)sim_histogram_low(bin),
                                                  (json_int_t)sim_histogram_high(bin),
                                                  (json_int_t)packets->bin[bin]));
    json_object_set_new(root, "packet_latency_histogram", bins);
}

/* Of a sample: its share of the run's time, and where samples differ the longest. */
static void print_latency(const struct arch_chip *chip, const struct run_result *result, double time_s,
                          FILE *out) {
    double samples = (double)result->samples, cycles = (double)result->cycles / samples;
    fprintf(out, "Latency    %.0f cycles = %s a sample", cycles, quantity(time_s / samples, SIM_UNIT_SECOND));
    if (llround(cycles) != (long long)result->sample_cycles)
        fprintf(out, ", the longest %llu = %s", (unsigned long long)result->sample_cycles,
                quantity((double)result->sample_cycles / chip->clock_hz, SIM_UNIT_SECOND));
    fprintf(out, ", %.1f samples/s\n", samples / time_s);
}

void run_print_text(const struct run *run, const struct run_options *options, const struct run_result *result,
                    const struct sim_record *record, FILE *out) {
    const struct arch_chip *chip = run->chip;
    double time_s = run_time_s(run, result);
    fprintf(out, "Chip       %s (%s), %u of %u tiles, clock %s\n", options->arch, chip->name,
            chip->tiles_used, chip->tiles, quantity(chip->clock_hz, SIM_UNIT_HERTZ));
    fprintf(out, "Trace      %s, %llu sample%s%s%s\n", options->trace, (unsigned long long)result->samples,
            sim_plural(result->samples),
            options->as == ARCH_AS_QNN ? ", as the equivalent quantised network" : "",
            run->trace.graph.replayed ? ", replayed: its spikes drive every layer" : "");
    if (result->labelled > 0)
        fprintf(out, "Accuracy   %.2f %% (%llu of %llu)\n",
                100.0 * (double)result->correct / (double)result->labelled,
                (unsigned long long)result->correct, (unsigned long long)result->labelled);
    if (chip->placement.spec != NULL && chip->placement.spec->strategy != ARCH_PLACEMENT_ORDER)
        arch_placement_print(chip->placement.spec, chip->placement.report, chip->placement.unit, out);
    fprintf(out, "Cycles     %llu, %.0f a timestep%s\n", (unsigned long long)result->cycles,
            timestep_cycles(chip, result), chip->period != 0 ? "" : " on average");
    fprintf(out, "Time       %s at the chip's clock\n", quantity(time_s, SIM_UNIT_SECOND));
    print_latency(chip, result, time_s, out);
    fprintf(out, "Spikes     %llu (%llu in, %llu fired)\n", (unsigned long long)result->spikes,
            (unsigned long long)result->input_spikes,
            (unsigned long long)(result->spikes - result->input_spikes));
    print_packets(chip, result->packets, out);
    struct run_merit merit;
    run_merit(run, result, record, &merit);
    print_energy(result, record, &merit, time_s, out);
    run_merit_print(&merit, record, out);
    fprintf(out, "\nSimulated  in %s of CPU: %.3g M cycles/s, %.3g M tile-cycles/s\n",
            quantity(result->sim_seconds, SIM_UNIT_SECOND),
            1e-6 * (double)result->cycles / result->sim_seconds,
            1e-6 * (double)result->cycles * chip->tiles_used / result->sim_seconds);
    if (result->database != NULL)
        fprintf(out, "Results    %s (hash %s)\n", result->database, result->hash);
}

void run_print_json(const struct run *run, const struct run_options *options, const struct run_result *result,
                    const struct sim_record *record, FILE *out) {
    const struct arch_chip *chip = run->chip;
    double time_s = run_time_s(run, result);
    json_t *root = json_pack("{s:s, s:s, s:s, s:s, s:I}", "arch", options->arch, "trace", options->trace,
                             "as", run_as_names[options->as], "engine", options->engine->name, "samples",
                             (json_int_t)result->samples);
    if (result->labelled > 0) {
        json_object_set_new(root, "correct", json_integer((json_int_t)result->correct));
        json_object_set_new(root, "accuracy", json_real((double)result->correct / (double)result->labelled));
    }
    json_object_update_new(
        root,
        json_pack("{s:I, s:I, s:I, s:I, s:f, s:f, s:f}", "tiles", (json_int_t)chip->tiles, "tiles_used",
                  (json_int_t)chip->tiles_used, "cycles", (json_int_t)result->cycles, "cycles_per_timestep",
                  (json_int_t)llround(timestep_cycles(chip, result)), "clock_hz", chip->clock_hz, "time_s",
                  time_s, "latency_max_s", (double)result->sample_cycles / chip->clock_hz));
    if (chip->placement.spec != NULL)
        json_object_set_new(root, "placement",
                            arch_placement_json(chip->placement.spec, chip->placement.report,
                                                chip->placement.unit));
    json_object_set_new(root, "latency_max_cycles", json_integer((json_int_t)result->sample_cycles));
    if (result->energy_j > 0) {
        uint32_t count;
        const struct sim_record_kind **kind = sorted_kinds(record, &count);
        json_t *by_kind = json_object();
        for (uint32_t i = 0; i < count; i++) {
            char key[128];
            snprintf(key, sizeof key, "%s.%s", kind[i]->type, kind[i]->event);
            json_object_set_new(by_kind, key, json_real(kind_energy(kind[i])));
        }
        free(kind);
        json_object_set_new(root, "energy_j", json_real(result->energy_j));
        json_object_set_new(root, "power_w", json_real(result->energy_j / time_s));
        json_object_set_new(root, "energy_by_kind", by_kind);
    }
    struct run_merit merit;
    run_merit(run, result, record, &merit);
    run_merit_json(&merit, record, root);
    put_packets(root, result->packets);
    json_object_set_new(root, "spikes", json_integer((json_int_t)result->spikes));
    json_object_set_new(root, "sim_seconds", json_real(result->sim_seconds));
    if (result->database != NULL) {
        json_object_set_new(root, "database", json_string(result->database));
        json_object_set_new(root, "hash", json_string(result->hash));
    }
    cli_json_print(root, 17, out);
}
