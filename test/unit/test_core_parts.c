/* SPDX-License-Identifier: MIT
 *
 * What a digital core is made of, each against plain loops: synapse formats, neuron models, packets.
 */
#include "arch/core/address_event.h"
#include "arch/core/spike_sender.h"
#include "arch/core/synapse.h"
#include "arch/neuron/neuron.h"
#include "sim/base/arena.h"
#include "sim/base/rng.h"
#include "test/suite.h"

static uint32_t draw(uint64_t *rng, uint32_t below) { return (uint32_t)sim_rng_below(rng, below); }

/* ---- synapses ----------------------------------------------------------------------------------- */

struct matrix {
    uint32_t axons, neurons, bits;
    int8_t *weight;
};

static struct matrix draw_matrix(uint64_t *rng, struct sim_arena *arena) {
    struct matrix m = {.axons = 1 + draw(rng, 600), .neurons = 1 + draw(rng, 300), .bits = 1 + draw(rng, 8)};
    m.weight = SIM_NEW_ARRAY(arena, int8_t, (size_t)m.axons * m.neurons);
    for (size_t i = 0; i < (size_t)m.axons * m.neurons; i++)
        if (draw(rng, 3) > 0)
            m.weight[i] = (int8_t)((int)draw(rng, 1u << m.bits) - (1 << (m.bits - 1)));
    return m;
}

/* Some axons, ascending; often all, so that sums are as large as they can be. */
static uint32_t draw_axons(uint64_t *rng, uint32_t axons, uint32_t *axon) {
    uint32_t count = 0, all = draw(rng, 3) == 0;
    for (uint32_t a = 0; a < axons; a++)
        if (all || draw(rng, 4) == 0)
            axon[count++] = a;
    return count;
}

static void check_rows(struct arch_synapses *synapses, const struct matrix *m, bool zeros_count,
                       const uint32_t *axon, uint32_t axons, struct sim_arena *arena) {
    int32_t *input = SIM_NEW_ARRAY(arena, int32_t, m->neurons),
            *expected = SIM_NEW_ARRAY(arena, int32_t, m->neurons);
    for (uint32_t n = 0; n < m->neurons; n++)
        input[n] = expected[n] = (int32_t)n - 7;
    synapses->format->add(synapses, axon, axons, input);
    for (uint32_t i = 0; i < axons; i++) {
        uint32_t events = 0;
        for (uint32_t n = 0; n < m->neurons; n++) {
            int8_t weight = m->weight[(size_t)axon[i] * m->neurons + n];
            expected[n] += weight;
            events += zeros_count || weight != 0;
        }
        ck_assert_uint_eq(synapses->events[axon[i]], events);
    }
    for (uint32_t n = 0; n < m->neurons; n++)
        ck_assert_msg(input[n] == expected[n], "%s, neuron %u: %d, expected %d", synapses->format->name, n,
                      input[n], expected[n]);
}

START_TEST(dense_and_sparse_rows_are_added) {
    struct sim_arena arena;
    uint64_t rng = sim_rng_stream((uint64_t)_i, 1);
    sim_arena_init(&arena);
    struct matrix m = draw_matrix(&rng, &arena);
    uint32_t *axon = SIM_NEW_ARRAY(&arena, uint32_t, m.axons), axons = draw_axons(&rng, m.axons, axon);
    struct arch_synapses synapses;
    arch_synapses_load_dense(&synapses, m.weight, m.neurons, m.axons, m.neurons, m.bits, false, &arena);
    check_rows(&synapses, &m, true, axon, axons, &arena);
    ck_assert_uint_eq(synapses.bits, (uint64_t)m.axons * m.neurons * m.bits);
    arch_synapses_load_dense(&synapses, m.weight, m.neurons, m.axons, m.neurons, m.bits, true, &arena);
    check_rows(&synapses, &m, false, axon, axons, &arena);
    arch_synapses_load_sparse(&synapses, m.weight, m.neurons, m.axons, m.neurons, m.bits, 10, &arena);
    check_rows(&synapses, &m, false, axon, axons, &arena);
    sim_arena_release(&arena);
}
END_TEST

