/* SPDX-License-Identifier: MIT
 *
 * Neuron core; see neuron_core.h. Sub-cores are advanced one after the other over a stretch of cycles with
 * constant inputs; two that serve the same axons and stand alike go together, as their rows are adjacent.
 * A stretch is cut where a control register still differs from its control, and where a sum is captured.
 */
#include "arch/shenjing/neuron_core.h"

#include "sim/base/arena.h"

#include <assert.h>
#include <string.h>

#define EVENT(core, name) ((core)->first_event + ARCH_NEURON_CORE_EVENT_##name)

/* Memory for weights and their numbers, or the one of `like`. */
static void init_weights(struct arch_neuron_core *core, struct arch_neuron_core *like,
                         struct sim_arena *arena) {
    size_t rows = core->rows;
    if (like != NULL) {
        assert(like->axons == core->axons && like->neurons == core->neurons);
        core->shared = like->shared = true;
        core->weight = like->weight;
        for (uint32_t k = 0; k < ARCH_NEURON_CORE_SUBCORES; k++)
            core->sub[k].nonzero = like->sub[k].nonzero;
        return;
    }
    core->weight = SIM_NEW_ARRAY(arena, int8_t, (size_t)core->axons * core->neurons);
    uint16_t *nonzero = SIM_NEW_ARRAY(arena, uint16_t, ARCH_NEURON_CORE_SUBCORES * rows);
    for (uint32_t k = 0; k < ARCH_NEURON_CORE_SUBCORES; k++)
        core->sub[k].nonzero = nonzero + k * rows;
}

void arch_neuron_core_init(struct arch_neuron_core *core, const struct arch_neuron_core_spec *spec,
                           struct arch_neuron_core *like, struct sim_component *owner, uint32_t first_event,
                           struct sim_arena *arena) {
    memset(core, 0, sizeof *core);
    core->owner = owner;
    core->first_event = first_event;
    core->lanes = sim_lanes();
    core->axons = spec->axons;
    core->neurons = spec->neurons;
    core->rows = spec->axons / 2;
    core->weight_bits = spec->weight_bits;
    core->sum_bits = spec->sum_bits;
    core->count_toggles = spec->count_toggles;
    core->local_at = SIM_NEVER;
    core->last_select = (1u << ARCH_NEURON_CORE_SUBCORES) - 1;
    core->axon = SIM_NEW_ARRAY(arena, uint64_t, core->axons / 64);
    core->bus = SIM_NEW_ARRAY(arena, int8_t, 2 * (size_t)core->neurons);
    core->local_ps = SIM_NEW_ARRAY(arena, int16_t, core->neurons);
    int16_t *acc = SIM_NEW_ARRAY(arena, int16_t, 2 * (size_t)core->neurons);
    int16_t *out = SIM_NEW_ARRAY(arena, int16_t, 2 * (size_t)core->neurons);
    int8_t *kept = SIM_NEW_ARRAY(arena, int8_t, 2 * (size_t)core->neurons);
    if (core->count_toggles) {
        core->acc_before = SIM_NEW_ARRAY(arena, int16_t, core->neurons);
        core->out_before = SIM_NEW_ARRAY(arena, int16_t, core->neurons);
        core->local_before = SIM_NEW_ARRAY(arena, int16_t, core->neurons);
    }
    for (uint32_t k = 0; k < ARCH_NEURON_CORE_SUBCORES; k++) {
        struct arch_subcore *sub = &core->sub[k];
        size_t lane = (size_t)k * core->neurons / 2;
        sub->cleared = true;
        sub->acc = acc + lane;
        sub->out = out + lane;
        sub->q = sub->q_kept = kept + lane;
    }
    init_weights(core, like, arena);
}

/* Weights of sub-core k in row `row`. */
static int8_t *row_of(const struct arch_neuron_core *core, uint32_t k, uint32_t row) {
    size_t axon = (size_t)(k >> 1) * core->rows + row;
    return core->weight + axon * core->neurons + (k & 1) * (core->neurons / 2);
}

