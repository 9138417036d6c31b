/* SPDX-License-Identifier: MIT
 *
 * Assembly of a packet chip from a description and a network; see chip.h.
 */
#include "arch/packet/chip.h"

#include "arch/evaluate/evaluate.h"
#include "arch/neuron/layer.h"
#include "sim/kernel/link.h"

#include <stdlib.h>

#define NETWORKS_MAX 8u

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_packet_chip_spec, rows, 1, 1024, "4", "rows of tiles"),
    SIM_PARAM_UINT(struct arch_packet_chip_spec, cols, 1, 1024, "4", "columns of tiles"),
    SIM_PARAM_UINT(struct arch_packet_chip_spec, cores_per_tile, 1, 11, "1", "cores at each router"),
    SIM_PARAM_QUANTITY(struct arch_packet_chip_spec, clock_hz, "clock", SIM_UNIT_HERTZ, 1, 1e13, "1 GHz",
                       "base clock; of an asynchronous chip the raster of time"),
    SIM_PARAM_QUANTITY(struct arch_packet_chip_spec, voltage_v, "voltage", SIM_UNIT_VOLT, 0.1, 5, "0.8 V",
                       "supply voltage; scales the unit energies of the technology"),
    SIM_PARAM_ANY(struct arch_packet_chip_spec, core, NULL, "{type: arch.digital_core}",
                  "every core: a digital core, a core unit or a window unit"),
    SIM_PARAM_SPEC(struct arch_packet_chip_spec, periphery, &arch_periphery_schema,
                   "the digital part around a core unit or window unit"),
    SIM_PARAM_SPEC(struct arch_packet_chip_spec, code, &arch_time_code_schema,
                   "the time code of window units"),
    SIM_PARAM_LIST_ANY(struct arch_packet_chip_spec, networks, network_count, "network",
                       "[{type: noc.aer_mesh}]", "networks between the tiles"),
    SIM_PARAM_LIST(
        struct arch_packet_chip_spec, assign, assign_count, &arch_assignment_schema,
        "which network carries what, the first entry that fits; the rest goes to the first network. "
        "Without entries core i sends on network i mod their number"),
    SIM_PARAM_UINT(struct arch_packet_chip_spec, spikes_per_packet, 1, ARCH_SPIKES_PER_PACKET_MAX, "1",
                   "spikes of neighbouring neurons that a packet may carry"),
    SIM_PARAM_UINT(struct arch_packet_chip_spec, packet_bits, 8, 1024, "32",
                   "size of a packet, for networks whose packets have several flits"),
    SIM_PARAM_UINT(struct arch_packet_chip_spec, barrier_cycles, 1, 1e9, "1",
                   "from the last arrival of a timestep to the start of the next"),
    SIM_PARAM_UINT(struct arch_packet_chip_spec, barrier_cycles_per_tile, 0, 1e6, "0",
                   "the same, for each tile in use after the first"),
    SIM_PARAM_UINT(struct arch_packet_chip_spec, timestep_cycles, 0, 4e9, "0",
                   "least length of a timestep; 0: as short as the barrier allows"),
    SIM_PARAM_UINT(struct arch_packet_chip_spec, host_cycles, 1, 1e6, "1",
                   "the host sends a packet every so many cycles"),
    SIM_PARAM_SPEC(struct arch_packet_chip_spec, placement, &arch_placement_schema,
                   "which core stands where; the chip's own order is along the rows of tiles"),
};

static struct arch_packet_cores_spec cores_of(const struct arch_packet_chip_spec *spec) {
    return (struct arch_packet_cores_spec){spec->core, spec->periphery, spec->code};
}

