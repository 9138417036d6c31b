/* SPDX-License-Identifier: MIT
 *
 * Memory of a law run; see sim/base/memory.h.
 */
#include "test/laws/memory.h"

#include <stdlib.h>
#include <string.h>

unsigned char *law_model_copy(const struct law_run *run) {
    unsigned char *copy = malloc(run->model_bytes);
    ck_assert_ptr_nonnull(copy);
    law_model_refresh(run, copy);
    return copy;
}

void law_model_refresh(const struct law_run *run, unsigned char *copy) {
    for (size_t i = 0; i < run->models; copy += run->model[i++].bytes)
        memcpy(copy, run->model[i].start, run->model[i].bytes);
}

size_t law_model_differs(const struct law_run *run, const unsigned char *copy, size_t from) {
    const size_t line = 4096;
    size_t base = 0;
    for (size_t i = 0; i < run->models; base += run->model[i++].bytes) {
        struct law_span span = run->model[i];
        size_t byte = from > base ? from - base : 0;
        while (byte < span.bytes) {
            size_t length = span.bytes - byte < line ? span.bytes - byte : line;
            if (memcmp(span.start + byte, copy + base + byte, length) != 0)
                for (;; byte++)
                    if (span.start[byte] != copy[base + byte])
                        return base + byte;
            byte += length;
        }
    }
    return SIZE_MAX;
}

unsigned char *law_model_byte(const struct law_run *run, size_t index) {
    size_t i = 0;
    for (; index >= run->model[i].bytes; i++)
        index -= run->model[i].bytes;
    return run->model[i].start + index;
}

size_t law_model_index(const struct law_run *run, const void *address) {
    size_t base = 0;
    for (size_t i = 0; i < run->models; base += run->model[i++].bytes) {
        size_t offset = (uintptr_t)address - (uintptr_t)run->model[i].start;
        if (offset < run->model[i].bytes)
            return base + offset;
    }
    return SIZE_MAX;
}

const char *law_model_name(const struct law_run *run, size_t index, char name[LAW_NAME]) {
    const struct sim_kernel *kernel = &run->kernel;
    uintptr_t address = (uintptr_t)law_model_byte(run, index), nearest = 0;
    snprintf(name, LAW_NAME, "byte %zu of the arena", index);
    for (uint32_t id = 0; id < kernel->components; id++) {
        const struct sim_component *component = kernel->component[id];
        size_t event = (address - (uintptr_t)component->count) / sizeof *component->count;
        if (address >= (uintptr_t)component->count && event < component->type->event_count) {
            snprintf(name, LAW_NAME, "counter '%s' of %s", component->type->events[event].name,
                     component->path);
            return name;
        }
        uintptr_t start = (uintptr_t)component;
        if (start <= address && start > nearest) {
            nearest = start;
            snprintf(name, LAW_NAME, "%s + %zu bytes", component->path, (size_t)(address - start));
        }
    }
    return name;
}

static size_t all_bytes(const struct law_run *run) {
    size_t bytes = 0;
    for (size_t i = 0; i < run->alls; i++)
        bytes += run->all[i].bytes;
    return bytes;
}

void law_image_take(struct law_image *image, const struct law_run *run) {
    image->kernel = run->kernel;
    image->bytes = malloc(all_bytes(run));
    ck_assert_ptr_nonnull(image->bytes);
    unsigned char *to = image->bytes;
    for (size_t i = 0; i < run->alls; to += run->all[i++].bytes)
        memcpy(to, run->all[i].start, run->all[i].bytes);
}

void law_image_restore(const struct law_image *image, struct law_run *run, enum sim_order order,
                       uint64_t shuffle) {
    const unsigned char *from = image->bytes;
    for (size_t i = 0; i < run->alls; from += run->all[i++].bytes)
        memcpy(run->all[i].start, from, run->all[i].bytes);
    run->kernel = image->kernel;
    run->kernel.spec.order = order;
    run->kernel.spec.seed = run->kernel.rng = shuffle;
}

void law_image_release(struct law_image *image) { free(image->bytes); }
