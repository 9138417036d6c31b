/* SPDX-License-Identifier: MIT
 *
 * Instruction memory, sequencer and decoder of a Shenjing tile.
 *
 *      cycle                    s           s+1           s+2      s+3+g0
 *      start_instr_b falls      word 0 at   word 0's      -        word 1's
 *                               the memory  control                control
 *
 * The memory is read in every cycle while running, the decoder works on whatever word stands at its
 * output, and there is no halt: a gap of all ones restarts at word 0, otherwise the address wraps after
 * the last word. Word k stands gap(k) + 1 cycles (word 0 one more after a start).
 * The address is the sequencer's OR the host's, so one of the two must be 0.
 * The memory sees the clock enable one cycle late: it is clocked when subcore_sel was not 0 in the cycle
 * before; sequencer and decoder when it is not 0 now.
 *
 * Source: the published SystemVerilog (github.com/Angela-WangBo/Shenjing-RTL), npu.sv.
 */
#ifndef ARCH_SHENJING_SEQUENCER_H
#define ARCH_SHENJING_SEQUENCER_H

#include "arch/shenjing/isa.h"
#include "sim/kernel/component.h"
#include "sim/record/rate.h"

struct sim_arena;

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_SEQUENCER_EVENTS(X)                                                                   \
    X(imem_reads, "reads of the instruction memory")                                               \
    X(imem_writes, "writes of the instruction memory")                                             \
    X(issue_total, "instruction words issued")                                                     \
    X(issue_nop, "words issued: no operation")                                                     \
    X(issue_undefined, "words issued: undefined operation")                                        \
    X(issue_ps, "words issued: partial-sum class")                                                 \
    X(issue_ps_bypass, "partial-sum words that bypass")                                            \
    X(issue_ps_send_sum, "partial-sum words that send the sum")                                    \
    X(issue_ps_send_local, "partial-sum words that send the local partial sum")                    \
    X(issue_ps_sum, "partial-sum words that add")                                                  \
    X(issue_ps_consec, "partial-sum words that hold the sum")                                      \
    X(issue_ps_idle, "partial-sum words that do nothing")                                          \
    X(issue_spike, "words issued: spike class")                                                    \
    X(issue_spike_bypass, "spike words that bypass")                                               \
    X(issue_spike_send, "spike words that send")                                                   \
    X(issue_spike_fire, "spike words that fire")                                                   \
    X(issue_spike_receive, "spike words that receive")                                             \
    X(issue_spike_buffer, "spike words that clear the axon registers")                             \
    X(issue_core, "words issued: core class")                                                      \
    X(issue_core_acc, "core words that accumulate")                                                \
    X(issue_core_ldwt, "core words that load weights")                                             \
    X(issue_core_stop, "core words that stop")                                                     \
    X(imem_q_bits, "bits changed at the instruction memory's output (with count_toggles)")

/* Event numbers within the sequencer; the owner adds the number of its first one. */
enum arch_sequencer_event {
#define ARCH_SEQUENCER_EVENT_NAME(name, help) ARCH_SEQUENCER_EVENT_##name,
    ARCH_SEQUENCER_EVENTS(ARCH_SEQUENCER_EVENT_NAME)
#undef ARCH_SEQUENCER_EVENT_NAME
    ARCH_SEQUENCER_EVENT_COUNT
};

/* The host's side. */
struct arch_sequencer_pins {
    bool start_instr_b; /* 0: run, or load the memory */
    bool read_or_write; /* 1: read and run; 0: write instr_in at addr_count */
    uint16_t addr_count;
    struct arch_shenjing_word instr_in;
};

struct arch_sequencer_spec {
    uint32_t words, gap_bits;
    bool count_toggles;
};

/* Invariant: every cycle before `next` that has passed changes nothing but the gap counter. */
struct arch_sequencer {
    struct sim_component *owner; /* counts the events */
    uint32_t first_event;
    uint32_t words;         /* of the memory: a power of two */
    uint16_t gap_restart;   /* all ones in gap_bits: restarts, and masks the gap counter */
    bool count_toggles;
    struct arch_shenjing_word *memory; /* [words] */
    struct arch_shenjing_word q;       /* memory output */
    struct arch_sequencer_pins pins;   /* inputs of cycle `next` and of those behind it, like the two below */
    bool selected, last_selected;      /* subcore_sel is not 0, in this cycle and the one before */
    bool in_reset;
    bool start_r, read_r;   /* registered start_instr_b and read_or_write */
    bool issued;            /* the present word has been counted */
    bool counting;          /* the gap counter runs from gap_at on */
    bool fetching;          /* cycle `next` reads the word after the present one */
    uint8_t unsettled;      /* cycles to be executed one by one, because an input has changed */
    uint32_t address;
    uint16_t gap;           /* the gap counter in cycle gap_at */
    sim_cycle gap_at;
    sim_cycle next;         /* next cycle to be executed, or SIM_NEVER */
    uint16_t ps_op, spike_op, core_op; /* control registers: op bits of the last word of each class */
    struct sim_rate read_rate, write_rate;
};

/* Memory all no-operation, registers 0, not selected. */
void arch_sequencer_init(struct arch_sequencer *sequencer, const struct arch_sequencer_spec *spec,
                         struct sim_component *owner, uint32_t first_event, struct sim_arena *arena);

/* The inputs of cycle `now` and later; cycles before have been executed where necessary. */
void arch_sequencer_set_inputs(struct arch_sequencer *sequencer, const struct arch_sequencer_pins *pins,
                               bool selected, bool in_reset, sim_cycle now);

/* Executes cycle `now`, which is `next`: the control registers show their value from now + 1 on. */
void arch_sequencer_cycle(struct arch_sequencer *sequencer, sim_cycle now);

/* The first cycle (> now, the last one that has passed) from which a control register of a class in
 * `classes` (bit 1 << class) may show another value, or SIM_NEVER; may be too early, never too late. */
sim_cycle arch_sequencer_wake(const struct arch_sequencer *sequencer, uint32_t classes);

void arch_sequencer_settle(struct arch_sequencer *sequencer, sim_cycle now);

#ifdef __cplusplus
}
#endif

#endif
