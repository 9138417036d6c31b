/* SPDX-License-Identifier: MIT
 *
 * Shenjing tile; see tile.h. The order inside a cycle is: what the core shows at its beginning,
 * spike routers, partial-sum routers, sequencer; each unit reads the others' registers as visible in the
 * cycle.
 */
#include "arch/shenjing/tile.h"

#include "sim/base/arena.h"

#include <inttypes.h>
#include <string.h>

/* ---- description ------------------------------------------------------------------------------- */

static const struct sim_param params[] = {
    SIM_PARAM_UINT(struct arch_shenjing_tile_spec, axons, 128, ARCH_SHENJING_LANES_MAX, "256",
                   "axons of the core, a multiple of 128"),
    SIM_PARAM_UINT(struct arch_shenjing_tile_spec, neurons, 128, ARCH_SHENJING_LANES_MAX, "256",
                   "neurons of the core and planes of the routers, a multiple of 128"),
    SIM_PARAM_UINT(struct arch_shenjing_tile_spec, weight_bits, 2, 8, "5",
                   "width of a synaptic weight, two's complement"),
    SIM_PARAM_UINT(struct arch_shenjing_tile_spec, sum_bits, 2, 16, "13",
                   "width of an accumulator and of a local partial sum; sums wrap"),
    SIM_PARAM_UINT(struct arch_shenjing_tile_spec, ps_bits, 2, 16, "16",
                   "width of the partial-sum network and of the membrane potentials; sums wrap"),
    SIM_PARAM_UINT(struct arch_shenjing_tile_spec, imem_words, 2, 1024, "64",
                   "words of the instruction memory, a power of two"),
    SIM_PARAM_UINT(struct arch_shenjing_tile_spec, gap_bits, 2, 16, "8",
                   "width of the gap of an instruction word; all ones restart the program"),
    SIM_PARAM_BOOL(struct arch_shenjing_tile_spec, count_toggles, "false",
                   "also count the bits that change in registers and memory outputs (slower)"),
};

static bool check(const void *spec, const struct sim_where *where, struct sim_err *err) {
    const struct arch_shenjing_tile_spec *s = spec;
    bool sound = true;
    if (s->axons % 128 != 0)
        sound = sim_err_add(err, SIM_EXIT_CONFIG, where,
                            "arch.shenjing_tile: axons must be a multiple of 128, not %" PRIu32, s->axons);
    if (s->neurons % 128 != 0)
        sound =
            sim_err_add(err, SIM_EXIT_CONFIG, where,
                        "arch.shenjing_tile: neurons must be a multiple of 128, not %" PRIu32, s->neurons);
    if ((s->imem_words & (s->imem_words - 1)) != 0)
        sound = sim_err_add(err, SIM_EXIT_CONFIG, where,
                            "arch.shenjing_tile: imem_words must be a power of two, not %" PRIu32,
                            s->imem_words);
    if (s->sum_bits < s->weight_bits)
        sound = sim_err_add(err, SIM_EXIT_CONFIG, where,
                            "arch.shenjing_tile: sum_bits (%" PRIu32
                            ") must not be less than weight_bits (%" PRIu32 ")",
                            s->sum_bits, s->weight_bits);
    if (s->ps_bits < s->sum_bits)
        sound = sim_err_add(err, SIM_EXIT_CONFIG, where,
                            "arch.shenjing_tile: ps_bits (%" PRIu32
                            ") must not be less than sum_bits (%" PRIu32 ")",
                            s->ps_bits, s->sum_bits);
    return sound;
}

const struct sim_schema arch_shenjing_tile_schema = {
    .name = "arch.shenjing_tile",
    .help =
        "Tile of the Shenjing chip: a neuron core with weight memories, partial-sum and spike routers for "
        "each neuron, integrate-and-fire neurons, and an instruction sequencer.",
    .size = sizeof(struct arch_shenjing_tile_spec),
    SIM_SCHEMA_PARAMS(params),
    .check = check,
};

static const struct sim_event events[ARCH_SHENJING_TILE_EVENT_COUNT] = {
    ARCH_NEURON_CORE_EVENTS(SIM_EVENT_ROW) ARCH_SEQUENCER_EVENTS(SIM_EVENT_ROW) NOC_PS_EVENTS(SIM_EVENT_ROW)
        NOC_SPIKE_EVENTS(SIM_EVENT_ROW) ARCH_SHENJING_TILE_EVENTS(SIM_EVENT_ROW)
#undef EVENT_ROW
};

