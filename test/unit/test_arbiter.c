/* SPDX-License-Identifier: MIT
 *
 * Arbiters and allocators: a matrix arbiter against its matrix of bits, who waits how long, and matchings
 * against a second implementation that asks every pair.
 */
#include "noc/router/allocator.h"
#include "sim/base/rng.h"
#include "test/suite.h"

#include <string.h>

#define MOST 16u

static struct sim_arena arena;

static void open_arena(void) { sim_arena_init(&arena); }
static void close_arena(void) { sim_arena_release(&arena); }

/* The matrix of the hardware: bit [a][b] says that a goes before b; it starts with later ones before earlier
 * ones. Round robin by its pointer. */
struct bits {
    bool before[MOST][MOST];
    uint32_t pointer;
    bool matrix;
};

static void bits_init(struct bits *bits, enum noc_arbiter_kind kind) {
    memset(bits, 0, sizeof *bits);
    bits->matrix = kind == NOC_ARBITER_MATRIX;
    for (uint32_t a = 0; a < MOST; a++)
        for (uint32_t b = 0; b < a; b++)
            bits->before[a][b] = true;
}

/* The requester before which no other requester goes; MOST: nobody asks. */
static uint32_t bits_winner(const struct bits *bits, uint32_t requests) {
    if (!bits->matrix) {
        for (uint32_t k = 0; k < MOST; k++)
            if (requests >> (bits->pointer + k) % MOST & 1)
                return (bits->pointer + k) % MOST;
        return MOST;
    }
    for (uint32_t a = 0; a < MOST; a++) {
        bool first = requests >> a & 1;
        for (uint32_t b = 0; b < MOST; b++)
            first &= a == b || !(requests >> b & 1) || bits->before[a][b];
        if (first)
            return a;
    }
    return MOST;
}

static void bits_grant(struct bits *bits, uint32_t winner) {
    bits->pointer = (winner + 1) % MOST;
    for (uint32_t b = 0; b < MOST; b++) {
        bits->before[winner][b] = false;
        bits->before[b][winner] = b != winner;
    }
}

static uint32_t winner_of(const struct noc_arbiter *arbiter, uint32_t size, uint32_t requests) {
    uint32_t winner = size;
    for (uint32_t a = 0; a < size; a++)
        if (requests >> a & 1 &&
            (winner == size || noc_arbiter_rank(arbiter, a) < noc_arbiter_rank(arbiter, winner)))
            winner = a;
    return winner;
}

START_TEST(an_order_of_grants_is_a_matrix) {
    uint64_t rng = 3;
    struct noc_arbiter arbiter;
    struct bits bits;
    noc_arbiter_init(&arbiter, NOC_ARBITER_MATRIX, MOST, &arena);
    bits_init(&bits, NOC_ARBITER_MATRIX);
    for (uint32_t round = 0; round < 20000; round++) {
        uint32_t requests = (uint32_t)sim_rng_below(&rng, 1u << MOST);
        if (requests == 0)
            continue;
        uint32_t winner = winner_of(&arbiter, MOST, requests);
        ck_assert_uint_eq(winner, bits_winner(&bits, requests));
        if (round % 5 != 0) { /* a line moves only on grants that are taken */
            noc_arbiter_grant(&arbiter, winner);
            bits_grant(&bits, winner);
        }
    }
}
END_TEST

/* The law of the matrix arbiter: of those who ask, the one served longest ago wins. So who keeps asking sees
 * every other win at most once before him. */
START_TEST(the_least_recently_served_wins) {
    uint64_t rng = 5;
    struct noc_arbiter arbiter;
    uint32_t served[MOST] = {0}, overtaken[MOST][MOST] = {{0}}, asking = 0;
    noc_arbiter_init(&arbiter, NOC_ARBITER_MATRIX, MOST, &arena);
    for (uint32_t round = 1; round < 20000; round++) {
        asking |= (uint32_t)sim_rng_below(&rng, 1u << MOST) & (uint32_t)sim_rng_below(&rng, 1u << MOST);
        if (asking == 0)
            continue;
        uint32_t winner = winner_of(&arbiter, MOST, asking);
        for (uint32_t a = 0; a < MOST; a++) {
            if (!(asking >> a & 1) || a == winner)
                continue;
            ck_assert(served[a] == 0 || served[winner] < served[a]);
            ck_assert_uint_le(++overtaken[a][winner], 1);
        }
        noc_arbiter_grant(&arbiter, winner);
        served[winner] = round;
        memset(overtaken[winner], 0, sizeof overtaken[winner]);
        asking &= ~(1u << winner);
    }
}
END_TEST

/* ---- allocators --------------------------------------------------------------------------------- */

struct second {
    enum noc_allocator_kind kind;
    struct bits input[MOST], output[MOST];
};

static uint32_t column(const uint32_t *rows, uint32_t out) {
    uint32_t inputs = 0;
    for (uint32_t in = 0; in < MOST; in++)
        inputs |= (rows[in] >> out & 1) << in;
    return inputs;
}

