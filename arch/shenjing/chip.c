/* SPDX-License-Identifier: MIT
 *
 * Assembly of a Shenjing chip from a description and a network; see chip.h.
 */
#include "arch/shenjing/chip.h"

#include "arch/shenjing/load.h"
#include "arch/shenjing/weight_sharing.h"

#include "sim/kernel/link.h"

#include <string.h>

static const char *const splits[ARCH_SPLIT_COUNT + 1] = {"fewest", "channel"};

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_shenjing_chip_spec, rows, 1, ARCH_MESH_SIDE_MAX, "4",
                   "rows of the mesh (the RTL's default)"),
    SIM_PARAM_UINT(struct arch_shenjing_chip_spec, cols, 1, ARCH_MESH_SIDE_MAX, "3",
                   "columns of the mesh (the RTL's default)"),
    SIM_PARAM_BOOL(struct arch_shenjing_chip_spec, grow, "false",
                   "take a larger mesh, as square as can be, when the network needs one"),
    SIM_PARAM_QUANTITY(struct arch_shenjing_chip_spec, clock_hz, "clock", SIM_UNIT_HERTZ, 1, 1e11, "120 kHz",
                       "base clock of all tiles"),
    SIM_PARAM_QUANTITY(struct arch_shenjing_chip_spec, voltage_v, "voltage", SIM_UNIT_VOLT, 0.1, 5, "0.9 V",
                       "supply voltage; scales the unit energies of the technology"),
    SIM_PARAM_UINT(struct arch_shenjing_chip_spec, period, 0, 65535, "0",
                   "cycles a timestep; 0: the shortest conflict-free schedule"),
    SIM_PARAM_CHOICE(
        struct arch_shenjing_chip_spec, split, splits, "fewest",
        "how convolutions are cut into cores: into the fewest, or one channel each, as published"),
    SIM_PARAM_UINT(struct arch_shenjing_chip_spec, chip_rows, 0, 256, "0",
                   "rows of one chip; more tiles span several chips; 0: the whole mesh is one"),
    SIM_PARAM_UINT(struct arch_shenjing_chip_spec, chip_cols, 0, 256, "0", "columns of one chip"),
    SIM_PARAM_UINT(struct arch_shenjing_chip_spec, boundary_cycles, 0, 200, "4",
                   "cycles that a link between chips takes more than one between tiles"),
    SIM_PARAM_UINT(struct arch_shenjing_chip_spec, boundary_width, 0, 65536, "0",
                   "bits a cycle of such a link, for spikes and partial sums each; 0: a vector at once"),
    SIM_PARAM_SPEC(struct arch_shenjing_chip_spec, placement, &arch_placement_schema,
                   "which tile gets which core; the chip's own order is along strips of the mesh"),
    SIM_PARAM_SPEC(struct arch_shenjing_chip_spec, tile, &arch_shenjing_tile_schema,
                   "every tile of the mesh"),
};

const struct sim_schema arch_shenjing_chip_schema = {
    .name = "arch.shenjing",
    .role = "chip",
    .help =
        "A mesh of Shenjing tiles: neuron cores joined by a partial-sum and a spike network, both statically "
        "scheduled. Runs networks of integrate-and-fire neurons: dense, convolutional, pooling and residual "
        "layers.",
    .size = sizeof(struct arch_shenjing_chip_spec),
    SIM_SCHEMA_PARAMS(params),
};

static bool check_weights(const struct arch_shenjing_chip_spec *spec, const struct sim_graph *graph,
                          struct sim_err *err) {
    bool sound = true;
    for (uint32_t id = 0; id < graph->layers; id++)
        if (graph->layer[id].weight_bits > spec->tile.weight_bits)
            sound =
                sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                            "layer %u '%s' has %u-bit weights and the tile's memory holds %u-bit weights", id,
                            graph->layer[id].name, graph->layer[id].weight_bits, spec->tile.weight_bits);
    return sound;
}

static const struct sim_projection *projection_of(const struct arch_mapping *map,
                                                  const struct arch_core *core) {
    return &map->graph->layer[core->layer].projection[core->port];
}