static void count_nonzero(struct arch_neuron_core *core, uint32_t k, uint32_t row) {
    const int8_t *weights = row_of(core, k, row);
    uint16_t n = 0;
    for (uint32_t i = 0; i < core->neurons / 2; i++)
        n = (uint16_t)(n + (weights[i] != 0));
    core->sub[k].nonzero[row] = n;
}

void arch_neuron_core_load(struct arch_neuron_core *core, uint32_t axon, uint32_t first, uint32_t count,
                           const int8_t *weights) {
    assert(!core->shared && axon < core->axons && first <= core->neurons && count <= core->neurons - first);
    memcpy(core->weight + (size_t)axon * core->neurons + first, weights, count);
    uint32_t k = axon / core->rows * 2;
    count_nonzero(core, k, axon % core->rows);
    count_nonzero(core, k + 1, axon % core->rows);
}

/* ---- one stretch ------------------------------------------------------------------------------- */

/* A stretch of `cycles` cycles from `at` on, of sub-cores k .. k + count - 1. */
struct stretch {
    uint32_t k, count;
    sim_cycle at;
    uint64_t cycles;
    uint8_t start;          /* controls: ARCH_SUBCORE_MAC, _WEIGHT */
    bool selected, enabled; /* enabled: the memory is clocked and selected */
};

static bool axon_active(const struct arch_neuron_core *core, const struct stretch *s, uint32_t row) {
    uint32_t axon = (s->k >> 1) * core->rows + row;
    return core->axon[axon / 64] >> (axon % 64) & 1;
}

static uint32_t width(const struct arch_neuron_core *core, const struct stretch *s) {
    return s->count * (core->neurons / 2);
}

/* Weights are held sign-extended; the memory has weight_bits wires each. */
static uint64_t differing_bits(const int8_t *a, const int8_t *b, uint32_t count, uint32_t bits) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < count; i++)
        n += (uint64_t)__builtin_popcount((uint32_t)(a[i] ^ b[i]) & ((1u << bits) - 1));
    return n;
}

/* `row` appears at the output of the memory. */
static void show_row(struct arch_neuron_core *core, uint32_t k, uint32_t row, sim_cycle at) {
    struct arch_subcore *sub = &core->sub[k];
    const int8_t *weights = row_of(core, k, row);
    if (core->count_toggles) {
        uint64_t bits = differing_bits(weights, sub->q, core->neurons / 2, core->weight_bits);
        sub->q_bits += bits;
        sim_count(core->owner, EVENT(core, sram_q_bits), bits, at, 1);
    }
    sub->q = weights;
    sub->q_nonzero = sub->nonzero[row];
}

static void count_reads(struct arch_neuron_core *core, uint32_t k, uint64_t reads, uint64_t adds) {
    struct arch_subcore *sub = &core->sub[k];
    sub->row_reads += reads;
    sub->adds += adds;
    core->owner->count[EVENT(core, sram_row_reads)] += reads;
    core->owner->count[EVENT(core, acc_adds)] += adds;
}

static void log_row(const struct arch_neuron_core *core, bool read, uint64_t adds, sim_cycle at) {
    const struct sim_component *owner = core->owner;
    if (read)
        sim_log_event(owner->log, at, owner->id, EVENT(core, sram_row_reads), 1, 1);
    if (adds != 0)
        sim_log_event(owner->log, at, owner->id, EVENT(core, acc_adds), adds, 1);
}

