/* SPDX-License-Identifier: MIT
 *
 * The native kernel; see kernel.h. One loop, three orders.
 */
#include "sim/kernel/cycle.h"
#include "sim/kernel/shards.h"

#define LARGE_BYTES ((size_t)8 << 20) /* from here on a chip does not fit the caches: steps are fetched for */
#define FETCH_APART 4u                /* steps between two stages of a fetch */
#define FETCH_AHEAD ((SIM_FETCH_STAGES + 2) * FETCH_APART)
#define FETCH_BYTES 256u /* of a component, before it is asked what else it needs; */
#define FETCH_MORE 2048u /* if it does not know */

#include "sim/base/rng.h"

#include <stdlib.h>
#include <string.h>

const char *const sim_order_names[SIM_ORDER_COUNT + 1] = {"sparse", "dense", "shuffled", NULL};

void sim_kernel_init(struct sim_kernel *kernel, const struct sim_kernel_spec *spec,
                     struct sim_arena *arena) {
    memset(kernel, 0, sizeof *kernel);
    kernel->spec = *spec;
    kernel->arena = arena;
    kernel->rng = spec->seed;
}

/* A larger table in the arena, with the first `count` entries of the old one, which is abandoned. */
static void *enlarge(struct sim_arena *arena, const void *table, uint32_t count, uint32_t capacity,
                     size_t size) {
    void *copy = sim_arena_alloc(arena, capacity, size);
    if (count > 0)
        memcpy(copy, table, count * size);
    return copy;
}

/* Elaboration-time growth: the abandoned copies sum to less than the final table. */
static void *grow(struct sim_arena *arena, void *table, uint32_t count, uint32_t *capacity, size_t size) {
    if (count < *capacity)
        return table;
    *capacity = *capacity == 0 ? 64 : *capacity * 2;
    return enlarge(arena, table, count, *capacity, size);
}

void sim_kernel_reserve(struct sim_kernel *kernel, uint32_t components, uint32_t connections) {
    kernel->component_capacity = kernel->components + components;
    kernel->component = enlarge(kernel->arena, kernel->component, kernel->components,
                                kernel->component_capacity, sizeof *kernel->component);
    if (kernel->spec.unlisted)
        return;
    kernel->connection_capacity = kernel->connections + connections;
    kernel->connection = enlarge(kernel->arena, kernel->connection, kernel->connections,
                                 kernel->connection_capacity, sizeof *kernel->connection);
}

uint32_t sim_kernel_add(struct sim_kernel *kernel, struct sim_component *component,
                        const struct sim_type *type, const char *path) {
    kernel->component = grow(kernel->arena, kernel->component, kernel->components,
                             &kernel->component_capacity, sizeof *kernel->component);
    uint32_t id = kernel->components++;
    kernel->component[id] = component;
    component->type = type;
    component->path = path;
    component->id = id;
    component->count = SIM_PACK_ARRAY(kernel->arena, uint64_t, type->event_count);
    component->wheel = &kernel->wheel;
    return id;
}

static void connect(struct sim_kernel *kernel, struct sim_connection connection, struct sim_wake *wake) {
    if (!kernel->spec.unlisted) {
        kernel->connection = grow(kernel->arena, kernel->connection, kernel->connections,
                                  &kernel->connection_capacity, sizeof *kernel->connection);
        kernel->connection[kernel->connections++] = connection;
    }
    if (connection.to != SIM_NOBODY)
        *wake = (struct sim_wake){.wheel = &kernel->wheel, .id = connection.to};
}

void sim_kernel_connect_wire(struct sim_kernel *kernel, struct sim_wire *wire, const char *name,
                             uint32_t from, uint32_t to) {
    struct sim_connection c = {.name = name, .from = from, .to = to, .wire = wire};
    connect(kernel, c, &wire->to);
}

void sim_kernel_connect_link(struct sim_kernel *kernel, struct sim_link *link, const char *name,
                             uint32_t from, uint32_t to) {
    struct sim_connection c = {.name = name, .from = from, .to = to, .link = link};
    connect(kernel, c, &link->to);
}

