/* SPDX-License-Identifier: MIT
 *
 * The core of a dual chip: arrivals, weight reads, arithmetic, streams; see core.h.
 */
#include "arch/dual/core.h"

#include "sim/base/arena.h"

#include <string.h>

#define BIT(i) (UINT64_C(1) << ((i) % 64))

void arch_dual_core_init(struct arch_dual_core *core, const struct arch_dual_core_spec *spec,
                         const struct arch_dual_core_load *load, struct sim_arena *arena) {
    core->spec = spec;
    core->load = *load;
    core->words = (load->axons + 63) / 64;
    core->buffers = load->delay_most + 2;
    core->arrivals = SIM_NEW_ARRAY(arena, struct arch_dual_arrivals, core->buffers);
    for (uint32_t i = 0; i < core->buffers; i++) {
        core->arrivals[i].flag = SIM_NEW_ARRAY(arena, uint64_t, core->words);
        core->arrivals[i].level = SIM_NEW_ARRAY(arena, uint8_t, load->axons);
    }
    core->arrived_sum = SIM_NEW_ARRAY(arena, int32_t, load->neurons);
    core->fetched = SIM_NEW_ARRAY(arena, uint64_t, core->words);
    core->input = SIM_NEW_ARRAY(arena, int32_t, load->neurons);
    core->potential = SIM_NEW_ARRAY(arena, int32_t, load->neurons);
    core->fired = SIM_NEW_ARRAY(arena, uint64_t, (load->neurons + 63) / 64 + 1);
    core->output = SIM_NEW_ARRAY(arena, uint8_t, load->neurons);
    arch_barrier_port_init(&core->barrier, arena);
}

void arch_dual_core_execute(struct arch_dual_core *core, int mode, uint32_t timesteps) {
    core->mode = mode;
    core->timesteps = timesteps;
    core->bits = arch_dual_bits(timesteps);
    core->sender.next = core->sender.targets; /* nothing to send yet */
}

static bool is_ssf(const struct arch_dual_core *core) {
    return core->mode == ARCH_DUAL_SNN && core->spec->neuron == ARCH_DUAL_SSF;
}

uint32_t arch_dual_core_steps(const struct arch_dual_core *core) {
    return core->mode == ARCH_DUAL_QNN ? 1 : core->timesteps;
}

uint32_t arch_dual_core_lag(const struct arch_dual_core *core) {
    uint32_t window = is_ssf(core) ? core->timesteps - 1 : 0;
    return window + core->load.root;
}

/* ---- rows and synapses ------------------------------------------------------------------------ */

static uint64_t synapses_of(const struct arch_dual_core *core, uint32_t first, uint32_t rows) {
    const uint64_t *before = core->load.synapses;
    return before != NULL ? before[first + rows] - before[first] : (uint64_t)rows * core->load.neurons;
}

static uint64_t weighted_of(const struct arch_dual_core *core, uint32_t first, uint32_t rows) {
    const uint64_t *before = core->load.weighted;
    return before != NULL ? before[first + rows] - before[first] : synapses_of(core, first, rows);
}

/* Reads a row that has not been read in this window. */
static void fetch(struct arch_dual_core *core, struct arch_dual_arrivals *to, uint32_t axon) {
    if (core->fetched[axon / 64] & BIT(axon))
        return;
    core->fetched[axon / 64] |= BIT(axon);
    to->synapses_read += weighted_of(core, axon, 1);
    if (is_ssf(core))
        to->rows_passed += synapses_of(core, axon, 1);
}

/* Reads a row that is not among the last ones read. */
static void fetch_buffered(struct arch_dual_core *core, struct arch_dual_arrivals *to, uint32_t axon) {
    for (uint32_t i = 0; i < core->spec->row_buffer; i++)
        if (core->buffered[i] == axon + 1)
            return;
    core->buffered[core->buffer_next] = axon + 1;
    core->buffer_next = (core->buffer_next + 1) % core->spec->row_buffer;
    to->synapses_read += weighted_of(core, axon, 1);
}