/* ---- elaboration ------------------------------------------------------------------------------- */

static void init_units(struct arch_shenjing_tile *tile, struct arch_shenjing_tile *like,
                       struct sim_arena *arena) {
    const struct arch_shenjing_tile_spec *spec = &tile->spec;
    bool toggles = spec->count_toggles;
    uint32_t event = 0;
    arch_neuron_core_init(&tile->core,
                          &(struct arch_neuron_core_spec){.axons = spec->axons,
                                                          .neurons = spec->neurons,
                                                          .weight_bits = spec->weight_bits,
                                                          .sum_bits = spec->sum_bits,
                                                          .count_toggles = toggles},
                          like != NULL ? &like->core : NULL, &tile->base, event, arena);
    event += ARCH_NEURON_CORE_EVENT_COUNT;
    arch_sequencer_init(&tile->sequencer,
                        &(struct arch_sequencer_spec){.words = spec->imem_words,
                                                      .gap_bits = spec->gap_bits,
                                                      .count_toggles = toggles},
                        &tile->base, event, arena);
    event += ARCH_SEQUENCER_EVENT_COUNT;
    noc_ps_routers_init(&tile->ps, &(struct noc_ps_spec){.bits = spec->ps_bits, .count_toggles = toggles},
                        &tile->planes, &tile->base, event, arena);
    event += NOC_PS_EVENT_COUNT;
    noc_spike_routers_init(&tile->spike,
                           &(struct noc_spike_spec){.bits = spec->ps_bits, .count_toggles = toggles},
                           &tile->planes, &tile->base, event, arena);
}

void arch_shenjing_tile_init(struct arch_shenjing_tile *tile, const struct arch_shenjing_tile_spec *spec,
                             struct sim_arena *arena) {
    arch_shenjing_tile_init_like(tile, spec, NULL, arena);
}

void arch_shenjing_tile_init_like(struct arch_shenjing_tile *tile, const struct arch_shenjing_tile_spec *spec,
                                  struct arch_shenjing_tile *like, struct sim_arena *arena) {
    memset(tile, 0, sizeof *tile);
    tile->spec = *spec;
    tile->planes.planes = spec->neurons;
    tile->planes.bits = SIM_NEW_ARRAY(arena, uint64_t, spec->neurons / 64);
    tile->planes.lanes = SIM_NEW_ARRAY(arena, int16_t, spec->neurons);
    tile->external_spikes = SIM_NEW_ARRAY(arena, uint64_t, spec->axons / 64);
    tile->axon = SIM_NEW_ARRAY(arena, uint64_t, spec->axons / 64);
    sim_wire_init(&tile->pins, sizeof(struct arch_shenjing_pins), 1, arena);
    sim_wire_init(&tile->external, spec->axons / 8, 1, arena);
    sim_wire_init(&tile->weight_bus, 2 * spec->neurons, 1, arena);
    sim_wire_mark(&tile->pins, &tile->news.mark[ARCH_SHENJING_INPUT_PINS]);
    sim_wire_mark(&tile->external, &tile->news.mark[ARCH_SHENJING_INPUT_EXTERNAL]);
    sim_wire_mark(&tile->weight_bus, &tile->news.mark[ARCH_SHENJING_INPUT_BUS]);
    struct arch_shenjing_pins *pins = arch_shenjing_tile_preset_pins(tile);
    pins->rstb = true;
    pins->sequencer.start_instr_b = true;
    pins->sequencer.read_or_write = true;
    init_units(tile, like, arena);
}

void arch_shenjing_tile_replay(struct arch_shenjing_tile *tile, struct sim_arena *arena) {
    sim_wire_init(&tile->forced, tile->spec.neurons / 8 + (uint32_t)sizeof(uint64_t), 1, arena);
    sim_wire_mark(&tile->forced, &tile->news.mark[ARCH_SHENJING_INPUT_FORCED]);
    tile->forced_spikes = SIM_NEW_ARRAY(arena, uint64_t, tile->spec.neurons / 64);
    tile->spike.forced = tile->forced_spikes;
}

void arch_shenjing_tile_connect(struct arch_shenjing_tile *from, enum noc_port port,
                                struct arch_shenjing_tile *to, bool ps, bool spike) {
    enum noc_port theirs = noc_port_opposite(port);
    assert(from->spec.neurons == to->spec.neurons && from->spec.ps_bits == to->spec.ps_bits);
    if (ps) {
        to->ps_in[theirs] = &from->ps.out[port];
        sim_wire_mark(&from->ps.out[port], &to->news.mark[ARCH_SHENJING_INPUT_PS + theirs]);
    }
    if (spike) {
        to->spike_in[theirs] = &from->spike.out[port];
        sim_wire_mark(&from->spike.out[port], &to->news.mark[ARCH_SHENJING_INPUT_SPIKE + theirs]);
    }
}

