/* SPDX-License-Identifier: MIT
 *
 * The native engine: sim_kernel_run, in slices of one stepped cycle when somebody watches.
 */
#include "sim/kernel/engine.h"

static bool native_open(struct sim_engine *engine, struct sim_err *err) {
    (void)engine;
    (void)err;
    return true;
}

/* The end of a slice in which at most one cycle is stepped. */
static sim_cycle end_of_slice(const struct sim_kernel *kernel, sim_cycle until) {
    sim_cycle next = kernel->now;
    if (kernel->now != 0 && kernel->spec.order == SIM_ORDER_SPARSE)
        next = sim_wheel_next(&kernel->wheel);
    return next < until ? next + 1 : until;
}

static enum sim_stop run_watched(struct sim_engine *engine, sim_cycle until) {
    struct sim_kernel *kernel = engine->kernel;
    enum sim_stop stop;
    do {
        uint64_t steps = kernel->steps;
        stop = sim_kernel_run(kernel, end_of_slice(kernel, until));
        if (kernel->steps != steps)
            engine->watch(engine->watcher, kernel->now - 1);
    } while (stop == SIM_STOP_TIME && kernel->now < until);
    return stop;
}

static bool native_run(struct sim_engine *engine, sim_cycle until, enum sim_stop *stop, struct sim_err *err) {
    (void)err;
    *stop = engine->watch != NULL ? run_watched(engine, until) : sim_kernel_run(engine->kernel, until);
    return true;
}

static void native_close(struct sim_engine *engine) { (void)engine; }

const struct sim_engine_type sim_engine_native = {
    .name = "native",
    .open = native_open,
    .run = native_run,
    .close = native_close,
};
