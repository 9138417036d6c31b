/* SPDX-License-Identifier: MIT
 *
 * A digital core on its own, delays and cycles to the exact cycle; the barrier; the published power law of
 * TrueNorth. The parts of the core: test_core_parts.c.
 */
#include "arch/core/digital_core.h"
#include "arch/packet/chip.h"
#include "noc/aer/mesh.h"
#include "sim/base/err.h"
#include "sim/base/rng.h"
#include "sim/config/bind.h"
#include "sim/kernel/kernel.h"
#include "sim/record/energy.h"
#include "test/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint32_t draw(uint64_t *rng, uint32_t below) { return (uint32_t)sim_rng_below(rng, below); }

/* ---- a core on its own -------------------------------------------------------------------------- */

#define SCRIPT_MAX 64u
#define LOCAL 3u /* latency between driver and router, router and core */

/* The driver sits at the host's terminal of a single router and plays the barrier too. */
struct driver {
    struct sim_component base;
    struct noc_interface interface;
    struct arch_barrier_port *port;
    struct {
        sim_cycle at;
        uint32_t event; /* packet word, or a timestep */
        bool tick;
    } script[SCRIPT_MAX];
    uint32_t scripted, next;
    sim_cycle arrival[SCRIPT_MAX]; /* packets from the core */
    uint32_t event[SCRIPT_MAX], arrivals;
    sim_cycle report[SCRIPT_MAX];
    struct arch_report reported[SCRIPT_MAX];
    uint32_t reports;
};

static sim_cycle driver_step(void *self, sim_cycle now) {
    struct driver *d = self;
    struct noc_arrival arrival;
    const struct arch_report *report;
    if (noc_interface_receive(&d->interface, now, &arrival)) {
        d->arrival[d->arrivals] = now;
        d->event[d->arrivals++] = arrival.tag;
    }
    while ((report = arch_report_link_peek(&d->port->report, now)) != NULL) {
        d->report[d->reports] = now;
        d->reported[d->reports++] = *report;
        arch_report_link_take(&d->port->report);
    }
    while (d->next < d->scripted && d->script[d->next].at == now) {
        uint32_t event = d->script[d->next].event;
        if (d->script[d->next].tick) {
            arch_tick_link_send(&d->port->tick, now,
                                (struct arch_tick){.timestep = event, .reset = event == 0});
        } else {
            noc_interface_offer(&d->interface, &(struct noc_packet){.size = 1, .tag = event});
            ck_assert_int_ne(noc_interface_send(&d->interface, now), 0);
        }
        d->next++;
    }
    return d->next < d->scripted ? d->script[d->next].at : SIM_NEVER;
}

static const struct sim_type driver_type = {
    .name = "test.driver", .help = "drives a core", .step = driver_step};

static void script(struct driver *d, sim_cycle at, bool tick, uint32_t event) {
    d->script[d->scripted].at = at;
    d->script[d->scripted].tick = tick;
    d->script[d->scripted++].event = event;
}

struct bench {
    struct sim_arena arena;
    struct sim_kernel kernel;
    struct arch_digital_core_spec spec;
    struct noc_aer_mesh_spec mesh_spec;
    struct noc_aer_mesh mesh;
    struct arch_digital_core core;
    struct driver driver;
    struct arch_destination destination;
    struct arch_axon_range range;
};

#define SIDE 32u