/* Rows first .. end - 1, one a cycle from `at` on; those of active axons are read and accumulated. */
static void sweep_rows(struct arch_neuron_core *core, const struct stretch *s, uint32_t first, uint32_t end,
                       sim_cycle at) {
    const uint64_t *axon = core->axon + (size_t)(s->k >> 1) * core->rows / 64;
    const uint16_t *nonzero[2] = {core->sub[s->k].nonzero, core->sub[s->k + s->count - 1].nonzero};
    uint64_t adds[2] = {0, 0};
    uint32_t offset[ARCH_NEURON_CORE_ROWS_MAX];
    uint32_t active = 0, last = 0;
    for (uint32_t word = first / 64; word * 64 < end; word++) {
        uint64_t bits = axon[word];
        if (word == first / 64)
            bits &= ~UINT64_C(0) << (first % 64);
        if (end - word * 64 < 64)
            bits &= (UINT64_C(1) << (end % 64)) - 1;
        for (; bits != 0; bits &= bits - 1) {
            last = word * 64 + (uint32_t)__builtin_ctzll(bits);
            offset[active++] = last * core->neurons;
            adds[0] += nonzero[0][last];
            adds[1] += nonzero[1][last];
        }
    }
    if (active == 0)
        return;
    core->lanes->add_rows(core->sub[s->k].acc, row_of(core, s->k, 0), offset, active,
                          1u << (8 - core->weight_bits), width(core, s));
    for (uint32_t j = 0; j < s->count; j++) {
        if (__builtin_expect(core->owner->log != NULL, 0))
            for (uint32_t i = 0; i < active; i++) {
                uint32_t row = offset[i] / core->neurons;
                log_row(core, true, nonzero[j][row], at + (row - first));
            }
        show_row(core, s->k + j, last, at + (last - first));
        count_reads(core, s->k + j, active, adds[j]);
    }
}

/* Reading and accumulating, the row counter running. */
static void sweep(struct arch_neuron_core *core, const struct stretch *s, uint32_t row) {
    for (uint64_t left = s->cycles; left > 0;) {
        uint32_t end = left < core->rows - row ? row + (uint32_t)left : core->rows;
        sweep_rows(core, s, row, end, s->at + (s->cycles - left));
        left -= end - row;
        row = 0;
    }
}

/* The memory output is added once more, or for the first time when the row was just read. */
static void add_output(struct arch_neuron_core *core, const struct stretch *s) {
    uint32_t zero = 0;
    for (uint32_t j = 0; j < s->count; j++) {
        struct arch_subcore *sub = &core->sub[s->k + j];
        core->lanes->add_rows(sub->acc, sub->q, &zero, 1, 1, core->neurons / 2);
        sub->adds += sub->q_nonzero;
        sim_count(core->owner, EVENT(core, acc_adds), sub->q_nonzero, s->at, 1);
    }
}

/* Reading one row; any number of times while the row counter rests (in reset). */
static void read_row(struct arch_neuron_core *core, const struct stretch *s, uint32_t row) {
    for (uint32_t j = 0; j < s->count; j++) {
        show_row(core, s->k + j, row, s->at);
        count_reads(core, s->k + j, s->cycles, 0);
        if (__builtin_expect(core->owner->log != NULL, 0))
            for (uint64_t i = 0; i < s->cycles; i++)
                log_row(core, true, 0, s->at + i);
    }
}

static void write_row(struct arch_neuron_core *core, uint32_t k, uint32_t row) {
    struct arch_subcore *sub = &core->sub[k];
    uint32_t half = core->neurons / 2;
    int8_t *weights = row_of(core, k, row);
    assert(!core->shared);
    if (sub->q == weights) {
        memcpy(sub->q_kept, weights, half);
        sub->q = sub->q_kept;
    }
    memcpy(weights, core->bus + (size_t)k * half, half);
    count_nonzero(core, k, row);
}

static void write_rows(struct arch_neuron_core *core, const struct stretch *s, uint32_t row,
                       bool counting) {
    uint64_t distinct = !counting ? 1 : s->cycles < core->rows ? s->cycles : core->rows;
    for (uint32_t j = 0; j < s->count; j++) {
        for (uint64_t i = 0; i < distinct; i++)
            write_row(core, s->k + j, (uint32_t)((row + i) % core->rows));
        core->sub[s->k + j].row_writes += s->cycles;
        for (uint64_t i = 0; core->owner->log != NULL && i < s->cycles; i++)
            sim_log_event(core->owner->log, s->at + i, core->owner->id, EVENT(core, sram_row_writes), 1, 1);
        core->owner->count[EVENT(core, sram_row_writes)] += s->cycles;
    }
}

