/* SPDX-License-Identifier: MIT
 *
 * Sequencer; see sequencer.h. A cycle is executed only when a word is fetched, when the gap counter
 * reaches the gap, and in the first cycles after an input has changed; in all others the memory reads the
 * same word again, the decoder repeats it, and the gap counter advances.
 */
#include "arch/shenjing/sequencer.h"

#include "sim/base/arena.h"

#include <string.h>

#define EVENT(sequencer, name) ((sequencer)->first_event + ARCH_SEQUENCER_EVENT_##name)

/* After a change of an input the registered pins, the delayed memory clock and the address need this many
 * cycles to come to rest. */
#define UNSETTLED_CYCLES 3

void arch_sequencer_init(struct arch_sequencer *sequencer, const struct arch_sequencer_spec *spec,
                         struct sim_component *owner, uint32_t first_event, struct sim_arena *arena) {
    memset(sequencer, 0, sizeof *sequencer);
    sequencer->owner = owner;
    sequencer->first_event = first_event;
    sequencer->words = spec->words;
    sequencer->gap_restart = arch_shenjing_gap_restart(spec->gap_bits);
    sequencer->count_toggles = spec->count_toggles;
    sequencer->memory = SIM_NEW_ARRAY(arena, struct arch_shenjing_word, spec->words);
    for (uint32_t i = 0; i < spec->words; i++)
        sequencer->memory[i] = arch_shenjing_word_nop(0);
    sequencer->q = arch_shenjing_word_nop(sequencer->gap_restart - 1u);
    sequencer->last_selected = true;
    sequencer->unsettled = UNSETTLED_CYCLES;
}

void arch_sequencer_set_inputs(struct arch_sequencer *sequencer, const struct arch_sequencer_pins *pins,
                               bool selected, bool in_reset, sim_cycle now) {
    sequencer->pins = *pins;
    sequencer->selected = selected;
    sequencer->in_reset = in_reset;
    sequencer->unsettled = UNSETTLED_CYCLES;
    sequencer->next = now;
    sequencer->fetching = false;
}

#define ISSUE(name, condition) ((uint32_t)((condition) != 0) << ARCH_SEQUENCER_EVENT_##name)

/* The events of issuing a word: a set of event numbers. */
static uint32_t issue_events(uint32_t op) {
    switch (arch_shenjing_op_class(op)) {
    case ARCH_SHENJING_CLASS_PS: {
        struct noc_ps_control c = arch_shenjing_op_ps(op);
        return ISSUE(issue_ps, true) | ISSUE(issue_ps_bypass, c.bypass) |
               ISSUE(issue_ps_send_sum, c.send_sum && !c.bypass) |
               ISSUE(issue_ps_send_local, c.send_local && !c.send_sum && !c.bypass) |
               ISSUE(issue_ps_sum, c.add && !c.consec) | ISSUE(issue_ps_consec, c.consec) |
               ISSUE(issue_ps_idle, !(c.bypass || c.send_sum || c.send_local || c.add || c.consec));
    }
    case ARCH_SHENJING_CLASS_SPIKE: {
        struct noc_spike_control c = arch_shenjing_op_spike(op);
        return ISSUE(issue_spike, true) | ISSUE(issue_spike_bypass, c.bypass) |
               ISSUE(issue_spike_send, c.send && !c.bypass) | ISSUE(issue_spike_fire, c.fire) |
               ISSUE(issue_spike_receive, !(c.bypass || c.send || c.buffer)) |
               ISSUE(issue_spike_buffer, c.buffer);
    }
    case ARCH_SHENJING_CLASS_CORE:
        return ISSUE(issue_core, true) | ISSUE(issue_core_acc, op & 0x0f) |
               ISSUE(issue_core_ldwt, op & 0xf0) | ISSUE(issue_core_stop, (op & 0xff) == 0);
    default:
        return ISSUE(issue_nop, op == ARCH_SHENJING_OP_NOP) |
               ISSUE(issue_undefined, op != ARCH_SHENJING_OP_NOP);
    }
}

static void count_issue(struct arch_sequencer *s, sim_cycle now) {
    uint32_t events = issue_events(s->q.op) | ISSUE(issue_total, true);
    _Static_assert(ARCH_SEQUENCER_EVENT_COUNT <= 32, "a set of events is a 32-bit word");
    for (; events != 0; events &= events - 1)
        sim_count(s->owner, s->first_event + (uint32_t)__builtin_ctz(events), 1, now, 1);
}

/* A word appears at the output of the memory. */
static void show_word(struct arch_sequencer *s, struct arch_shenjing_word word, sim_cycle now) {
    if (s->count_toggles) {
        uint32_t bits = (uint32_t)__builtin_popcount((uint32_t)(word.op ^ s->q.op)) +
                        (uint32_t)__builtin_popcount((uint32_t)(word.gap ^ s->q.gap));
        sim_count(s->owner, EVENT(s, imem_q_bits), bits, now, 1);
    }
    s->q = word;
    if (!s->issued && !s->in_reset) {
        count_issue(s, now);
        s->issued = true;
    }
}

static void clock_memory(struct arch_sequencer *s, sim_cycle now) {
    bool clocked = s->last_selected && !s->pins.start_instr_b, reads = s->pins.read_or_write;
    uint32_t address = (s->address | s->pins.addr_count) & (s->words - 1);
    sim_rate_set(&s->read_rate, s->owner, EVENT(s, imem_reads), clocked && reads, now);
    sim_rate_set(&s->write_rate, s->owner, EVENT(s, imem_writes), clocked && !reads, now);
    if (s->pins.start_instr_b || !reads)
        s->issued = false;
    if (!clocked)
        return;
    if (!reads) {
        s->memory[address] = s->pins.instr_in;
        return;
    }
    show_word(s, s->memory[address], now);
}