static bool check_core(const struct arch_packet_chip_spec *spec, const struct sim_where *where,
                       struct sim_err *err) {
    struct arch_packet_cores_spec cores = cores_of(spec);
    struct arch_core_capacity capacity;
    if (!arch_packet_cores_capacity(&cores, &capacity))
        return sim_err_add(
            err, SIM_EXIT_CONFIG, where,
            "arch.packet_chip: '%s' is no core (arch.digital_core, a core unit or a window unit)",
            spec->core.schema->name);
    if (spec->spikes_per_packet == 1)
        return true;
    if (capacity.windows)
        return sim_err_add(err, SIM_EXIT_CONFIG, where,
                           "arch.packet_chip: a packet of a time code carries one spike and its slot: "
                           "spikes_per_packet must be 1 (it is %u)",
                           spec->spikes_per_packet);
    if (capacity.axons % 16 != 0 || capacity.neurons % 16 != 0)
        return sim_err_add(
            err, SIM_EXIT_CONFIG, where,
            "arch.packet_chip: packets of several spikes need cores of a multiple of 16 axons (%u) "
            "and neurons (%u)",
            capacity.axons, capacity.neurons);
    return true;
}

static const char *const *names_of(const struct arch_packet_chip_spec *spec, const char *name[NETWORKS_MAX]) {
    for (uint32_t i = 0; i < spec->network_count; i++)
        name[i] = arch_packet_network_name(&spec->networks[i]);
    return name;
}

static bool check(const void *spec_, const struct sim_where *where, struct sim_err *err) {
    const struct arch_packet_chip_spec *spec = spec_;
    if (!check_core(spec, where, err))
        return false;
    if (spec->network_count > NETWORKS_MAX)
        return sim_err_add(err, SIM_EXIT_CONFIG, where, "arch.packet_chip: %u networks, more than %u",
                           spec->network_count, NETWORKS_MAX);
    const char *called[NETWORKS_MAX];
    bool sound = arch_assignments_check(spec->assign, spec->assign_count, names_of(spec, called),
                                        spec->network_count, where, err);
    for (uint32_t i = 0; i < spec->network_count; i++) {
        char name[64];
        snprintf(name, sizeof name, "arch.packet_chip: networks[%u]", i);
        sound &= arch_packet_network_check(&spec->networks[i], name, spec->packet_bits, where, err);
    }
    for (uint32_t i = 1; i < spec->network_count; i++)
        if (arch_packet_network_multicasts(&spec->networks[i]) !=
            arch_packet_network_multicasts(&spec->networks[0]))
            return sim_err_add(err, SIM_EXIT_CONFIG, where,
                               "arch.packet_chip: multicast must be the same in all networks");
    return sound;
}

static const struct sim_type *const types[] = {&arch_packet_host_type, &arch_barrier_type, NULL};

