/* SPDX-License-Identifier: MIT
 *
 * The timestep barrier; see barrier.h.
 */
#include "arch/core/barrier.h"

static bool take_reports(struct arch_barrier *b, sim_cycle now) {
    bool any = false;
    for (uint32_t i = 0; i < b->children; i++) {
        const struct arch_report *report;
        while ((report = arch_report_link_peek(&b->child[i]->report, now)) != NULL) {
            b->sum.sent += report->sent - b->last[i].sent;
            b->sum.received += report->received - b->last[i].received;
            b->sum.done += report->done - b->last[i].done;
            b->last[i] = *report;
            arch_report_link_take(&b->child[i]->report);
            sim_count(&b->base, ARCH_BARRIER_REPORT, 1, now, 1);
            any = true;
        }
    }
    return any;
}

static void send_tick(struct arch_barrier *b, struct arch_tick tick, sim_cycle now) {
    for (uint32_t i = 0; i < b->children; i++) {
        arch_tick_link_send(&b->child[i]->tick, now, tick);
        b->last[i].done = 0;
    }
    b->sum.done = 0;
    sim_count(&b->base, ARCH_BARRIER_TICK, 1, now, 1);
}

/* ---- inner node --------------------------------------------------------------------------------- */

static sim_cycle step_node(struct arch_barrier *b, sim_cycle now) {
    const struct arch_tick *tick = arch_tick_link_peek(&b->up.tick, now);
    bool changed = take_reports(b, now);
    if (tick != NULL) {
        send_tick(b, *tick, now);
        arch_tick_link_take(&b->up.tick);
    } else if (changed && b->sum.done == b->leaves) {
        arch_report_link_send(&b->up.report, now, b->sum);
    }
    return SIM_NEVER;
}

/* ---- root --------------------------------------------------------------------------------------- */

static void start_timestep(struct arch_barrier *b, sim_cycle now) {
    send_tick(b, (struct arch_tick){b->timestep, b->timestep == 0, b->window}, now);
    b->start = now;
    b->next_start = SIM_NEVER;
}

/* When the timestep that is over by now may be followed by the next. */
static sim_cycle follow(struct arch_barrier *b, sim_cycle now) {
    sim_cycle next = now + b->cycles;
    if (b->timestep_cycles == 0)
        return next;
    if (next > b->start + b->timestep_cycles)
        sim_count(&b->base, ARCH_BARRIER_OVERRUN, 1, now, 1);
    return next > b->start + b->timestep_cycles ? next : b->start + b->timestep_cycles;
}

static sim_cycle step_root(struct arch_barrier *b, sim_cycle now) {
    take_reports(b, now);
    if (b->wanted) {
        b->wanted = false;
        b->running = true;
        start_timestep(b, now);
        return SIM_NEVER;
    }
    if (!b->running)
        return SIM_NEVER;
    if (b->next_start == SIM_NEVER) {
        if (b->sum.done < b->leaves || b->sum.sent != b->sum.received)
            return SIM_NEVER;
        b->next_start = follow(b, now);
    }
    if (now < b->next_start)
        return b->next_start;
    if (++b->timestep < b->timesteps) {
        start_timestep(b, now);
    } else {
        b->running = false;
        sim_finish(&b->base);
    }
    return SIM_NEVER;
}

void arch_barrier_begin(struct arch_barrier *b, uint32_t timesteps, uint32_t window) {
    assert(!b->running && !b->wanted && timesteps > 0);
    b->wanted = true;
    b->timesteps = timesteps;
    b->window = window;
    b->timestep = 0;
    b->next_start = SIM_NEVER;
    sim_open(&b->base);
}

static sim_cycle step(void *self, sim_cycle now) {
    struct arch_barrier *b = self;
    return b->root ? step_root(b, now) : step_node(b, now);
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_barrier *b = self;
    (void)now;
    if (b->root && b->running)
        fprintf(out, "%s: timestep %u: %llu of %u are done, %llu packets sent, %llu received\n", b->base.path,
                b->timestep, (unsigned long long)b->sum.done, b->leaves, (unsigned long long)b->sum.sent,
                (unsigned long long)b->sum.received);
}

static const struct sim_event events[] = {ARCH_BARRIER_EVENTS(SIM_EVENT_NAMED_ROW)};

const struct sim_type arch_barrier_type = {
    .name = "arch.barrier",
    .help = "timestep barrier: starts the timesteps, and learns when all packets have arrived",
    .events = events,
    .event_count = ARCH_BARRIER_EVENT_COUNT,
    .step = step,
    .explain = explain,
};