/* A core whose axon a excites neuron a by 1; neurons fire at 1. */
static void bench_open(struct bench *b) {
    memset(b, 0, sizeof *b);
    sim_arena_init(&b->arena);
    sim_kernel_init(&b->kernel, &(struct sim_kernel_spec){.order = SIM_ORDER_SPARSE}, &b->arena);
    b->spec = (struct arch_digital_core_spec){.axons = SIDE,
                                              .neurons = SIDE,
                                              .start_cycles = 5,
                                              .reset_cycles = 7,
                                              .axon_cycles = 11,
                                              .synapse_cycles = 13,
                                              .synapse_lanes = 10,
                                              .update_cycles = 17,
                                              .idle_cycles = 3,
                                              .send_cycles = 40};
    int8_t *weight = SIM_NEW_ARRAY(&b->arena, int8_t, SIDE * SIDE);
    for (uint32_t a = 0; a < SIDE; a++)
        weight[a * SIDE + a] = 1;
    b->destination = (struct arch_destination){.terminal = 1, .count = SIDE, .copies = 1};
    b->range = (struct arch_axon_range){.key = 100, .count = SIDE};
    static const struct arch_neuron neuron = {
        .model = &arch_neuron_if, .threshold = 1, .highest = 127, .soft = true};
    struct arch_core_ports ports = {
        .axons = SIDE,
        .neurons = SIDE,
        .range = &b->range,
        .ranges = 1,
        .destination = &b->destination,
        .destinations = 1,
        .networks = 1,
        .flits = 1,
        .spikes_per_packet = 1,
    };
    struct arch_synapses synapses = {0};
    arch_synapses_load_dense(&synapses, weight, SIDE, SIDE, SIDE, 2, false, &b->arena);
    struct arch_soma_load neurons = {.neuron = &neuron};
    arch_digital_core_init(&b->core, &b->spec, &ports, &synapses, NULL, &neurons, &b->arena);
    b->mesh_spec = (struct noc_aer_mesh_spec){.latency_x = 1,
                                              .latency_y = 1,
                                              .latency_inject = LOCAL,
                                              .latency_deliver = LOCAL,
                                              .credit_latency = 1,
                                              .port_cycles = 1,
                                              .buffer = 4,
                                              .clock_divider = 1};
    sim_kernel_add(&b->kernel, &b->core.shell.base, &arch_digital_core_type, "core");
    sim_kernel_add(&b->kernel, &b->driver.base, &driver_type, "driver");
    noc_aer_mesh_build(&b->mesh, &b->mesh_spec, 1, 1, 1, 0, "noc", &b->kernel);
    noc_aer_mesh_attach(&b->mesh, 0, b->core.shell.interface, &b->core.shell.base, &b->kernel);
    noc_aer_mesh_attach(&b->mesh, 1, &b->driver.interface, &b->driver.base, &b->kernel);
    b->driver.port = &b->core.shell.barrier;
    sim_kernel_connect_link(&b->kernel, &b->core.shell.barrier.tick.base, "tick", b->driver.base.id,
                            b->core.shell.base.id);
    sim_kernel_connect_link(&b->kernel, &b->core.shell.barrier.report.base, "report", b->core.shell.base.id,
                            b->driver.base.id);
    sim_open(&b->driver.base); /* never at rest */
}

static void bench_run(struct bench *b, sim_cycle until) {
    sim_kernel_start(&b->kernel);
    sim_kernel_run(&b->kernel, until);
    ck_assert_uint_eq(b->driver.next, b->driver.scripted);
}

/* Cycles of a timestep with `spikes` axons, each of SIDE synapses to an active neuron of its own. */
static uint32_t update_start(const struct bench *b, uint32_t spikes) {
    return b->spec.start_cycles + spikes * (b->spec.axon_cycles + (SIDE + 9) / 10 * b->spec.synapse_cycles);
}

START_TEST(a_delay_is_kept_to_the_timestep) {
    struct bench *b = calloc(1, sizeof *b);
    uint32_t slot = (uint32_t)_i; /* the spike is for timestep _i + 1, sent during timestep 0 */
    bench_open(b);
    script(&b->driver, 10, true, 0);
    script(&b->driver, 20, false, arch_event_spike((slot + 1) % 16, 100 + 9));
    for (uint32_t t = 1; t < 20; t++)
        script(&b->driver, 1000 * t, true, t);
    bench_run(b, 30000);
    ck_assert_uint_eq(b->driver.arrivals, 1);
    sim_cycle tick = 1000 * (slot + 1) + 1;
    sim_cycle fires = tick + update_start(b, 1) + 9 * b->spec.idle_cycles + b->spec.update_cycles;
    ck_assert_uint_eq(b->driver.arrival[0], fires + 2 * LOCAL);
    ck_assert_uint_eq(arch_event_key(b->driver.event[0]), 9);
    ck_assert_uint_eq(arch_event_slot(b->driver.event[0]), (slot + 2) % 16);
    sim_arena_release(&b->arena);
    free(b);
}
END_TEST

