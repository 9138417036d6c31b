/* SPDX-License-Identifier: MIT
 *
 * Timing of the Shenjing tile: each effect shows in its cycle and not in the one before. Expected cycles are
 * those measured on the published hardware description.
 */
#include "test/suite.h"
#include "test/unit/tile_rig.h"

#include <string.h>

#define WORDS_MAX 16
#define ACC_CYCLES 128 /* the gap of an accumulation: its control shows for 129 cycles */

static struct rig rig;

static void set_up(void) { rig_init(&rig, SIM_ORDER_SPARSE, false); }
static void tear_down(void) { rig_release(&rig); }

/* The cycle from which the control of word k shows when the program starts in cycle 0. */
static sim_cycle shows(const struct arch_shenjing_word *words, uint32_t k) {
    sim_cycle cycle = 1;
    for (uint32_t i = 0; i < k; i++)
        cycle += words[i].gap + (i == 0 ? 2u : 1u);
    return cycle;
}

/* Loads the words, and a word that restarts so late that it does not matter. */
static void load(uint32_t tile, const struct arch_shenjing_word *words, uint32_t count) {
    struct arch_shenjing_word program[WORDS_MAX + 1];
    ck_assert_uint_le(count, WORDS_MAX);
    for (uint32_t i = 0; i < count; i++)
        program[i] = words[i];
    program[count] = arch_shenjing_word_nop(254);
    arch_shenjing_tile_load_program(&rig.tile[tile], program, count + 1);
}

static struct arch_shenjing_word nop(uint32_t gap) { return arch_shenjing_word_nop(gap); }
static struct arch_shenjing_word acc(uint32_t gap) { return arch_shenjing_word_core(0, 15, gap); }
static struct arch_shenjing_word stop(uint32_t gap) { return arch_shenjing_word_core(0, 0, gap); }
static struct arch_shenjing_word ps(struct noc_ps_control control, uint32_t gap) {
    return arch_shenjing_word_ps(control, gap);
}
static struct arch_shenjing_word spike(struct noc_spike_control control, uint32_t gap) {
    return arch_shenjing_word_spike(control, gap);
}

static const struct noc_ps_control send_east = {.send_local = true, .out = NOC_PORT_EAST};
static const struct noc_ps_control add_west = {.add = true, .in = NOC_PORT_WEST, .out = 4};
static const struct noc_ps_control bypass_east = {
    .bypass = true, .in = NOC_PORT_WEST, .out = NOC_PORT_EAST};

/* Axon 0 alone is active: local_ps becomes `weight` in all neurons. */
static void one_axon(uint32_t tile, int8_t weight) {
    rig_axons(&rig, tile, 0, 1);
    rig_weights(&rig, tile, 0, weight);
}

static int16_t local(uint32_t tile) { return rig.tile[tile].core.local_ps[0]; }

START_TEST(words_follow_their_gaps) {
    const struct arch_shenjing_word words[] = {ps(send_east, 5), ps(add_west, 0), ps(bypass_east, 3),
                                               spike((struct noc_spike_control){.fire = true}, 0)};
    load(0, words, 4);
    const struct arch_sequencer *s = &rig.tile[0].sequencer;
    for (uint32_t k = 0; k < 3; k++) {
        rig_run(&rig, shows(words, k) - 1);
        ck_assert_uint_ne(s->ps_op, words[k].op);
        rig_run(&rig, shows(words, k));
        ck_assert_uint_eq(s->ps_op, words[k].op);
    }
    rig_run(&rig, shows(words, 3));
    ck_assert_uint_eq(s->spike_op, words[3].op & 0x3ffu);
    ck_assert_uint_eq(s->ps_op, words[2].op); /* the other class keeps its control */
}
END_TEST

START_TEST(restart_period) {
    const struct arch_shenjing_word words[] = {nop(3), ps(send_east, 9), ps(add_west, 255)};
    arch_shenjing_tile_load_program(&rig.tile[0], words, 3);
    const struct arch_sequencer *s = &rig.tile[0].sequencer;
    sim_cycle first = shows(words, 1), period = 4 + 10 + 1;
    for (sim_cycle round = 0; round < 3; round++) {
        sim_cycle word_2 = first + 10 + round * period, word_1 = first + (round + 1) * period;
        rig_run(&rig, word_2 - 1);
        ck_assert_uint_eq(s->ps_op, words[1].op);
        rig_run(&rig, word_2);
        ck_assert_uint_eq(s->ps_op, words[2].op);
        rig_run(&rig, word_1 - 1);
        ck_assert_uint_eq(s->ps_op, words[2].op);
        rig_run(&rig, word_1);
        ck_assert_uint_eq(s->ps_op, words[1].op);
    }
}
END_TEST