void arch_shenjing_tile_lengthen(struct arch_shenjing_tile *tile, enum noc_port port, uint32_t latency,
                                 struct sim_arena *arena) {
    sim_wire_init(&tile->ps.out[port], tile->ps.out[port].bytes, latency, arena);
    sim_wire_init(&tile->spike.out[port], tile->spike.out[port].bytes, latency, arena);
}

void arch_shenjing_tile_load_program(struct arch_shenjing_tile *tile,
                                     const struct arch_shenjing_word *words, uint32_t count) {
    assert(count <= tile->spec.imem_words);
    memcpy(tile->sequencer.memory, words, count * sizeof *words);
}

void arch_shenjing_tile_load_weights(struct arch_shenjing_tile *tile, uint32_t axon, uint32_t first,
                                     uint32_t count, const int8_t *weights) {
    arch_neuron_core_load(&tile->core, axon, first, count, weights);
}

/* ---- private cycles ---------------------------------------------------------------------------- */

static void update_axons(struct arch_shenjing_tile *tile, sim_cycle now) {
    uint32_t words = tile->spec.axons / 64, routed = tile->spike.words < words ? tile->spike.words : words;
    for (uint32_t i = 0; i < words; i++)
        tile->axon[i] = tile->external_spikes[i] | (i < routed ? tile->spike.axon[i] : 0);
    arch_neuron_core_set_axons(&tile->core, tile->axon, now);
}

/* Executes cycle `now` of the sequencer and hands new controls over, which are obeyed from now + 1 on. */
static void step_sequencer(struct arch_shenjing_tile *tile, sim_cycle now) {
    struct arch_sequencer *s = &tile->sequencer;
    uint16_t ps = s->ps_op, spike = s->spike_op, core = s->core_op;
    arch_sequencer_cycle(s, now);
    if (s->ps_op != ps || s->spike_op != spike)
        tile->obeyed_at = now + 1;
    if (s->ps_op != ps)
        noc_ps_routers_set_control(&tile->ps, arch_shenjing_op_ps(s->ps_op), now + 1);
    if (s->spike_op != spike)
        noc_spike_routers_set_control(&tile->spike, arch_shenjing_op_spike(s->spike_op), now + 1);
    if (s->core_op != core)
        arch_neuron_core_set_control(&tile->core, s->core_op & 15, s->core_op >> 4 & 15, now + 1);
}

static void take_local(struct arch_shenjing_tile *tile) {
    if (tile->core.local_moved) {
        tile->core.local_moved = false;
        noc_ps_routers_moved_local(&tile->ps);
    }
}

static void execute(struct arch_shenjing_tile *tile, sim_cycle now) {
    if (tile->core.local_at == now)
        arch_neuron_core_catch_up(&tile->core, now);
    take_local(tile);
    if (noc_spike_routers_busy(&tile->spike))
        noc_spike_routers_cycle(&tile->spike, tile->core.local_ps, tile->ps.sum, now);
    if (noc_ps_routers_busy(&tile->ps))
        noc_ps_routers_cycle(&tile->ps, tile->core.local_ps, now);
    if (tile->sequencer.next == now)
        step_sequencer(tile, now);
    if (tile->spike.axon_moved) {
        tile->spike.axon_moved = false;
        update_axons(tile, now + 1);
    }
}

/* The next cycle (>= at) in which anything but the accumulators and the gap counter moves. */
static sim_cycle next_cycle(const struct arch_shenjing_tile *tile) {
    if (tile->core.local_moved || noc_spike_routers_busy(&tile->spike) || noc_ps_routers_busy(&tile->ps))
        return tile->at;
    sim_cycle core = tile->core.local_at, sequencer = tile->sequencer.next;
    return core < sequencer ? core : sequencer;
}

static void run(struct arch_shenjing_tile *tile, sim_cycle until) {
    while (tile->at < until) {
        sim_cycle next = next_cycle(tile);
        if (next >= until) {
            tile->at = until;
            break;
        }
        execute(tile, next);
        tile->at = next + 1;
    }
}

/* ---- inputs ------------------------------------------------------------------------------------ */