static void capture(struct arch_neuron_core *core, const struct stretch *s) {
    struct arch_subcore *sub = &core->sub[s->k];
    core->lanes->add(sub->out, sub->acc, NULL, 16 - core->sum_bits, NULL, width(core, s));
    for (uint32_t j = 0; j < s->count; j++) {
        core->sub[s->k + j].captures++;
        /* From the start control to the valid local partial sum. */
        sim_count(core->owner, EVENT(core, acc_captures), 1, s->at, core->rows + 3);
    }
}

static void memory_and_accumulators(struct arch_neuron_core *core, const struct stretch *s) {
    const struct arch_subcore *sub = &core->sub[s->k];
    bool accumulating = sub->started & ARCH_SUBCORE_MAC,
         reading = s->enabled && (s->start & ARCH_SUBCORE_MAC);
    uint32_t row = sub->row;
    if (reading && accumulating && s->start == ARCH_SUBCORE_MAC) {
        core->sub[s->k].cleared = false;
        sweep(core, s, row);
        return;
    }
    if (reading && (s->start & ARCH_SUBCORE_WEIGHT || axon_active(core, s, row)))
        read_row(core, s, row);
    else if (s->enabled && s->start == ARCH_SUBCORE_WEIGHT)
        write_rows(core, s, row, sub->started != 0);
    if (accumulating && s->selected && axon_active(core, s, row)) {
        core->sub[s->k].cleared = false;
        add_output(core, s);
    }
}

static void clear(struct arch_neuron_core *core, const struct stretch *s, int16_t *lanes) {
    memset(lanes, 0, width(core, s) * sizeof *lanes);
}

static void registers(struct arch_neuron_core *core, const struct stretch *s) {
    struct arch_subcore *sub = &core->sub[s->k];
    if (core->in_reset) {
        clear(core, s, sub->acc);
        clear(core, s, sub->out);
        sub->started = 0;
        sub->done = sub->captured = false;
        sub->row = sub->steps = 0;
        sub->cleared = true;
        return;
    }
    bool accumulating = sub->started & ARCH_SUBCORE_MAC;
    sub->captured = sub->done && s->cycles == 1;
    sub->row = sub->started != 0 ? (uint32_t)((sub->row + s->cycles) % core->rows) : 0;
    sub->steps = accumulating ? sub->steps + (uint32_t)s->cycles : 0;
    sub->done = sub->steps == core->rows;
    if (sub->done)
        sub->steps = 0;
    if (!accumulating && !sub->cleared) {
        clear(core, s, sub->acc);
        sub->cleared = true;
    }
    sub->started = s->start;
}

static void count_register_bits(struct arch_neuron_core *core, const struct stretch *s) {
    uint16_t mask = (uint16_t)((1u << core->sum_bits) - 1);
    uint32_t half = core->neurons / 2;
    for (uint32_t j = 0; j < s->count; j++) {
        struct arch_subcore *sub = &core->sub[s->k + j];
        uint32_t acc = core->lanes->differ(sub->acc, core->acc_before + j * half, mask, NULL, half);
        uint32_t out = core->lanes->differ(sub->out, core->out_before + j * half, mask, NULL, half);
        sub->acc_bits += acc;
        sim_count(core->owner, EVENT(core, acc_reg_bits), acc, s->at, 1);
        sim_count(core->owner, EVENT(core, subcore_out_bits), out, s->at, 1);
    }
}