const struct sim_schema arch_packet_chip_schema = {
    .name = "arch.packet_chip",
    .role = "chip",
    .help = "Tiles of cores on packet networks, with a timestep barrier. Cores are digital, or a core unit "
            "(crossbar) "
            "or window unit (time-to-first-spike) with its periphery.",
    .size = sizeof(struct arch_packet_chip_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
    .types = types,
};

/* ---- cores -------------------------------------------------------------------------------------- */

/* Spikes say more than that they happened: the slot of a time code, or a height. */
static bool is_marked(const struct arch_packet_chip *chip, const struct sim_graph *graph) {
    bool marked = chip->capacity.windows;
    for (uint32_t id = 0; id < graph->layers; id++)
        marked |= arch_neuron_heights(&graph->layer[id]) > 1;
    return marked;
}

/* The weights of a core as a matrix axons x neurons, for the caller to free. */
static int8_t *unroll(const struct arch_packet_chip *chip, const struct arch_packet_core *plan) {
    int8_t *weight = malloc((size_t)plan->axons * plan->neurons);
    for (uint32_t axon = 0; weight != NULL && axon < plan->axons; axon++)
        arch_packet_weights(chip->map, plan, axon, weight + (size_t)axon * plan->neurons);
    return weight;
}

static struct arch_synapse_window *list_windows(const struct arch_packet_core *plan,
                                                const struct sim_layer *layer, struct sim_arena *arena) {
    struct arch_synapse_window *window = SIM_NEW_ARRAY(arena, struct arch_synapse_window, plan->inputs);
    for (uint32_t i = 0; i < plan->inputs; i++)
        window[i] =
            (struct arch_synapse_window){&layer->projection[plan->input[i].port], plan->input[i].first,
                                         plan->input[i].count, plan->input[i].axon};
    return window;
}

static bool build_core(struct arch_packet_chip *chip, uint32_t number, struct sim_kernel *kernel,
                       struct sim_err *err) {
    const struct arch_packet_core *plan = &chip->map->core[number];
    const struct sim_layer *layer = &chip->map->graph->layer[plan->layer];
    uint32_t tile = number / chip->spec->cores_per_tile;
    struct arch_soma_load neurons = {.first = chip->map->layer[plan->layer].latency};
    neurons.neuron =
        arch_neuron_of_layer(chip->map->graph, plan->layer, plan->first_neuron, plan->neurons,
                             chip->capacity.potential_bits, kernel->arena, err);
    if (neurons.neuron == NULL)
        return false;
    int8_t *weight = NULL;
    if (chip->capacity.synapses != ARCH_SYNAPSE_CONV && (weight = unroll(chip, plan)) == NULL)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL, "layer %u '%s': out of memory for its weights",
                           plan->layer, layer->name);
    struct arch_packet_core_load load = {
        .ports =
            {
                .axons = plan->axons,
                .neurons = plan->neurons,
                .range = plan->range,
                .ranges = plan->inputs,
                .destination = plan->destination,
                .destinations = plan->destinations,
                .networks = chip->spec->network_count,
                .flits = 1,
                .spikes_per_packet = chip->spec->spikes_per_packet,
                .marked = chip->map->spec.marked,
                .marks = chip->map->spec.marked ? arch_neuron_heights(layer) : 0,
                .partial = plan->root != number,
            },
        .neurons = neurons,
        .weight = weight,
        .stride = plan->neurons,
        .window = list_windows(plan, layer, kernel->arena),
        .windows = plan->inputs,
        .first_neuron = plan->first_neuron,
        .load = arch_packet_load(chip->map, plan, kernel->arena),
        .number = number,
        .clock_hz = chip->spec->clock_hz,
        .path = sim_arena_format(kernel->arena, "chip.tile[%u][%u].core[%u]", tile / chip->map->cols,
                                 tile % chip->map->cols, number % chip->spec->cores_per_tile),
    };
    chip->core[number] = arch_packet_core_build(&chip->cores, &load, kernel, err);
    free(weight);
    return chip->core[number] != NULL;
}

/* ---- host --------------------------------------------------------------------------------------- */

static void build_host(struct arch_packet_chip *chip, struct sim_kernel *kernel) {
    struct arch_packet_host *host = &chip->host;
    const struct sim_graph *graph = chip->map->graph;
    host->networks = chip->spec->network_count;
    host->flits = 1;
    host->marked = chip->map->spec.marked;
    host->send_cycles = chip->spec->host_cycles;
    host->spikes_per_packet = chip->spec->spikes_per_packet;
    host->interface = SIM_NEW_ARRAY(kernel->arena, struct noc_interface, host->networks);
    host->feed = SIM_NEW_ARRAY(kernel->arena, struct arch_packet_feed, graph->layers);
    host->tap = SIM_NEW_ARRAY(kernel->arena, struct arch_packet_tap, graph->layers);
    for (uint32_t id = 0; id < graph->layers; id++) {
        const struct sim_layer *layer = &graph->layer[id];
        const struct arch_packet_layer *plan = &chip->map->layer[id];
        if (sim_layer_outside(layer))
            host->feed[host->feeds++] = (struct arch_packet_feed){
                .layer = id,
                .neurons = layer->neurons,
                .words = sim_layer_words(layer),
                .shape = layer->shape,
                .placed = layer->shape.channels == layer->neurons || layer->shape.channels == 1
                              ? NULL
                              : SIM_NEW_ARRAY(kernel->arena, uint64_t, sim_layer_words(layer)),
                .destination = plan->destination,
                .destinations = plan->destinations,
            };
        else if (plan->leaves) {
            host->tap[host->taps++] =
                (struct arch_packet_tap){id, plan->key, layer->neurons, layer->shape, plan->latency};
            host->output_layer = id;
            host->answer = chip->capacity.windows ? (struct arch_ttfs){0} : arch_neuron_code(layer);
            host->answer_latency = plan->latency;
        }
    }
    if (sim_graph_answers_outside(graph))
        host->output_layer = graph->layers - 1;
    host->layers = graph->layers;
    host->layer_spikes = SIM_NEW_ARRAY(kernel->arena, uint64_t, graph->layers);
    host->outputs = graph->layer[host->output_layer].neurons;
    host->output_count = SIM_NEW_ARRAY(kernel->arena, uint32_t, host->outputs);
    arch_barrier_port_init(&host->barrier, kernel->arena);
    sim_kernel_add(kernel, &host->base, &arch_packet_host_type, "chip.host");
}