static void load_core(const struct arch_shenjing_chip *chip, struct arch_shenjing_tile *tile,
                      const struct arch_core *core) {
    const struct sim_projection *projection = projection_of(chip->map, core);
    int8_t row[ARCH_SHENJING_LANES_MAX];
    for (uint32_t axon = 0; axon < core->axons; axon++)
        if (sim_projection_row(projection, arch_core_axon(core, axon), chip->map->group[core->group].box,
                               row) > 0)
            arch_shenjing_tile_load_weights(tile, axon, 0, core->neurons, row);
}

/* Clocks what the tile's share needs: a tile that only forwards needs its sequencer, which is clocked with
 * any sub-core. */
static void preset_pins(const struct arch_shenjing_chip *chip, struct arch_shenjing_tile *tile,
                        const struct arch_tile_plan *plan) {
    struct arch_shenjing_pins *pins = arch_shenjing_tile_preset_pins(tile);
    uint32_t planes = plan->ps_planes > plan->spike_planes ? plan->ps_planes : plan->spike_planes;
    for (uint32_t plane = 0; plane < planes; plane++)
        pins->noc_sel[plane / 64] |= UINT64_C(1) << (plane % 64);
    pins->subcore_sel = 1;
    if (plan->core == ARCH_NOBODY)
        return;
    const struct arch_core *core = &chip->map->core[plan->core];
    pins->subcore_sel = (uint8_t)arch_core_subcores(chip->map, core);
    const struct sim_layer *layer = &chip->map->graph->layer[core->layer];
    pins->threshold = (int16_t)(layer->kind == SIM_LAYER_MAXPOOL ? 1 : layer->threshold);
}

static bool is_root(const struct arch_mapping *map, uint32_t core) {
    return arch_root(&map->group[map->core[core].group]) == core;
}

/* What the weights of a core are known by; nothing where they are all 0, as in a replay without weights. */
static struct sim_patch patch_of(const struct arch_mapping *map, const struct arch_core *core) {
    const struct sim_projection *projection = core != NULL ? projection_of(map, core) : NULL;
    if (projection == NULL || (projection->weighted && projection->weight == NULL))
        return (struct sim_patch){0};
    return sim_projection_patch(projection, core->axon_box, map->group[core->group].box);
}

/* A tile whose weights the host writes. */
static struct arch_shenjing_tile *new_loaded_tile(struct arch_shenjing_chip *chip, struct sim_arena *arena) {
    struct arch_shenjing_tile *tile = SIM_NEW(arena, struct arch_shenjing_tile);
    arch_shenjing_tile_init(tile, &chip->spec->tile, arena);
    return tile;
}

/* The tile of a place in the mesh, its weights loaded or those of a tile that has the same. */
static struct arch_shenjing_tile *new_tile(struct arch_shenjing_chip *chip, uint32_t position,
                                           struct arch_weight_sharing *sharing, struct sim_arena *arena) {
    const struct arch_mapping *map = chip->map;
    const struct arch_core *core =
        map->tile[position].core != ARCH_NOBODY ? &map->core[map->tile[position].core] : NULL;
    struct sim_patch patch = patch_of(map, core);
    if (core != NULL && map->graph->layer[core->layer].kind == SIM_LAYER_PRODUCT)
        return new_loaded_tile(chip, arena);
    void **holder = arch_weight_sharing_holder(sharing, patch);
    struct arch_shenjing_tile *tile = SIM_NEW(arena, struct arch_shenjing_tile);
    arch_shenjing_tile_init_like(tile, &chip->spec->tile, *holder, arena);
    if (patch.projection != NULL && *holder == NULL)
        load_core(chip, tile, core);
    *holder = tile;
    return tile;
}

static void build_tiles(struct arch_shenjing_chip *chip, struct sim_kernel *kernel) {
    struct arch_mapping *map = chip->map;
    uint32_t positions = map->rows * map->cols;
    chip->tile = SIM_NEW_ARRAY(kernel->arena, struct arch_shenjing_tile *, positions);
    chip->position = SIM_NEW_ARRAY(kernel->arena, uint32_t, positions);
    chip->at = SIM_NEW_ARRAY(kernel->arena, struct arch_shenjing_tile *, positions);
    struct arch_weight_sharing sharing;
    arch_weight_sharing_init(&sharing, map->cores, kernel->arena);
    for (uint32_t position = 0; position < positions; position++) {
        const struct arch_tile_plan *plan = &map->tile[position];
        if (!plan->used)
            continue;
        struct arch_shenjing_tile *tile = new_tile(chip, position, &sharing, kernel->arena);
        arch_shenjing_tile_load_program(tile, plan->word, plan->words);
        if (plan->core != ARCH_NOBODY && map->graph->replayed && is_root(map, plan->core))
            arch_shenjing_tile_replay(tile, kernel->arena);
        preset_pins(chip, tile, plan);
        const char *path = sim_arena_format(kernel->arena, "chip.tile[%u][%u]", position / map->cols,
                                            position % map->cols);
        sim_kernel_add(kernel, &tile->base, &arch_shenjing_tile_type, path);
        chip->at[position] = tile;
        chip->position[chip->tiles] = position;
        chip->tile[chip->tiles++] = tile;
    }
}