static uint16_t gap_counter(const struct arch_sequencer *s, sim_cycle now) {
    return (uint16_t)(s->counting ? (s->gap + (now - s->gap_at)) & s->gap_restart : s->gap);
}

static void decode(struct arch_sequencer *s) {
    switch (arch_shenjing_op_class(s->q.op)) {
    case ARCH_SHENJING_CLASS_PS:
        s->ps_op = s->q.op & 0x3ff;
        break;
    case ARCH_SHENJING_CLASS_SPIKE:
        s->spike_op = s->q.op & 0x3fe;
        break;
    case ARCH_SHENJING_CLASS_CORE:
        s->core_op = s->q.op & 0xff;
        break;
    default:
        break;
    }
}

/* The edge of sequencer and decoder. */
static void clock_registers(struct arch_sequencer *s, uint16_t gap) {
    s->gap = gap;
    if (!s->selected)
        return;
    if (s->in_reset) {
        s->start_r = s->read_r = s->issued = false;
        s->address = s->gap = 0;
        s->ps_op = s->spike_op = s->core_op = 0;
        return;
    }
    bool running = !s->start_r && s->read_r;
    s->start_r = s->pins.start_instr_b;
    s->read_r = s->pins.read_or_write;
    decode(s);
    s->gap = 0;
    if (!running) {
        s->address = 0;
    } else if (s->q.gap == s->gap_restart) {
        if (s->address != 0)
            s->issued = false;
        s->address = 0;
    } else if (gap == s->q.gap) {
        s->issued = false;
        s->address = (s->address + 1) & (s->words - 1);
    } else {
        s->gap = (gap + 1) & s->gap_restart;
    }
}

/* Any cycle, from the rules. */
static void execute(struct arch_sequencer *s, sim_cycle now) {
    uint32_t address = s->address;
    clock_memory(s, now);
    clock_registers(s, gap_counter(s, now));
    s->last_selected = s->selected;
    s->gap_at = now + 1;
    bool running = s->selected && !s->in_reset && !s->start_r && s->read_r;
    s->counting = running && s->q.gap != s->gap_restart;
    s->fetching = running && s->address != address;
    if (s->unsettled > 0 || s->address != address) {
        s->unsettled = (uint8_t)(s->unsettled > 0 ? s->unsettled - 1 : 0);
        s->next = now + 1;
    } else if (s->counting) {
        s->next = now + 1 + ((s->q.gap - s->gap) & s->gap_restart);
    } else {
        s->next = SIM_NEVER;
    }
}

/* The edge at which a running sequencer goes on to the next word. */
static void leave_word(struct arch_sequencer *s, sim_cycle now) {
    uint32_t next = s->q.gap == s->gap_restart ? 0 : (s->address + 1) & (s->words - 1);
    s->issued = s->issued && next == s->address;
    s->fetching = next != s->address;
    s->counting = s->q.gap != s->gap_restart;
    s->address = next;
    s->gap = 0;
    s->gap_at = now + 1;
    s->next = s->fetching ? now + 1 : SIM_NEVER;
}

/* The first cycle of a word while running undisturbed; the gap counter is 0. */
static void enter_word(struct arch_sequencer *s, sim_cycle now) {
    show_word(s, s->memory[s->address], now);
    decode(s);
    if (s->q.gap == 0 || s->q.gap == s->gap_restart) {
        leave_word(s, now);
        return;
    }
    s->fetching = false;
    s->counting = true;
    s->gap_at = now;
    s->next = now + s->q.gap;
}

void arch_sequencer_cycle(struct arch_sequencer *s, sim_cycle now) {
    bool undisturbed = s->unsettled == 0 && s->pins.addr_count == 0;
    if (undisturbed && s->fetching)
        enter_word(s, now);
    else if (undisturbed && s->counting && gap_counter(s, now) == s->q.gap)
        leave_word(s, now);
    else
        execute(s, now);
}

static bool changes(const struct arch_sequencer *s, uint32_t op, uint32_t classes) {
    enum arch_shenjing_class class = arch_shenjing_op_class(op);
    if ((classes >> class & 1) == 0)
        return false;
    switch (class) {
    case ARCH_SHENJING_CLASS_PS:
        return (op & 0x3ff) != s->ps_op;
    case ARCH_SHENJING_CLASS_SPIKE:
        return (op & 0x3fe) != s->spike_op;
    case ARCH_SHENJING_CLASS_CORE:
        return (op & 0xff) != s->core_op;
    default:
        return false;
    }
}

sim_cycle arch_sequencer_wake(const struct arch_sequencer *s, uint32_t classes) {
    if (s->next == SIM_NEVER)
        return SIM_NEVER;
    bool advancing = s->counting && gap_counter(s, s->next) == s->q.gap;
    if (s->unsettled > 0 || s->pins.addr_count != 0 || !(s->fetching || advancing))
        return s->next + 1;
    sim_cycle fetch = s->fetching ? s->next : s->next + 1;
    uint32_t address = s->fetching ? s->address : (s->address + 1) & (s->words - 1);
    for (uint32_t i = 0; i < s->words; i++) {
        struct arch_shenjing_word word = s->memory[address];
        if (changes(s, word.op, classes))
            return fetch + 1;
        bool restart = word.gap == s->gap_restart;
        fetch += restart ? 1 : word.gap + 1u;
        address = restart ? 0 : (address + 1) & (s->words - 1);
    }
    return SIM_NEVER; /* no word of the loop does */
}

void arch_sequencer_settle(struct arch_sequencer *s, sim_cycle now) {
    sim_rate_settle(&s->read_rate, s->owner, EVENT(s, imem_reads), now);
    sim_rate_settle(&s->write_rate, s->owner, EVENT(s, imem_writes), now);
}
