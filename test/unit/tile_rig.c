/* SPDX-License-Identifier: MIT
 *
 * A row of tiles; see tile_rig.h.
 */
#include "test/unit/tile_rig.h"

#include <string.h>

void rig_init(struct rig *rig, enum sim_order order, bool count_toggles) {
    const struct arch_shenjing_tile_spec spec = {.axons = 256,
                                                 .neurons = 256,
                                                 .weight_bits = 5,
                                                 .sum_bits = 13,
                                                 .ps_bits = 16,
                                                 .imem_words = 64,
                                                 .gap_bits = 8,
                                                 .count_toggles = count_toggles};
    memset(rig, 0, sizeof *rig);
    sim_arena_init(&rig->arena);
    sim_kernel_init(&rig->kernel, &(struct sim_kernel_spec){.order = order, .seed = 5}, &rig->arena);
    for (uint32_t t = 0; t < RIG_TILES; t++) {
        struct arch_shenjing_tile *tile = &rig->tile[t];
        arch_shenjing_tile_init(tile, &spec, &rig->arena);
        struct arch_shenjing_pins *pins = arch_shenjing_tile_preset_pins(tile);
        pins->threshold = 10;
        pins->subcore_sel = 15;
        pins->sequencer.start_instr_b = false;
        memset(pins->noc_sel, 0xff, spec.neurons / 8);
        sim_kernel_add(&rig->kernel, &tile->base, &arch_shenjing_tile_type,
                       sim_arena_format(&rig->arena, "tile[%u]", t));
    }
    for (uint32_t t = 0; t + 1 < RIG_TILES; t++) {
        struct arch_shenjing_tile *west = &rig->tile[t], *east = west + 1;
        arch_shenjing_tile_connect(west, NOC_PORT_EAST, east, true, true);
        arch_shenjing_tile_connect(east, NOC_PORT_WEST, west, true, true);
        sim_kernel_connect_wire(&rig->kernel, &west->ps.out[NOC_PORT_EAST], "ps", t, t + 1);
        sim_kernel_connect_wire(&rig->kernel, &west->spike.out[NOC_PORT_EAST], "spike", t, t + 1);
        sim_kernel_connect_wire(&rig->kernel, &east->ps.out[NOC_PORT_WEST], "ps", t + 1, t);
        sim_kernel_connect_wire(&rig->kernel, &east->spike.out[NOC_PORT_WEST], "spike", t + 1, t);
    }
    sim_open(&rig->tile[0].base); /* the test decides when the run ends */
}

void rig_release(struct rig *rig) { sim_arena_release(&rig->arena); }

void rig_run(struct rig *rig, sim_cycle cycle) {
    if (!rig->started)
        sim_kernel_start(&rig->kernel);
    rig->started = true;
    while (rig->kernel.now < cycle)
        if (sim_kernel_run(&rig->kernel, cycle) == SIM_STOP_STALLED)
            rig->kernel.now = cycle; /* nobody is due any more: time passes all the same */
    sim_kernel_settle(&rig->kernel);
}

void rig_axons(struct rig *rig, uint32_t tile, uint32_t first, uint32_t end) {
    uint64_t *bits = sim_wire_preset(&rig->tile[tile].external);
    for (uint32_t axon = first; axon < end; axon++)
        bits[axon / 64] |= UINT64_C(1) << (axon % 64);
}

void rig_weights(struct rig *rig, uint32_t tile, uint32_t axon, int8_t weight) {
    int8_t row[256];
    memset(row, weight, sizeof row);
    arch_shenjing_tile_load_weights(&rig->tile[tile], axon, 0, sizeof row, row);
}

int16_t rig_ps_out(const struct rig *rig, uint32_t tile, enum noc_port port) {
    const int16_t *out = sim_wire_read(&rig->tile[tile].ps.out[port], rig->kernel.now);
    return out[0];
}

bool rig_spike_out(const struct rig *rig, uint32_t tile, enum noc_port port) {
    const uint64_t *out = sim_wire_read(&rig->tile[tile].spike.out[port], rig->kernel.now);
    return out[0] & 1;
}