/* The links of a tile at a port. Those that carry nothing in this network show what the routers leave
 * standing; as nobody looks at it, they end in the air, and nobody is woken. (Where changing bits are
 * counted, somebody does.) */
static void connect_port(struct arch_shenjing_chip *chip, struct sim_kernel *kernel, uint32_t index,
                         enum noc_port port) {
    static const char *const ps_name[NOC_PORT_COUNT] = {"ps.north", "ps.south", "ps.east", "ps.west"};
    static const char *const spike_name[NOC_PORT_COUNT] = {"spike.north", "spike.south", "spike.east",
                                                           "spike.west"};
    struct arch_shenjing_tile *tile = chip->tile[index];
    uint32_t from = chip->position[index], to = arch_neighbour(chip->map, from, port);
    struct arch_shenjing_tile *neighbour = to == ARCH_NOBODY ? NULL : chip->at[to];
    bool all = chip->spec->tile.count_toggles;
    bool ps = neighbour != NULL && (all || chip->map->tile[from].ps_links >> port & 1);
    bool spike = neighbour != NULL && (all || chip->map->tile[from].spike_links >> port & 1);
    if (ps || spike) {
        if (arch_hop(chip->map, from, to) > 1)
            arch_shenjing_tile_lengthen(tile, port, arch_hop(chip->map, from, to), kernel->arena);
        arch_shenjing_tile_connect(tile, port, neighbour, ps, spike);
    }
    sim_kernel_connect_wire(kernel, &tile->ps.out[port], ps_name[port], tile->base.id,
                            ps ? neighbour->base.id : SIM_NOBODY);
    sim_kernel_connect_wire(kernel, &tile->spike.out[port], spike_name[port], tile->base.id,
                            spike ? neighbour->base.id : SIM_NOBODY);
}

static void connect_tile(struct arch_shenjing_chip *chip, struct sim_kernel *kernel, uint32_t index) {
    struct arch_shenjing_tile *tile = chip->tile[index];
    for (int port = 0; port < NOC_PORT_COUNT; port++)
        connect_port(chip, kernel, index, (enum noc_port)port);
    sim_kernel_connect_wire(kernel, &tile->pins, "pins", chip->host.base.id, tile->base.id);
    sim_kernel_connect_wire(kernel, &tile->external, "external", chip->host.base.id, tile->base.id);
    if (tile->forced_spikes != NULL)
        sim_kernel_connect_wire(kernel, &tile->forced, "forced", chip->host.base.id, tile->base.id);
}

/* ---- the host's agenda ------------------------------------------------------------------------ */

static void add_item(struct arch_shenjing_chip *chip, uint32_t cycle, struct arch_host_item item) {
    item.offset = cycle % chip->map->period;
    item.delay = cycle / chip->map->period;
    chip->host.item[chip->host.items++] = item;
}

/* Numbers of a feed or tap; NULL where they simply follow each other in whole words. */
static const uint32_t *list_numbers(struct sim_box box, struct sim_shape shape, uint32_t count,
                                    struct sim_arena *arena) {
    uint32_t first = sim_box_number(box, 0, shape);
    if (first % 64 == 0 && sim_box_number(box, count - 1, shape) == first + count - 1)
        return NULL;
    uint32_t *number = SIM_NEW_ARRAY(arena, uint32_t, count);
    for (uint32_t i = 0; i < count; i++)
        number[i] = sim_box_number(box, i, shape);
    return number;
}