/* The definition of a convolution, output by output; axons and neurons by their places. */
static struct matrix unrolled(const struct sim_projection *p, struct sim_arena *arena) {
    struct matrix m = {.axons = sim_shape_neurons(p->in), .neurons = sim_shape_neurons(p->out), .bits = 8};
    m.weight = SIM_NEW_ARRAY(arena, int8_t, (size_t)m.axons * m.neurons);
    for (uint32_t o = 0; o < p->out.channels; o++)
        for (uint32_t y = 0; y < p->out.rows; y++)
            for (uint32_t x = 0; x < p->out.cols; x++)
                for (uint32_t i = 0; i < p->in.channels; i++)
                    for (uint32_t r = 0; r < p->kernel_rows; r++)
                        for (uint32_t k = 0; k < p->kernel_cols; k++) {
                            uint32_t row = y * p->stride_rows + r - p->pad_rows,
                                     col = x * p->stride_cols + k - p->pad_cols;
                            if (row >= p->in.rows || col >= p->in.cols) /* padding, also below 0 */
                                continue;
                            uint32_t axon = (row * p->in.cols + col) * p->in.channels + i,
                                     neuron = (y * p->out.cols + x) * p->out.channels + o;
                            m.weight[(size_t)axon * m.neurons + neuron] =
                                p->weight[((i * p->kernel_rows + r) * p->kernel_cols + k) * p->out.channels +
                                          o];
                        }
    return m;
}

/* The columns of a matrix from `first` on. */
static struct matrix part_of(struct matrix m, uint32_t first, uint32_t neurons, struct sim_arena *arena) {
    struct matrix part = {.axons = m.axons, .neurons = neurons, .bits = m.bits};
    part.weight = SIM_NEW_ARRAY(arena, int8_t, (size_t)m.axons * neurons);
    for (uint32_t a = 0; a < m.axons; a++)
        memcpy(part.weight + (size_t)a * neurons, m.weight + (size_t)a * m.neurons + first, neurons);
    return part;
}

START_TEST(a_convolution_is_the_matrix_it_stands_for) {
    struct sim_arena arena;
    uint64_t rng = sim_rng_stream((uint64_t)_i, 2);
    sim_arena_init(&arena);
    int8_t kernel[4 * 3 * 3 * 3];
    for (size_t i = 0; i < sizeof kernel; i++)
        kernel[i] = (int8_t)(1 + draw(&rng, 100)); /* none is 0 */
    struct sim_projection p = {.in = {1 + draw(&rng, 3), 3 + draw(&rng, 7), 3 + draw(&rng, 7)},
                               .out = {.channels = 1 + draw(&rng, 4)},
                               .kernel_rows = 1 + draw(&rng, 3),
                               .kernel_cols = 1 + draw(&rng, 3),
                               .stride_rows = 1 + draw(&rng, 3),
                               .stride_cols = 1 + draw(&rng, 3),
                               .pad_rows = draw(&rng, 3),
                               .pad_cols = draw(&rng, 3),
                               .groups = 1,
                               .weighted = true,
                               .weight = kernel};
    p.out.rows = (p.in.rows + 2 * p.pad_rows - p.kernel_rows) / p.stride_rows + 1;
    p.out.cols = (p.in.cols + 2 * p.pad_cols - p.kernel_cols) / p.stride_cols + 1;
    p.reached = p.out.channels;
    struct matrix m = unrolled(&p, &arena);
    struct arch_synapses synapses;
    struct arch_synapse_window window = {&p, 0, m.axons, 0};
    uint32_t *axon = SIM_NEW_ARRAY(&arena, uint32_t, m.axons), axons = draw_axons(&rng, m.axons, axon);
    arch_synapses_load_windows(&synapses, &window, 1, m.axons, 0, m.neurons, 8, &arena);
    ck_assert_uint_eq(synapses.bits, 8 * sim_projection_rows(&p) * p.out.channels);
    check_rows(&synapses, &m, false, axon, axons, &arena);
    uint32_t first = draw(&rng, m.neurons), neurons = 1 + draw(&rng, m.neurons - first);
    struct matrix part = part_of(m, first, neurons, &arena);
    arch_synapses_load_windows(&synapses, &window, 1, m.axons, first, neurons, 8, &arena);
    check_rows(&synapses, &part, false, axon, axons, &arena);
    sim_arena_release(&arena);
}
END_TEST