START_TEST(accumulation_takes_131_cycles) {
    const struct arch_shenjing_word words[] = {nop(0), acc(ACC_CYCLES), stop(0)};
    load(0, words, 3);
    rig_axons(&rig, 0, 0, 256);
    for (uint32_t axon = 0; axon < 256; axon++)
        rig_weights(&rig, 0, axon, axon == 127 ? 9 : 1);
    sim_cycle c = shows(words, 1);
    rig_run(&rig, c + 130);
    ck_assert_int_eq(local(0), 0);
    rig_run(&rig, c + 131);
    ck_assert_int_eq(local(0), 255 + 9);
    rig_run(&rig, c + 300);
    ck_assert_int_eq(local(0), 255 + 9);
    /* Row 0 is read twice, and one useless step adds row 127 once more, in each of the four sub-cores. */
    const uint64_t *count = rig.tile[0].base.count;
    ck_assert_uint_eq(count[ARCH_SHENJING_TILE_EVENT_sram_row_reads], 4 * 129);
    ck_assert_uint_eq(count[ARCH_SHENJING_TILE_EVENT_acc_adds], 4 * 129 * 128);
    ck_assert_uint_eq(count[ARCH_SHENJING_TILE_EVENT_acc_captures], 4);
}
END_TEST

START_TEST(short_accumulations) {
    const uint32_t gap = _i == 0 ? ACC_CYCLES - 1 : ACC_CYCLES - 2;
    const struct arch_shenjing_word words[] = {nop(0), acc(gap), stop(0)};
    load(0, words, 3);
    rig_axons(&rig, 0, 0, 128);
    for (uint32_t axon = 0; axon < 128; axon++)
        rig_weights(&rig, 0, axon, axon == 127 ? 9 : axon == 126 ? 2 : 1);
    rig_run(&rig, shows(words, 1) + 131);
    /* 128 cycles: row 126 stands in for row 127; 127 cycles: no result at all. */
    ck_assert_int_eq(local(0), _i == 0 ? 126 + 2 + 2 : 0);
    rig_run(&rig, shows(words, 1) + 300);
    ck_assert_int_eq(local(0), _i == 0 ? 126 + 2 + 2 : 0);
}
END_TEST

START_TEST(long_accumulation_adds_up) {
    const struct arch_shenjing_word words[] = {nop(0), acc(254), nop(20), stop(0)};
    load(0, words, 4);
    one_axon(0, 5);
    sim_cycle c = shows(words, 1);
    rig_run(&rig, c + 258);
    ck_assert_int_eq(local(0), 5);
    rig_run(&rig, c + 259);
    ck_assert_int_eq(local(0), 10);
}
END_TEST

START_TEST(send_takes_one_cycle) {
    const struct arch_shenjing_word words[] = {nop(0), acc(ACC_CYCLES), stop(2), ps(send_east, 0)};
    load(0, words, 4);
    one_axon(0, 7);
    rig_run(&rig, shows(words, 3));
    ck_assert_int_eq(local(0), 7);
    ck_assert_int_eq(rig_ps_out(&rig, 0, NOC_PORT_EAST), 0);
    rig_run(&rig, shows(words, 3) + 1);
    ck_assert_int_eq(rig_ps_out(&rig, 0, NOC_PORT_EAST), 7);
}
END_TEST

START_TEST(bypass_takes_one_cycle_a_hop) {
    const struct arch_shenjing_word source[] = {nop(0), acc(ACC_CYCLES), stop(2), ps(send_east, 0)};
    const struct arch_shenjing_word hop[] = {ps(bypass_east, 0)};
    load(0, source, 4);
    load(1, hop, 1);
    load(2, hop, 1);
    one_axon(0, -4);
    sim_cycle sent = shows(source, 3) + 1;
    for (uint32_t t = 0; t < RIG_TILES; t++) {
        rig_run(&rig, sent + t - 1);
        ck_assert_int_eq(rig_ps_out(&rig, t, NOC_PORT_EAST), 0);
        rig_run(&rig, sent + t);
        ck_assert_int_eq(rig_ps_out(&rig, t, NOC_PORT_EAST), -4);
    }
}
END_TEST

