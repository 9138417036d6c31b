/* SPDX-License-Identifier: MIT
 *
 * What the results database is told of a run besides its events: configuration and prices before it, the
 * traffic of the connections after it.
 */
#include "arch/layout/placement.h"
#include "sim/cli/run.h"
#include "sim/record/energy.h"

static void report_area(void *user, const char *type, double area_m2) {
    sim_record_area(user, type, area_m2, "computed from the description of the unit", "derived");
}

static void report_parameter(void *user, const char *type, const char *name, double value) {
    sim_record_parameter(user, type, name, value);
}

/* How the cores were placed, and the traffic that was minimised, before and after. */
static void record_placement(struct sim_record *record, const struct arch_chip_placement *placement) {
    const struct arch_placement_spec *spec = placement->spec;
    if (spec == NULL)
        return;
    sim_record_set_text(record, "placement", arch_placement_names[spec->strategy]);
    if (spec->strategy == ARCH_PLACEMENT_ANNEAL) {
        sim_record_set_int(record, "placement_seed", (int64_t)spec->seed);
        sim_record_set_int(record, "placement_moves_per_core", spec->moves);
        sim_record_set_real(record, "placement_time_s", spec->time_s);
        sim_record_set_int(record, "placement_moves", (int64_t)placement->report->moves);
        sim_record_set_int(record, "placement_accepted", (int64_t)placement->report->accepted);
        sim_record_set_int(record, "placement_out_of_time", placement->report->out_of_time);
    }
    sim_record_set_real(record, "traffic_before", placement->report->before);
    sim_record_set_real(record, "traffic_after", placement->report->after);
    sim_record_set_text(record, "traffic_unit", placement->unit);
}

void run_record_configuration(struct sim_record *record, const struct run *run,
                              const struct run_options *options) {
    sim_record_set_text(record, "arch", options->arch);
    sim_record_set_text(record, "trace", options->trace);
    sim_record_set_text(record, "as", run_as_names[options->as]);
    sim_record_set_text(record, "engine", options->engine->name);
    sim_record_set_int(record, "order", (int64_t)run->kernel.spec.order);
    sim_record_set_int(record, "seed", (int64_t)run->kernel.spec.seed);
    sim_record_set_int(record, "cycles_per_timestep", (int64_t)run->chip->period);
    sim_record_set_int(record, "tiles_used", run->chip->tiles_used);
    record_placement(record, &run->chip->placement);
    for (uint32_t i = 0; i < run->config.settings; i++)
        sim_record_config(record, run->config.setting[i].path, run->config.setting[i].value,
                          run->config.setting[i].origin);
    const struct sim_graph *graph = &run->trace.graph;
    for (uint32_t id = 0; id < graph->layers; id++)
        sim_record_layer(record, (int32_t)id, graph->layer[id].name,
                         sim_layer_kinds[graph->layer[id].kind].name, graph->layer[id].neurons);
    for (uint32_t id = 0; id < run->kernel.components; id++) {
        struct arch_chip_place place = run->chip->type->place(run->chip, id);
        struct sim_record_place where = {place.layer, place.row, place.col};
        sim_record_component(record, run->kernel.component[id], &where);
        if (run->chip->type->powered != NULL && !run->chip->type->powered(run->chip, id))
            sim_record_power_down(record, id);
    }
    run->chip->type->parameters(run->chip, report_parameter, record);
    if (run->chip->type->areas != NULL)
        run->chip->type->areas(run->chip, report_area, record);
}

bool run_record_price(struct sim_record *record, const struct run *run, struct sim_err *err) {
    if (run->config.tech == NULL)
        return true; /* counts without energies */
    struct sim_energy *energy = sim_energy_read(run->config.tech, err);
    if (energy == NULL)
        return false;
    struct sim_energy_point point = {.voltage_v = run->chip->voltage_v, .clock_hz = run->chip->clock_hz};
    bool priced = sim_record_price(record, energy, &point, err);
    sim_energy_free(energy);
    return priced;
}

void run_record_links(struct sim_record *record, const struct run *run) {
    for (uint32_t i = 0; i < run->kernel.connections; i++) {
        const struct sim_connection *c = &run->kernel.connection[i];
        struct sim_record_link link = {.name = c->name, .from = c->from, .to = c->to, .bits = -1};
        if (c->wire != NULL) {
            link.width = 8 * c->wire->bytes;
            link.latency = c->wire->latency;
            link.sends = c->wire->drives;
        } else {
            uint64_t sends = 0;
            uint32_t bits = 0;
            if (run->chip->type->sends == NULL ||
                !run->chip->type->sends(run->chip, c, run->kernel.now, &sends, &bits))
                continue;
            link.width = bits;
            link.latency = c->link->latency;
            link.sends = sends;
            link.bits = (int64_t)(sends * bits);
        }
        sim_record_link(record, &link);
    }
}
