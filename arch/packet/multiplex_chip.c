/* SPDX-License-Identifier: MIT
 *
 * A chip that runs a network in rounds; see multiplex_chip.h.
 */
#include "arch/packet/multiplex_chip.h"

#include "arch/packet/chip.h"
#include "arch/shenjing/chip.h"

#include <string.h>

#define UNKNOWN UINT32_MAX

static const struct arch_chip_type *const hosts[] = {&arch_packet_chip_type, &arch_shenjing_chip_type};
static const char *const multiplexings[] = {"never", "when_needed", NULL};

static const struct sim_param params[] = {
    SIM_PARAM_ANY(struct arch_multiplex_spec, host, "chip", NULL, "the chip on which rounds of layers run"),
    SIM_PARAM_CHOICE(struct arch_multiplex_spec, multiplex, multiplexings, "when_needed",
                     "run a network that does not fit in rounds, or refuse it"),
    SIM_PARAM_UINT(struct arch_multiplex_spec, load_width, 1, 65536, "64",
                   "bits of weights that are loaded in a cycle (a choice)"),
};

static const struct arch_chip_type *host_of(const struct arch_multiplex_spec *spec) {
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (hosts[i]->schema == spec->host.schema)
            return hosts[i];
    return NULL;
}

static bool check(const void *spec, const struct sim_where *where, struct sim_err *err) {
    const struct arch_multiplex_spec *multiplex = spec;
    return host_of(multiplex) != NULL ||
           sim_err_add(err, SIM_EXIT_CONFIG, where,
                       "arch.multiplex: a chip of type '%s' cannot be loaded anew between rounds "
                       "(arch.packet_chip and arch.shenjing can)",
                       multiplex->host.schema->name);
}

static const struct sim_type *const types[] = {&arch_weight_loader_type, NULL};

const struct sim_schema arch_multiplex_schema = {
    .name = "arch.multiplex",
    .role = "chip",
    .help = "A chip that runs a larger network in rounds of layers, loading their weights in between.",
    .size = sizeof(struct arch_multiplex_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
    .types = types,
};

/* ---- the choice of rounds ---------------------------------------------------------------------- */

/* Whether the chip holds layers first .. end - 1, judged by laying them out. */
static bool holds(const struct arch_multiplex *chip, uint32_t first, uint32_t end, struct sim_err *err) {
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct arch_round part;
    sim_arena_init(&arena);
    sim_kernel_init(&kernel, &chip->kernel->spec, &arena);
    arch_round_make(&part, chip->graph, first, end, &arena);
    bool sound = host_of(chip->spec)->build(chip->spec->host.spec, &part.graph, &kernel, err) != NULL;
    sim_arena_release(&arena);
    return sound;
}

/* The end of the longest round that begins with `first`; 0 and messages: the shortest is too long. */
static uint32_t longest_round(const struct arch_multiplex *chip, uint32_t first, struct sim_err *err) {
    uint32_t best = 0;
    for (uint32_t end = first + 1; end <= chip->graph->layers; end++) {
        if (!arch_rounds_may_cut(chip->graph, first, end))
            continue;
        struct sim_err ignored;
        sim_err_init(&ignored);
        bool sound = holds(chip, first, end, best == 0 ? err : &ignored);
        sim_err_release(&ignored);
        if (!sound)
            break;
        best = end;
    }
    if (best == 0)
        sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                    "layer %u '%s' begins a round that the chip cannot hold: rounds are made of whole "
                    "layers, cut where nothing is read on both sides",
                    first, chip->graph->layer[first].name);
    return best;
}

/* Where the rounds end: end[0 .. rounds - 1]. */
static bool choose_rounds(struct arch_multiplex *chip, uint32_t *end, struct sim_err *err) {
    const struct sim_graph *graph = chip->graph;
    struct sim_err reason;
    sim_err_init(&reason);
    bool whole = holds(chip, 0, graph->layers, chip->spec->multiplex == ARCH_MULTIPLEX_NEVER ? err : &reason);
    sim_err_release(&reason);
    if (whole || chip->spec->multiplex == ARCH_MULTIPLEX_NEVER) {
        end[chip->rounds++] = graph->layers;
        return whole;
    }
    for (uint32_t first = 0; first < graph->layers; first = end[chip->rounds++]) {
        end[chip->rounds] = longest_round(chip, first, err);
        if (end[chip->rounds] == 0)
            return false;
    }
    return true;
}

