/* SPDX-License-Identifier: MIT
 *
 * The laws L1-L5, L7 and L8 over one subject; see harness.h. Each is a loop test over seeds.
 */
#include "test/laws/memory.h"

#include "sim/base/rng.h"
#include "test/laws/recorded.h"

#include <stdlib.h>
#include <string.h>

static const struct law_subject *subject;

static uint64_t seed_of(int loop) {
    const char *only = getenv("LAW_SEED");
    return only != NULL ? strtoull(only, NULL, 10) : (uint64_t)loop;
}

static int seeds(void) {
    const char *many = getenv("LAW_SEEDS");
    return getenv("LAW_SEED") != NULL ? 1 : many != NULL ? atoi(many) : 25;
}

/* The kernel calls `watch` in place of every step function; it gets the real one from `watched`. */
static struct law_run *watched_run;
static const struct sim_type **watched;

static void watch_steps(struct law_run *run, sim_cycle (*step)(void *self, sim_cycle now)) {
    uint32_t count = run->kernel.components;
    struct sim_type *shim = calloc(count, sizeof *shim);
    watched = calloc(count, sizeof *watched);
    ck_assert(shim != NULL && watched != NULL);
    watched_run = run;
    for (uint32_t id = 0; id < count; id++) {
        struct sim_component *component = run->kernel.component[id];
        watched[id] = component->type;
        shim[id] = *component->type;
        shim[id].step = step;
        component->type = &shim[id];
    }
}

static void unwatch_steps(void) {
    free((void *)(uintptr_t)watched_run->kernel.component[0]->type);
    free(watched);
}

/* ---- L1 isolation -------------------------------------------------------------------------------- */

#define NO_OWNER UINT32_MAX

static unsigned char *shadow; /* the model's memory as it was after the last step */
static uint32_t *owner;       /* [byte of the model] who has written it */
static bool *sole;            /* [byte of the model] a wire's value: nobody but its producer ever writes it */

static void own(const struct law_run *run, uint32_t id, const void *start, size_t bytes) {
    size_t index = law_model_index(run, start);
    for (size_t i = 0; i < bytes; i++)
        owner[index + i] = id;
}

static bool share_ends(const struct sim_kernel *kernel, uint32_t a, uint32_t b) {
    if (!subject->shared_ends)
        return false;
    for (uint32_t i = 0; i < kernel->connections; i++) {
        const struct sim_connection *c = &kernel->connection[i];
        if ((c->from == a && c->to == b) || (c->from == b && c->to == a))
            return true;
    }
    return false;
}

static sim_cycle step_isolated(void *self, sim_cycle now) {
    const struct law_run *run = watched_run;
    uint32_t id = ((struct sim_component *)self)->id;
    sim_cycle next = watched[id]->step(self, now);
    size_t byte = 0;
    while ((byte = law_model_differs(run, shadow, byte)) != SIZE_MAX) {
        bool foreign = owner[byte] != NO_OWNER && owner[byte] != id;
        if (foreign && (sole[byte] || !share_ends(&run->kernel, owner[byte], id))) {
            char name[LAW_NAME];
            law_fail(run, "the step of %s changes %s, which %s writes", run->kernel.component[id]->path,
                     law_model_name(run, byte, name), run->kernel.component[owner[byte]]->path);
        }
        owner[byte] = id;
        shadow[byte] = *law_model_byte(run, byte);
        byte++;
    }
    return next;
}

static void own_wires(const struct law_run *run) {
    for (uint32_t i = 0; i < run->kernel.connections; i++) {
        const struct sim_connection *c = &run->kernel.connection[i];
        if (c->wire == NULL)
            continue;
        size_t bytes = (size_t)(c->wire->mask + 1) * c->wire->stride;
        own(run, c->from, c->wire->slot, bytes);
        memset(sole + law_model_index(run, c->wire->slot), true, bytes);
    }
}

START_TEST(a_byte_has_one_writer) {
    struct law_run run;
    law_run_open(&run, subject, seed_of(_i), seed_of(_i) % 2 == 0 ? SIM_ORDER_SPARSE : SIM_ORDER_SHUFFLED);
    watch_steps(&run, step_isolated);
    shadow = law_model_copy(&run);
    owner = malloc(run.model_bytes * sizeof *owner);
    sole = calloc(run.model_bytes, sizeof *sole);
    ck_assert(owner != NULL && sole != NULL);
    memset(owner, 0xff, run.model_bytes * sizeof *owner);
    for (uint32_t id = 0; id < run.kernel.components; id++) {
        const struct sim_component *component = run.kernel.component[id];
        own(&run, id, component, sizeof *component);
        if (component->type->part)
            continue; /* the first that counts for it owns the counters */
        own(&run, id, component->count, component->type->event_count * sizeof *component->count);
    }
    own_wires(&run);
    while (law_run_resume(&run, sim_kernel_run(&run.kernel, subject->cycles / 4)))
        law_model_refresh(&run, shadow);
    unwatch_steps();
    free(owner);
    free(sole);
    free(shadow);
    law_run_close(&run);
}
END_TEST