static void read_for_spike(struct arch_dual_core *core, struct arch_dual_arrivals *to, uint32_t axon) {
    switch (core->spec->event_reads) {
    case ARCH_DUAL_READ_ROW: fetch_buffered(core, to, axon); break;
    case ARCH_DUAL_READ_WINDOW: fetch(core, to, axon); break;
    default: to->synapses_read += weighted_of(core, axon, 1); break;
    }
}

/* ---- arrivals --------------------------------------------------------------------------------- */

/* The buffer of what arrives now for axons from `key` on; a stream is of one operand. */
static struct arch_dual_arrivals *buffer_of(struct arch_dual_core *core, uint32_t key) {
    uint32_t delay = 0;
    if (is_ssf(core))
        return &core->arrivals[0];
    for (uint32_t i = 0; i < core->load.inputs && core->load.input[i].key <= key; i++)
        delay = core->load.input[i].delay;
    return &core->arrivals[(core->filling + delay) % core->buffers];
}

static void note_spike(struct arch_dual_core *core, struct arch_dual_arrivals *to, uint32_t axon) {
    to->synapses_added += synapses_of(core, axon, 1);
    if (is_ssf(core)) {
        to->level[axon]++;
        fetch(core, to, axon);
    } else {
        to->flag[axon / 64] |= BIT(axon);
    }
}

static void take_spikes(struct arch_dual_core *core, const struct noc_stream *stream, sim_cycle now) {
    struct arch_dual_arrivals *to = buffer_of(core, stream->key);
    bool frame = stream->kind == NOC_STREAM_BITMAP;
    uint32_t spikes = 0;
    for (uint32_t word = 0; word * 64 < stream->count; word++)
        for (uint64_t bits = stream->payload[word]; bits != 0; bits &= bits - 1) {
            uint32_t axon = stream->key + word * 64 + (uint32_t)__builtin_ctzll(bits);
            note_spike(core, to, axon);
            if (!frame && !is_ssf(core)) {
                read_for_spike(core, to, axon);
                to->rows_passed += synapses_of(core, axon, 1);
            }
            spikes++;
        }
    if (!frame) {
        sim_count(&core->base, ARCH_DUAL_CORE_EVENT_IN, spikes, now, 1);
        return;
    }
    sim_count(&core->base, ARCH_DUAL_CORE_FRAME_IN, stream->count, now, 1);
    if (is_ssf(core))
        return;
    to->rows_passed += synapses_of(core, stream->key, stream->count);
    if (core->spec->frame_reads == ARCH_DUAL_FRAME_STEP)
        to->synapses_read += weighted_of(core, stream->key, stream->count);
    else
        for (uint32_t i = 0; i < stream->count; i++)
            fetch(core, to, stream->key + i);
}

static void take_levels(struct arch_dual_core *core, const struct noc_stream *stream, sim_cycle now) {
    struct arch_dual_arrivals *to = buffer_of(core, stream->key);
    uint8_t *level = to->level + stream->key;
    memcpy(level, stream->payload, stream->count);
    for (uint32_t i = 0; i < stream->count; i++) {
        uint64_t weighted = weighted_of(core, stream->key + i, 1);
        if (level[i] != 0) {
            to->synapses_added += synapses_of(core, stream->key + i, 1);
            to->synapses_multiplied += weighted;
        } else {
            to->synapses_gated += weighted;
        }
    }
    to->synapses_read += weighted_of(core, stream->key, stream->count);
    to->rows_passed += synapses_of(core, stream->key, stream->count);
    sim_count(&core->base, ARCH_DUAL_CORE_FRAME_IN, stream->count, now, 1);
}

static void take_sums(struct arch_dual_core *core, const struct noc_stream *stream, sim_cycle now) {
    int32_t sum[NOC_STREAM_SUMS];
    memcpy(sum, stream->payload, sizeof sum);
    for (uint32_t i = 0; i < stream->count; i++)
        core->arrived_sum[stream->key + i] += sum[i];
    sim_count(&core->base, ARCH_DUAL_CORE_SUM_IN, stream->count, now, 1);
}

