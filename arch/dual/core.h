/* SPDX-License-Identifier: MIT
 *
 * A core that runs its share of a layer either as a spiking or as a quantised network.
 *
 *                      +---------+    +----------+    +-------------------+
 *     streams -------->| input   |--->| weight   |--->| adders (SNN)      |--> neurons --> streams
 *     events, frames   | buffers |    | memory   |    | multipliers (QNN) |
 *                      +---------+    +----------+    +-------------------+
 *
 * A step, from the barrier's tick on; what arrived since the last tick is what it works on:
 *
 *     tick   start   rows that count, `lanes` synapses at a time   neurons, `lanes` at a time   streams leave
 *            |-------|---------------------------------------------|----------------------------|----->
 *
 * SNN, integrate and fire: one step a timestep. A spike adds its row of weights. Events read a row each time
 * (`spike`), from a buffer of the last rows when it is there (`row`), or once a window (`window`); bitmaps
 * read all rows in each timestep (`step`) or once a window. Every neuron's potential is read, compared and
 * written in each timestep. SNN, sum and fire (SSF): spikes are counted over the window, then each active
 * row is read once, added as often as it spiked, and the neurons fire for T steps on that constant sum,
 * with thresholds T times as high. QNN: one step an inference. All rows are read once, those of
 * activations that are zero are not multiplied; the quantiser compares b times.
 *
 * A layer that is cut over the inputs is a group: all but one core send their sums to the root, which adds
 * them one step later and fires.
 *
 * A layer that reads several others, near and far from the input, waits for the last of them: what comes by
 * the shorter ways stays in the input buffers for as many ticks (`delay`), one buffer for each.
 *
 * Rows of a convolution have as many synapses as its windows reach (`synapses`), and each of them reads its
 * weight: one that serves several places is read for each. Synapses without weights of their own (pooling,
 * identity) read nothing, and as a QNN add: their one scale is wired.
 *
 * A share without weights (`weight` NULL) is counted, not computed.
 *
 * Not modelled: biases, control, overlap of arrival and computation, clock trees, leakage (unless priced).
 */
#ifndef ARCH_DUAL_CORE_H
#define ARCH_DUAL_CORE_H

#include "arch/core/barrier.h"
#include "arch/dual/stream_sender.h"
#include "sim/config/param.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Multiplications are counted by their widths: activation bits x weight bits. */
#define ARCH_DUAL_CORE_EVENTS(X)                                                                             \
    X(TICK, tick, "a step began")                                                                            \
    X(EVENT_IN, event_in, "a spike arrived as an event")                                                     \
    X(FRAME_IN, frame_in, "an entry of a frame arrived: a flag or an activation")                            \
    X(SUM_IN, sum_in, "a partial sum arrived and was added")                                                 \
    X(REGISTER_BITS, register_bits, "a bit of a weight was read from a register file")                       \
    X(SRAM_BITS, sram_bits, "a bit of a weight was read from SRAM")                                          \
    X(DRAM_BITS, dram_bits, "a bit of a weight was read from DRAM")                                          \
    X(ACCUMULATE, accumulate, "an addition: a weight to a sum, a sum to a potential")                        \
    X(MAC_1X4, mac_1x4, "a multiply-accumulate, 1-bit activation, 4-bit weight")                             \
    X(MAC_2X4, mac_2x4, "a multiply-accumulate, 2-bit activation, 4-bit weight")                             \
    X(MAC_3X4, mac_3x4, "a multiply-accumulate, 3-bit activation, 4-bit weight")                             \
    X(MAC_4X4, mac_4x4, "a multiply-accumulate, 4-bit activation, 4-bit weight")                             \
    X(MAC_1X8, mac_1x8, "a multiply-accumulate, 1-bit activation, 8-bit weight")                             \
    X(MAC_2X8, mac_2x8, "a multiply-accumulate, 2-bit activation, 8-bit weight")                             \
    X(MAC_3X8, mac_3x8, "a multiply-accumulate, 3-bit activation, 8-bit weight")                             \
    X(MAC_4X8, mac_4x8, "a multiply-accumulate, 4-bit activation, 8-bit weight")                             \
    X(MAC_BITS, mac_bits, "other widths: activation bits x weight bits of a multiply-accumulate")            \
    X(GATED, gated, "a multiply-accumulate was left out: the activation is zero")                            \
    X(POTENTIAL_READ, potential_read, "a membrane potential was read")                                       \
    X(POTENTIAL_WRITE, potential_write, "a membrane potential was written")                                  \
    X(COMPARE, compare, "a comparison with a threshold")                                                     \
    X(SUBTRACT, subtract, "a threshold was subtracted")                                                      \
    X(FIRE, fire, "a neuron fired")

