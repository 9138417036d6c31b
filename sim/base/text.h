/* SPDX-License-Identifier: MIT
 *
 * Text files that are not trusted: read whole, within a limit, and checked to be clean UTF-8 before
 * anything else looks at them.
 */
#ifndef SIM_BASE_TEXT_H
#define SIM_BASE_TEXT_H

#include "sim/base/err.h"
#include "sim/base/types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_text {
    char *bytes;   /* followed by a NUL; heap */
    size_t length; /* without the NUL */
    uint64_t device, inode; /* which file it is, whatever it is called */
};

/* Reads a regular file of at most `limit` bytes; never waits for a pipe or a device. `from` is the place that
 * names the file (an include), or NULL. On a fault false, a message (SIM_EXIT_IO; SIM_EXIT_CONFIG when it is
 * too large), and nothing to release. */
bool sim_text_read(struct sim_text *text, const char *file, size_t limit,
                   const struct sim_where *from, struct sim_err *err);
void sim_text_release(struct sim_text *text);

/* True when the bytes are UTF-8 without control characters (but tab, line feed, carriage return before a
 * line feed); otherwise a message. It gives line and column, unless where->line is 0. */
bool sim_text_check(const char *bytes, size_t length, const struct sim_where *where,
                    struct sim_err *err);

#ifdef __cplusplus
}
#endif

#endif