static void execute(struct arch_neuron_core *core, const struct stretch *s) {
    struct arch_subcore *sub = &core->sub[s->k];
    if (core->count_toggles) {
        memcpy(core->acc_before, sub->acc, width(core, s) * sizeof *sub->acc);
        memcpy(core->out_before, sub->out, width(core, s) * sizeof *sub->out);
    }
    if (sub->done && !core->in_reset)
        capture(core, s);
    memory_and_accumulators(core, s);
    registers(core, s);
    if (core->count_toggles)
        count_register_bits(core, s);
    if (s->count == 2) {
        struct arch_subcore *twin = sub + 1;
        twin->started = sub->started;
        twin->done = sub->done;
        twin->captured = sub->captured;
        twin->cleared = sub->cleared;
        twin->row = sub->row;
        twin->steps = sub->steps;
    }
}

/* ---- catching up ------------------------------------------------------------------------------- */

static bool idle(const struct arch_neuron_core *core, uint32_t k) {
    const struct arch_subcore *sub = &core->sub[k];
    if (sub->started != 0 || sub->done || sub->captured || !sub->cleared || sub->row != 0)
        return false;
    return ((core->start_mac | core->start_weight) >> k & 1) == 0;
}

static bool alike(const struct arch_neuron_core *core, uint32_t k) {
    const struct arch_subcore *a = &core->sub[k], *b = a + 1;
    unsigned inputs = (core->start_mac >> k & 3) | (core->start_weight >> k & 3) << 2 |
                      (core->select >> k & 3) << 4 | (core->last_select >> k & 3) << 6;
    return ((inputs ^ inputs >> 1) & 0x55) == 0 && a->started == b->started && a->done == b->done &&
           a->captured == b->captured && a->cleared == b->cleared && a->row == b->row &&
           a->steps == b->steps;
}

/* How many of `cycles` cycles can be taken in one stretch. */
static uint64_t stretch_length(const struct arch_neuron_core *core, const struct stretch *s, bool waking,
                               uint64_t cycles) {
    const struct arch_subcore *sub = &core->sub[s->k];
    if (core->count_toggles || core->in_reset || waking || sub->started != s->start ||
        (sub->started == 0 && sub->row != 0))
        return 1;
    if (s->start == (ARCH_SUBCORE_MAC | ARCH_SUBCORE_WEIGHT))
        return 1; /* a rarity that is taken cycle by cycle */
    if (s->start == ARCH_SUBCORE_MAC && cycles > core->rows - sub->steps)
        return core->rows - sub->steps;
    return cycles;
}

/* Executes cycles at .. until - 1 of sub-core k and, when `twin`, of k + 1. */
static void advance_subcore(struct arch_neuron_core *core, uint32_t k, bool twin, sim_cycle until) {
    struct stretch s = {.k = k,
                        .count = twin ? 2 : 1,
                        .at = core->at,
                        .start = (uint8_t)((core->start_mac >> k & 1) * ARCH_SUBCORE_MAC |
                                           (core->start_weight >> k & 1) * ARCH_SUBCORE_WEIGHT),
                        .selected = core->select >> k & 1};
    while (s.at < until) {
        bool first = s.at == core->at, was = (first ? core->last_select : core->select) >> k & 1;
        s.enabled = s.selected && was;
        s.cycles = stretch_length(core, &s, was != s.selected, until - s.at);
        execute(core, &s);
        s.at += s.cycles;
        if (core->in_reset && !(s.selected && s.start != 0))
            break; /* everything is 0 and stays so */
    }
}

static void advance(struct arch_neuron_core *core, sim_cycle until) {
    if (core->at >= until)
        return;
    for (uint32_t k = 0; k < ARCH_NEURON_CORE_SUBCORES; k += 2) {
        if (idle(core, k) && idle(core, k + 1))
            continue;
        if (alike(core, k)) {
            advance_subcore(core, k, true, until);
        } else {
            advance_subcore(core, k, false, until);
            advance_subcore(core, k + 1, false, until);
        }
    }
    core->last_select = core->select;
    core->at = until;
}