#define ARCH_DUAL_CORE_EVENT_ENUM(NAME, name, help) ARCH_DUAL_CORE_##NAME,
enum arch_dual_core_event { ARCH_DUAL_CORE_EVENTS(ARCH_DUAL_CORE_EVENT_ENUM) ARCH_DUAL_CORE_EVENT_COUNT };

extern const struct sim_type arch_dual_core_type;

enum arch_dual_memory { ARCH_DUAL_REGISTER, ARCH_DUAL_SRAM, ARCH_DUAL_DRAM, ARCH_DUAL_MEMORY_COUNT };
enum arch_dual_event_reads { ARCH_DUAL_READ_SPIKE, ARCH_DUAL_READ_ROW, ARCH_DUAL_READ_WINDOW };
enum arch_dual_frame_reads { ARCH_DUAL_FRAME_STEP, ARCH_DUAL_FRAME_WINDOW };

#define ARCH_DUAL_ROW_BUFFER_MAX 64u

struct arch_dual_core_spec {
    uint32_t axons, neurons; /* most of a share */
    uint32_t weight_bits, potential_bits, sum_bits;
    int neuron;              /* enum arch_dual_neuron */
    int weight_memory;       /* enum arch_dual_memory */
    double weight_memory_b;  /* bytes; 0: axons x neurons x weight_bits */
    int event_reads, frame_reads;
    uint32_t row_buffer;     /* rows, for event_reads `row` */
    uint32_t lanes, start_cycles;
};

extern const struct sim_schema arch_dual_core_schema;

/* Axons from `key` on, to the next input's, are those of one operand, which comes `delay` ticks early. */
struct arch_dual_input {
    uint32_t key, delay;
};

/* What a core is loaded with. */
struct arch_dual_core_load {
    uint32_t axons, neurons;
    const int8_t *weight;     /* weight[axon * stride + neuron]; NULL: only counted */
    size_t stride;
    const uint64_t *synapses; /* [axons + 1] synapses of the rows before; NULL: `neurons` a row */
    const uint64_t *weighted; /* [axons + 1] those with a weight of their own; NULL: all */
    int32_t threshold;
    bool soft;                /* reset subtracts the threshold */
    bool partial;             /* sends its sums to the root of its group */
    bool root;                /* waits for the sums of others */
    const struct arch_dual_input *input; /* [inputs] by ascending key; the first is 0 */
    uint32_t inputs;          /* 0: one, without delay */
    uint32_t delay_most;      /* over all executions */
    uint32_t offset;          /* the tick of its first step, set by the execution */
};

/* What arrived for one step, and what it costs. */
struct arch_dual_arrivals {
    uint64_t *flag;          /* [words] spikes, or activations that are not zero */
    uint8_t *level;          /* [axons] levels; of SSF spikes so far (only those of buffer 0) */
    uint64_t synapses_read;  /* by the policies */
    uint64_t synapses_added; /* synapses of spikes or of activations that are not zero */
    uint64_t synapses_multiplied; /* of them those with a weight of their own */
    uint64_t synapses_gated; /* of activations that are zero */
    uint64_t rows_passed;    /* synapses that the lanes step over */
};

/* Invariant: what the next step works on is in buffer `filling`, what comes d ticks early d buffers on, in a
 * ring. Sum and fire counts over the whole window, whenever a spike comes: it needs buffer 0 only. */
struct arch_dual_core {
    struct sim_component base;
    const struct arch_dual_core_spec *spec;
    struct arch_dual_core_load load;
    struct arch_barrier_port barrier;
    struct arch_stream_sender sender;
    /* The execution. */
    int mode; /* enum arch_dual_mode */
    uint32_t timesteps, bits;
    /* Arrivals. */
    uint32_t words, filling, buffers;
    struct arch_dual_arrivals *arrivals; /* [buffers] */
    int32_t *arrived_sum;                /* [neurons] */
    uint64_t *fetched;                   /* [words] rows that have been read in this window */
    uint32_t buffered[ARCH_DUAL_ROW_BUFFER_MAX], buffer_next; /* axon + 1 */
    /* Neurons. */
    int32_t *input, *potential; /* [neurons] */
    uint64_t *fired;
    uint8_t *output;            /* [neurons] levels */
    uint64_t received;
    bool busy;
    sim_cycle ready; /* the streams of the step may leave from here on */
};

/* Allocates what a share of this size needs, in either mode. */
void arch_dual_core_init(struct arch_dual_core *core, const struct arch_dual_core_spec *spec,
                         const struct arch_dual_core_load *load, struct sim_arena *arena);

/* Sets what is executed, before the run. */
void arch_dual_core_execute(struct arch_dual_core *core, int mode, uint32_t timesteps);

/* Steps of a sample, and those between a step's input and what leaves after it. */
uint32_t arch_dual_core_steps(const struct arch_dual_core *core);
uint32_t arch_dual_core_lag(const struct arch_dual_core *core);

#ifdef __cplusplus
}
#endif

#endif