static bool receive(struct arch_dual_core *core, sim_cycle now) {
    bool any = false;
    for (int i = 0; i < ARCH_STREAM_NETWORK_COUNT; i++) {
        const struct noc_stream *stream;
        while ((stream = noc_stream_port_peek(&core->sender.port[i], now)) != NULL) {
            if (stream->kind == NOC_STREAM_SUM)
                take_sums(core, stream, now);
            else if (stream->kind == NOC_STREAM_LEVEL)
                take_levels(core, stream, now);
            else
                take_spikes(core, stream, now);
            noc_stream_port_take(&core->sender.port[i], now);
            core->received++;
            any = true;
        }
    }
    return any;
}

static void report(struct arch_dual_core *core, sim_cycle now) {
    arch_report_link_send(&core->barrier.report, now,
                          (struct arch_report){core->sender.sent, core->received, 1});
}

/* ---- arithmetic ------------------------------------------------------------------------------- */

static const int8_t *row(const struct arch_dual_core *core, uint32_t axon) {
    return core->load.weight + (size_t)axon * core->load.stride;
}

static void add_rows(struct arch_dual_core *core, const uint64_t *flag) {
    for (uint32_t word = 0; word < core->words; word++)
        for (uint64_t bits = flag[word]; bits != 0; bits &= bits - 1) {
            const int8_t *weight = row(core, word * 64 + (uint32_t)__builtin_ctzll(bits));
            for (uint32_t n = 0; n < core->load.neurons; n++)
                core->input[n] += weight[n];
        }
}

static void add_products(struct arch_dual_core *core, const uint8_t *level) {
    for (uint32_t axon = 0; axon < core->load.axons; axon++) {
        const int8_t *weight = row(core, axon);
        int32_t x = level[axon];
        for (uint32_t n = 0; x != 0 && n < core->load.neurons; n++)
            core->input[n] += x * weight[n];
    }
}

static uint32_t mac_event(const struct arch_dual_core *core) {
    uint32_t w = core->spec->weight_bits;
    if (core->bits > 4 || (w != 4 && w != 8))
        return ARCH_DUAL_CORE_MAC_BITS;
    return (w == 4 ? ARCH_DUAL_CORE_MAC_1X4 : ARCH_DUAL_CORE_MAC_1X8) + core->bits - 1;
}

/* Counts what the arrivals of a step cost, and clears it. */
static void count_synapses(struct arch_dual_core *core, struct arch_dual_arrivals *arrived, sim_cycle now) {
    static const uint32_t memory[ARCH_DUAL_MEMORY_COUNT] = {
        [ARCH_DUAL_REGISTER] = ARCH_DUAL_CORE_REGISTER_BITS,
        [ARCH_DUAL_SRAM] = ARCH_DUAL_CORE_SRAM_BITS,
        [ARCH_DUAL_DRAM] = ARCH_DUAL_CORE_DRAM_BITS,
    };
    uint32_t w = core->spec->weight_bits;
    sim_count(&core->base, memory[core->spec->weight_memory], arrived->synapses_read * w, now, 1);
    if (core->mode == ARCH_DUAL_SNN) {
        sim_count(&core->base, ARCH_DUAL_CORE_ACCUMULATE, arrived->synapses_added, now, 1);
    } else {
        uint32_t event = mac_event(core);
        uint64_t each = event == ARCH_DUAL_CORE_MAC_BITS ? core->bits * w : 1;
        sim_count(&core->base, event, arrived->synapses_multiplied * each, now, 1);
        sim_count(&core->base, ARCH_DUAL_CORE_ACCUMULATE,
                  arrived->synapses_added - arrived->synapses_multiplied, now, 1);
        sim_count(&core->base, ARCH_DUAL_CORE_GATED, arrived->synapses_gated, now, 1);
    }
    arrived->synapses_read = arrived->synapses_added = 0;
    arrived->synapses_multiplied = arrived->synapses_gated = 0;
}

