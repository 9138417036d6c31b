/* SPDX-License-Identifier: MIT
 *
 * Wires and links: visible exactly at drive + latency, not one cycle earlier; order, wakes, limits.
 */
#include "sim/kernel/link.h"

#include "sim/base/arena.h"
#include "sim/base/rng.h"
#include "test/suite.h"

#include <signal.h>
#include <string.h>

SIM_LINK_DEFINE(number_link, uint64_t)

#define READER 3u

static struct sim_arena arena;
static struct sim_wheel wheel;

static void set_up(void) {
    sim_arena_init(&arena);
    sim_wheel_init(&wheel, 8, &arena);
}

static void tear_down(void) { sim_arena_release(&arena); }

static void drive(struct sim_wire *wire, sim_cycle now, uint64_t value) {
    memcpy(sim_wire_drive(wire, now), &value, sizeof value);
}

static uint64_t read_wire(const struct sim_wire *wire, sim_cycle now) {
    uint64_t value;
    memcpy(&value, sim_wire_read(wire, now), sizeof value);
    return value;
}

static void check_wire_latency(uint32_t latency) {
    struct sim_wire wire;
    sim_wire_init(&wire, sizeof(uint64_t), latency, &arena);
    uint64_t reset = 11;
    memcpy(sim_wire_preset(&wire), &reset, sizeof reset);
    drive(&wire, 100, 22);
    ck_assert_uint_eq(read_wire(&wire, 0), 11);
    ck_assert_uint_eq(read_wire(&wire, 100 + latency - 1), 11);
    ck_assert_uint_eq(sim_wire_since(&wire, 100 + latency - 1), 0);
    ck_assert_uint_eq(read_wire(&wire, 100 + latency), 22);
    ck_assert_uint_eq(read_wire(&wire, 1000000), 22);
    ck_assert_uint_eq(sim_wire_since(&wire, 1000000), 100 + latency);
    uint64_t last;
    memcpy(&last, sim_wire_last(&wire), sizeof last);
    ck_assert_uint_eq(last, 22);
    ck_assert_uint_eq(wire.drives, 1);
}

START_TEST(a_wire_shows_a_value_after_its_latency) {
    for (uint32_t latency = 1; latency < SIM_WHEEL_SLOTS; latency++)
        check_wire_latency(latency);
}
END_TEST

/* Driven in random cycles, at times in every cycle: the wire equals the list of everything driven. */
START_TEST(a_wire_remembers_what_is_in_flight) {
    enum { CYCLES = 1500 };
    uint32_t latency = (uint32_t)_i;
    uint64_t rng = latency, driven[CYCLES], value = 0;
    struct sim_wire wire;
    sim_wire_init(&wire, sizeof(uint64_t), latency, &arena);
    for (sim_cycle now = 0; now < CYCLES; now++) {
        bool before = sim_rng_below(&rng, 2) == 0; /* the reader steps before or after the driver */
        uint64_t expected = now < latency ? 0 : driven[now - latency];
        if (before)
            ck_assert_uint_eq(read_wire(&wire, now), expected);
        if (now / 300 % 2 == 0 || sim_rng_below(&rng, 10) == 0)
            drive(&wire, now, value = now + 1);
        driven[now] = value;
        if (!before)
            ck_assert_uint_eq(read_wire(&wire, now), expected);
    }
}
END_TEST

/* A reader that looks only where there is a mark sees every value in its cycle. */
START_TEST(a_marked_wire_is_never_missed) {
    uint32_t latency = (uint32_t)_i;
    uint64_t rng = latency, seen = 0;
    uint8_t mark = 0;
    struct sim_wire wire;
    sim_wire_init(&wire, sizeof(uint64_t), latency, &arena);
    sim_wire_mark(&wire, &mark);
    ck_assert_uint_eq(mark, 1);
    uint32_t skipped = 0;
    for (sim_cycle now = 0; now < 1500; now++) {
        bool before = sim_rng_below(&rng, 2) == 0, drives = sim_rng_below(&rng, 3 * latency) == 0;
        if (!before && drives)
            drive(&wire, now, now + 1);
        skipped += mark == 0;
        if (mark != 0) {
            mark = !sim_wire_rests(&wire, now);
            seen = read_wire(&wire, now);
        }
        ck_assert_uint_eq(seen, read_wire(&wire, now));
        if (before && drives)
            drive(&wire, now, now + 1);
    }
    ck_assert_uint_gt(skipped, 0);
}
END_TEST

START_TEST(a_wire_of_any_width_starts_at_zero) {
    static const uint32_t widths[] = {1, 7, 63, 64, 65, 512};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        struct sim_wire wire;
        sim_wire_init(&wire, widths[i], 3, &arena);
        memset(sim_wire_drive(&wire, 0), 0xff, widths[i]);
        memset(sim_wire_drive(&wire, 1), 0xee, widths[i]);
        const unsigned char *zero = sim_wire_read(&wire, 2), *ones = sim_wire_read(&wire, 3);
        for (uint32_t byte = 0; byte < widths[i]; byte++) {
            ck_assert_uint_eq(zero[byte], 0);
            ck_assert_uint_eq(ones[byte], 0xff);
        }
    }
}
END_TEST

static void check_link_latency(uint32_t latency) {
    struct number_link link;
    number_link_init(&link, latency, 4, &arena);
    ck_assert_ptr_null(number_link_peek(&link, 1000));
    number_link_send(&link, 100, 5);
    ck_assert_ptr_null(number_link_peek(&link, 100));
    ck_assert_ptr_null(number_link_peek(&link, 100 + latency - 1));
    ck_assert_uint_eq(*number_link_peek(&link, 100 + latency), 5);
    ck_assert_uint_eq(*number_link_peek(&link, 1000000), 5);
    number_link_take(&link);
    ck_assert_ptr_null(number_link_peek(&link, 1000000));
}