/* One iteration on the requests `rows` (a set of outputs for each input); writes the matched outputs. */
static void second_round(struct second *s, const uint32_t *rows, bool move, uint32_t *match) {
    bool inputs_first = s->kind == NOC_ALLOCATOR_SEPARABLE_INPUT_FIRST;
    uint32_t offer[MOST] = {0}; /* by the side that chooses last, the set of those that chose it */
    for (uint32_t i = 0; i < MOST; i++) {
        uint32_t chosen = inputs_first ? bits_winner(&s->input[i], rows[i])
                                       : bits_winner(&s->output[i], column(rows, i));
        if (chosen < MOST)
            offer[chosen] |= 1u << i;
    }
    for (uint32_t i = 0; i < MOST; i++) {
        uint32_t chosen = bits_winner(inputs_first ? &s->output[i] : &s->input[i], offer[i]);
        if (chosen == MOST)
            continue;
        uint32_t in = inputs_first ? chosen : i, out = inputs_first ? i : chosen;
        match[in] = out;
        if (move) {
            bits_grant(&s->input[in], out);
            bits_grant(&s->output[out], in);
        }
    }
}

static void second_run(struct second *s, const uint32_t *rows, uint32_t iterations, uint32_t *match) {
    uint32_t left[MOST];
    memcpy(left, rows, sizeof left);
    for (uint32_t in = 0; in < MOST; in++)
        match[in] = MOST;
    for (uint32_t i = 0; i < (s->kind == NOC_ALLOCATOR_ISLIP ? iterations : 1); i++) {
        second_round(s, left, i == 0, match);
        for (uint32_t in = 0; in < MOST; in++)
            if (match[in] < MOST) {
                left[in] = 0;
                for (uint32_t other = 0; other < MOST; other++)
                    left[other] &= ~(1u << match[in]);
            }
    }
}

/* Both allocators with both arbiters and one to three iterations, requests in any order. */
START_TEST(matchings_are_those_of_a_second_implementation) {
    enum noc_allocator_kind kind = (enum noc_allocator_kind)(_i % 2);
    enum noc_arbiter_kind arbiter = (enum noc_arbiter_kind)(_i / 2 % 2);
    uint32_t iterations = 1 + (uint32_t)_i / 4;
    uint64_t rng = sim_rng_stream(9, (uint64_t)_i);
    struct noc_allocator a;
    struct second s = {.kind = kind};
    noc_allocator_init(&a, kind, arbiter, MOST, MOST, iterations, &arena);
    for (uint32_t i = 0; i < MOST; i++) {
        bits_init(&s.input[i], arbiter);
        bits_init(&s.output[i], arbiter);
    }
    /* The pointer of a real arbiter runs to MOST inclusive, which is the same place as 0. */
    for (uint32_t round = 0; round < 4000; round++) {
        struct noc_request request[MOST * MOST], grant[MOST * MOST];
        uint32_t rows[MOST] = {0}, match[MOST], count = 0, odds = 1 + round % 7;
        for (uint32_t in = 0; in < MOST; in++)
            for (uint32_t out = 0; out < MOST; out++)
                if (sim_rng_below(&rng, odds) == 0) {
                    uint32_t at = (uint32_t)sim_rng_below(&rng, count + 1);
                    rows[in] |= 1u << out;
                    request[count++] = request[at];
                    request[at] = (struct noc_request){.in = (uint16_t)in, .out = (uint16_t)out};
                }
        second_run(&s, rows, iterations, match);
        uint32_t granted = noc_allocator_run(&a, request, count, grant), expected = 0;
        for (uint32_t in = 0; in < MOST; in++)
            expected += match[in] < MOST;
        ck_assert_uint_eq(granted, expected);
        for (uint32_t k = 0; k < granted; k++)
            ck_assert_uint_eq(grant[k].out, match[grant[k].in]);
    }
}
END_TEST

/* Everybody wants the same output for ever: each is served once in as many cycles as there are inputs. */
START_TEST(a_contended_output_is_shared_evenly) {
    struct noc_allocator a;
    struct noc_request request[MOST], grant[MOST];
    uint32_t served[MOST] = {0};
    noc_allocator_init(&a, (enum noc_allocator_kind)(_i % 2), (enum noc_arbiter_kind)(_i / 2), MOST, MOST, 1,
                       &arena);
    for (uint32_t in = 0; in < MOST; in++)
        request[in] = (struct noc_request){.in = (uint16_t)in, .out = 3};
    for (uint32_t round = 0; round < 20 * MOST; round++) {
        ck_assert_uint_eq(noc_allocator_run(&a, request, MOST, grant), 1);
        served[grant[0].in]++;
        for (uint32_t in = 0; in < MOST && (round + 1) % MOST == 0; in++)
            ck_assert_uint_eq(served[in], (round + 1) / MOST);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("arbiters");
    TCase *matrix = suite_case(suite, "matrix");
    tcase_add_checked_fixture(matrix, open_arena, close_arena);
    tcase_add_test(matrix, an_order_of_grants_is_a_matrix);
    tcase_add_test(matrix, the_least_recently_served_wins);
    TCase *allocators = suite_case(suite, "allocators");
    tcase_add_checked_fixture(allocators, open_arena, close_arena);
    tcase_add_loop_test(allocators, matchings_are_those_of_a_second_implementation, 0, 12);
    tcase_add_loop_test(allocators, a_contended_output_is_shared_evenly, 0, 4);
    return suite_run(suite);
}