/* The sums of this step into `input`. */
static void integrate(struct arch_dual_core *core, struct arch_dual_arrivals *arrived, bool window_ends) {
    if (core->load.weight != NULL && core->mode == ARCH_DUAL_SNN && !is_ssf(core))
        add_rows(core, arrived->flag);
    else if (core->load.weight != NULL && window_ends)
        add_products(core, arrived->level);
    memset(arrived->flag, 0, core->words * sizeof *arrived->flag);
}

/* ---- neurons ---------------------------------------------------------------------------------- */

static int32_t clamp(const struct arch_dual_core *core, int64_t value) {
    int64_t highest = (INT64_C(1) << (core->spec->potential_bits - 1)) - 1;
    return (int32_t)(value > highest ? highest : value < -highest - 1 ? -highest - 1 : value);
}

/* One neuron fires or not. */
static bool fire(const struct arch_dual_core *core, int32_t *potential, int32_t input, int64_t threshold) {
    int64_t value = is_ssf(core) ? (int64_t)*potential + input : clamp(core, (int64_t)*potential + input);
    bool fires = value >= threshold;
    if (fires)
        value = core->load.soft || is_ssf(core) ? value - threshold : 0;
    *potential = (int32_t)value;
    return fires;
}

/* A step of all neurons on `input`: spikes into `fired`. */
static void update_spiking(struct arch_dual_core *core, sim_cycle now) {
    uint32_t neurons = core->load.neurons, spikes = 0;
    bool ssf = is_ssf(core);
    int64_t threshold = (int64_t)core->load.threshold * (ssf ? core->timesteps : 1);
    memset(core->fired, 0, (neurons + 63) / 64 * sizeof *core->fired);
    for (uint32_t n = 0; core->load.weight != NULL && n < neurons; n++)
        if (fire(core, &core->potential[n], core->input[n], threshold)) {
            core->fired[n / 64] |= BIT(n);
            spikes++;
        }
    if (ssf) {
        sim_count(&core->base, ARCH_DUAL_CORE_ACCUMULATE, neurons, now, 1);
    } else {
        sim_count(&core->base, ARCH_DUAL_CORE_POTENTIAL_READ, neurons, now, 1);
        sim_count(&core->base, ARCH_DUAL_CORE_POTENTIAL_WRITE, neurons, now, 1);
    }
    sim_count(&core->base, ARCH_DUAL_CORE_COMPARE, neurons, now, 1);
    sim_count(&core->base, ARCH_DUAL_CORE_SUBTRACT, core->load.soft || ssf ? spikes : 0, now, 1);
    sim_count(&core->base, ARCH_DUAL_CORE_FIRE, spikes, now, 1);
}

static void update_quantised(struct arch_dual_core *core, sim_cycle now) {
    for (uint32_t n = 0; core->load.weight != NULL && n < core->load.neurons; n++)
        core->output[n] =
            (uint8_t)arch_dual_quantise(core->input[n], core->load.threshold, core->timesteps);
    sim_count(&core->base, ARCH_DUAL_CORE_COMPARE, (uint64_t)core->load.neurons * core->bits, now, 1);
}

/* ---- a step ----------------------------------------------------------------------------------- */

static void reset(struct arch_dual_core *core) {
    memset(core->potential, 0, core->load.neurons * sizeof *core->potential);
    memset(core->input, 0, core->load.neurons * sizeof *core->input);
    memset(core->arrived_sum, 0, core->load.neurons * sizeof *core->arrived_sum);
    memset(core->fetched, 0, core->words * sizeof *core->fetched);
    memset(core->arrivals[0].level, 0, core->load.axons);
    memset(core->buffered, 0, sizeof core->buffered);
}

static void add_arrived_sums(struct arch_dual_core *core) {
    for (uint32_t n = 0; n < core->load.neurons; n++)
        core->input[n] += core->arrived_sum[n];
    memset(core->arrived_sum, 0, core->load.neurons * sizeof *core->arrived_sum);
}

