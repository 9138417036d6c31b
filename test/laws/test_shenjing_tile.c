/* SPDX-License-Identifier: MIT
 *
 * The laws over random meshes of Shenjing tiles: random sizes, weights and programs (any 12-bit operation is
 * legal), and a host that moves every pin, input and bus of its tile at random times.
 */
#include "arch/shenjing/tile.h"
#include "sim/base/rng.h"
#include "test/laws/harness.h"

#include <string.h>

#define SIDE 3

/* Moves the inputs of one tile. A beat every now and then; bursts, because hardware faults hide there. */
struct mover {
    struct sim_component base;
    struct arch_shenjing_tile *tile;
    uint64_t rng;
    uint32_t left; /* beats */
    sim_cycle at;
};

static bool chance(uint64_t *rng, uint32_t one_in) { return sim_rng_below(rng, one_in) == 0; }

static void move_pins(struct mover *m, sim_cycle now) {
    struct arch_shenjing_pins pins;
    memcpy(&pins, sim_wire_last(&m->tile->pins), sizeof pins);
    pins.rstb = !chance(&m->rng, 10);
    if (chance(&m->rng, 4))
        pins.subcore_sel = (uint8_t)(sim_rng_next(&m->rng) & 15);
    if (chance(&m->rng, 4))
        pins.threshold = (int16_t)(sim_rng_below(&m->rng, 64) - 8);
    if (chance(&m->rng, 4))
        for (uint32_t word = 0; word < m->tile->spec.neurons / 64; word++)
            pins.noc_sel[word] = chance(&m->rng, 3) ? sim_rng_next(&m->rng) : ~UINT64_C(0);
    struct arch_sequencer_pins *s = &pins.sequencer;
    s->start_instr_b = chance(&m->rng, 4);
    s->read_or_write = !chance(&m->rng, 6);
    s->addr_count = 0;
    if (!s->read_or_write) {
        s->addr_count = (uint16_t)sim_rng_below(&m->rng, m->tile->spec.imem_words);
        s->instr_in = arch_shenjing_word_op((uint32_t)sim_rng_next(&m->rng) & 0xfff,
                                            (uint32_t)sim_rng_below(&m->rng, 8));
    }
    memcpy(sim_wire_drive(&m->tile->pins, now), &pins, sizeof pins);
}

static void move_spikes(struct mover *m, sim_cycle now) {
    uint64_t *spikes = sim_wire_drive(&m->tile->external, now);
    for (uint32_t word = 0; word < m->tile->spec.axons / 64; word++)
        spikes[word] = sim_rng_next(&m->rng) & sim_rng_next(&m->rng);
}

static void move_bus(struct mover *m, sim_cycle now) {
    int8_t *bus = sim_wire_drive(&m->tile->weight_bus, now);
    int32_t span = 1 << m->tile->spec.weight_bits;
    for (uint32_t i = 0; i < 2 * m->tile->spec.neurons; i++)
        bus[i] = (int8_t)((int32_t)sim_rng_below(&m->rng, (uint64_t)span) - span / 2);
}

static sim_cycle mover_step(void *self, sim_cycle now) {
    struct mover *m = self;
    if (m->left == 0)
        return SIM_NEVER;
    if (now < m->at)
        return m->at;
    if (chance(&m->rng, 2))
        move_pins(m, now);
    if (chance(&m->rng, 2))
        move_spikes(m, now);
    if (chance(&m->rng, 3))
        move_bus(m, now);
    m->at = now + 1 + (chance(&m->rng, 2) ? sim_rng_below(&m->rng, 4) : sim_rng_below(&m->rng, 300));
    if (--m->left > 0)
        return m->at;
    sim_finish(&m->base);
    return SIM_NEVER;
}

static const struct sim_type mover_type = {
    .name = "test.mover", .help = "Moves the pins of a tile.", .step = mover_step};