static void plan_feeds(struct arch_shenjing_chip *chip, struct sim_arena *arena) {
    for (uint32_t i = 0; i < chip->map->cores; i++) {
        const struct arch_core *core = &chip->map->core[i];
        if (core->external) /* driven a cycle before the sweep starts, the latency of the wire */
            add_item(chip, core->acc - 1,
                     (struct arch_host_item){
                         .layer = core->source,
                         .first = arch_core_axon(core, 0),
                         .count = core->axons,
                         .number = list_numbers(core->axon_box, core->axon_shape, core->axons, arena),
                         .feed = &chip->at[core->tile]->external});
    }
}

/* A replay: what the root of a group fires, shown a cycle before it fires; from the next cycle on neurons
 * that drain fire what they have. */
static void plan_replay(struct arch_shenjing_chip *chip, struct sim_arena *arena) {
    for (uint32_t i = 0; chip->map->graph->replayed && i < chip->map->groups; i++) {
        const struct arch_group *group = &chip->map->group[i];
        struct sim_shape shape = chip->map->graph->layer[group->layer].shape;
        struct sim_wire *forced = &chip->at[chip->map->core[arch_root(group)].tile]->forced;
        add_item(chip, group->fire - 1,
                 (struct arch_host_item){
                     .layer = group->layer,
                     .first = sim_box_number(group->box, 0, shape),
                     .count = group->neurons,
                     .number = list_numbers(group->box, shape, group->neurons, arena),
                     .feed = forced});
        if (arch_drain(&chip->map->graph->layer[group->layer]) > 0)
            add_item(chip, group->fire,
                     (struct arch_host_item){.layer = group->layer, .release = true, .feed = forced});
    }
}

static void plan_taps(struct arch_shenjing_chip *chip, struct sim_arena *arena) {
    for (uint32_t i = 0; i < chip->map->groups; i++) {
        const struct arch_group *group = &chip->map->group[i];
        struct sim_shape shape = chip->map->graph->layer[group->layer].shape;
        for (uint32_t n = group->first_node; n < group->first_node + group->nodes; n++) {
            const struct arch_node *node = &chip->map->node[n];
            if (!node->exits)
                continue;
            add_item(chip, node->exit_arrival,
                     (struct arch_host_item){.layer = group->layer,
                                             .first = sim_box_number(group->box, 0, shape),
                                             .count = group->neurons,
                                             .number = list_numbers(group->box, shape, group->neurons, arena),
                                             .tap = &chip->at[node->tile]->spike.out[node->exit]});
            chip->host.output_layer = group->layer; /* the last one, if several leave */
        }
    }
}

/* What crosses from chip to chip in a period: every vector, whether anything in it has changed or not. */
static void plan_boundaries(struct arch_shenjing_chip *chip) {
    const struct arch_mapping *map = chip->map;
    for (uint32_t g = 0; g < map->groups; g++) {
        const struct arch_group *group = &map->group[g];
        for (uint32_t n = group->first_node + 1; n < group->first_node + group->nodes; n++)
            if (arch_chip_of(map, map->node[map->node[n].parent].tile) !=
                arch_chip_of(map, map->node[n].tile))
                chip->host.boundary_spike_bits += group->neurons;
        for (uint32_t k = 1; k < group->cores; k++) {
            uint32_t tile = map->core[group->first_core + k - 1].tile,
                     to = map->core[group->first_core + k].tile, next;
            for (; tile != to; tile = next) {
                next = arch_neighbour(map, tile, arch_towards(map, tile, to));
                if (arch_chip_of(map, tile) != arch_chip_of(map, next))
                    chip->host.boundary_ps_bits += group->neurons * map->ps_bits;
            }
        }
    }
}