/* The neurons' part of the tick: `step` counts from the first input; false: nothing leaves. */
static bool finish_step(struct arch_dual_core *core, uint32_t step, sim_cycle now) {
    uint32_t lag = arch_dual_core_lag(core), steps = arch_dual_core_steps(core);
    if (step < lag || step - lag >= steps)
        return false;
    if (core->load.root && (!is_ssf(core) || step == lag))
        add_arrived_sums(core);
    if (core->mode == ARCH_DUAL_QNN) {
        update_quantised(core, now);
        arch_stream_sender_levels(&core->sender, core->output, core->bits);
    } else {
        update_spiking(core, now);
        arch_stream_sender_spikes(&core->sender, core->fired);
    }
    if (!is_ssf(core))
        memset(core->input, 0, core->load.neurons * sizeof *core->input);
    return true;
}

/* A core that sends its sums does so when they are complete. */
static bool send_partial(struct arch_dual_core *core, bool complete) {
    if (complete) {
        memcpy(core->potential, core->input, core->load.neurons * sizeof *core->input);
        memset(core->input, 0, core->load.neurons * sizeof *core->input);
        arch_stream_sender_sums(&core->sender, core->potential);
    }
    return complete;
}

static void begin_step(struct arch_dual_core *core, const struct arch_tick *tick, sim_cycle now) {
    sim_count(&core->base, ARCH_DUAL_CORE_TICK, 1, now, 1);
    struct arch_dual_arrivals *arrived = &core->arrivals[is_ssf(core) ? 0 : core->filling];
    uint32_t step = tick->timestep - core->load.offset;
    core->filling = (core->filling + 1) % core->buffers;
    if (tick->reset != 0)
        reset(core);
    if (tick->timestep < core->load.offset)
        return;
    bool inputs = step < arch_dual_core_steps(core), leaves;
    bool complete = inputs && (!is_ssf(core) || step + 1 == core->timesteps);
    uint64_t lanes = core->spec->lanes, cycles = core->spec->start_cycles;
    cycles += (arrived->rows_passed + lanes - 1) / lanes;
    arrived->rows_passed = 0;
    if (!core->load.partial && core->load.root) {
        leaves = finish_step(core, step, now); /* on the inputs of the step before */
        if (inputs) {
            count_synapses(core, arrived, now);
            integrate(core, arrived, complete);
        }
    } else {
        if (inputs) {
            count_synapses(core, arrived, now);
            integrate(core, arrived, complete);
        }
        leaves = core->load.partial ? send_partial(core, complete) : finish_step(core, step, now);
    }
    if (leaves)
        cycles += (core->load.neurons + lanes - 1) / lanes;
    core->busy = true;
    core->ready = now + cycles;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct arch_dual_core *core = self;
    arch_stream_sender_refill(&core->sender, now);
    const struct arch_tick *tick = arch_tick_link_peek(&core->barrier.tick, now);
    bool arrived;
    if (tick != NULL) {
        begin_step(core, tick, now);
        arch_tick_link_take(&core->barrier.tick);
        arrived = receive(core, now);
        if (!core->busy) {
            report(core, now);
            return SIM_NEVER;
        }
    } else {
        arrived = receive(core, now);
    }
    if (!core->busy) {
        if (arrived)
            report(core, now);
        return SIM_NEVER;
    }
    if (now < core->ready)
        return core->ready;
    sim_cycle next = arch_stream_sender_run(&core->sender, now);
    if (next > now)
        return next;
    core->busy = false;
    report(core, now);
    return SIM_NEVER;
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_dual_core *core = self;
    (void)now;
    if (core->busy)
        fprintf(out, "%s: sends to target %u of %u\n", core->base.path, core->sender.next,
                core->sender.targets);
}

#define EVENT(NAME, name_, help_) {.name = #name_, .help = help_},
static const struct sim_event events[] = {ARCH_DUAL_CORE_EVENTS(EVENT)};

const struct sim_type arch_dual_core_type = {
    .name = "arch.dual_core",
    .help = "a core that runs its share of a layer as spiking or as quantised network",
    .events = events,
    .event_count = ARCH_DUAL_CORE_EVENT_COUNT,
    .step = step,
    .explain = explain,
};