START_TEST(a_link_shows_an_item_after_its_latency) {
    for (uint32_t latency = 1; latency < SIM_WHEEL_SLOTS; latency++)
        check_link_latency(latency);
}
END_TEST

/* Random sends and takes across the wrap of the 32-bit positions: nothing lost, doubled or swapped. */
START_TEST(a_link_keeps_order) {
    uint64_t rng = (uint64_t)_i + 1, sent = 0, taken = 0, sent_at[4096];
    uint32_t capacity = 1 + (uint32_t)sim_rng_below(&rng, 9), latency = 1 + (uint32_t)sim_rng_below(&rng, 20);
    struct number_link link;
    number_link_init(&link, latency, capacity, &arena);
    ck_assert_uint_ge(link.base.mask + 1, capacity);
    link.base.head = link.base.tail = UINT32_MAX - 5;
    for (sim_cycle now = 0; now < 3000; now++) {
        if (sim_link_count(&link.base) < capacity && sim_rng_below(&rng, 3) > 0) {
            sent_at[sent % 4096] = now;
            number_link_send(&link, now, sent++);
        }
        if (sim_rng_below(&rng, 2) == 0) {
            const uint64_t *item = number_link_peek(&link, now);
            bool visible = taken < sent && sent_at[taken % 4096] + latency <= now;
            ck_assert_int_eq(item != NULL, visible);
            if (visible) {
                ck_assert_uint_eq(*item, taken++);
                number_link_take(&link);
            }
        }
        ck_assert_uint_eq(sim_link_count(&link.base), sent - taken);
    }
    ck_assert_uint_gt(taken, 50);
}
END_TEST

START_TEST(a_full_link_refuses) {
    struct number_link link;
    number_link_init(&link, 1, 4, &arena);
    for (sim_cycle now = 0; now < 5; now++)
        number_link_send(&link, now, now);
}
END_TEST

static void no_latency(uint32_t latency) {
    struct number_link link;
    number_link_init(&link, latency, 4, &arena);
}

START_TEST(latency_zero_refuses) { no_latency(0); }
END_TEST

START_TEST(latency_beyond_the_wheel_refuses) { no_latency(SIM_WHEEL_SLOTS); }
END_TEST

static void check_wake(uint32_t latency) {
    struct number_link link;
    struct sim_wire wire;
    number_link_init(&link, latency, 4, &arena);
    sim_wire_init(&wire, 8, latency, &arena);
    link.base.to = wire.to = (struct sim_wake){.wheel = &wheel, .id = READER};
    wheel.now = 50;
    number_link_send(&link, 50, 1);
    ck_assert_uint_eq(sim_wheel_next(&wheel), 50 + latency);
    ck_assert_uint_eq(wheel.moved, 50);
    sim_wheel_init(&wheel, 8, &arena);
    wheel.now = 60;
    drive(&wire, 60, 1);
    ck_assert_uint_eq(sim_wheel_next(&wheel), 60 + latency);
    ck_assert_uint_eq(wheel.moved, 60);
    uint32_t slot = (60 + latency) % SIM_WHEEL_SLOTS;
    ck_assert_uint_eq(wheel.set[slot * wheel.words], UINT64_C(1) << READER);
}

START_TEST(writing_wakes_the_reader_when_it_can_see) {
    for (uint32_t latency = 1; latency < SIM_WHEEL_SLOTS; latency++) {
        sim_wheel_init(&wheel, 8, &arena);
        check_wake(latency);
    }
}
END_TEST

START_TEST(a_connection_to_nowhere_wakes_nobody) {
    struct number_link link;
    struct sim_wire wire;
    number_link_init(&link, 1, 4, &arena);
    sim_wire_init(&wire, 8, 1, &arena);
    number_link_send(&link, 1, 1);
    drive(&wire, 1, 1);
    ck_assert_uint_eq(sim_wheel_next(&wheel), SIM_NEVER);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("sim/kernel/link");
    TCase *wire = suite_case(suite, "wire");
    tcase_add_checked_fixture(wire, set_up, tear_down);
    tcase_add_test(wire, a_wire_shows_a_value_after_its_latency);
    tcase_add_loop_test(wire, a_wire_remembers_what_is_in_flight, 1, 20);
    tcase_add_loop_test(wire, a_wire_remembers_what_is_in_flight, SIM_WHEEL_SLOTS - 2, SIM_WHEEL_SLOTS);
    tcase_add_loop_test(wire, a_marked_wire_is_never_missed, 1, 6);
    tcase_add_test(wire, a_wire_of_any_width_starts_at_zero);
    TCase *link = suite_case(suite, "link");
    tcase_add_checked_fixture(link, set_up, tear_down);
    tcase_add_test(link, a_link_shows_an_item_after_its_latency);
    tcase_add_loop_test(link, a_link_keeps_order, 0, 30);
    tcase_add_test_raise_signal(link, a_full_link_refuses, SIGABRT);
    tcase_add_test_raise_signal(link, latency_zero_refuses, SIGABRT);
    tcase_add_test_raise_signal(link, latency_beyond_the_wheel_refuses, SIGABRT);
    TCase *wake = suite_case(suite, "wake");
    tcase_add_checked_fixture(wake, set_up, tear_down);
    tcase_add_test(wake, writing_wakes_the_reader_when_it_can_see);
    tcase_add_test(wake, a_connection_to_nowhere_wakes_nobody);
    return suite_run(suite);
}
