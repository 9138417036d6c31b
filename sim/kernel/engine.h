/* SPDX-License-Identifier: MIT
 *
 * An engine calls the step functions of a kernel's components, each cycle those that are due.
 *
 *   native     the loop of sim/kernel/kernel.c
 *   SystemC    one sc_module a component (sim/sc/engine.h)
 *
 * Both drive the very same components and links; that they share no scheduling code and yet agree on every
 * cycle is law L6. Life:  (sim_kernel_start) -> open -> run ... -> close. Between runs the kernel is as
 * sim_kernel_run leaves it: it may be settled, audited, explained, poked.
 *
 * A watcher is called after the steps of each cycle in which anybody stepped: waveforms (sim/kernel/vcd.h).
 */
#ifndef SIM_KERNEL_ENGINE_H
#define SIM_KERNEL_ENGINE_H

#include "sim/base/err.h"
#include "sim/kernel/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_engine;

struct sim_engine_type {
    const char *name;
    /* Takes a started kernel over. False and messages: the engine cannot do what kernel->spec asks. */
    bool (*open)(struct sim_engine *engine, struct sim_err *err);
    /* As sim_kernel_run, with the answer in *stop. False and messages when the engine itself fails. */
    bool (*run)(struct sim_engine *engine, sim_cycle until, enum sim_stop *stop, struct sim_err *err);
    /* Gives the kernel back. */
    void (*close)(struct sim_engine *engine);
};

struct sim_engine {
    const struct sim_engine_type *type;
    struct sim_kernel *kernel;
    void *state; /* the engine's own */
    void (*watch)(void *user, sim_cycle now);
    void *watcher;
};

extern const struct sim_engine_type sim_engine_native;

static inline bool sim_engine_open(struct sim_engine *engine, const struct sim_engine_type *type,
                                   struct sim_kernel *kernel, struct sim_err *err) {
    engine->type = type;
    engine->kernel = kernel;
    engine->state = NULL;
    engine->watch = NULL;
    return type->open(engine, err);
}

static inline bool sim_engine_run(struct sim_engine *engine, sim_cycle until, enum sim_stop *stop,
                                  struct sim_err *err) {
    return engine->type->run(engine, until, stop, err);
}

static inline void sim_engine_close(struct sim_engine *engine) { engine->type->close(engine); }

#ifdef __cplusplus
}
#endif

#endif