/* ---- networks and barrier ----------------------------------------------------------------------- */

static bool build_networks(struct arch_packet_chip *chip, struct sim_kernel *kernel, struct sim_err *err) {
    const struct arch_packet_map *map = chip->map;
    chip->network = SIM_NEW_ARRAY(kernel->arena, struct arch_packet_network, chip->spec->network_count);
    const char *path[NETWORKS_MAX];
    for (uint32_t n = 0; n < chip->spec->network_count; n++) {
        path[n] = sim_arena_format(kernel->arena, "chip.noc[%u]", n);
        struct arch_packet_network_site site = {
            .rows = map->rows,
            .cols = map->cols,
            .cores_per_tile = chip->spec->cores_per_tile,
            .cores = map->cores,
            .host = map->host,
            .packet_bits = chip->spec->packet_bits,
        };
        for (uint32_t i = 0; i < map->groups; i++)
            site.groups += map->group[i].network == n;
        if (!arch_packet_network_build(&chip->network[n], &chip->spec->networks[n], &site,
                                       path[n], kernel, err))
            return false;
        for (uint32_t core = 0; core < map->cores; core++)
            arch_packet_network_attach(&chip->network[n], core, &chip->core[core]->interface[n],
                                       &chip->core[core]->base, kernel);
        arch_packet_network_attach(&chip->network[n], map->host, &chip->host.interface[n], &chip->host.base,
                                   kernel);
    }
    bool sound = true;
    for (uint32_t i = 0; i < map->groups && sound; i++) {
        const struct arch_packet_group *group = &map->group[i];
        sound = arch_packet_network_group(&chip->network[group->network], group->number, group->source,
                                          group->member, group->members, path[group->network],
                                          kernel->arena, err);
    }
    return sound;
}

static uint32_t tiles_used(const struct arch_packet_chip *chip) {
    return (chip->map->cores + chip->spec->cores_per_tile - 1) / chip->spec->cores_per_tile;
}

static void build_barrier(struct arch_packet_chip *chip, struct sim_kernel *kernel) {
    uint32_t leaves = chip->map->cores + 1;
    struct arch_barrier_port **leaf = SIM_NEW_ARRAY(kernel->arena, struct arch_barrier_port *, leaves);
    uint32_t *id = SIM_NEW_ARRAY(kernel->arena, uint32_t, leaves);
    leaf[0] = &chip->host.barrier;
    id[0] = chip->host.base.id;
    for (uint32_t core = 0; core < chip->map->cores; core++) {
        leaf[core + 1] = &chip->core[core]->barrier;
        id[core + 1] = chip->core[core]->base.id;
    }
    sim_cycle cycles =
        chip->spec->barrier_cycles + (sim_cycle)(tiles_used(chip) - 1) * chip->spec->barrier_cycles_per_tile;
    chip->barrier =
        arch_barrier_build(leaf, id, leaves, cycles, chip->spec->timestep_cycles, "chip.barrier", kernel);
}

/* ---- chip --------------------------------------------------------------------------------------- */

static bool assign(const struct arch_packet_chip_spec *spec, const struct sim_graph *graph,
                   struct arch_assignments *assignments, struct sim_arena *arena, struct sim_err *err) {
    const char *name[NETWORKS_MAX];
    struct arch_assignment *entry = SIM_NEW_ARRAY(arena, struct arch_assignment, spec->assign_count);
    *assignments = (struct arch_assignments){entry, spec->assign_count, spec->network_count};
    return arch_assignments_resolve(spec->assign, spec->assign_count, names_of(spec, name),
                                    spec->network_count, graph, entry, err);
}

