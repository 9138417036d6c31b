/* SPDX-License-Identifier: MIT
 *
 * Shards, their boxes and the barrier between cycles; see shards.h.
 */
#include "sim/kernel/shards.h"

#include "sim/base/memory.h"
#include "sim/kernel/cycle.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define APART 64                      /* bytes: what two threads write does not share a line of the cache */
#define OPEN_FIRST (UINT64_C(1) << 62) /* work opened in one shard may be finished in another */
#define PATIENCE_LEAST 16u            /* looks at the barrier before a thread goes to sleep, */
#define PATIENCE_MOST 8192u           /* about a tenth of a millisecond */

struct sim_shards {
    struct sim_kernel *whole;
    uint64_t open;            /* work of the elaboration */
    struct sim_kernel **part; /* [shard] */
    uint32_t count;
    struct sim_wheel **box; /* [from * count + to], NULL: not connected */
};

/* A thread. It has shards number, number + threads, ... */
struct member {
    alignas(APART) struct team *team;
    pthread_t thread;
    uint32_t number, patience;
    sim_cycle next, moved; /* of its shards, when it comes to the barrier: the first cycle in which anybody */
    uint64_t open;         /* is due, and as in struct sim_wheel */
};

/* The threads of one run. */
struct team {
    struct sim_shards *shards;
    sim_cycle until;
    struct member *member;
    uint32_t threads;
    pthread_mutex_t mutex;
    pthread_cond_t opened;
    sim_cycle now; /* the cycle to be stepped, SIM_NEVER: the run ends */
    alignas(APART) atomic_uint arrived;
    alignas(APART) atomic_uint round; /* how often the barrier has opened */
};

/* ---- elaboration -------------------------------------------------------------------------------- */

static struct sim_wheel *box_of(const struct sim_shards *shards, uint32_t from, uint32_t to) {
    return shards->box[(size_t)from * shards->count + to];
}

/* Wakes from another shard go into a box, which is made when it is needed. */
static void connect(struct sim_shards *s, uint32_t from, uint32_t to, uint32_t id, struct sim_wake *wake) {
    struct sim_wheel **box = &s->box[(size_t)from * s->count + to];
    if (from != to && *box == NULL) {
        *box = SIM_NEW(s->whole->arena, struct sim_wheel);
        sim_wheel_init_near(*box, s->part[to]->components, s->whole->arena);
    }
    *wake = (struct sim_wake){.wheel = from != to ? *box : &s->part[to]->wheel, .id = id};
}

static void connect_all(struct sim_shards *s, const uint32_t *of, const uint32_t *place) {
    for (uint32_t i = 0; i < s->whole->connections; i++) {
        struct sim_connection *c = &s->whole->connection[i];
        if (c->to == SIM_NOBODY)
            continue;
        assert(c->wire == NULL || of[c->from] == of[c->to]);
        connect(s, of[c->from], of[c->to], place[c->to], c->wire != NULL ? &c->wire->to : &c->link->to);
    }
}

static struct sim_kernel *new_part(const struct sim_kernel *whole, uint32_t components, uint32_t shard) {
    struct sim_kernel *part = SIM_NEW(whole->arena, struct sim_kernel);
    sim_kernel_init(part, &whole->spec, whole->arena);
    part->rng += shard;
    part->component = SIM_NEW_ARRAY(whole->arena, struct sim_component *, (size_t)components + 1);
    part->wheel.open = OPEN_FIRST;
    return part;
}

void sim_shards_start(struct sim_kernel *kernel, uint32_t count, const uint32_t *of) {
    struct sim_shards *s = SIM_NEW(kernel->arena, struct sim_shards);
    uint32_t *place = SIM_NEW_ARRAY(kernel->arena, uint32_t, (size_t)kernel->components + count);
    uint32_t *size = place + kernel->components;
    assert(!kernel->spec.unlisted);
    *s = (struct sim_shards){.whole = kernel, .open = kernel->wheel.open, .count = count};
    s->part = SIM_NEW_ARRAY(kernel->arena, struct sim_kernel *, count);
    s->box = SIM_NEW_ARRAY(kernel->arena, struct sim_wheel *, (size_t)count * count);
    for (uint32_t id = 0; id < kernel->components; id++)
        place[id] = size[of[id]]++;
    for (uint32_t shard = 0; shard < count; shard++)
        s->part[shard] = new_part(kernel, size[shard], shard);
    for (uint32_t id = 0; id < kernel->components; id++) {
        struct sim_kernel *part = s->part[of[id]];
        part->component[part->components++] = kernel->component[id];
        kernel->component[id]->wheel = &part->wheel;
    }
    for (uint32_t shard = 0; shard < count; shard++)
        sim_kernel_prepare(s->part[shard]);
    connect_all(s, of, place);
    kernel->shards = s;
    kernel->started = true;
    sim_arena_seal(kernel->arena);
}

/* ---- a cycle ------------------------------------------------------------------------------------ */

static bool is_dense(const struct sim_kernel *kernel) { return kernel->spec.order != SIM_ORDER_SPARSE; }

static void step(const struct sim_shards *s, uint32_t shard, sim_cycle now) {
    struct sim_kernel *part = s->part[shard];
    for (uint32_t other = 0; other < s->count; other++) {
        struct sim_wheel *in = box_of(s, other, shard), *out = box_of(s, shard, other);
        if (in != NULL)
            sim_wheel_take_over(&part->wheel, in, now);
        if (out != NULL)
            out->now = now;
    }
    sim_kernel_cycle(part, is_dense(part), now);
}

