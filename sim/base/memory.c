/* SPDX-License-Identifier: MIT
 *
 * What Linux says about memory; see memory.h. Not looked at: limits of address space and data (there malloc
 * fails by itself), and control groups of version 1.
 */
#include "sim/base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* The number behind `format` in the first line of a file that has it. */
static bool read_number(const char *path, const char *format, uint64_t *number) {
    char line[256];
    FILE *file = fopen(path, "r");
    bool found = false;
    while (file != NULL && !found && fgets(line, sizeof line, file) != NULL)
        found = sscanf(line, format, number) == 1;
    if (file != NULL)
        fclose(file);
    return found;
}

uint64_t sim_memory_available(void) {
    uint64_t machine, most, used, available = UINT64_MAX;
    if (read_number("/proc/meminfo", "MemAvailable: %" SCNu64, &machine))
        available = machine * 1024;
    if (read_number("/sys/fs/cgroup/memory.max", "%" SCNu64, &most) &&
        read_number("/sys/fs/cgroup/memory.current", "%" SCNu64, &used)) {
        uint64_t rest = most > used ? most - used : 0;
        available = rest < available ? rest : available;
    }
    return available;
}

void sim_memory_exhausted(const char *what) {
    fprintf(stderr, "nocsim: out of memory%s%s\n", what != NULL ? ": " : "", what != NULL ? what : "");
    _exit(SIM_EXIT_CONFIG);
}