/* ---- L2 order-free, L3 idle ---------------------------------------------------------------------- */

struct outcome {
    enum sim_stop stop;
    sim_cycle now, moved;
    uint64_t open;
    unsigned char *bytes;
};

static struct outcome run_from(const struct law_image *image, struct law_run *run, enum sim_order order,
                               uint64_t shuffle, sim_cycle until) {
    law_image_restore(image, run, order, shuffle);
    struct outcome o = {.stop = law_run_until(run, until)};
    law_run_settle(run);
    o.now = run->kernel.now;
    o.moved = run->kernel.wheel.moved;
    o.open = run->kernel.wheel.open;
    o.bytes = law_model_copy(run);
    return o;
}

/* True when both orders end alike; otherwise says in `text` what differs. */
static bool agree(const struct law_image *image, struct law_run *run, const enum sim_order order[2],
                  uint64_t shuffle, sim_cycle until, char text[2 * LAW_NAME]) {
    struct outcome a = run_from(image, run, order[0], shuffle, until);
    struct outcome b = run_from(image, run, order[1], shuffle, until);
    size_t byte = law_model_differs(run, a.bytes, 0);
    bool same = true;
    if (byte != SIZE_MAX) {
        char name[LAW_NAME];
        snprintf(text, 2 * LAW_NAME, "%s differs", law_model_name(run, byte, name));
        same = false;
    } else if (a.stop != b.stop || a.now != b.now || a.moved != b.moved || a.open != b.open) {
        snprintf(text, 2 * LAW_NAME, "stop %d/%d, end %llu/%llu, last send %llu/%llu, open %llu/%llu",
                 (int)a.stop, (int)b.stop, (unsigned long long)a.now, (unsigned long long)b.now,
                 (unsigned long long)a.moved, (unsigned long long)b.moved, (unsigned long long)a.open,
                 (unsigned long long)b.open);
        same = false;
    }
    free(a.bytes);
    free(b.bytes);
    return same;
}

/* Fails with the first cycle after which the two orders differ. */
static void require_agreement(const struct law_image *image, struct law_run *run, enum sim_order first,
                              enum sim_order second, uint64_t shuffle) {
    static const char *const name[] = {"sparse", "dense", "shuffled"};
    const enum sim_order order[2] = {first, second};
    char text[2 * LAW_NAME] = "";
    if (agree(image, run, order, shuffle, subject->cycles, text))
        return;
    sim_cycle good = 0, bad = subject->cycles;
    while (bad - good > 1) {
        sim_cycle middle = good + (bad - good) / 2;
        if (agree(image, run, order, shuffle, middle, text))
            good = middle;
        else
            bad = middle;
    }
    agree(image, run, order, shuffle, bad, text);
    law_fail(run, "%s and %s differ first after %llu cycles: %s", name[first], name[second],
             (unsigned long long)bad, text);
}

START_TEST(order_does_not_matter) {
    struct law_run run;
    struct law_image image;
    law_run_open(&run, subject, seed_of(_i), SIM_ORDER_DENSE);
    law_image_take(&image, &run);
    for (uint64_t shuffle = 1; shuffle <= 2; shuffle++)
        require_agreement(&image, &run, SIM_ORDER_DENSE, SIM_ORDER_SHUFFLED, run.seed * 1000 + shuffle);
    law_image_release(&image);
    law_run_close(&run);
}
END_TEST

START_TEST(sparse_is_dense) {
    struct law_run run;
    struct law_image image;
    law_run_open(&run, subject, seed_of(_i), SIM_ORDER_DENSE);
    law_image_take(&image, &run);
    require_agreement(&image, &run, SIM_ORDER_SPARSE, SIM_ORDER_DENSE, 0);
    law_image_release(&image);
    law_run_close(&run);
}
END_TEST

static bool *due; /* [id] in the cycle being stepped */
static bool shadow_is_fresh;
static uint64_t sampler;

/* What the neighbours can see of all components: changes with every send, take and drive. */
static uint64_t traffic(const struct sim_kernel *kernel) {
    uint64_t sum = kernel->wheel.open + kernel->wheel.moved;
    for (uint32_t i = 0; i < kernel->connections; i++) {
        const struct sim_connection *c = &kernel->connection[i];
        sum += c->wire != NULL ? c->wire->drives : (uint64_t)c->link->head + c->link->tail;
    }
    return sum;
}

