/* SPDX-License-Identifier: MIT
 *
 * Progress on a terminal; see progress.h.
 */
#include "sim/base/progress.h"

#include <time.h>
#include <unistd.h>

#define INTERVAL_NS 200000000u /* between two updates */
#define LINE_MAX_COLUMNS 160

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void sim_progress_init(struct sim_progress *progress, uint64_t total, const char *what) {
    uint64_t now = now_ns();
    *progress = (struct sim_progress){.out = isatty(STDERR_FILENO) ? stderr : NULL,
                                      .what = what,
                                      .total = total,
                                      .start_ns = now,
                                      .shown_ns = now};
}

void sim_progress_quiet(struct sim_progress *progress) { *progress = (struct sim_progress){.out = NULL}; }

void sim_progress_part(struct sim_progress *progress, uint64_t total, const char *what) {
    progress->total = total;
    if (progress->out == NULL || progress->what == what)
        return;
    progress->what = what;
    progress->start_ns = now_ns();
}

/* "3 s", "4 min 10 s", "2 h 05 min". */
static int format_time(char *buffer, size_t size, double seconds) {
    if (seconds > 1e9)
        return snprintf(buffer, size, "long");
    unsigned long rest = (unsigned long)(seconds + 0.5);
    if (rest < 60)
        return snprintf(buffer, size, "%lu s", rest);
    if (rest < 3600)
        return snprintf(buffer, size, "%lu min %02lu s", rest / 60, rest % 60);
    return snprintf(buffer, size, "%lu h %02lu min", rest / 3600, rest % 3600 / 60);
}

int sim_progress_format(char *buffer, size_t size, const char *what, uint64_t done, uint64_t total,
                        double seconds) {
    double rate = seconds > 0 ? (double)done / seconds : 0;
    unsigned long long d = done, t = total;
    if (total == 0)
        return snprintf(buffer, size, "%s %llu, %.*f /s", what, d, rate < 10, rate);
    int percent = (int)(100.0 * (double)done / (double)total);
    if (rate <= 0 || done > total)
        return snprintf(buffer, size, "%s %llu/%llu (%d %%)", what, d, t, percent);
    char left[48];
    format_time(left, sizeof left, (double)(total - done) / rate);
    return snprintf(buffer, size, "%s %llu/%llu (%d %%), %.*f /s, %s left", what, d, t, percent, rate < 10,
                    rate, left);
}

void sim_progress_tick(struct sim_progress *progress, uint64_t done) {
    if (progress->out == NULL)
        return;
    uint64_t now = now_ns();
    if (now - progress->shown_ns < INTERVAL_NS)
        return;
    char line[LINE_MAX_COLUMNS];
    int width = sim_progress_format(line, sizeof line, progress->what, done, progress->total,
                                    (double)(now - progress->start_ns) * 1e-9);
    fprintf(progress->out, "\r%-*s", progress->width, line);
    fflush(progress->out);
    progress->width = width < LINE_MAX_COLUMNS ? width : LINE_MAX_COLUMNS - 1;
    progress->shown_ns = now;
}

void sim_progress_finish(struct sim_progress *progress) {
    if (progress->out != NULL && progress->width > 0) {
        fprintf(progress->out, "\r%*s\r", progress->width, "");
        fflush(progress->out);
    }
    progress->out = NULL;
}