/* Loads local_ps in cycle core->at from the sub-core sums. */
static void combine(struct arch_neuron_core *core) {
    uint32_t half = core->neurons / 2;
    if (core->count_toggles)
        memcpy(core->local_before, core->local_ps, core->neurons * sizeof *core->local_ps);
    for (uint32_t k = 0; k < 2; k++) {
        int16_t *to = core->local_ps + k * half;
        bool low = core->select >> k & 1, high = core->select >> (k + 2) & 1;
        const int16_t *first = core->sub[low ? k : k + 2].out,
                      *second = low && high ? core->sub[k + 2].out : NULL;
        if (core->in_reset)
            memset(to, 0, half * sizeof *to);
        else if (low || high)
            core->lanes->add(to, first, second, 16 - core->sum_bits, NULL, half);
    }
    core->recombine = false;
    if (core->count_toggles) {
        uint16_t mask = (uint16_t)((1u << core->sum_bits) - 1);
        uint32_t bits = core->lanes->differ(core->local_ps, core->local_before, mask, NULL, core->neurons);
        sim_count(core->owner, EVENT(core, local_ps_bits), bits, core->at, 1);
    }
}

/* The cycle from which local_ps shows what is now on its way. */
static void schedule(struct arch_neuron_core *core) {
    sim_cycle next = SIM_NEVER;
    for (uint32_t k = 0; k < ARCH_NEURON_CORE_SUBCORES; k++) {
        const struct arch_subcore *sub = &core->sub[k];
        bool mac = core->start_mac >> k & 1, accumulating = sub->started & ARCH_SUBCORE_MAC;
        sim_cycle shows = SIM_NEVER;
        if (core->recombine || sub->captured)
            shows = core->at + 1;
        else if (core->in_reset)
            shows = SIM_NEVER;
        else if (sub->done)
            shows = core->at + 2;
        else if (accumulating && (mac || sub->steps == core->rows - 1))
            shows = core->at + (core->rows - sub->steps) + 2;
        else if (mac && !accumulating)
            shows = core->at + 1 + core->rows + 2;
        if (shows < next)
            next = shows;
    }
    core->local_at = next;
}

void arch_neuron_core_catch_up(struct arch_neuron_core *core, sim_cycle until) {
    assert(until >= core->at && until <= core->local_at);
    if (until != core->local_at) {
        advance(core, until);
        return;
    }
    advance(core, until - 1);
    combine(core);
    advance(core, until);
    schedule(core);
    core->local_moved = true;
}

/* ---- inputs ------------------------------------------------------------------------------------ */

void arch_neuron_core_set_control(struct arch_neuron_core *core, uint8_t start_mac, uint8_t start_weight,
                                  sim_cycle now) {
    arch_neuron_core_catch_up(core, now);
    core->start_mac = start_mac;
    core->start_weight = start_weight;
    schedule(core);
}

void arch_neuron_core_set_select(struct arch_neuron_core *core, uint8_t select, sim_cycle now) {
    arch_neuron_core_catch_up(core, now);
    if (core->select == select)
        return;
    core->select = select;
    core->recombine = true;
    schedule(core);
}

void arch_neuron_core_set_reset(struct arch_neuron_core *core, bool in_reset, sim_cycle now) {
    arch_neuron_core_catch_up(core, now);
    if (core->in_reset == in_reset)
        return;
    core->in_reset = core->recombine = in_reset;
    for (uint32_t k = 0; k < ARCH_NEURON_CORE_SUBCORES; k++)
        core->sub[k].cleared = false; /* there is something to do: nobody is idle */
    schedule(core);
}

void arch_neuron_core_set_axons(struct arch_neuron_core *core, const uint64_t *axon, sim_cycle now) {
    arch_neuron_core_catch_up(core, now);
    memcpy(core->axon, axon, core->axons / 8);
}

void arch_neuron_core_set_bus(struct arch_neuron_core *core, const int8_t *bus, sim_cycle now) {
    arch_neuron_core_catch_up(core, now);
    memcpy(core->bus, bus, 2 * (size_t)core->neurons);
}