static sim_cycle step_idle(void *self, sim_cycle now) {
    struct law_run *run = watched_run;
    uint32_t id = ((struct sim_component *)self)->id;
    if (due[id] || sim_rng_below(&sampler, 16) != 0) {
        shadow_is_fresh = false;
        return watched[id]->step(self, now);
    }
    if (subject->tidy != NULL)
        subject->tidy(&run->kernel);
    if (!subject->lazy && !shadow_is_fresh)
        law_model_refresh(run, shadow);
    uint64_t before = traffic(&run->kernel);
    sim_cycle next = watched[id]->step(self, now);
    shadow_is_fresh = true;
    if (subject->tidy != NULL)
        subject->tidy(&run->kernel);
    const char *path = run->kernel.component[id]->path;
    if (traffic(&run->kernel) != before)
        law_fail(run, "nothing is due to %s, yet its step sends, takes, opens or finishes work", path);
    size_t byte = subject->lazy ? SIZE_MAX : law_model_differs(run, shadow, 0);
    char name[LAW_NAME];
    if (byte != SIZE_MAX)
        law_fail(run, "nothing is due to %s, yet its step changes %s", path, law_model_name(run, byte, name));
    return next;
}

/* In the dense orders the wheel still collects the wakes, so its slot is the list of who is due. */
static void list_due(const struct sim_kernel *kernel) {
    const struct sim_wheel *wheel = &kernel->wheel;
    size_t slot = kernel->now % SIM_WHEEL_SLOTS;
    for (uint32_t id = 0; id < kernel->components; id++)
        due[id] = kernel->now == 0 || (wheel->set[slot * wheel->words + id / 64] >> (id % 64) & 1) != 0;
}

START_TEST(a_step_with_nothing_due_changes_nothing) {
    struct law_run run;
    law_run_open(&run, subject, seed_of(_i), SIM_ORDER_DENSE);
    watch_steps(&run, step_idle);
    shadow = law_model_copy(&run);
    due = calloc(run.kernel.components, sizeof *due);
    ck_assert_ptr_nonnull(due);
    sampler = run.seed;
    while (run.kernel.now < subject->cycles / 4) {
        list_due(&run.kernel);
        shadow_is_fresh = false;
        enum sim_stop stop = sim_kernel_run(&run.kernel, run.kernel.now + 1);
        if (stop != SIM_STOP_TIME && !law_run_resume(&run, stop))
            break;
    }
    unwatch_steps();
    free(due);
    free(shadow);
    law_run_close(&run);
}
END_TEST

/* ---- L4 credits, L5 conservation ----------------------------------------------------------------- */

typedef bool audit(const void *system, const struct sim_kernel *kernel, struct sim_err *err);

/* Audits between cycles at random distances, and at the end. */
static void run_audited(int loop, audit *whole) {
    for (enum sim_order order = 0; order < SIM_ORDER_COUNT; order++) {
        struct law_run run;
        law_run_open(&run, subject, seed_of(loop), order);
        uint64_t rng = run.seed;
        enum sim_stop stop = SIM_STOP_TIME;
        while (stop == SIM_STOP_TIME && run.kernel.now < subject->cycles) {
            stop = law_run_until(&run, run.kernel.now + 1 + sim_rng_below(&rng, 40));
            struct sim_err err;
            sim_err_init(&err);
            bool sound = sim_kernel_audit(&run.kernel, &err);
            if (sound && whole != NULL)
                sound = whole(run.system, &run.kernel, &err);
            if (!sound)
                law_fail(&run, "%s", err.count > 0 ? err.message[0] : "an audit fails without a message");
            sim_err_release(&err);
        }
        law_run_close(&run);
    }
}

START_TEST(credits_are_conserved) { run_audited(_i, subject->credits); }
END_TEST

START_TEST(traffic_is_conserved) { run_audited(_i, subject->conservation); }
END_TEST

/* ---- L7 replay ----------------------------------------------------------------------------------- */