/* ---- neurons ------------------------------------------------------------------------------------ */

/* Written out for one neuron, in 64 bits. */
static bool scalar_step(const struct arch_neuron *neuron, bool leaky, int64_t *v, int64_t input) {
    if (leaky) {
        *v -= *v * (int64_t)neuron->decay / 4096;
        int64_t magnitude = (*v < 0 ? -*v : *v) - neuron->leak;
        *v = magnitude <= 0 ? 0 : *v < 0 ? -magnitude : magnitude;
    }
    *v += input;
    *v = *v > neuron->highest                 ? neuron->highest
         : *v < -(int64_t)neuron->highest - 1 ? -(int64_t)neuron->highest - 1
                                              : *v;
    if (*v < neuron->threshold)
        return false;
    *v = neuron->soft ? *v - neuron->threshold : 0;
    return true;
}

START_TEST(neurons_follow_the_scalar_equations) {
    uint64_t rng = sim_rng_stream((uint64_t)_i, 3);
    uint32_t neurons = 1 + draw(&rng, 200), bits = 8 + draw(&rng, 24);
    bool leaky = draw(&rng, 2);
    struct arch_neuron neuron = {.model = leaky ? &arch_neuron_lif : &arch_neuron_if,
                                 .highest = (int32_t)((UINT32_C(1) << (bits - 1)) - 1),
                                 .soft = draw(&rng, 2),
                                 .decay = draw(&rng, 4097),
                                 .leak = (int32_t)draw(&rng, 10)};
    neuron.threshold = 1 + (int32_t)draw(&rng, 100);
    int32_t potential[200] = {0}, input[200];
    int64_t expected[200] = {0};
    uint64_t fired[4];
    for (int step = 0; step < 50; step++) {
        for (uint32_t n = 0; n < neurons; n++)
            input[n] = draw(&rng, 3) == 0
                           ? 0
                           : (int32_t)draw(&rng, 1u << bits >> draw(&rng, 8)) - (1 << (bits - 1)) / 8;
        neuron.model->update(&neuron, potential, input, neurons, fired);
        for (uint32_t n = 0; n < neurons; n++) {
            bool fires = scalar_step(&neuron, leaky, &expected[n], input[n]);
            ck_assert_int_eq(potential[n], expected[n]);
            ck_assert_int_eq(fired[n / 64] >> (n % 64) & 1, fires);
        }
        if (neurons % 64 != 0)
            ck_assert_uint_eq(fired[neurons / 64] >> (neurons % 64), 0);
    }
}
END_TEST

START_TEST(a_silent_neuron_stays_silent) {
    struct arch_neuron neuron = {.threshold = 1, .highest = 127, .decay = 1000, .leak = 3};
    for (uint32_t m = 0; arch_neuron_models[m] != NULL; m++) {
        int32_t potential = 0, input = 0;
        uint64_t fired;
        arch_neuron_models[m]->update(&neuron, &potential, &input, 1, &fired);
        ck_assert_int_eq(potential, 0);
        ck_assert_uint_eq(fired, 0);
    }
}
END_TEST

/* ---- packets ------------------------------------------------------------------------------------ */

#define DESTINATIONS 4u

