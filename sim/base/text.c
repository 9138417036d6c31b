/* SPDX-License-Identifier: MIT
 *
 * Text files that are not trusted; see text.h.
 */
#include "sim/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refuse(const struct sim_where *from, const char *file, const char *why,
                   struct sim_err *err) {
    return sim_err_add(err, SIM_EXIT_IO, from, "cannot read '%s': %s", file, why);
}

static const char *kind_of(mode_t mode) {
    if (S_ISDIR(mode))
        return "it is a directory";
    if (S_ISFIFO(mode))
        return "it is a pipe, not a regular file";
    return "it is not a regular file";
}

/* Reads until the end or until `size` bytes are there; returns the count, or -1 and errno. */
static ssize_t read_all(int descriptor, char *bytes, size_t size) {
    size_t length = 0;
    while (length < size) {
        ssize_t got = read(descriptor, bytes + length, size - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

static bool read_open(struct sim_text *text, int descriptor, const char *file, size_t limit,
                      const struct sim_where *from, struct sim_err *err) {
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return refuse(from, file, strerror(errno), err);
    if (!S_ISREG(status.st_mode))
        return refuse(from, file, kind_of(status.st_mode), err);
    if (status.st_size < 0 || (uintmax_t)status.st_size > limit)
        return sim_err_add(err, SIM_EXIT_CONFIG, from,
                           "cannot read '%s': it has %jd bytes, more than the limit of %zu", file,
                           (intmax_t)status.st_size, limit);
    /* One byte more than the size, so that a file that grows meanwhile is noticed. */
    size_t size = (size_t)status.st_size;
    char *bytes = malloc(size + 2);
    if (bytes == NULL)
        return refuse(from, file, strerror(ENOMEM), err);
    ssize_t length = read_all(descriptor, bytes, size + 1);
    if (length < 0 || (size_t)length > size) {
        const char *why = length < 0 ? strerror(errno) : "it grows while it is read";
        free(bytes);
        return refuse(from, file, why, err);
    }
    bytes[length] = '\0';
    *text = (struct sim_text){.bytes = bytes,
                              .length = (size_t)length,
                              .device = (uint64_t)status.st_dev,
                              .inode = (uint64_t)status.st_ino};
    return true;
}

bool sim_text_read(struct sim_text *text, const char *file, size_t limit,
                   const struct sim_where *from, struct sim_err *err) {
    *text = (struct sim_text){.bytes = NULL};
    int descriptor = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0)
        return refuse(from, file, strerror(errno), err);
    bool good = read_open(text, descriptor, file, limit, from, err);
    close(descriptor);
    return good;
}

void sim_text_release(struct sim_text *text) {
    free(text->bytes);
    *text = (struct sim_text){.bytes = NULL};
}

/* Bytes of the UTF-8 character at `c` (RFC 3629: shortest form, no surrogates), or 0. */
static size_t character(const unsigned char *c, size_t left) {
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = c[0] < 0x80 ? 1 : c[0] < 0xC0 ? 0 : c[0] < 0xE0 ? 2 : c[0] < 0xF0 ? 3
                                                                   : c[0] < 0xF8 ? 4 : 0;
    if (size <= 1 || size > left)
        return size > left ? 0 : size;
    uint32_t code = c[0] & (0x7Fu >> size);
    for (size_t i = 1; i < size; i++) {
        if ((c[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (c[i] & 0x3Fu);
    }
    bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    return code < smallest[size] || surrogate || code > 0x10FFFF ? 0 : size;
}

/* C0 and C1 controls and non-characters; all of them are what libyaml refuses without saying where. */
static bool is_control(const unsigned char *c, size_t size, bool line_end) {
    if (size == 1)
        return c[0] == 0x7F || (c[0] < 0x20 && c[0] != '\t' && c[0] != '\n' && !line_end);
    if (size == 2)
        return c[0] == 0xC2 && c[1] < 0xA0;
    bool mark = size == 3 && c[0] == 0xEF && c[1] == 0xBB && c[2] == 0xBF;
    return mark || (size == 3 && c[0] == 0xEF && c[1] == 0xBF && c[2] >= 0xBE);
}

bool sim_text_check(const char *bytes, size_t length, const struct sim_where *where,
                    struct sim_err *err) {
    struct sim_where at = *where;
    int step = where->line > 0;
    for (size_t i = 0; i < length;) {
        const unsigned char *c = (const unsigned char *)bytes + i;
        size_t size = character(c, length - i);
        bool line_end = c[0] == '\r' && i + 1 < length && c[1] == '\n';
        if (size == 0)
            return sim_err_add(err, SIM_EXIT_CONFIG, &at, "byte 0x%02X is not UTF-8 text", c[0]);
        if (is_control(c, size, line_end))
            return sim_err_add(err, SIM_EXIT_CONFIG, &at,
                               "control character (its last byte is 0x%02X) in a text", c[size - 1]);
        i += size;
        at.column += step;
        if (*c == '\n') {
            at.line += step;
            at.column = step;
        }
    }
    return true;
}