START_TEST(sum_takes_two_cycles) {
    /* The operand is on the link from the cycle in which the add control shows. */
    const struct arch_shenjing_word source[] = {nop(0), acc(ACC_CYCLES), stop(2), ps(send_east, 0)};
    const struct arch_shenjing_word adder[] = {nop(0), acc(ACC_CYCLES), stop(3), ps(add_west, 9),
                                               ps(send_east, 0)};
    load(0, source, 4);
    load(1, adder, 5);
    one_axon(0, 7);
    one_axon(1, 5);
    sim_cycle a = shows(adder, 3);
    ck_assert_uint_eq(a, shows(source, 3) + 1);
    const int16_t *sum = rig.tile[1].ps.sum;
    rig_run(&rig, a);
    ck_assert_int_eq(sum[0], 0);
    rig_run(&rig, a + 1);
    ck_assert_int_eq(sum[0], 5); /* operand 1 and the old input register: a false value */
    rig_run(&rig, a + 2);
    ck_assert_int_eq(sum[0], 12);
    rig_run(&rig, a + 10);
    ck_assert_int_eq(sum[0], 12); /* right as long as add is held */
    rig_run(&rig, a + 11);
    ck_assert_int_eq(sum[0], 0); /* cleared at the first edge with neither add nor consec */
}
END_TEST

START_TEST(consecutive_sum_takes_two_cycles_more) {
    struct noc_ps_control consec = add_west;
    consec.add = false;
    consec.consec = true;
    const struct arch_shenjing_word source[] = {nop(0), acc(ACC_CYCLES), stop(2), ps(send_east, 0)};
    const struct arch_shenjing_word adder[] = {
        nop(0), acc(ACC_CYCLES), stop(3), ps(add_west, 1), ps(consec, 0), ps(add_west, 0), ps(consec, 0)};
    load(0, source, 4);
    load(1, adder, 7);
    one_axon(0, 7);
    one_axon(1, 5);
    sim_cycle u = shows(adder, 4);
    const int16_t *sum = rig.tile[1].ps.sum;
    rig_run(&rig, u + 1);
    ck_assert_int_eq(sum[0], 12);
    rig_run(&rig, u + 2);
    ck_assert_int_eq(sum[0], 19);
    rig_run(&rig, u + 3);
    ck_assert_int_eq(sum[0], 19);
}
END_TEST

START_TEST(fire_send_receive) {
    const struct noc_spike_control fire = {.fire = true}, send = {.send = true, .out = NOC_PORT_EAST},
                                   receive = {.in = NOC_PORT_WEST}, buffer = {.buffer = true};
    const struct arch_shenjing_word source[] = {nop(0),         acc(ACC_CYCLES), stop(2),
                                                spike(fire, 0), spike(send, 0),  spike(buffer, 0)};
    const struct arch_shenjing_word sink[] = {spike(receive, 0)};
    load(0, source, 6);
    load(1, sink, 1);
    one_axon(0, 12);
    sim_cycle c = shows(source, 3);
    const struct noc_spike_routers *neuron = &rig.tile[0].spike, *far = &rig.tile[1].spike;
    rig_run(&rig, c);
    ck_assert_uint_eq(neuron->spike[0], 0);
    ck_assert_int_eq(neuron->potential[0], 0);
    rig_run(&rig, c + 1);
    ck_assert_uint_eq(neuron->spike[0], UINT64_MAX);
    ck_assert_int_eq(neuron->potential[0], 2);
    ck_assert(!rig_spike_out(&rig, 0, NOC_PORT_EAST));
    rig_run(&rig, c + 2);
    ck_assert_uint_eq(neuron->spike[0], 0); /* for one cycle only */
    ck_assert(rig_spike_out(&rig, 0, NOC_PORT_EAST));
    ck_assert_uint_eq(far->in[NOC_PORT_WEST][0], 0);
    rig_run(&rig, c + 3);
    ck_assert_uint_eq(far->in[NOC_PORT_WEST][0], UINT64_MAX);
    ck_assert_uint_eq(far->axon[0], 0);
    rig_run(&rig, c + 4);
    ck_assert_uint_eq(far->axon[0], UINT64_MAX);
    rig_run(&rig, c + 200);
    ck_assert(rig_spike_out(&rig, 0, NOC_PORT_EAST)); /* outputs keep */
    ck_assert_uint_eq(rig.tile[0].base.count[ARCH_SHENJING_TILE_EVENT_fire], 256);
    ck_assert_uint_eq(rig.tile[0].base.count[ARCH_SHENJING_TILE_EVENT_spike_link_bits_e], 256);
}
END_TEST