/* Adds to what `member` tells at the barrier. */
static void report(struct member *member, const struct sim_shards *s, uint32_t shard) {
    const struct sim_wheel *wheel = &s->part[shard]->wheel;
    sim_cycle next = sim_wheel_next(wheel), moved = wheel->moved, beyond = wheel->now + SIM_WHEEL_SLOTS;
    for (uint32_t other = 0; other < s->count; other++) {
        const struct sim_wheel *out = box_of(s, shard, other);
        if (out == NULL)
            continue;
        sim_cycle until = next < beyond ? next : beyond;
        sim_cycle first = sim_wheel_first_near(out, wheel->now + 1, until);
        next = first < until ? first : next;
        moved = out->moved > moved ? out->moved : moved;
    }
    member->next = next < member->next ? next : member->next;
    member->moved = moved > member->moved ? moved : member->moved;
    member->open += wheel->open - OPEN_FIRST;
}

/* ---- the barrier -------------------------------------------------------------------------------- */

static void plan(struct team *team) {
    struct sim_kernel *whole = team->shards->whole;
    sim_cycle next = SIM_NEVER;
    whole->wheel.open = team->shards->open;
    for (uint32_t i = 0; i < team->threads; i++) {
        const struct member *m = &team->member[i];
        next = m->next < next ? m->next : next;
        whole->wheel.moved = m->moved > whole->wheel.moved ? m->moved : whole->wheel.moved;
        whole->wheel.open += m->open;
    }
    team->now = sim_kernel_plan(whole, is_dense(whole), next, team->until);
    if (team->now != SIM_NEVER)
        whole->now = team->now + 1;
}

static void open_barrier(struct team *team) {
    atomic_store_explicit(&team->arrived, 0, memory_order_relaxed);
    pthread_mutex_lock(&team->mutex);
    atomic_fetch_add_explicit(&team->round, 1, memory_order_release);
    pthread_cond_broadcast(&team->opened);
    pthread_mutex_unlock(&team->mutex);
}

static inline void pause_a_little(void) {
#if defined __x86_64__
    __builtin_ia32_pause();
#endif
}

/* A thread that had to sleep looks half as often the next time, one that had not, twice as often. */
static void wait_for_others(struct member *member, uint32_t round) {
    struct team *team = member->team;
    for (uint32_t looks = 0; looks < member->patience; looks++) {
        if (atomic_load_explicit(&team->round, memory_order_acquire) != round) {
            member->patience = member->patience < PATIENCE_MOST ? 2 * member->patience : PATIENCE_MOST;
            return;
        }
        pause_a_little();
    }
    member->patience = member->patience > PATIENCE_LEAST ? member->patience / 2 : PATIENCE_LEAST;
    pthread_mutex_lock(&team->mutex);
    while (atomic_load_explicit(&team->round, memory_order_acquire) == round)
        pthread_cond_wait(&team->opened, &team->mutex);
    pthread_mutex_unlock(&team->mutex);
}

/* Who comes last plans the next cycle for all. */
static sim_cycle meet(struct member *member) {
    struct team *team = member->team;
    uint32_t round = atomic_load_explicit(&team->round, memory_order_relaxed);
    if (atomic_fetch_add_explicit(&team->arrived, 1, memory_order_acq_rel) + 1 == team->threads) {
        plan(team);
        open_barrier(team);
    } else {
        wait_for_others(member, round);
    }
    return team->now;
}

/* ---- a run -------------------------------------------------------------------------------------- */

static void *work(void *self) {
    struct member *member = self;
    const struct team *team = member->team;
    const struct sim_shards *s = team->shards;
    pthread_mutex_lock(&member->team->mutex); /* until the team is complete */
    pthread_mutex_unlock(&member->team->mutex);
    for (sim_cycle now;;) {
        member->next = SIM_NEVER;
        member->moved = member->open = 0;
        for (uint32_t shard = member->number; shard < s->count; shard += team->threads)
            report(member, s, shard);
        if ((now = meet(member)) == SIM_NEVER)
            return NULL;
        for (uint32_t shard = member->number; shard < s->count; shard += team->threads)
            step(s, shard, now);
    }
}

/* The caller is the first of the team. */
static void run_together(struct team *team) {
    struct member *member = team->member;
    pthread_mutex_lock(&team->mutex);
    for (uint32_t i = 0; i < team->shards->count; i++)
        member[i] = (struct member){.team = team, .number = i, .patience = PATIENCE_MOST};
    team->threads = 1;
    while (team->threads < team->shards->count &&
           pthread_create(&member[team->threads].thread, NULL, work, &member[team->threads]) == 0)
        team->threads++;
    pthread_mutex_unlock(&team->mutex);
    work(&member[0]);
    for (uint32_t i = 1; i < team->threads; i++)
        pthread_join(member[i].thread, NULL);
}

enum sim_stop sim_shards_run(struct sim_shards *s, sim_cycle until) {
    struct team team = {.shards = s,
                        .until = until,
                        .member = aligned_alloc(APART, s->count * sizeof(struct member)),
                        .mutex = PTHREAD_MUTEX_INITIALIZER,
                        .opened = PTHREAD_COND_INITIALIZER};
    if (team.member == NULL)
        sim_memory_exhausted(NULL);
    run_together(&team);
    free(team.member);
    s->whole->steps = 0;
    for (uint32_t shard = 0; shard < s->count; shard++)
        s->whole->steps += s->part[shard]->steps;
    return sim_kernel_stop(s->whole, until);
}