START_TEST(every_spike_goes_to_every_destination_once) {
    uint64_t rng = sim_rng_stream((uint64_t)_i, 4);
    uint32_t neurons = 1 + draw(&rng, 300), per_packet = 1 + draw(&rng, 16), timestep = draw(&rng, 40);
    uint64_t fired[5] = {0};
    struct arch_destination list[DESTINATIONS];
    uint8_t got[DESTINATIONS][300] = {{0}};
    for (uint32_t n = 0; n < neurons; n++)
        fired[n / 64] |= (uint64_t)(draw(&rng, 3) == 0) << (n % 64);
    for (uint32_t d = 0; d < DESTINATIONS; d++) {
        list[d] = (struct arch_destination){.key = 16 * draw(&rng, 100),
                                            .first = draw(&rng, (neurons + 15) / 16) * 16,
                                            .delay = (uint8_t)draw(&rng, 16)};
        uint32_t left = neurons - list[d].first, blocks = draw(&rng, left / 16 + 1) * 16;
        list[d].count = draw(&rng, 2) ? left : blocks;
    }
    struct arch_sender sender = {
        .destination = list, .destinations = DESTINATIONS, .spikes_per_packet = per_packet};
    struct arch_sender_packet packet;
    arch_sender_start(&sender, fired, NULL, neurons, timestep);
    for (uint32_t last = 0; arch_sender_packet(&sender, &packet); arch_sender_advance(&sender)) {
        uint32_t d = (uint32_t)(packet.destination - list), spikes = 0;
        ck_assert_uint_ge(packet.last, last);
        last = packet.last;
        ck_assert_uint_eq(arch_event_slot(packet.event), (timestep + 1 + list[d].delay) % 16);
        ck_assert(!(packet.event & ARCH_EVENT_SUM));
        uint32_t mask = per_packet == 1 ? 1 : arch_event_mask(packet.event);
        for (; mask != 0; mask &= mask - 1, spikes++) {
            uint32_t key = per_packet == 1
                               ? arch_event_key(packet.event)
                               : arch_event_block(packet.event) * 16 + (uint32_t)__builtin_ctz(mask);
            uint32_t n = key - list[d].key + list[d].first;
            ck_assert_uint_le(n, packet.last);
            got[d][n]++;
        }
        ck_assert_uint_le(spikes, per_packet);
    }
    for (uint32_t d = 0; d < DESTINATIONS; d++)
        for (uint32_t n = 0; n < neurons; n++) {
            bool due =
                (fired[n / 64] >> (n % 64) & 1) && n >= list[d].first && n < list[d].first + list[d].count;
            ck_assert_uint_eq(got[d][n], due);
        }
}
END_TEST

START_TEST(partial_sums_keep_their_sign_and_saturate) {
    for (int32_t value = -ARCH_EVENT_SUM_MOST - 1; value <= ARCH_EVENT_SUM_MOST; value += 97) {
        uint32_t event = arch_event_sum(2047, value);
        ck_assert(event & ARCH_EVENT_SUM);
        ck_assert_uint_eq(arch_event_sum_neuron(event), 2047);
        ck_assert_int_eq(arch_event_sum_value(event), value);
    }
    ck_assert_int_eq(arch_event_sum_value(arch_event_sum(0, INT32_MAX)), ARCH_EVENT_SUM_MOST);
    ck_assert_int_eq(arch_event_sum_value(arch_event_sum(0, INT32_MIN)), -ARCH_EVENT_SUM_MOST - 1);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("parts of a digital core");
    TCase *synapses = suite_case(suite, "synapses"), *neurons = suite_case(suite, "neurons");
    TCase *packets = suite_case(suite, "packets");
    tcase_add_loop_test(synapses, dense_and_sparse_rows_are_added, 0, 30);
    tcase_add_loop_test(synapses, a_convolution_is_the_matrix_it_stands_for, 0, 40);
    tcase_add_loop_test(neurons, neurons_follow_the_scalar_equations, 0, 60);
    tcase_add_test(neurons, a_silent_neuron_stays_silent);
    tcase_add_loop_test(packets, every_spike_goes_to_every_destination_once, 0, 60);
    tcase_add_test(packets, partial_sums_keep_their_sign_and_saturate);
    return suite_run(suite);
}
