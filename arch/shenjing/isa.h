/* SPDX-License-Identifier: MIT
 *
 * Instruction words of the Shenjing tile.
 *
 * A word is a 12-bit operation and a gap. Bits 11..10 choose the class; the fields of a class stay in
 * its control register until the next word of the same class, so a partial-sum and a spike action
 * overlap although only one word issues at a time:
 *
 *      11 10   9           8         7 6        5 4 3     2    1       0
 *       0  0   send_local  send_sum  in         out       add  consec  bypass    partial-sum routers
 *       0  1   buffer      fire      source send in  out(3..2) bypass  -         spike routers
 *       1  0   -           -         start_weight (7..4)  start_mac (3..0)       neuron core
 *       1  1   no operation (the canonical one is fff)
 *
 * A word stands gap + 1 cycles; a gap of all ones means that word 0 follows in the next cycle. In the
 * instruction memory a word is op << gap_bits | gap.
 *
 * Source: the published SystemVerilog of the tile (github.com/Angela-WangBo/Shenjing-RTL).
 */
#ifndef ARCH_SHENJING_ISA_H
#define ARCH_SHENJING_ISA_H

#include "noc/shenjing/ps_router.h"
#include "noc/shenjing/spike_router.h"
#include "noc/topology/mesh_port.h"

#include <assert.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ARCH_SHENJING_OP_BITS 12u

struct arch_shenjing_word {
    uint16_t op;  /* ARCH_SHENJING_OP_BITS */
    uint16_t gap; /* gap_bits bit; all ones: restart at word 0 in the next cycle */
};

enum arch_shenjing_class {
    ARCH_SHENJING_CLASS_PS,
    ARCH_SHENJING_CLASS_SPIKE,
    ARCH_SHENJING_CLASS_CORE,
    ARCH_SHENJING_CLASS_NONE,
    ARCH_SHENJING_CLASS_COUNT
};

#define ARCH_SHENJING_OP_NOP 0xfffu

static inline enum arch_shenjing_class arch_shenjing_op_class(uint32_t op) {
    return (enum arch_shenjing_class)(op >> 10 & 3);
}

/* The restart gap of `gap_bits`-bit gaps. */
static inline uint16_t arch_shenjing_gap_restart(uint32_t gap_bits) {
    return (uint16_t)((1u << gap_bits) - 1);
}

static inline struct arch_shenjing_word arch_shenjing_word_op(uint32_t op, uint32_t gap) {
    struct arch_shenjing_word word = {(uint16_t)op, (uint16_t)gap};
    return word;
}

static inline struct arch_shenjing_word arch_shenjing_word_nop(uint32_t gap) {
    return arch_shenjing_word_op(ARCH_SHENJING_OP_NOP, gap);
}

static inline struct arch_shenjing_word arch_shenjing_word_ps(struct noc_ps_control c, uint32_t gap) {
    assert(c.in < NOC_PORT_COUNT && c.out < 8);
    uint32_t op = (uint32_t)c.send_local << 9 | (uint32_t)c.send_sum << 8 | (uint32_t)c.in << 6 |
                  (uint32_t)c.out << 3 | (uint32_t)c.add << 2 | (uint32_t)c.consec << 1 |
                  (uint32_t)c.bypass;
    return arch_shenjing_word_op(op, gap);
}

static inline struct arch_shenjing_word arch_shenjing_word_spike(struct noc_spike_control c,
                                                                 uint32_t gap) {
    assert(c.in < NOC_PORT_COUNT && c.out < NOC_PORT_COUNT);
    uint32_t op = 1u << 10 | (uint32_t)c.buffer << 9 | (uint32_t)c.fire << 8 |
                  (uint32_t)c.from_sum << 7 | (uint32_t)c.send << 6 | (uint32_t)c.in << 4 |
                  (uint32_t)c.out << 2 | (uint32_t)c.bypass << 1;
    return arch_shenjing_word_op(op, gap);
}

/* start_weight, start_mac: one bit for each sub-core (0, 2: neurons of the lower half, axons of the
 * lower and upper half; 1, 3: neurons of the upper half). */
static inline struct arch_shenjing_word arch_shenjing_word_core(uint32_t start_weight,
                                                                uint32_t start_mac, uint32_t gap) {
    assert(start_weight < 16 && start_mac < 16);
    return arch_shenjing_word_op(2u << 10 | start_weight << 4 | start_mac, gap);
}

static inline struct noc_ps_control arch_shenjing_op_ps(uint32_t op) {
    struct noc_ps_control c;
    c.send_local = (op >> 9 & 1) != 0;
    c.send_sum = (op >> 8 & 1) != 0;
    c.add = (op >> 2 & 1) != 0;
    c.consec = (op >> 1 & 1) != 0;
    c.bypass = (op & 1) != 0;
    c.in = (uint8_t)(op >> 6 & 3);
    c.out = (uint8_t)(op >> 3 & 7);
    return c;
}

static inline struct noc_spike_control arch_shenjing_op_spike(uint32_t op) {
    struct noc_spike_control c;
    c.buffer = (op >> 9 & 1) != 0;
    c.fire = (op >> 8 & 1) != 0;
    c.from_sum = (op >> 7 & 1) != 0;
    c.send = (op >> 6 & 1) != 0;
    c.bypass = (op >> 1 & 1) != 0;
    c.in = (uint8_t)(op >> 4 & 3);
    c.out = (uint8_t)(op >> 2 & 3);
    return c;
}

#ifdef __cplusplus
}
#endif

#endif
