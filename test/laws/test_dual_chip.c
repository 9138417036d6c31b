/* SPDX-License-Identifier: MIT
 *
 * The laws over random dual chips: a synthetic layer on a random chip, as SNN or as QNN.
 */
#include "arch/dual/layer.h"
#include "sim/base/rng.h"
#include "sim/config/bind.h"
#include "test/laws/harness.h"

#include <math.h>

static uint32_t draw(uint64_t *rng, uint32_t n) { return (uint32_t)sim_rng_below(rng, n); }

static void bind_chip(struct arch_dual_chip_spec *spec, uint64_t *rng, struct sim_arena *arena) {
    static const char *const movement[] = {"sparse", "dense", "auto"}, *const reads[] = {"spike", "row",
                                                                                         "window"};
    struct sim_arena texts;
    struct sim_err err;
    sim_arena_init(&texts);
    sim_err_init(&err);
    const char *text = sim_arena_format(
        &texts,
        "{cores_per_tile: %u, movement: %s, delivery: %s, event_bits: %u, event_cycles: %u, frame_bits: %u, "
        "hop_cycles: %u, buffer_streams: %u, core: {axons: %u, neurons: %u, neuron: %s, event_reads: %s, "
        "frame_reads: %s, lanes: %u, weight_bits: 4}}",
        1 + draw(rng, 3), movement[draw(rng, 3)], draw(rng, 2) ? "neuron" : "core", 1 + draw(rng, 9),
        1 + draw(rng, 3), 8 + draw(rng, 60), 1 + draw(rng, 4), 1u << draw(rng, 3), 30 + draw(rng, 200),
        5 + draw(rng, 30), draw(rng, 3) ? "if" : "ssf", reads[draw(rng, 3)], draw(rng, 2) ? "step" : "window",
        1 + draw(rng, 80));
    struct sim_binding binding = {.arena = arena, .err = &err};
    ck_assert(sim_bind_text(&binding, &arch_dual_chip_schema, text, spec));
    sim_err_release(&err);
    sim_arena_release(&texts);
}

static void *build(struct sim_kernel *kernel, uint64_t seed) {
    static const struct arch_dual_costs costs = {12, 1, 1};
    uint64_t rng = sim_rng_stream(seed, 31);
    struct sim_arena *arena = kernel->arena;
    struct arch_dual_chip_spec *spec = SIM_NEW(arena, struct arch_dual_chip_spec);
    struct arch_dual_system *system = SIM_NEW(arena, struct arch_dual_system);
    struct arch_dual_activity *activity = SIM_NEW(arena, struct arch_dual_activity);
    bind_chip(spec, &rng, arena);
    struct arch_dual_layer layer = {
        .fan_in = 1 + draw(&rng, 300),
        .fan_out = 1 + draw(&rng, 60),
        .timesteps = 1 + draw(&rng, 6),
        .rate = sim_rng_real(&rng) / 2,
        .density = NAN,
        .hops = draw(&rng, 5) / 2.0,
        .seed = seed,
    };
    struct sim_err err;
    sim_err_init(&err);
    ck_assert(arch_dual_layer_check(&layer, spec, NULL, &err));
    sim_err_release(&err);
    struct arch_dual_plan *plan = arch_dual_layer_plan(&layer, spec, arena, activity);
    arch_dual_system_build(system, spec, plan, kernel);
    arch_dual_system_execute(system, (int)draw(&rng, ARCH_DUAL_MODE_COUNT), layer.timesteps, &costs);
    arch_dual_system_begin(system, kernel, activity->train);
    return system;
}

/* No stream is lost: what hosts and cores sent is what they received, once all have. */
static bool conservation(const void *system_, const struct sim_kernel *kernel, struct sim_err *err) {
    const struct arch_dual_system *system = system_;
    uint64_t sent = 0, received = 0;
    for (uint32_t i = 0; i < system->plan->hosts; i++) {
        sent += system->host[i].sender.sent;
        received += system->host[i].received;
    }
    for (uint32_t i = 0; i < system->plan->cores; i++) {
        sent += system->core[i].sender.sent;
        received += system->core[i].received;
    }
    if (received > sent || (kernel->wheel.open == 0 && received != sent))
        return sim_err_add(err, SIM_EXIT_STOPPED, NULL, "%llu streams sent, %llu received",
                           (unsigned long long)sent, (unsigned long long)received);
    return true;
}

int main(void) {
    static const struct law_subject subject = {
        .name = "dual chips",
        .build = build,
        .conservation = conservation,
        .cycles = 3000,
        .watchdog = 5000,
        .shared_ends = true,
    };
    return law_main(&subject);
}
