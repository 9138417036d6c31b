/* SPDX-License-Identifier: MIT
 *
 * One golden case of the Shenjing tile: a folder of inputs and of the register state that the published
 * hardware description showed. The format is described in test/golden/README.md. Every file may be
 * plain or compressed (name.gz).
 */
#ifndef TEST_GOLDEN_CASE_H
#define TEST_GOLDEN_CASE_H

#include "arch/shenjing/isa.h"
#include "sim/base/err.h"

#define GOLDEN_LANES 256 /* axons and neurons */
#define GOLDEN_ROWS 128  /* rows of a sub-core */
#define GOLDEN_IMEM 64
#define GOLDEN_GAP_BITS 8
#define GOLDEN_PROBES_MAX 256

enum golden_signal {
    GOLDEN_PS_OUT_N,
    GOLDEN_PS_OUT_S,
    GOLDEN_PS_OUT_E,
    GOLDEN_PS_OUT_W,
    GOLDEN_SUM_REG,
    GOLDEN_LOCAL_PS,
    GOLDEN_POTENTIAL,
    GOLDEN_WORDS, /* the signals before are 16-bit words, those after bits */
    GOLDEN_SPIKE_OUT_N = GOLDEN_WORDS,
    GOLDEN_SPIKE_OUT_S,
    GOLDEN_SPIKE_OUT_E,
    GOLDEN_SPIKE_OUT_W,
    GOLDEN_AXON_REG,
    GOLDEN_SPIKE,
    GOLDEN_SIGNAL_COUNT
};
extern const char *const golden_signal_name[GOLDEN_SIGNAL_COUNT];

enum golden_control {
    GOLDEN_IM_ADDR,
    GOLDEN_PS_CTL,
    GOLDEN_SPIKE_CTL,
    GOLDEN_CORE_CTL,
    GOLDEN_CONTROL_COUNT
};
extern const char *const golden_control_name[GOLDEN_CONTROL_COUNT];

enum golden_input {
    GOLDEN_IN_SPIKES, /* spike_in_buffer */
    GOLDEN_IN_NOC_SEL,
    GOLDEN_IN_WEIGHT0,
    GOLDEN_IN_WEIGHT1,
    GOLDEN_IN_WEIGHT2,
    GOLDEN_IN_WEIGHT3,
    GOLDEN_IN_THRESHOLD,
    GOLDEN_IN_SUBCORE_SEL,
    GOLDEN_IN_START,
    GOLDEN_IN_READ_OR_WRITE,
    GOLDEN_IN_ADDR_COUNT,
    GOLDEN_IN_INSTR,
    GOLDEN_IN_RSTB,
    GOLDEN_INPUT_COUNT
};

struct golden_tile {
    uint16_t threshold;
    uint8_t subcore_sel;
    uint64_t noc_sel[GOLDEN_LANES / 64];
    struct arch_shenjing_word program[GOLDEN_IMEM];
    int8_t weight[GOLDEN_LANES][GOLDEN_LANES]; /* [axon][neuron] */
};

/* A new value of an input from `cycle` on. */
struct golden_stimulus {
    uint64_t cycle;
    int32_t tile; /* -1: all */
    enum golden_input input;
    uint64_t value[10]; /* least significant word first */
};

/* A new value of a plane, of a vector's hash, or of a control register from `cycle` on. */
struct golden_change {
    uint64_t cycle;
    uint32_t tile;
    uint32_t signal;
    uint32_t plane;
    uint64_t value;
    int line;
};

struct golden_activity {
    uint32_t tile;
    char counter[40];
    uint64_t value;
    int line;
};

struct golden_list {
    void *item;
    size_t count, capacity;
};

struct golden_case {
    char *path;
    uint32_t rows, cols;
    uint64_t cycles;
    uint32_t probe[GOLDEN_PROBES_MAX], probes;
    struct golden_tile *tile;    /* [rows * cols] */
    struct golden_list stimulus; /* struct golden_stimulus, by cycle */
    struct golden_list expected; /* struct golden_change, by cycle: values of probe planes */
    struct golden_list hashes;   /* struct golden_change, by cycle: hashes of all planes */
    struct golden_list control;  /* struct golden_change, by cycle */
    struct golden_list activity; /* struct golden_activity */
};

/* Reads the case in folder `path`; false and messages on a fault. */
bool golden_case_read(struct golden_case *c, const char *path, struct sim_err *err);
void golden_case_release(struct golden_case *c);

/* Whether `path` holds a case. */
bool golden_case_is(const char *path);

/* 64-bit FNV-1a. */
uint64_t golden_hash(const void *bytes, size_t count);

#endif