void sim_kernel_prepare(struct sim_kernel *kernel) {
    uint64_t open = kernel->wheel.open; /* work opened during elaboration */
    sim_wheel_init(&kernel->wheel, kernel->components, kernel->arena);
    kernel->wheel.open = open;
    kernel->shuffle = SIM_NEW_ARRAY(kernel->arena, uint32_t, (size_t)kernel->components + 1);
    kernel->due = SIM_NEW_ARRAY(kernel->arena, uint32_t, (size_t)kernel->components + 4);
    kernel->large = kernel->arena->bytes >= LARGE_BYTES;
    for (uint32_t id = 0; id < kernel->components; id++)
        kernel->shuffle[id] = id;
    kernel->started = true;
}

void sim_kernel_start(struct sim_kernel *kernel) {
    sim_kernel_prepare(kernel);
    sim_arena_seal(kernel->arena);
}

static inline void step(struct sim_kernel *kernel, uint32_t id, sim_cycle now) {
    struct sim_component *component = kernel->component[id];
    kernel->steps++;
    sim_cycle next = component->type->step(component, now);
    if (next == SIM_NEVER)
        return;
    assert(next > now);
    sim_wheel_wake(&kernel->wheel, id, next);
}

/* Writes the ids of a word of a set to `list`; returns the end of the list. Four at a time, so that the usual
 * few are no loop whose end cannot be foreseen; up to three entries behind the end are spoilt. */
static inline uint32_t *list_ids(uint64_t ids, uint32_t first, uint32_t *list) {
    do {
#pragma GCC unroll 4
        for (int k = 0; k < 4; k++) {
            *list = first + (uint32_t)__builtin_ctzll(ids | UINT64_C(1) << 63);
            list += ids != 0;
            ids &= ids - 1;
        }
    } while (ids != 0);
    return list;
}

/* Steps the components of a word of a set, in ascending order. */
static inline void step_ids(struct sim_kernel *kernel, uint64_t ids, uint32_t first, sim_cycle now) {
    for (; ids != 0; ids &= ids - 1)
        step(kernel, first + (uint32_t)__builtin_ctzll(ids), now);
}

/* Empties the slot of `now`, in ascending order: into `list`, or, if that is NULL, by steps. Wakes made
 * meanwhile are for later cycles. Returns the end of the list. */
static inline __attribute__((always_inline)) uint32_t *take_due(struct sim_kernel *kernel, uint32_t *list,
                                                                sim_cycle now) {
    struct sim_wheel *wheel = &kernel->wheel;
    uint32_t slot = (uint32_t)now % SIM_WHEEL_SLOTS, words = wheel->words;
    uint8_t *summary = wheel->summary + (size_t)slot * words;
    uint64_t *set = wheel->set + (size_t)slot * words;
    wheel->occupied[slot] = 0;
    for (uint32_t part = 0; part < words; part += 8) {
        uint64_t marks = sim_wheel_marks(summary + part);
        memset(summary + part, 0, 8);
        for (; marks != 0; marks &= marks - 1) {
            uint32_t word = part + sim_wheel_first(marks);
            uint64_t ids = set[word];
            set[word] = 0;
            if (list != NULL)
                list = list_ids(ids, word * 64, list);
            else
                step_ids(kernel, ids, word * 64, now);
        }
    }
    return list;
}

static __attribute__((noinline)) uint32_t list_due(struct sim_kernel *kernel, sim_cycle now) {
    return (uint32_t)(take_due(kernel, kernel->due, now) - kernel->due);
}

/* Component number `i` of the `count` that are due; NULL: there is none. */
static inline const struct sim_component *due(const struct sim_kernel *kernel, uint32_t i, uint32_t count) {
    return i < count ? kernel->component[kernel->due[i]] : NULL;
}

static inline void fetch_bytes(const struct sim_component *component, uint32_t from, uint32_t to) {
    for (uint32_t byte = from; byte < to; byte += 64)
        __builtin_prefetch((const char *)component + byte);
}

/* Fetches for the components from number `i` on, each of which is one stage behind the next. */
static inline void fetch(const struct sim_kernel *kernel, uint32_t i, uint32_t count, sim_cycle now) {
    for (uint32_t stage = SIM_FETCH_STAGES; stage-- > 0; i += FETCH_APART) {
        const struct sim_component *component = due(kernel, i, count);
        if (component == NULL)
            continue;
        if (component->type->fetch != NULL)
            component->type->fetch(component, now, stage);
        else if (stage == 0)
            fetch_bytes(component, FETCH_BYTES, FETCH_MORE);
    }
    const struct sim_component *component = due(kernel, i, count);
    if (component != NULL)
        fetch_bytes(component, 0, FETCH_BYTES);
    i += FETCH_APART;
    if (i < count)
        __builtin_prefetch(&kernel->component[kernel->due[i]]);
}