static struct arch_chip *build(const void *spec_, const struct sim_graph *graph, struct sim_kernel *kernel,
                               struct sim_err *err) {
    const struct arch_packet_chip_spec *spec = spec_;
    struct arch_packet_chip *chip = SIM_NEW(kernel->arena, struct arch_packet_chip);
    chip->spec = spec;
    chip->kernel = kernel;
    chip->cores = cores_of(spec);
    arch_packet_cores_capacity(&chip->cores, &chip->capacity);
    struct arch_packet_map_spec mapping = {
        .rows = spec->rows,
        .cols = spec->cols,
        .cores_per_tile = spec->cores_per_tile,
        .multicast = spec->network_count > 0 && arch_packet_network_multicasts(&spec->networks[0]),
        .spikes_per_packet = spec->spikes_per_packet,
        .marked = is_marked(chip, graph),
        .core = &chip->capacity,
        .placement = spec->placement,
    };
    if (!assign(spec, graph, &mapping.assign, kernel->arena, err))
        return NULL;
    if (mapping.marked && spec->spikes_per_packet > 1) {
        sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                    "spikes of different heights or slots need a packet each: spikes_per_packet must be 1");
        return NULL;
    }
    chip->map = arch_packet_map(&mapping, graph, kernel->arena, err);
    if (chip->map == NULL)
        return NULL;
    if (chip->capacity.windows && !sim_graph_one_piece(graph, "a mesh of window units", err))
        return NULL;
    build_host(chip, kernel);
    chip->core = SIM_NEW_ARRAY(kernel->arena, struct arch_core_shell *, chip->map->cores);
    for (uint32_t core = 0; core < chip->map->cores; core++)
        if (!build_core(chip, core, kernel, err))
            return NULL;
    if (!build_networks(chip, kernel, err))
        return NULL;
    build_barrier(chip, kernel);
    if (!arch_sequence_init(&chip->sequence, graph, kernel->arena, err))
        return NULL;
    if (chip->sequence.computes)
        sim_kernel_add(kernel, &chip->sequence.base, &arch_sequence_type, "chip.sequence");
    chip->host.window_count = chip->sequence.count;
    chip->base = (struct arch_chip){
        .type = &arch_packet_chip_type,
        .name = arch_packet_chip_schema.name,
        .clock_hz = spec->clock_hz,
        .voltage_v = spec->voltage_v,
        .tiles = spec->rows * spec->cols,
        .tiles_used = tiles_used(chip),
        .period = spec->timestep_cycles,
        .cycles_max = NOC_CYCLES_MAX,
        .output_layer = chip->host.output_layer,
        .outputs = chip->host.outputs,
        .output_count = chip->host.output_count,
        .layer_spikes = chip->host.layer_spikes,
        .sequence = chip->sequence.computes ? &chip->sequence : NULL,
        .placement = {&chip->map->spec.placement, &chip->map->placed, "packets x hops"},
    };
    for (uint32_t core = 0; core < chip->map->cores; core++)
        chip->base.weight_bits += arch_packet_core_synapse_bits(chip->core[core], &chip->capacity);
    return &chip->base;
}

/* Time codes are chosen by what is shown to the network; then the cores' units are complete. */
static bool calibrate(struct arch_chip *base, const struct arch_samples *samples, struct sim_err *err) {
    struct arch_packet_chip *chip = (struct arch_packet_chip *)base;
    const struct sim_graph *graph = chip->map->graph;
    const struct arch_time_code_spec *spec = &chip->spec->code;
    if (!chip->capacity.windows)
        return true;
    struct arch_ttfs *code = SIM_NEW_ARRAY(chip->kernel->arena, struct arch_ttfs, graph->layers);
    if (!arch_evaluate_calibrate(graph, samples, spec->levels, spec->masked, spec->dead_zone,
                                 samples->samples, code, err))
        return false;
    for (uint32_t i = 0; i < chip->map->cores; i++) {
        const struct arch_packet_core *core = &chip->map->core[i];
        const struct sim_layer *layer = &graph->layer[core->layer];
        uint32_t bits = sim_layer_weight_bits(layer);
        uint64_t most = (uint64_t)code->levels * core->axons << (bits - 1);
        if (core->spread && most > ARCH_EVENT_SUM_MOST)
            return sim_err_add(
                err, SIM_EXIT_CONFIG, NULL,
                "layer %u '%s': partial sums of %u axons with %u-bit weights and %u levels do not "
                "fit into %d bits",
                core->layer, layer->name, core->axons, bits, code->levels,
                ARCH_EVENT_SUM_SHIFT);
        struct arch_window_plan plan = {
            .reads = chip->map->layer[layer->operand[0]].latency,
            .timestep = chip->map->layer[core->layer].latency - (core->root != i),
            .sent = code[core->layer],
            .threshold = (uint32_t)layer->threshold,
        };
        if (!arch_packet_core_window(chip->core[i], &code[layer->operand[0]], &plan, chip->kernel->arena,
                                     err))
            return false;
    }
    arch_packet_host_code(&chip->host, code, chip->kernel->arena);
    base->recoded = true;
    return true;
}