static void set_planes(struct arch_shenjing_tile *tile, const uint64_t *bits, sim_cycle now) {
    struct noc_planes *planes = &tile->planes;
    planes->count = 0;
    for (uint32_t i = 0; i < planes->planes / 64; i++) {
        planes->bits[i] = bits[i];
        planes->count += (uint32_t)__builtin_popcountll(bits[i]);
    }
    for (uint32_t p = 0; p < planes->planes; p++)
        planes->lanes[p] = (int16_t)(bits[p / 64] >> (p % 64) & 1 ? -1 : 0);
    noc_ps_routers_set_clocked(&tile->ps, now);
    noc_spike_routers_set_clocked(&tile->spike, now);
    sim_rate_set(&tile->plane_clock, &tile->base, ARCH_SHENJING_TILE_EVENT_plane_clocks, planes->count,
                 now);
}

static void set_pins(struct arch_shenjing_tile *tile, const struct arch_shenjing_pins *pins,
                     sim_cycle now) {
    bool first = tile->seen_pins == NULL;
    struct arch_shenjing_pins *old = &tile->pin;
    uint8_t select = pins->subcore_sel & 15;
    if (first || memcmp(pins->noc_sel, old->noc_sel, tile->spec.neurons / 8) != 0)
        set_planes(tile, pins->noc_sel, now);
    if (first || pins->rstb != old->rstb) {
        noc_ps_routers_set_reset(&tile->ps, !pins->rstb, now);
        noc_spike_routers_set_reset(&tile->spike, !pins->rstb, now);
    }
    noc_spike_routers_set_threshold(&tile->spike, pins->threshold);
    arch_neuron_core_set_select(&tile->core, select, now);
    arch_neuron_core_set_reset(&tile->core, !pins->rstb, now);
    arch_sequencer_set_inputs(&tile->sequencer, &pins->sequencer, select != 0, !pins->rstb, now);
    sim_rate_set(&tile->tile_clock, &tile->base, ARCH_SHENJING_TILE_EVENT_tile_clock_cycles, select != 0,
                 now);
    sim_rate_set(&tile->subcore_clock, &tile->base, ARCH_SHENJING_TILE_EVENT_subcore_clock_cycles,
                 (uint64_t)__builtin_popcount(select), now);
    *old = *pins;
}

/* The slot of a marked wire if it has not been read before, else NULL: the value stands. */
static const void *news(struct arch_shenjing_tile *tile, uint32_t input, const struct sim_wire *wire,
                        const void *seen, sim_cycle now) {
    if (tile->news.mark[input] == 0)
        return NULL;
    if (sim_wire_rests(wire, now))
        tile->news.mark[input] = 0;
    const void *slot = sim_wire_read(wire, now);
    return slot != seen ? slot : NULL;
}

static void read_host(struct arch_shenjing_tile *tile, sim_cycle now) {
    const void *slot;
    if ((slot = news(tile, ARCH_SHENJING_INPUT_PINS, &tile->pins, tile->seen_pins, now)) != NULL) {
        set_pins(tile, slot, now);
        tile->seen_pins = slot;
    }
    if ((slot = news(tile, ARCH_SHENJING_INPUT_EXTERNAL, &tile->external, tile->seen_external, now)) !=
        NULL) {
        memcpy(tile->external_spikes, slot, tile->spec.axons / 8);
        update_axons(tile, now);
        tile->seen_external = slot;
    }
    if ((slot = news(tile, ARCH_SHENJING_INPUT_FORCED, &tile->forced, tile->seen_forced, now)) != NULL) {
        bool released = ((const uint64_t *)slot)[tile->spec.neurons / 64] != 0;
        memcpy(tile->forced_spikes, slot, tile->spec.neurons / 8);
        tile->spike.forced = released ? NULL : tile->forced_spikes;
        tile->seen_forced = slot;
    }
    if ((slot = news(tile, ARCH_SHENJING_INPUT_BUS, &tile->weight_bus, tile->seen_bus, now)) != NULL) {
        arch_neuron_core_set_bus(&tile->core, slot, now);
        tile->seen_bus = slot;
    }
}