static void draw_spec(struct arch_shenjing_tile_spec *spec, uint64_t *rng) {
    memset(spec, 0, sizeof *spec); /* also the padding, which the tile copies */
    spec->axons = chance(rng, 3) ? 256 : 128;
    spec->neurons = chance(rng, 3) ? 256 : 128;
    spec->weight_bits = 2 + (uint32_t)sim_rng_below(rng, 7);
    spec->imem_words = 8u << sim_rng_below(rng, 4);
    spec->gap_bits = 2 + (uint32_t)sim_rng_below(rng, 7);
    spec->count_toggles = chance(rng, 2);
    spec->sum_bits = spec->weight_bits + (uint32_t)sim_rng_below(rng, 17 - spec->weight_bits);
    spec->ps_bits = spec->sum_bits + (uint32_t)sim_rng_below(rng, 17 - spec->sum_bits);
}

/* Gaps are short in most words; a sweep of a core wants at least axons / 2. */
static void load(struct arch_shenjing_tile *tile, uint64_t *rng) {
    struct arch_shenjing_word program[64];
    uint32_t gaps = 1u << tile->spec.gap_bits;
    for (uint32_t i = 0; i < tile->spec.imem_words; i++) {
        uint32_t op = (uint32_t)sim_rng_next(rng) & 0xfff;
        uint32_t die = (uint32_t)sim_rng_below(rng, 12);
        if (die < 2)
            op = 2u << 10 | (op & 15);
        else if (die == 2)
            op = ARCH_SHENJING_OP_NOP;
        uint32_t gap = (uint32_t)sim_rng_below(rng, chance(rng, 5) ? gaps : gaps < 6 ? gaps : 6);
        program[i] = arch_shenjing_word_op(op, gap);
    }
    arch_shenjing_tile_load_program(tile, program, tile->spec.imem_words);
    int8_t row[256];
    int32_t span = 1 << tile->spec.weight_bits;
    for (uint32_t axon = 0; axon < tile->spec.axons; axon++) {
        for (uint32_t n = 0; n < tile->spec.neurons; n++)
            row[n] = (int8_t)((int32_t)sim_rng_below(rng, (uint64_t)span) - span / 2);
        arch_shenjing_tile_load_weights(tile, axon, 0, tile->spec.neurons, row);
    }
    struct arch_shenjing_pins *pins = arch_shenjing_tile_preset_pins(tile);
    pins->subcore_sel = 15;
    pins->threshold = 5;
    pins->sequencer.start_instr_b = chance(rng, 2);
    memset(pins->noc_sel, 0xff, tile->spec.neurons / 8);
}

static void join(struct sim_kernel *kernel, struct arch_shenjing_tile *from, enum noc_port port,
                 struct arch_shenjing_tile *to) {
    if (to != NULL)
        arch_shenjing_tile_connect(from, port, to, true, true);
    uint32_t reader = to != NULL ? to->base.id : SIM_NOBODY;
    sim_kernel_connect_wire(kernel, &from->ps.out[port], "ps", from->base.id, reader);
    sim_kernel_connect_wire(kernel, &from->spike.out[port], "spike", from->base.id, reader);
}