START_TEST(a_timestep_takes_the_cycles_it_says) {
    struct bench *b = calloc(1, sizeof *b);
    bench_open(b);
    script(&b->driver, 10, true, 0);
    script(&b->driver, 20, false, arch_event_spike(1, 100 + 2));
    script(&b->driver, 21, false, arch_event_spike(1, 100 + 30));
    script(&b->driver, 22, false, arch_event_spike(1, 100 + 3));
    script(&b->driver, 1000, true, 1);
    bench_run(b, 30000);
    struct driver *d = &b->driver;
    /* Timestep 0: a reset, nothing to add, 32 idle neurons. A report arrives a cycle after it is sent. */
    ck_assert_uint_eq(d->report[0], 11 + 5 + 7 + SIDE * b->spec.idle_cycles + 1);
    ck_assert_uint_eq(d->reported[0].sent, 0);
    ck_assert_uint_eq(d->reported[d->reports - 1].received, 3);
    sim_cycle start = 1001 + update_start(b, 3);
    sim_cycle first = start + 2 * 3 + 17;      /* neuron 2 */
    sim_cycle third = start + 28 * 3 + 3 * 17; /* neuron 30 */
    ck_assert_uint_eq(d->arrivals, 3);
    ck_assert_uint_eq(d->arrival[0], first + 2 * LOCAL);
    ck_assert_uint_eq(d->arrival[1],
                      first + 40 + 2 * LOCAL); /* neuron 3 is ready after 17, but 40 lie between packets */
    ck_assert_uint_eq(d->arrival[2], (third > first + 80 ? third : first + 80) + 2 * LOCAL);
    ck_assert_uint_eq(d->reported[d->reports - 1].sent, 3);
    sim_cycle updated = start + 29 * 3 + 3 * 17, sent = d->arrival[2] - 2 * LOCAL + 1;
    ck_assert_uint_eq(d->report[d->reports - 1], (updated > sent ? updated : sent) + 1);
    const uint64_t *count = b->core.shell.base.count;
    ck_assert_uint_eq(count[ARCH_DIGITAL_CORE_ROW_READ], 3);
    ck_assert_uint_eq(count[ARCH_DIGITAL_CORE_SYNAPTIC_EVENT], 3 * SIDE);
    ck_assert_uint_eq(count[ARCH_SOMA_UPDATE_ACTIVE], 3);
    ck_assert_uint_eq(count[ARCH_SOMA_UPDATE_IDLE], 2 * SIDE - 3);
    ck_assert_uint_eq(count[ARCH_CORE_FIRE], 3);
    sim_arena_release(&b->arena);
    free(b);
}
END_TEST

START_TEST(a_reset_forgets_what_is_scheduled) {
    struct bench *b = calloc(1, sizeof *b);
    bench_open(b);
    script(&b->driver, 10, true, 0);
    script(&b->driver, 20, false, arch_event_spike(5, 101));
    script(&b->driver, 21, false, arch_event_sum(4, 1));
    script(&b->driver, 1000, true, 0);
    for (uint32_t t = 1; t < 8; t++)
        script(&b->driver, 1000 + 1000 * t, true, t);
    bench_run(b, 30000);
    ck_assert_uint_eq(b->driver.arrivals, 0);
    sim_arena_release(&b->arena);
    free(b);
}
END_TEST

START_TEST(a_partial_sum_acts_in_the_next_timestep) {
    struct bench *b = calloc(1, sizeof *b);
    bench_open(b);
    script(&b->driver, 10, true, 0);
    script(&b->driver, 20, false, arch_event_sum(4, 5));
    script(&b->driver, 21, false, arch_event_sum(4, -4)); /* together 1: the threshold */
    script(&b->driver, 22, false, arch_event_sum(6, -5));
    for (uint32_t t = 1; t < 4; t++)
        script(&b->driver, 1000 * t, true, t);
    bench_run(b, 30000);
    ck_assert_uint_eq(b->driver.arrivals, 1);
    ck_assert_uint_eq(arch_event_key(b->driver.event[0]), 4);
    ck_assert_uint_lt(b->driver.arrival[0], 2000);
    ck_assert_uint_eq(b->core.shell.base.count[ARCH_CORE_SUM_IN], 3);
    sim_arena_release(&b->arena);
    free(b);
}
END_TEST

/* ---- the barrier -------------------------------------------------------------------------------- */

#define BARRIER_CYCLES 9u
#define BARRIER_TIMESTEPS 3u

/* A leaf that is done after some cycles, has then sent a packet, and receives one somewhat later. */
struct leaf {
    struct sim_component base;
    struct arch_barrier_port port;
    uint64_t rng;
    struct arch_report count;
    sim_cycle done_at, arrival_at;
    sim_cycle tick[BARRIER_TIMESTEPS], last[BARRIER_TIMESTEPS]; /* seen; last report sent */
    uint32_t ticks;
};