static bool record(struct arch_chip *base, uint64_t *const *spikes, struct sim_err *err) {
    struct arch_packet_chip *chip = (struct arch_packet_chip *)base;
    if (chip->map->spec.marked || chip->host.answer.levels != 0)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "spikes with heights or time codes cannot be kept between rounds");
    chip->host.record = spikes;
    return true;
}

/* Timesteps that the chip takes for a token window. */
static uint32_t window_steps(const struct arch_packet_chip *chip) {
    uint32_t inputs =
        chip->capacity.windows ? 1 : chip->sequence.window; /* a window unit takes all at once */
    return inputs + chip->map->latency;
}

static void begin_window(struct arch_packet_chip *chip, struct sim_kernel *kernel, bool fresh) {
    arch_packet_host_begin(&chip->host, chip->sequence.window, chip->sequence.spikes, fresh);
    arch_barrier_begin(chip->barrier, window_steps(chip), chip->sequence.at);
    chip->base.timesteps += window_steps(chip);
    sim_kernel_poke(kernel, chip->barrier->base.id);
}

static void begin(struct arch_chip *base, struct sim_kernel *kernel, uint32_t timesteps,
                  const uint64_t *const *spikes) {
    struct arch_packet_chip *chip = (struct arch_packet_chip *)base;
    arch_sequence_begin(&chip->sequence, timesteps, spikes, kernel->now);
    chip->first_step = 0;
    begin_window(chip, kernel, true);
}

/* Adds what the host itself answers after the window, whose first one clears the counts. */
static bool resume(struct arch_chip *base, struct sim_kernel *kernel) {
    struct arch_packet_chip *chip = (struct arch_packet_chip *)base;
    if (!arch_sequence_next(&chip->sequence, kernel->now))
        return false;
    arch_sequence_answer(&chip->sequence, chip->host.output_count);
    chip->first_step += window_steps(chip);
    begin_window(chip, kernel, false);
    return true;
}

/* A timestep's end is known `cycles` before it comes; with a global tick, it comes no earlier than the tick.
 */
static sim_cycle step_end(const struct arch_chip *base, uint32_t timestep) {
    const struct arch_packet_chip *chip = (const struct arch_packet_chip *)base;
    const struct arch_barrier *barrier = chip->barrier;
    timestep -= chip->first_step;
    if (barrier->timestep > timestep)
        return barrier->start;
    if (barrier->timestep == timestep && barrier->next_start != SIM_NEVER)
        return barrier->next_start;
    sim_cycle soonest = chip->kernel->now + barrier->cycles, tick = barrier->start + barrier->timestep_cycles;
    return tick > soonest ? tick : soonest;
}

static struct arch_chip_place place(const struct arch_chip *base, uint32_t component) {
    const struct arch_packet_chip *chip = (const struct arch_packet_chip *)base;
    struct arch_chip_place place = {-1, -1, -1};
    uint32_t of_a_core = 1 + (chip->core[0]->base.type != &arch_digital_core_type); /* and its unit */
    uint32_t core = (component - chip->core[0]->base.id) / of_a_core;
    if (component >= chip->core[0]->base.id && core < chip->map->cores) {
        uint32_t tile = core / chip->spec->cores_per_tile;
        place =
            (struct arch_chip_place){(int32_t)chip->map->core[core].layer, (int32_t)(tile / chip->map->cols),
                                     (int32_t)(tile % chip->map->cols)};
    }
    for (uint32_t n = 0; n < chip->spec->network_count; n++)
        arch_packet_network_place(&chip->network[n], component, &place.row, &place.col);
    return place;
}