static void read_inputs(struct arch_shenjing_tile *tile, sim_cycle now) {
    _Static_assert(ARCH_SHENJING_INPUT_PINS == 8,
                   "the marks of links and of the host's wires are a word each");
    const void *slot;
    if (tile->news.marks[1] != 0)
        read_host(tile, now);
    if (tile->news.marks[0] == 0)
        return;
    for (uint32_t port = 0; port < NOC_PORT_COUNT; port++) {
        slot = news(tile, ARCH_SHENJING_INPUT_PS + port, tile->ps_in[port], tile->ps.link[port], now);
        if (slot != NULL)
            noc_ps_routers_set_link(&tile->ps, (enum noc_port)port, slot);
        slot =
            news(tile, ARCH_SHENJING_INPUT_SPIKE + port, tile->spike_in[port], tile->spike.link[port], now);
        if (slot != NULL)
            noc_spike_routers_set_link(&tile->spike, (enum noc_port)port, slot);
    }
}

/* ---- component --------------------------------------------------------------------------------- */

/* The next cycle in which an output may change, or a link is looked at anew, while the inputs stand. */
static sim_cycle next_step(const struct arch_shenjing_tile *tile, sim_cycle now) {
    if (tile->obeyed_at > now || noc_ps_routers_restless(&tile->ps) ||
        noc_spike_routers_restless(&tile->spike))
        return now + 1;
    uint32_t classes = 1u << ARCH_SHENJING_CLASS_PS | 1u << ARCH_SHENJING_CLASS_SPIKE;
    sim_cycle next = SIM_NEVER;
    if (noc_ps_routers_send_local(&tile->ps)) {
        next = tile->core.local_moved ? now + 1 : tile->core.local_at;
        classes |= 1u << ARCH_SHENJING_CLASS_CORE;
    }
    sim_cycle control = arch_sequencer_wake(&tile->sequencer, classes);
    return control < next ? control : next;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct arch_shenjing_tile *tile = self;
    run(tile, now);
    read_inputs(tile, now);
    run(tile, now + 1);
    return next_step(tile, now);
}

static inline __attribute__((always_inline)) void fetch_bytes(const void *start, size_t bytes) {
    for (size_t byte = 0; byte < bytes; byte += 64)
        __builtin_prefetch((const char *)start + byte);
}

/* Most steps take a word of the program, count it, and move a vector. */
static void fetch(const void *self, sim_cycle now, uint32_t stage) {
    const struct arch_shenjing_tile *tile = self;
    (void)now;
    if (stage != 0)
        return;
    fetch_bytes(tile, sizeof *tile < 2048 ? sizeof *tile : 2048);
    fetch_bytes(tile->base.count + ARCH_NEURON_CORE_EVENT_COUNT,
          (ARCH_SHENJING_TILE_EVENT_COUNT - ARCH_NEURON_CORE_EVENT_COUNT) * sizeof *tile->base.count);
    fetch_bytes(tile->sequencer.memory + tile->sequencer.address, 2 * sizeof *tile->sequencer.memory);
    fetch_bytes(tile->spike.spike,
                (2 + NOC_PORT_COUNT) * (size_t)tile->spike.words * sizeof *tile->spike.spike);
}

static void settle(void *self, sim_cycle now) {
    struct arch_shenjing_tile *tile = self;
    run(tile, now);
    arch_neuron_core_catch_up(&tile->core, now);
    arch_sequencer_settle(&tile->sequencer, now);
    noc_ps_routers_settle(&tile->ps, now);
    noc_spike_routers_settle(&tile->spike, now);
    sim_rate_settle(&tile->tile_clock, &tile->base, ARCH_SHENJING_TILE_EVENT_tile_clock_cycles, now);
    sim_rate_settle(&tile->subcore_clock, &tile->base, ARCH_SHENJING_TILE_EVENT_subcore_clock_cycles, now);
    sim_rate_settle(&tile->plane_clock, &tile->base, ARCH_SHENJING_TILE_EVENT_plane_clocks, now);
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_shenjing_tile *tile = self;
    const struct arch_sequencer *s = &tile->sequencer;
    (void)now;
    if (s->start_r)
        fprintf(out, "%s: stopped (start_instr_b is 1)\n", tile->base.path);
    else
        fprintf(out, "%s: at word %" PRIu32 " (op %03x, gap %u), controls ps %03x spike %03x core %02x\n",
                tile->base.path, s->address, (unsigned)s->q.op, (unsigned)s->q.gap, (unsigned)s->ps_op,
                (unsigned)s->spike_op, (unsigned)s->core_op);
}

const struct sim_type arch_shenjing_tile_type = {
    .name = "arch.shenjing_tile",
    .help = "Shenjing tile: neuron core, partial-sum and spike routers, instruction sequencer",
    .events = events,
    .event_count = ARCH_SHENJING_TILE_EVENT_COUNT,
    .step = step,
    .fetch = fetch,
    .settle = settle,
    .explain = explain,
};