static sim_cycle leaf_step(void *self, sim_cycle now) {
    struct leaf *leaf = self;
    const struct arch_tick *tick = arch_tick_link_peek(&leaf->port.tick, now);
    if (tick != NULL) {
        ck_assert_uint_eq(tick->timestep, leaf->ticks);
        ck_assert_uint_eq(tick->reset, leaf->ticks == 0);
        leaf->tick[leaf->ticks++] = now;
        leaf->done_at = now + draw(&leaf->rng, 50);
        leaf->arrival_at = now + 1 + draw(&leaf->rng, 90);
        arch_tick_link_take(&leaf->port.tick);
    }
    if (leaf->ticks == 0)
        return SIM_NEVER;
    leaf->count.sent += now == leaf->done_at;
    leaf->count.received += now == leaf->arrival_at;
    leaf->count.done = 1;
    if (now == leaf->done_at || (now == leaf->arrival_at && now > leaf->done_at)) {
        arch_report_link_send(&leaf->port.report, now, leaf->count);
        leaf->last[leaf->ticks - 1] = now;
    }
    if (now < leaf->done_at)
        return now < leaf->arrival_at && leaf->arrival_at < leaf->done_at ? leaf->arrival_at : leaf->done_at;
    return now < leaf->arrival_at ? leaf->arrival_at : SIM_NEVER;
}

static const struct sim_type leaf_type = {.name = "test.leaf", .help = "a leaf", .step = leaf_step};

START_TEST(a_timestep_ends_with_the_last_arrival) {
    static const uint32_t sizes[] = {1, 2, 64, 65, 4096, 4097, 5000};
    static const uint32_t levels[] = {1, 1, 1, 2, 2, 3, 3};
    uint32_t leaves = sizes[_i];
    struct sim_arena arena;
    struct sim_kernel kernel;
    sim_arena_init(&arena);
    sim_kernel_init(&kernel, &(struct sim_kernel_spec){.order = SIM_ORDER_SPARSE}, &arena);
    struct leaf *leaf = SIM_NEW_ARRAY(&arena, struct leaf, leaves);
    struct arch_barrier_port **port = SIM_NEW_ARRAY(&arena, struct arch_barrier_port *, leaves);
    uint32_t *id = SIM_NEW_ARRAY(&arena, uint32_t, leaves);
    for (uint32_t i = 0; i < leaves; i++) {
        leaf[i].rng = sim_rng_stream(i, 5);
        arch_barrier_port_init(&leaf[i].port, &arena);
        port[i] = &leaf[i].port;
        id[i] = sim_kernel_add(&kernel, &leaf[i].base, &leaf_type, "leaf");
    }
    struct arch_barrier *root = arch_barrier_build(port, id, leaves, BARRIER_CYCLES, 0, "barrier", &kernel);
    arch_barrier_begin(root, BARRIER_TIMESTEPS, 0);
    sim_kernel_start(&kernel);
    ck_assert_int_eq(sim_kernel_run(&kernel, SIM_NEVER), SIM_STOP_FINISHED);
    sim_cycle last[BARRIER_TIMESTEPS] = {0};
    for (uint32_t i = 0; i < leaves; i++)
        for (uint32_t t = 0; t < BARRIER_TIMESTEPS; t++) {
            ck_assert_uint_eq(leaf[i].tick[t], leaf[0].tick[t]);
            last[t] = leaf[i].last[t] > last[t] ? leaf[i].last[t] : last[t];
        }
    ck_assert_uint_eq(leaf[0].tick[0], levels[_i]);
    for (uint32_t t = 1; t < BARRIER_TIMESTEPS; t++)
        ck_assert_uint_eq(leaf[0].tick[t], last[t - 1] + 2 * levels[_i] + BARRIER_CYCLES);
    ck_assert_uint_eq(kernel.now, last[BARRIER_TIMESTEPS - 1] + levels[_i] + BARRIER_CYCLES + 1);
    sim_arena_release(&arena);
}
END_TEST

/* ---- the power law ------------------------------------------------------------------------------ */

#define TICKS 400u

/* A layer of 256 neurons with 128 synapses each, excited by 256 inputs at `rate_hz` a neuron: one of the 4096
 * equal cores of the published measurement. Returns the power of the whole chip. */