START_TEST(a_replay_is_the_same_run) {
    struct law_run run[3]; /* all open at once, so that their addresses differ */
    for (int replay = 0; replay < 3; replay++) {
        struct law_run *r = &run[replay];
        law_run_open(r, subject, seed_of(_i), SIM_ORDER_SPARSE);
        uint64_t rng = r->seed;
        enum sim_stop stop = SIM_STOP_TIME;
        while (replay == 2 && stop == SIM_STOP_TIME && r->kernel.now < subject->cycles) {
            sim_cycle until = r->kernel.now + 1 + sim_rng_below(&rng, 500);
            stop = law_run_until(r, until < subject->cycles ? until : subject->cycles);
            sim_kernel_settle(&r->kernel);
        }
        law_run_until(r, subject->cycles);
        law_run_settle(r);
        size_t byte = law_runs_differ(r, &run[0]);
        char name[LAW_NAME];
        if (byte != SIZE_MAX || r->kernel.now != run[0].kernel.now)
            law_fail(r, "%s differs, %s", replay == 1 ? "a second run" : "a run in settled pieces",
                     byte == SIZE_MAX ? "in its end" : law_model_name(r, byte, name));
    }
    for (int replay = 0; replay < 3; replay++)
        law_run_close(&run[replay]);
}
END_TEST

START_TEST(every_order_records_the_same) { law_recorded_replay(subject, seed_of(_i)); }
END_TEST

/* ---- L8 linear energy ---------------------------------------------------------------------------- */

START_TEST(energy_is_linear_in_the_counts) {
    struct law_run whole, run;
    law_run_open(&whole, subject, seed_of(_i), SIM_ORDER_SPARSE);
    law_run_open(&run, subject, seed_of(_i), SIM_ORDER_SPARSE);
    uint64_t rng = run.seed, events = 0, kind = 0;
    for (uint32_t id = 0; id < run.kernel.components; id++)
        events += run.kernel.component[id]->type->event_count;
    uint64_t *price = calloc(events + 1, sizeof *price), *last = calloc(events + 1, sizeof *last);
    ck_assert(price != NULL && last != NULL);
    for (uint64_t i = 0; i < events; i++)
        price[i] = sim_rng_below(&rng, 1000000); /* fJ */
    uint64_t windows_fj = 0, whole_fj = 0;
    enum sim_stop stop = SIM_STOP_TIME;
    while (stop == SIM_STOP_TIME && run.kernel.now < subject->cycles) {
        sim_cycle until = run.kernel.now + 1 + sim_rng_below(&rng, 300);
        stop = law_run_until(&run, until < subject->cycles ? until : subject->cycles);
        sim_kernel_settle(&run.kernel);
        sim_kernel_settle(&run.kernel); /* settling twice is settling once */
        kind = 0;
        for (uint32_t id = 0; id < run.kernel.components; id++) {
            const struct sim_component *component = run.kernel.component[id];
            for (uint32_t event = 0; event < component->type->event_count; event++, kind++) {
                if (component->count[event] < last[kind])
                    law_fail(&run, "counter '%s' of %s falls", component->type->events[event].name,
                             component->path);
                windows_fj += (component->count[event] - last[kind]) * price[kind];
                last[kind] = component->count[event];
            }
        }
    }
    law_run_until(&whole, subject->cycles);
    sim_kernel_settle(&whole.kernel);
    kind = 0;
    for (uint32_t id = 0; id < whole.kernel.components; id++) {
        const struct sim_component *component = whole.kernel.component[id];
        for (uint32_t event = 0; event < component->type->event_count; event++, kind++) {
            if (component->count[event] != last[kind])
                law_fail(&whole, "counter '%s' of %s is %llu in one run, %llu in windows",
                         component->type->events[event].name, component->path,
                         (unsigned long long)component->count[event], (unsigned long long)last[kind]);
            whole_fj += component->count[event] * price[kind];
        }
    }
    ck_assert_uint_eq(whole_fj, windows_fj);
    free(price);
    free(last);
    law_run_close(&run);
    law_run_close(&whole);
}
END_TEST

START_TEST(recorded_energy_is_counts_times_prices) { law_recorded_energy(subject, seed_of(_i)); }
END_TEST

static void add_law(Suite *suite, const char *name, const TTest *test) {
    TCase *tcase = suite_case(suite, name);
    tcase_set_timeout(tcase, 20);
    tcase_add_loop_test(tcase, test, 0, seeds());
}

void law_add(Suite *suite, const struct law_subject *subject_) {
    subject = subject_;
    add_law(suite, "L1", a_byte_has_one_writer);
    add_law(suite, "L2", order_does_not_matter);
    add_law(suite, "L3", sparse_is_dense);
    add_law(suite, "L3", a_step_with_nothing_due_changes_nothing);
    add_law(suite, "L4", credits_are_conserved);
    add_law(suite, "L5", traffic_is_conserved);
    add_law(suite, "L7", a_replay_is_the_same_run);
    add_law(suite, "L7", every_order_records_the_same);
    add_law(suite, "L8", energy_is_linear_in_the_counts);
    add_law(suite, "L8", recorded_energy_is_counts_times_prices);
}