/* From a core or the host into network `n`. */
static bool sends_of_interface(const struct noc_interface *interface, const struct sim_link *link,
                               uint64_t *sends) {
    if (&interface->out.base != link)
        return false;
    *sends = interface->out.flits;
    return true;
}

static bool sends(const struct arch_chip *base, const struct sim_connection *c, sim_cycle now,
                  uint64_t *count, uint32_t *bits) {
    const struct arch_packet_chip *chip = (const struct arch_packet_chip *)base;
    for (uint32_t n = 0; n < chip->spec->network_count; n++) {
        if (arch_packet_network_sends(&chip->network[n], c, now, count, bits))
            return true;
        *bits = chip->spec->packet_bits;
        if (c->from == chip->host.base.id && sends_of_interface(&chip->host.interface[n], c->link, count))
            return true;
        for (uint32_t core = 0; core < chip->map->cores; core++)
            if (chip->core[core]->base.id == c->from &&
                sends_of_interface(&chip->core[core]->interface[n], c->link, count))
                return true;
    }
    return false;
}

static void measure(struct arch_chip *base, struct arch_packet_latency *latency) {
    struct arch_packet_chip *chip = (struct arch_packet_chip *)base;
    arch_packet_latency_groups(latency, chip->map->group, chip->map->groups);
    chip->host.latency = latency;
    chip->host.number = chip->map->host;
    for (uint32_t core = 0; core < chip->map->cores; core++) {
        chip->core[core]->latency = latency;
        chip->core[core]->number = core;
    }
}

static void parameters(const struct arch_chip *base,
                       void (*report)(void *user, const char *type, const char *name, double value),
                       void *user) {
    const struct arch_packet_chip_spec *spec = ((const struct arch_packet_chip *)base)->spec;
    struct arch_packet_cores_spec cores = cores_of(spec);
    arch_packet_cores_parameters(&cores, report, user);
    arch_packet_network_parameters(((const struct arch_packet_chip *)base)->network, spec->network_count,
                                   report, user);
    report(user, arch_packet_host_type.name, "cores", (double)spec->rows * spec->cols * spec->cores_per_tile);
}

static void areas(const struct arch_chip *base,
                  void (*report)(void *user, const char *type, double area_m2), void *user) {
    const char *type;
    double area = arch_packet_cores_area(&((const struct arch_packet_chip *)base)->cores, &type);
    if (area > 0)
        report(user, type, area);
}

static void print_map(const struct arch_chip *base, int format, FILE *out) {
    const struct arch_packet_chip *chip = (const struct arch_packet_chip *)base;
    if (format == 0)
        arch_packet_print_text(chip, out);
    else
        arch_packet_print_json(chip, out);
}

static void draw_map(const struct arch_chip *base, FILE *out) {
    arch_packet_print_svg((const struct arch_packet_chip *)base, out);
}

const struct arch_chip_type arch_packet_chip_type = {
    .schema = &arch_packet_chip_schema,
    .build = build,
    .calibrate = calibrate,
    .record = record,
    .begin = begin,
    .resume = resume,
    .step_end = step_end,
    .place = place,
    .sends = sends,
    .parameters = parameters,
    .areas = areas,
    .measure = measure,
    .print_map = print_map,
    .draw_map = draw_map,
};

bool arch_packet_chip_audit(const struct arch_packet_chip *chip, sim_cycle now, struct sim_err *err) {
    uint64_t sent = chip->host.sent, received = chip->host.received, underway = 0;
    bool sound = true;
    for (uint32_t core = 0; core < chip->map->cores; core++) {
        sent += chip->core[core]->sent;
        received += chip->core[core]->received;
    }
    for (uint32_t n = 0; n < chip->spec->network_count; n++) {
        sound &= arch_packet_network_audit(&chip->network[n], now, err);
        underway += arch_packet_network_underway(&chip->network[n]);
    }
    if (sent != received + underway)
        sound = sim_err_add(err, SIM_EXIT_STOPPED, NULL,
                            "cycle %llu: %llu packets were sent, %llu arrived and %llu are in the networks",
                            (unsigned long long)now, (unsigned long long)sent, (unsigned long long)received,
                            (unsigned long long)underway);
    return sound;
}