/* ---- build ------------------------------------------------------------------------------------- */

/* "chip.tile[0][1]" of round 2 becomes "chip.round[2].tile[0][1]". */
static void rename_components(const struct arch_multiplex *chip, uint32_t number) {
    const struct arch_multiplex_round *round = &chip->round[number];
    for (uint32_t id = round->first_component; chip->rounds > 1 && id < round->end_component; id++) {
        struct sim_component *component = chip->kernel->component[id];
        const char *dot = strchr(component->path, '.');
        component->path = sim_arena_format(chip->kernel->arena, "chip.round[%u]%s", number,
                                           dot != NULL ? dot : "");
    }
}

static bool build_round(struct arch_multiplex *chip, uint32_t number, uint32_t first, uint32_t end,
                        struct sim_err *err) {
    struct arch_multiplex_round *round = &chip->round[number];
    struct sim_kernel *kernel = chip->kernel;
    arch_round_make(&round->part, chip->graph, first, end, kernel->arena);
    round->first_component = kernel->components;
    round->chip = host_of(chip->spec)->build(chip->spec->host.spec, &round->part.graph, kernel, err);
    round->end_component = kernel->components;
    if (round->chip == NULL)
        return false;
    rename_components(chip, number);
    if (chip->rounds > 1 && round->chip->type->take_turns != NULL)
        round->chip->type->take_turns(round->chip, kernel);
    uint32_t layers = round->part.graph.layers;
    round->spikes = SIM_NEW_ARRAY(kernel->arena, const uint64_t *, layers);
    round->kept = SIM_NEW_ARRAY(kernel->arena, uint64_t *, layers);
    for (uint32_t local = 0; local < layers; local++) {
        const struct sim_layer *layer = &round->part.graph.layer[local];
        uint32_t id = round->part.layer[local];
        bool input = layer->kind == SIM_LAYER_INPUT;
        if (input && chip->graph->layer[id].kind != SIM_LAYER_INPUT)
            round->read_bits += layer->neurons;
        if (!input && end < chip->graph->layers && arch_rounds_keeps(chip->graph, id, end))
            round->write_bits += layer->neurons;
    }
    if (round->end_component - round->first_component >
        chip->round[chip->largest].end_component - chip->round[chip->largest].first_component)
        chip->largest = number;
    return true;
}

/* Rounds have no place for layers that a host computes. */
static bool computes_all(const struct sim_graph *graph, struct sim_err *err) {
    bool sound = true;
    for (uint32_t id = 0; id < graph->layers; id++)
        if (graph->layer[id].kind != SIM_LAYER_INPUT && sim_layer_outside(&graph->layer[id]))
            sound = sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                                "layer %u '%s' is computed by the host, which arch.multiplex cannot do "
                                "between its rounds",
                                id, graph->layer[id].name);
    return sound;
}

/* The last layer that nobody reads. */
static uint32_t output_of(const struct sim_graph *graph) {
    uint32_t id = graph->layers - 1;
    while (id > 0 && !arch_rounds_keeps(graph, id, graph->layers))
        id--;
    return id;
}

/* The rounds' traffic together: each of them moves it in its own timesteps. */
static void add_placements(struct arch_multiplex *chip) {
    chip->placed = *chip->round[0].chip->placement.report;
    for (uint32_t r = 1; r < chip->rounds; r++) {
        const struct arch_placement_report *report = chip->round[r].chip->placement.report;
        chip->placed.before += report->before;
        chip->placed.after += report->after;
        chip->placed.moves += report->moves;
        chip->placed.accepted += report->accepted;
        chip->placed.out_of_time |= report->out_of_time;
    }
    chip->base.placement.report = &chip->placed;
}