START_TEST(a_standing_send_erases_the_spike) {
    const struct noc_spike_control fire = {.fire = true}, send = {.send = true, .out = NOC_PORT_EAST};
    const struct arch_shenjing_word words[] = {nop(0), acc(ACC_CYCLES), stop(2), spike(fire, 0),
                                               spike(send, 5)};
    load(0, words, 5);
    one_axon(0, 12);
    sim_cycle c = shows(words, 3);
    rig_run(&rig, c + 2);
    ck_assert(rig_spike_out(&rig, 0, NOC_PORT_EAST));
    rig_run(&rig, c + 3);
    ck_assert(!rig_spike_out(&rig, 0, NOC_PORT_EAST));
}
END_TEST

START_TEST(idle_tiles_are_not_stepped) {
    const struct arch_shenjing_word words[] = {nop(0), acc(ACC_CYCLES), stop(0)};
    load(0, words, 3);
    rig_axons(&rig, 0, 0, 256);
    rig_run(&rig, 100000);
    ck_assert_uint_lt(rig.kernel.steps,
                      20); /* no word concerns the routers: nobody is due after the start */
    ck_assert_uint_gt(rig.tile[0].base.count[ARCH_SHENJING_TILE_EVENT_acc_captures], 4 * 200);
    ck_assert_uint_eq(rig.tile[0].base.count[ARCH_SHENJING_TILE_EVENT_imem_reads], 100000);
}
END_TEST

static void check_spec(const char *fault, struct arch_shenjing_tile_spec spec) {
    struct sim_err err;
    sim_err_init(&err);
    bool sound = arch_shenjing_tile_schema.check(&spec, NULL, &err);
    ck_assert_int_eq(sound, fault == NULL);
    if (fault != NULL)
        ck_assert_ptr_nonnull(strstr(err.message[0], fault));
    sim_err_release(&err);
}

START_TEST(impossible_specs) {
    check_spec(NULL, (struct arch_shenjing_tile_spec){256, 384, 5, 13, 16, 64, 8, false});
    check_spec("axons must be a multiple of 128, not 200",
               (struct arch_shenjing_tile_spec){200, 256, 5, 13, 16, 64, 8, false});
    check_spec("neurons must be a multiple of 128, not 300",
               (struct arch_shenjing_tile_spec){256, 300, 5, 13, 16, 64, 8, false});
    check_spec("imem_words must be a power of two, not 48",
               (struct arch_shenjing_tile_spec){256, 256, 5, 13, 16, 48, 8, false});
    check_spec("sum_bits (4) must not be less than weight_bits (5)",
               (struct arch_shenjing_tile_spec){256, 256, 5, 4, 16, 64, 8, false});
    check_spec("ps_bits (12) must not be less than sum_bits (13)",
               (struct arch_shenjing_tile_spec){256, 256, 5, 13, 12, 64, 8, false});
}
END_TEST

static TCase *rigged(Suite *suite, const char *name) {
    TCase *tcase = suite_case(suite, name);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    return tcase;
}

int main(void) {
    Suite *suite = suite_create("Shenjing tile timing");
    TCase *sequencer = rigged(suite, "sequencer");
    tcase_add_test(sequencer, words_follow_their_gaps);
    tcase_add_test(sequencer, restart_period);
    TCase *core = rigged(suite, "core");
    tcase_add_test(core, accumulation_takes_131_cycles);
    tcase_add_loop_test(core, short_accumulations, 0, 2);
    tcase_add_test(core, long_accumulation_adds_up);
    TCase *sums = rigged(suite, "partial sums");
    tcase_add_test(sums, send_takes_one_cycle);
    tcase_add_test(sums, bypass_takes_one_cycle_a_hop);
    tcase_add_test(sums, sum_takes_two_cycles);
    tcase_add_test(sums, consecutive_sum_takes_two_cycles_more);
    TCase *spikes = rigged(suite, "spikes");
    tcase_add_test(spikes, fire_send_receive);
    tcase_add_test(spikes, a_standing_send_erases_the_spike);
    tcase_add_test(rigged(suite, "laziness"), idle_tiles_are_not_stepped);
    tcase_add_test(suite_case(suite, "description"), impossible_specs);
    return suite_run(suite);
}
