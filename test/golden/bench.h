/* SPDX-License-Identifier: MIT
 *
 * A mesh of Shenjing tiles on the bench: tiles, links, and a host component that drives their input wires
 * from a source of stimuli. The golden replay, the differential test and the speed measurement share it.
 */
#ifndef TEST_GOLDEN_BENCH_H
#define TEST_GOLDEN_BENCH_H

#include "sim/kernel/kernel.h"
#include "test/golden/naive.h"

/* Where stimuli come from. `advance` changes inputs[tile] to their values of `cycle`, marks the changes, and
 * returns the next cycle at which any of them changes, or SIM_NEVER; it is called for cycle 0 and then for
 * each such cycle, once. */
struct bench_source {
    sim_cycle (*advance)(struct bench_source *source, sim_cycle cycle, struct naive_inputs *inputs);
};

struct bench_spec {
    struct arch_shenjing_tile_spec tile;
    struct sim_kernel_spec kernel;
    const struct sim_lanes *lanes; /* NULL: as chosen at start-up */
    uint32_t rows, cols;
};

struct bench {
    struct sim_component host;
    struct bench_spec spec;
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct arch_shenjing_tile *tile; /* [rows * cols] */
    struct bench_source *source;
    struct naive_inputs *inputs; /* [rows * cols] */
    sim_cycle next;              /* next cycle with other inputs */
};

/* Tiles, links and host. The caller loads programs and weights, then calls bench_start. */
void bench_init(struct bench *bench, const struct bench_spec *spec);

/* Takes the inputs of cycle 0 from `source` and starts the kernel. */
void bench_start(struct bench *bench, struct bench_source *source);

void bench_release(struct bench *bench);

/* Runs to cycle `until`; the outputs can be read, registers only after bench_settle. */
void bench_run(struct bench *bench, sim_cycle until);
void bench_settle(struct bench *bench);

#endif