static double truenorth_power_w(double rate_hz) {
    struct sim_arena arena;
    struct sim_err err;
    struct sim_kernel kernel;
    struct arch_packet_chip_spec spec;
    sim_arena_init(&arena);
    sim_err_init(&err);
    static const struct sim_schema *const registry[] = {&noc_aer_mesh_schema, &arch_digital_core_schema,
                                                        NULL};
    struct sim_binding binding = {.registry = registry, .arena = &arena, .err = &err};
    ck_assert(sim_bind_text(
        &binding, &arch_packet_chip_schema,
        "{rows: 64, cols: 64, timestep_cycles: 1000000, core: {type: arch.digital_core, skip_zero: true}}",
        &spec));
    struct sim_layer layer[2] = {{.name = "in", .kind = SIM_LAYER_INPUT, .neurons = 256},
                                 {.name = "out",
                                  .kind = SIM_LAYER_DENSE,
                                  .neurons = 256,
                                  .neuron = SIM_NEURON_IF,
                                  .reset = SIM_RESET_SOFT,
                                  .threshold = 100000,
                                  .weight_bits = 2,
                                  .operands = 1,
                                  .operand = (const uint32_t[]){0},
                                  .rows = 256,
                                  .cols = 256}};
    int8_t *weight = SIM_NEW_ARRAY(&arena, int8_t, 256 * 256);
    for (uint32_t a = 0; a < 256; a++)
        for (uint32_t n = 0; n < 256; n++)
            weight[a * 256 + n] = (a + n) % 2;
    layer[1].weight = weight;
    struct sim_graph graph = {.layers = 2, .layer = layer};
    ck_assert(sim_graph_check(&graph, NULL, &err));
    sim_kernel_init(&kernel, &(struct sim_kernel_spec){.order = SIM_ORDER_SPARSE}, &arena);
    struct arch_chip *chip = arch_packet_chip_type.build(&spec, &graph, &kernel, &err);
    sim_err_print(&err, stderr);
    ck_assert_ptr_nonnull(chip);
    uint64_t *spikes = SIM_NEW_ARRAY(&arena, uint64_t, TICKS * 4);
    uint64_t wanted = (uint64_t)llround(256 * TICKS * 1e-3 * rate_hz);
    for (uint64_t i = 0; i < wanted; i++) {
        uint64_t at = i * (256 * TICKS) / wanted;
        spikes[at / 256 * 4 + at % 256 / 64] |= UINT64_C(1) << (at % 64);
    }
    sim_kernel_start(&kernel);
    chip->type->begin(chip, &kernel, TICKS, (const uint64_t *const[]){spikes, NULL});
    ck_assert_int_eq(sim_kernel_run(&kernel, SIM_NEVER), SIM_STOP_FINISHED);
    const struct sim_component *core = &((struct arch_packet_chip *)chip)->core[0]->base;
    uint64_t events = core->count[ARCH_DIGITAL_CORE_SYNAPTIC_EVENT];
    ck_assert_uint_eq(events, wanted * 128);
    struct sim_energy *energy = sim_energy_load("configs/tech/truenorth.yaml", &err);
    sim_err_print(&err, stderr);
    ck_assert_ptr_nonnull(energy);
    struct sim_energy_parameter cores = {arch_packet_host_type.name, "cores", 4096};
    struct sim_energy_point point = {.voltage_v = 0.8, .clock_hz = 1e9, .parameter = &cores, .parameters = 1};
    struct sim_energy_price event, leakage;
    ck_assert(sim_energy_price(energy, core->type->name, "synaptic_event", &point, &event, &err));
    ck_assert(
        sim_energy_price(energy, arch_packet_host_type.name, SIM_ENERGY_LEAKAGE, &point, &leakage, &err));
    double power_w =
        leakage.unit_energy_j * 1e9 + 4096 * (double)events * event.unit_energy_j / (TICKS * 1e-3);
    sim_energy_free(energy);
    sim_err_release(&err);
    sim_arena_release(&arena);
    sim_graph_release(&graph);
    return power_w;
}

START_TEST(truenorth_draws_the_published_power) {
    static const double rate_hz[] = {11.58, 20.07, 95.93}, published_mw[] = {68, 71, 94},
                        law_mw[] = {68.0, 70.6, 94.0};
    double power_mw = 1e3 * truenorth_power_w(rate_hz[_i]);
    ck_assert_msg(fabs(power_mw - law_mw[_i]) < 0.06, "%.2f Hz: %.3f mW", rate_hz[_i], power_mw);
    ck_assert_msg(fabs(power_mw - published_mw[_i]) < 0.5, "%.2f Hz: %.3f mW", rate_hz[_i], power_mw);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("digital core");
    TCase *core = suite_case(suite, "core"), *barrier = suite_case(suite, "barrier");
    TCase *power = suite_case(suite, "power law");
    tcase_add_loop_test(core, a_delay_is_kept_to_the_timestep, 0, 16);
    tcase_add_test(core, a_timestep_takes_the_cycles_it_says);
    tcase_add_test(core, a_reset_forgets_what_is_scheduled);
    tcase_add_test(core, a_partial_sum_acts_in_the_next_timestep);
    tcase_add_loop_test(barrier, a_timestep_ends_with_the_last_arrival, 0, 7);
    tcase_add_loop_test(power, truenorth_draws_the_published_power, 0, 3);
    return suite_run(suite);
}
