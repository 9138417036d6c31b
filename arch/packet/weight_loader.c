/* SPDX-License-Identifier: MIT
 *
 * The weight loader; see weight_loader.h.
 */
#include "arch/packet/weight_loader.h"

#include <assert.h>

void arch_weight_loader_begin(struct arch_weight_loader *loader, const struct arch_weight_load *load) {
    assert(loader->phase == ARCH_LOADER_IDLE);
    loader->load = *load;
    loader->phase = ARCH_LOADER_STARTS;
    sim_open(&loader->base);
}

static void start(struct arch_weight_loader *loader, sim_cycle now) {
    const struct arch_weight_load *load = &loader->load;
    sim_cycle cycles = arch_weight_loader_cycles(loader->width, load->weight_bits);
    sim_count(&loader->base, ARCH_WEIGHT_LOADER_WEIGHT_BITS, load->weight_bits, now, cycles);
    sim_count(&loader->base, ARCH_WEIGHT_LOADER_BUFFER_WRITES, load->buffer_write_bits, now, 1);
    sim_count(&loader->base, ARCH_WEIGHT_LOADER_BUFFER_READS, load->buffer_read_bits, now, 1);
    loader->phase = ARCH_LOADER_LOADS;
    loader->done = now + cycles;
}

static sim_cycle step(void *self, sim_cycle now) {
    struct arch_weight_loader *loader = self;
    if (loader->phase == ARCH_LOADER_STARTS)
        start(loader, now);
    if (loader->phase == ARCH_LOADER_IDLE)
        return SIM_NEVER;
    if (now < loader->done)
        return loader->done;
    loader->phase = ARCH_LOADER_IDLE;
    sim_finish(&loader->base);
    return SIM_NEVER;
}

static void explain(const void *self, sim_cycle now, FILE *out) {
    const struct arch_weight_loader *loader = self;
    if (loader->phase != ARCH_LOADER_IDLE)
        fprintf(out, "%s: loads weights until cycle %llu (now %llu)\n", loader->base.path,
                (unsigned long long)loader->done, (unsigned long long)now);
}

#define EVENT(NAME, name_, help_) {.name = #name_, .help = help_},
static const struct sim_event events[] = {ARCH_WEIGHT_LOADER_EVENTS(EVENT)};

const struct sim_type arch_weight_loader_type = {
    .name = "arch.weight_loader",
    .help = "loads the weights of a round into the cores, and keeps spikes between rounds",
    .events = events,
    .event_count = ARCH_WEIGHT_LOADER_EVENT_COUNT,
    .step = step,
    .explain = explain,
};