static void build_host(struct arch_shenjing_chip *chip, struct sim_kernel *kernel) {
    struct arch_shenjing_host *host = &chip->host;
    const struct sim_graph *graph = chip->map->graph;
    host->tile = chip->tile;
    host->tiles = chip->tiles;
    host->period = chip->map->period;
    if (chip->map->chip_rows < chip->map->rows || chip->map->chip_cols < chip->map->cols)
        host->flush = chip->map->boundary_cycles;
    host->item = SIM_NEW_ARRAY(kernel->arena, struct arch_host_item,
                               chip->map->cores + 2 * chip->map->groups + chip->map->nodes);
    host->layers = graph->layers;
    host->window_count = chip->sequence.count;
    host->layer_words = SIM_NEW_ARRAY(kernel->arena, uint32_t, graph->layers);
    host->layer_spikes = SIM_NEW_ARRAY(kernel->arena, uint64_t, graph->layers);
    for (uint32_t id = 0; id < graph->layers; id++)
        host->layer_words[id] = sim_layer_words(&graph->layer[id]);
    plan_feeds(chip, kernel->arena);
    plan_replay(chip, kernel->arena);
    plan_taps(chip, kernel->arena);
    plan_boundaries(chip);
    if (sim_graph_answers_outside(graph))
        host->output_layer = graph->layers - 1;
    host->outputs = graph->layer[host->output_layer].neurons;
    host->output_count = SIM_NEW_ARRAY(kernel->arena, uint32_t, host->outputs);
    arch_shenjing_host_prepare(host);
}

/* ---- chip ------------------------------------------------------------------------------------- */

/* Bits that fill the memories: rows of weights as wide as the halves of the neurons in use, and programs. */
static uint64_t memory_bits(const struct arch_shenjing_chip *chip) {
    const struct arch_mapping *map = chip->map;
    const struct arch_shenjing_tile_spec *tile = &chip->spec->tile;
    uint64_t bits = 0;
    for (uint32_t i = 0; i < map->cores; i++) {
        uint32_t half = tile->neurons / 2, halves = map->core[i].neurons > half ? 2 : 1;
        bits += (uint64_t)map->core[i].axons * halves * half * tile->weight_bits;
    }
    for (uint32_t i = 0; i < chip->tiles; i++)
        bits += (uint64_t)map->tile[chip->position[i]].words * (ARCH_SHENJING_OP_BITS + tile->gap_bits);
    return bits;
}

static struct arch_chip *build(const void *spec_, const struct sim_graph *graph, struct sim_kernel *kernel,
                               struct sim_err *err) {
    const struct arch_shenjing_chip_spec *spec = spec_;
    struct arch_shenjing_chip *chip = SIM_NEW(kernel->arena, struct arch_shenjing_chip);
    chip->spec = spec;
    struct arch_mapping_spec mapping = {
        .rows = spec->rows,
        .cols = spec->cols,
        .grow = spec->grow,
        .core_axons = spec->tile.axons,
        .core_neurons = spec->tile.neurons,
        .imem_words = spec->tile.imem_words,
        .gap_bits = spec->tile.gap_bits,
        .period = spec->period,
        .split = (enum arch_split)spec->split,
        .ps_bits = spec->tile.ps_bits,
        .chip_rows = spec->chip_rows,
        .chip_cols = spec->chip_cols,
        .boundary_cycles = spec->boundary_cycles,
        .boundary_width = spec->boundary_width,
        .placement = spec->placement,
    };
    if (!check_weights(spec, graph, err))
        return NULL;
    chip->map = arch_map(&mapping, graph, kernel->arena, err);
    if (chip->map == NULL)
        return NULL;
    sim_kernel_add(kernel, &chip->host.base, &arch_shenjing_host_type, "chip.host");
    build_tiles(chip, kernel);
    for (uint32_t i = 0; i < chip->tiles; i++)
        connect_tile(chip, kernel, i);
    if (!arch_sequence_init(&chip->sequence, graph, kernel->arena, err))
        return NULL;
    if (chip->sequence.computes)
        sim_kernel_add(kernel, &chip->sequence.base, &arch_sequence_type, "chip.sequence");
    arch_shenjing_load_prepare(chip, kernel->arena);
    build_host(chip, kernel);
    chip->base = (struct arch_chip){
        .type = &arch_shenjing_chip_type,
        .name = arch_shenjing_chip_schema.name,
        .clock_hz = spec->clock_hz,
        .voltage_v = spec->voltage_v,
        .tiles = chip->map->rows * chip->map->cols,
        .tiles_used = chip->map->cores,
        .period = chip->map->period,
        .output_layer = chip->host.output_layer,
        .outputs = chip->host.outputs,
        .output_count = chip->host.output_count,
        .layer_spikes = chip->host.layer_spikes,
        .placement = {&chip->map->placement, &chip->map->placed, "bits x hops"},
        .sequence = chip->sequence.computes ? &chip->sequence : NULL,
        .weight_bits = memory_bits(chip),
    };
    return &chip->base;
}

