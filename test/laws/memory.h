/* SPDX-License-Identifier: MIT
 *
 * Memory of a law run: images to return to, comparison, and the name of a byte. For harness.c and laws.c.
 */
#ifndef TEST_LAWS_MEMORY_H
#define TEST_LAWS_MEMORY_H

#include "test/laws/harness.h"

#define LAW_NAME 160

/* A copy of the model's bytes in the order of the spans. The caller frees it. */
unsigned char *law_model_copy(const struct law_run *run);

/* Refreshes a copy. */
void law_model_refresh(const struct law_run *run, unsigned char *copy);

/* Index of the first byte at or after `from` that differs from the copy, or SIZE_MAX. */
size_t law_model_differs(const struct law_run *run, const unsigned char *copy, size_t from);

/* Address of the byte with this index, and the reverse (SIZE_MAX: not the model's). */
unsigned char *law_model_byte(const struct law_run *run, size_t index);
size_t law_model_index(const struct law_run *run, const void *address);

/* "counter 'send' of chip.node[3]" or "chip.node[3] + 72 bytes" (the nearest component below the byte). */
const char *law_model_name(const struct law_run *run, size_t index, char name[LAW_NAME]);

/* An image of everything: the run can return to it, with another order. */
struct law_image {
    struct sim_kernel kernel;
    unsigned char *bytes;
};

void law_image_take(struct law_image *image, const struct law_run *run);
void law_image_restore(const struct law_image *image, struct law_run *run, enum sim_order order,
                       uint64_t shuffle);
void law_image_release(struct law_image *image);

#endif
