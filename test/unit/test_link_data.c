/* SPDX-License-Identifier: MIT
 *
 * Wires that change: by hand for addresses, by statistics for random bits.
 */
#include "noc/link/data.h"
#include "noc/link/flit.h"
#include "sim/base/arena.h"

#include "test/suite.h"

#include <math.h>

static struct sim_arena arena;

static void open_arena(void) { sim_arena_init(&arena); }
static void close_arena(void) { sim_arena_release(&arena); }

static uint64_t flit(uint64_t marks, uint64_t dst, uint32_t tag) {
    return marks | dst << NOC_DST_SHIFT | tag;
}

/* Flits of 8 bits: tag 0x0F01, then its next byte, then what is behind the address. */
START_TEST(an_address_goes_out_from_its_lowest_bits_on) {
    struct noc_link_data *data = noc_link_data_new(NOC_PAYLOAD_ADDRESS, 8, 1000, 2, 4, &arena);
    ck_assert_uint_eq(noc_link_data_send(data, 0, 0, flit(NOC_HEAD, 0, 0x0F01)), 1); /* 00 -> 01 */
    ck_assert_uint_eq(noc_link_data_send(data, 0, 0, flit(0, 0, 0x0F01)), 3);        /* 01 -> 0F */
    ck_assert_uint_eq(noc_link_data_send(data, 0, 0, flit(0, 0, 0x0F01)), 4);        /* 0F -> 00 */
    for (int i = 0; i < 60; i++)
        ck_assert_uint_eq(noc_link_data_send(data, 0, 0, flit(0, 0, 0x0F01)), 0);
    ck_assert_uint_eq(noc_link_data_send(data, 0, 0, flit(NOC_HEAD | NOC_TAIL, 0, 0x0F01)), 1);
}
END_TEST

START_TEST(destinations_stand_behind_tags_and_classes_do_not_count) {
    struct noc_link_data *data = noc_link_data_new(NOC_PAYLOAD_ADDRESS, 64, 1000, 1, 1, &arena);
    ck_assert_uint_eq(noc_link_data_send(data, 0, 0, flit(NOC_HEAD | NOC_TAIL, 5, 3)), 4);
    uint64_t other = noc_flit_with_class(flit(NOC_HEAD, 5, 3), 17);
    ck_assert_uint_eq(noc_link_data_send(data, 0, 0, other), 0);
    ck_assert_uint_eq(noc_link_data_send(data, 0, 0, flit(NOC_HEAD, 4, 1)), 2);
}
END_TEST

/* Wires belong to the link, the place in a packet to its VC. */
START_TEST(virtual_channels_share_the_wires) {
    struct noc_link_data *data = noc_link_data_new(NOC_PAYLOAD_ADDRESS, 8, 1000, 2, 4, &arena);
    ck_assert_uint_eq(noc_link_data_send(data, 0, 0, flit(NOC_HEAD, 0, 0xFF00)), 0);
    ck_assert_uint_eq(noc_link_data_send(data, 0, 1, flit(NOC_HEAD, 0, 0x0001)), 1); /* 00 -> 01 */
    ck_assert_uint_eq(noc_link_data_send(data, 0, 0, flit(0, 0, 0xFF00)), 7);        /* 01 -> FF */
    ck_assert_uint_eq(noc_link_data_send(data, 0, 1, flit(0, 0, 0x0001)), 8);        /* FF -> 00 */
    ck_assert_uint_eq(noc_link_data_send(data, 1, 2, flit(NOC_HEAD, 0, 0x0003)), 2); /* another link */
}
END_TEST

/* Half the bits of random data change: within 4 standard deviations, for any width. */
START_TEST(random_bits_change_every_other_time) {
    uint32_t bits = (uint32_t[]){1, 16, 64, 100, 200}[_i], flits = 20000;
    struct noc_link_data *data = noc_link_data_new(NOC_PAYLOAD_RANDOM, bits, 1000, 1, 1, &arena);
    double toggles = 0;
    for (uint32_t i = 0; i < flits; i++) {
        uint32_t changed = noc_link_data_send(data, 0, 0, flit(i % 4 == 0 ? NOC_HEAD : 0, 7, i / 4));
        ck_assert_uint_le(changed, bits);
        toggles += changed;
    }
    double draws = (double)flits * bits;
    ck_assert_double_lt(fabs(toggles - draws / 2), 4 * sqrt(draws / 4));
}
END_TEST

/* The next router sees the same bits: the same series of flits, the same changes. */
START_TEST(a_packet_looks_the_same_at_every_hop) {
    struct noc_link_data *near = noc_link_data_new(NOC_PAYLOAD_RANDOM, 64, 1000, 1, 8, &arena),
                         *far = noc_link_data_new(NOC_PAYLOAD_RANDOM, 64, 1000, 1, 8, &arena);
    for (uint32_t i = 0; i < 100; i++) {
        uint64_t word = flit(i % 5 == 0 ? NOC_HEAD : 0, i / 5, i / 5);
        ck_assert_uint_eq(noc_link_data_send(near, 0, 1, word),
                          noc_link_data_send(far, 0, 6, noc_flit_with_class(word, 3)));
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("link data");
    TCase *data = suite_case(suite, "data");
    tcase_add_checked_fixture(data, open_arena, close_arena);
    tcase_add_test(data, an_address_goes_out_from_its_lowest_bits_on);
    tcase_add_test(data, destinations_stand_behind_tags_and_classes_do_not_count);
    tcase_add_test(data, virtual_channels_share_the_wires);
    tcase_add_loop_test(data, random_bits_change_every_other_time, 0, 5);
    tcase_add_test(data, a_packet_looks_the_same_at_every_hop);
    return suite_run(suite);
}