static void take_turns(struct arch_chip *base, struct sim_kernel *kernel) {
    arch_shenjing_host_rest(&((struct arch_shenjing_chip *)base)->host, kernel->arena);
}

static bool record(struct arch_chip *base, uint64_t *const *spikes, struct sim_err *err) {
    (void)err;
    ((struct arch_shenjing_chip *)base)->host.record = spikes;
    return true;
}

static void begin_window(struct arch_shenjing_chip *chip, struct sim_kernel *kernel) {
    arch_sequence_answer(&chip->sequence, chip->host.output_count);
    arch_shenjing_host_begin(&chip->host, chip->sequence.window, chip->sequence.spikes);
    chip->host.load = arch_shenjing_load_window(chip, kernel->now);
    chip->host.start = kernel->now + ARCH_HOST_START + chip->host.flush + chip->host.load;
    sim_kernel_poke(kernel, chip->host.base.id);
}

static void begin(struct arch_chip *base, struct sim_kernel *kernel, uint32_t timesteps,
                  const uint64_t *const *spikes) {
    struct arch_shenjing_chip *chip = (struct arch_shenjing_chip *)base;
    arch_sequence_begin(&chip->sequence, timesteps, spikes, kernel->now);
    arch_shenjing_host_clear(&chip->host);
    base->timesteps += timesteps;
    chip->first_step = 0;
    begin_window(chip, kernel);
}

static bool resume(struct arch_chip *base, struct sim_kernel *kernel) {
    struct arch_shenjing_chip *chip = (struct arch_shenjing_chip *)base;
    if (!arch_sequence_next(&chip->sequence, kernel->now))
        return false;
    chip->first_step +=
        (uint32_t)((kernel->now - chip->host.start + chip->map->period - 1) / chip->map->period);
    begin_window(chip, kernel);
    return true;
}

static sim_cycle step_end(const struct arch_chip *base, uint32_t timestep) {
    const struct arch_shenjing_chip *chip = (const struct arch_shenjing_chip *)base;
    return chip->host.start + (sim_cycle)(timestep + 1 - chip->first_step) * chip->map->period;
}

static struct arch_chip_place place(const struct arch_chip *base, uint32_t component) {
    const struct arch_shenjing_chip *chip = (const struct arch_shenjing_chip *)base;
    struct arch_chip_place place = {-1, -1, -1};
    uint32_t first = chip->tiles > 0 ? chip->tile[0]->base.id : 0;
    if (component < first || component - first >= chip->tiles)
        return place;
    uint32_t position = chip->position[component - first], core = chip->map->tile[position].core;
    place.row = (int32_t)(position / chip->map->cols);
    place.col = (int32_t)(position % chip->map->cols);
    if (core != ARCH_NOBODY)
        place.layer = (int32_t)chip->map->core[core].layer;
    return place;
}

static void parameters(const struct arch_chip *base,
                       void (*report)(void *user, const char *type, const char *name, double value),
                       void *user) {
    const struct arch_shenjing_tile_spec *tile = &((const struct arch_shenjing_chip *)base)->spec->tile;
    const char *type = arch_shenjing_tile_type.name;
    report(user, type, "axons", tile->axons);
    report(user, type, "neurons", tile->neurons);
    report(user, type, "weight_bits", tile->weight_bits);
    report(user, type, "sum_bits", tile->sum_bits);
    report(user, type, "ps_bits", tile->ps_bits);
    report(user, type, "imem_words", tile->imem_words);
}

static void print_map(const struct arch_chip *base, int format, FILE *out) {
    const struct arch_shenjing_chip *chip = (const struct arch_shenjing_chip *)base;
    if (format == 0)
        arch_shenjing_print_text(chip, out);
    else
        arch_shenjing_print_json(chip, out);
}

static void draw_map(const struct arch_chip *base, FILE *out) {
    arch_shenjing_print_svg((const struct arch_shenjing_chip *)base, out);
}

const struct arch_chip_type arch_shenjing_chip_type = {
    .schema = &arch_shenjing_chip_schema,
    .replays = true,
    .build = build,
    .take_turns = take_turns,
    .record = record,
    .begin = begin,
    .resume = resume,
    .step_end = step_end,
    .place = place,
    .parameters = parameters,
    .print_map = print_map,
    .draw_map = draw_map,
};