static void describe(struct arch_multiplex *chip) {
    const struct arch_chip *largest = chip->round[chip->largest].chip;
    struct sim_arena *arena = chip->kernel->arena;
    chip->base = *largest;
    chip->base.type = &arch_multiplex_type;
    chip->base.name = arch_multiplex_schema.name;
    chip->base.period = 0;
    chip->base.timesteps = 0;
    chip->base.output_layer = output_of(chip->graph);
    chip->base.outputs = chip->graph->layer[chip->base.output_layer].neurons;
    chip->count = SIM_NEW_ARRAY(arena, uint32_t, chip->base.outputs);
    chip->base.output_count = chip->count;
    chip->base.layer_spikes = SIM_NEW_ARRAY(arena, uint64_t, chip->graph->layers);
    chip->base.weight_bits = 0;
    for (uint32_t r = 0; r < chip->rounds; r++)
        chip->base.weight_bits += chip->round[r].chip->weight_bits;
    add_placements(chip);
    chip->kept = SIM_NEW_ARRAY(arena, uint64_t *, chip->graph->layers);
    chip->step = SIM_NEW(arena, uint32_t);
}

static struct arch_chip *build(const void *spec_, const struct sim_graph *graph, struct sim_kernel *kernel,
                               struct sim_err *err) {
    struct arch_multiplex *chip = SIM_NEW(kernel->arena, struct arch_multiplex);
    chip->spec = spec_;
    chip->graph = graph;
    chip->kernel = kernel;
    uint32_t *end = SIM_NEW_ARRAY(kernel->arena, uint32_t, graph->layers + 1);
    if (!sim_graph_one_piece(graph, arch_multiplex_schema.name, err) || !computes_all(graph, err))
        return NULL;
    if (!choose_rounds(chip, end, err))
        return NULL;
    chip->round = SIM_NEW_ARRAY(kernel->arena, struct arch_multiplex_round, chip->rounds);
    for (uint32_t r = 0; r < chip->rounds; r++)
        if (!build_round(chip, r, r == 0 ? 0 : end[r - 1], end[r], err))
            return NULL;
    chip->loader.width = chip->spec->load_width;
    sim_kernel_add(kernel, &chip->loader.base, &arch_weight_loader_type, "chip.loader");
    describe(chip);
    return &chip->base;
}

static bool execute(struct arch_chip *base, const struct arch_execution *execution, struct sim_err *err) {
    struct arch_multiplex *chip = (struct arch_multiplex *)base;
    if (execution->as != ARCH_AS_SNN)
        return sim_err_add(err, SIM_EXIT_CONFIG, NULL,
                           "arch.multiplex: this chip runs spiking networks only");
    chip->room = execution->timesteps;
    for (uint32_t r = 0; r < chip->rounds; r++) {
        struct arch_multiplex_round *round = &chip->round[r];
        for (uint32_t local = 0; local < round->part.graph.layers; local++) {
            const struct sim_layer *layer = &round->part.graph.layer[local];
            uint32_t id = round->part.layer[local];
            if (layer->kind == SIM_LAYER_INPUT || !arch_rounds_keeps(chip->graph, id, round->part.end))
                continue;
            round->kept[local] = chip->kept[id] = SIM_NEW_ARRAY(
                chip->kernel->arena, uint64_t, (size_t)execution->timesteps * sim_layer_words(layer));
        }
        if (!round->chip->type->record(round->chip, round->kept, err))
            return false;
    }
    return true;
}

/* ---- a sample ---------------------------------------------------------------------------------- */

static void begin_round(struct arch_multiplex *chip) {
    struct arch_multiplex_round *round = &chip->round[chip->at];
    for (uint32_t local = 0; local < round->part.graph.layers; local++) {
        const struct sim_layer *layer = &round->part.graph.layer[local];
        uint32_t id = round->part.layer[local];
        if (layer->kind == SIM_LAYER_INPUT && chip->kept[id] != NULL)
            round->spikes[local] = chip->kept[id];
        else if (round->kept[local] != NULL)
            memset(round->kept[local], 0,
                   (size_t)chip->timesteps * sim_layer_words(layer) * sizeof(uint64_t));
    }
    *chip->step = UNKNOWN;
    chip->loading = false;
    round->chip->type->begin(round->chip, chip->kernel, chip->timesteps, round->spikes);
}

static void load_round(struct arch_multiplex *chip) {
    const struct arch_multiplex_round *round = &chip->round[chip->at];
    uint64_t written = chip->at > 0 ? chip->round[chip->at - 1].write_bits : 0;
    struct arch_weight_load load = {round->chip->weight_bits, written * chip->timesteps,
                                    round->read_bits * chip->timesteps};
    chip->loading = true;
    arch_weight_loader_begin(&chip->loader, &load);
    sim_kernel_poke(chip->kernel, chip->loader.base.id);
}