static void *build(struct sim_kernel *kernel, uint64_t seed) {
    uint64_t rng = seed;
    int rows = 1 + (int)sim_rng_below(&rng, SIDE), columns = 1 + (int)sim_rng_below(&rng, SIDE);
    struct arch_shenjing_tile_spec spec;
    draw_spec(&spec, &rng);
    struct arch_shenjing_tile *tile[SIDE][SIDE];
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++) {
            struct arch_shenjing_tile *t = tile[row][column] =
                SIM_NEW(kernel->arena, struct arch_shenjing_tile);
            struct mover *m = SIM_NEW(kernel->arena, struct mover);
            arch_shenjing_tile_init(t, &spec, kernel->arena);
            const char *path = sim_arena_format(kernel->arena, "chip.tile[%d][%d]", row, column);
            sim_kernel_add(kernel, &t->base, &arch_shenjing_tile_type, path);
            load(t, &rng);
            *m = (struct mover){.tile = t, .rng = sim_rng_next(&rng)};
            m->left = 5 + (uint32_t)sim_rng_below(&rng, 60);
            m->at = sim_rng_below(&rng, 100);
            sim_kernel_add(kernel, &m->base, &mover_type,
                           sim_arena_format(kernel->arena, "mover[%d][%d]", row, column));
            sim_open(&m->base);
            sim_kernel_connect_wire(kernel, &t->pins, "pins", m->base.id, t->base.id);
            sim_kernel_connect_wire(kernel, &t->external, "spikes", m->base.id, t->base.id);
            sim_kernel_connect_wire(kernel, &t->weight_bus, "bus", m->base.id, t->base.id);
        }
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++) {
            struct arch_shenjing_tile *t = tile[row][column];
            join(kernel, t, NOC_PORT_NORTH, row > 0 ? tile[row - 1][column] : NULL);
            join(kernel, t, NOC_PORT_SOUTH, row + 1 < rows ? tile[row + 1][column] : NULL);
            join(kernel, t, NOC_PORT_EAST, column + 1 < columns ? tile[row][column + 1] : NULL);
            join(kernel, t, NOC_PORT_WEST, column > 0 ? tile[row][column - 1] : NULL);
        }
    return NULL;
}

/* A core's values before a cycle are scratch. */
static void tidy_core(struct arch_neuron_core *core) {
    if (core->count_toggles) {
        memset(core->acc_before, 0, core->neurons * sizeof *core->acc_before);
        memset(core->out_before, 0, core->neurons * sizeof *core->out_before);
        memset(core->local_before, 0, core->neurons * sizeof *core->local_before);
    }
}

static void tidy(struct sim_kernel *kernel) {
    for (uint32_t id = 0; id < kernel->components; id++)
        if (kernel->component[id]->type == &arch_shenjing_tile_type)
            tidy_core(&((struct arch_shenjing_tile *)kernel->component[id])->core);
}

static const struct law_subject tiles = {
    .name = "shenjing tiles",
    .build = build,
    .tidy = tidy,
    .cycles = 2000,
    .lazy = true,
    .shared_ends = true,
};

/* The random programs must reach every kind of event, or the laws say little about the tile. */
START_TEST(the_tiles_are_alive) {
    uint64_t count[ARCH_SHENJING_TILE_EVENT_COUNT] = {0}, steps = 0, cycles = 0;
    for (uint64_t seed = 0; seed < 25; seed++) {
        struct law_run run;
        law_run_open(&run, &tiles, seed, SIM_ORDER_SPARSE);
        sim_kernel_run(&run.kernel, tiles.cycles);
        sim_kernel_settle(&run.kernel);
        steps += run.kernel.steps;
        cycles += run.kernel.now * run.kernel.components;
        for (uint32_t id = 0; id < run.kernel.components; id++)
            if (run.kernel.component[id]->type == &arch_shenjing_tile_type)
                for (int event = 0; event < ARCH_SHENJING_TILE_EVENT_COUNT; event++)
                    count[event] += run.kernel.component[id]->count[event];
        law_run_close(&run);
    }
    for (int event = 0; event < ARCH_SHENJING_TILE_EVENT_COUNT; event++)
        ck_assert_msg(count[event] > 50, "%s occurs %d times", arch_shenjing_tile_type.events[event].name,
                      (int)count[event]);
    ck_assert_msg(steps < cycles / 2, "%d steps in %d component cycles", (int)steps, (int)cycles);
}
END_TEST

int main(void) {
    Suite *suite = suite_create(tiles.name);
    law_add(suite, &tiles);
    TCase *alive = suite_case(suite, "alive");
    tcase_set_timeout(alive, 60);
    tcase_add_test(alive, the_tiles_are_alive);
    return suite_run(suite);
}