/* The same for a chip that is larger than the caches. */
static __attribute__((noinline)) void step_large(struct sim_kernel *kernel, sim_cycle now) {
    uint32_t count = list_due(kernel, now);
    for (uint32_t i = 0; i < count + FETCH_AHEAD; i++) {
        fetch(kernel, i - FETCH_AHEAD + FETCH_APART, count, now);
        if (i >= FETCH_AHEAD)
            step(kernel, kernel->due[i - FETCH_AHEAD], now);
    }
}

/* Steps the ids due at `now` in ascending order. */
static inline __attribute__((always_inline)) void step_due(struct sim_kernel *kernel, sim_cycle now) {
    if (kernel->large)
        step_large(kernel, now);
    else
        take_due(kernel, NULL, now);
}

/* Drops the due set: the dense orders step everybody anyway. */
static void clear_due(struct sim_wheel *wheel, sim_cycle now) {
    uint32_t slot = (uint32_t)now % SIM_WHEEL_SLOTS;
    memset(wheel->set + (size_t)slot * wheel->words, 0, wheel->words * sizeof *wheel->set);
    memset(wheel->summary + (size_t)slot * wheel->words, 0, wheel->words);
    wheel->occupied[slot] = 0;
}

static void step_all(struct sim_kernel *kernel, sim_cycle now) {
    clear_due(&kernel->wheel, now);
    for (uint32_t i = 0; i < kernel->components; i++) {
        if (kernel->spec.order == SIM_ORDER_SHUFFLED) {
            uint32_t left = kernel->components - i;
            uint32_t j = i + (uint32_t)sim_rng_below(&kernel->rng, left);
            uint32_t id = kernel->shuffle[j];
            kernel->shuffle[j] = kernel->shuffle[i];
            kernel->shuffle[i] = id;
        }
        step(kernel, kernel->shuffle[i], now);
    }
}

static inline __attribute__((always_inline)) void cycle(struct sim_kernel *kernel, bool dense,
                                                        sim_cycle now) {
    if (now > 0)
        sim_wheel_advance(&kernel->wheel, now);
    if (dense || now == 0)
        step_all(kernel, now);
    else
        step_due(kernel, now);
    kernel->now = now + 1;
}

void sim_kernel_cycle(struct sim_kernel *kernel, bool dense, sim_cycle now) { cycle(kernel, dense, now); }

enum sim_stop sim_kernel_run(struct sim_kernel *kernel, sim_cycle until) {
    bool dense = kernel->spec.order != SIM_ORDER_SPARSE;
    sim_cycle next;
    assert(kernel->started);
    if (kernel->shards != NULL)
        return sim_shards_run(kernel->shards, until);
    while ((next = sim_kernel_plan(kernel, dense, sim_wheel_next(&kernel->wheel), until)) != SIM_NEVER)
        cycle(kernel, dense, next);
    return sim_kernel_stop(kernel, until);
}

void sim_kernel_poke(struct sim_kernel *kernel, uint32_t id) {
    assert(kernel->shards == NULL);
    if (kernel->now == 0)
        return; /* everybody is due at cycle 0 */
    /* The run may have ended inside an idle stretch; nothing is due before kernel->now. */
    sim_wheel_advance(&kernel->wheel, kernel->now);
    kernel->wheel.now = kernel->now - 1;
    kernel->wheel.moved = kernel->now;
    sim_wheel_near(&kernel->wheel, id, kernel->now);
}

void sim_kernel_settle(struct sim_kernel *kernel) {
    for (uint32_t id = 0; id < kernel->components; id++) {
        struct sim_component *component = kernel->component[id];
        if (component->type->settle != NULL)
            component->type->settle(component, kernel->now);
    }
}

bool sim_kernel_audit(const struct sim_kernel *kernel, struct sim_err *err) {
    bool sound = true;
    for (uint32_t id = 0; id < kernel->components; id++) {
        const struct sim_component *component = kernel->component[id];
        if (component->type->audit != NULL)
            sound &= component->type->audit(component, kernel->now, err);
    }
    return sound;
}

void sim_kernel_explain(const struct sim_kernel *kernel, FILE *out) {
    for (uint32_t id = 0; id < kernel->components; id++) {
        const struct sim_component *component = kernel->component[id];
        if (component->type->explain != NULL)
            component->type->explain(component, kernel->now, out);
    }
}