static void begin(struct arch_chip *base, struct sim_kernel *kernel, uint32_t timesteps,
                  const uint64_t *const *spikes) {
    struct arch_multiplex *chip = (struct arch_multiplex *)base;
    (void)kernel;
    assert(timesteps <= chip->room);
    chip->timesteps = timesteps;
    chip->at = 0;
    for (uint32_t r = 0; r < chip->rounds; r++)
        for (uint32_t local = 0; local < chip->round[r].part.graph.layers; local++)
            chip->round[r].spikes[local] = spikes[chip->round[r].part.layer[local]];
    if (chip->rounds > 1)
        load_round(chip);
    else
        begin_round(chip);
}

/* Spikes of the output layer, neuron by neuron. */
static void count_outputs(struct arch_multiplex *chip) {
    const struct sim_layer *layer = &chip->graph->layer[chip->base.output_layer];
    uint32_t words = sim_layer_words(layer);
    memset(chip->count, 0, chip->base.outputs * sizeof *chip->count);
    for (uint32_t i = 0; i < chip->timesteps * words; i++)
        for (uint64_t bits = chip->kept[chip->base.output_layer][i]; bits != 0; bits &= bits - 1)
            chip->count[i % words * 64 + (uint32_t)__builtin_ctzll(bits)]++;
}

static bool resume(struct arch_chip *base, struct sim_kernel *kernel) {
    struct arch_multiplex *chip = (struct arch_multiplex *)base;
    (void)kernel;
    if (chip->loading) {
        begin_round(chip);
        return true;
    }
    base->timesteps = 0;
    for (uint32_t r = 0; r < chip->rounds; r++)
        base->timesteps += chip->round[r].chip->timesteps;
    if (++chip->at < chip->rounds) {
        load_round(chip);
        return true;
    }
    count_outputs(chip);
    return false;
}

/* ---- what is known of it ----------------------------------------------------------------------- */

/* A load is one step; then those of the round begin. */
static sim_cycle step_end(const struct arch_chip *base, uint32_t timestep) {
    const struct arch_multiplex *chip = (const struct arch_multiplex *)base;
    const struct arch_chip *host = chip->round[chip->at < chip->rounds ? chip->at : chip->rounds - 1].chip;
    if (chip->loading)
        return SIM_NEVER;
    if (*chip->step == UNKNOWN)
        *chip->step = timestep;
    return host->type->step_end(host, timestep - *chip->step);
}

static const struct arch_multiplex_round *round_of(const struct arch_multiplex *chip, uint32_t component) {
    for (uint32_t r = 0; r < chip->rounds; r++)
        if (component >= chip->round[r].first_component && component < chip->round[r].end_component)
            return &chip->round[r];
    return NULL;
}

static struct arch_chip_place place(const struct arch_chip *base, uint32_t component) {
    const struct arch_multiplex_round *round = round_of((const struct arch_multiplex *)base, component);
    if (round == NULL)
        return (struct arch_chip_place){-1, -1, -1};
    struct arch_chip_place at = round->chip->type->place(round->chip, component);
    if (at.layer >= 0)
        at.layer = (int32_t)round->part.layer[at.layer];
    return at;
}

static bool powered(const struct arch_chip *base, uint32_t component) {
    const struct arch_multiplex *chip = (const struct arch_multiplex *)base;
    const struct arch_multiplex_round *round = round_of(chip, component);
    return round == NULL || round == &chip->round[chip->largest];
}

static void parameters(const struct arch_chip *base,
                       void (*report)(void *user, const char *type, const char *name, double value),
                       void *user) {
    const struct arch_multiplex *chip = (const struct arch_multiplex *)base;
    const struct arch_chip *host = chip->round[chip->largest].chip;
    host->type->parameters(host, report, user);
}

static void print_map(const struct arch_chip *base, int format, FILE *out) {
    if (format == 0)
        arch_multiplex_print_text((const struct arch_multiplex *)base, out);
    else
        arch_multiplex_print_json((const struct arch_multiplex *)base, out);
}

const struct arch_chip_type arch_multiplex_type = {
    .schema = &arch_multiplex_schema,
    .build = build,
    .execute = execute,
    .begin = begin,
    .resume = resume,
    .step_end = step_end,
    .place = place,
    .powered = powered,
    .parameters = parameters,
    .print_map = print_map,
};
