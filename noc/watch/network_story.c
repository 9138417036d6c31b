/* SPDX-License-Identifier: MIT
 *
 * The story of a packet; see network_story.h.
 */
#include "noc/watch/network_story.h"
#include "sim/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const noc_wait_names[NOC_WAIT_COUNT] = {"", "queue", "VC", "switch", "credit"};

void noc_story_add(struct noc_story *story, sim_cycle cycle, enum noc_wait wait, const char *text) {
    story->waited[wait]++;
    struct noc_story_line *last = story->lines > 0 ? &story->line[story->lines - 1] : NULL;
    if (last != NULL && last->last + 1 == cycle && strcmp(last->text, text) == 0) {
        last->last = cycle;
        return;
    }
    if (story->lines == story->capacity) {
        story->capacity = story->capacity == 0 ? 64 : 2 * story->capacity;
        story->line = realloc(story->line, story->capacity * sizeof *story->line);
        if (story->line == NULL)
            sim_memory_exhausted(NULL);
    }
    struct noc_story_line *line = &story->line[story->lines++];
    line->first = line->last = cycle;
    line->wait = wait;
    snprintf(line->text, sizeof line->text, "%s", text);
}

void noc_story_release(struct noc_story *story) {
    free(story->line);
    *story = (struct noc_story){.lines = 0};
}

const char *noc_router_name(const struct noc_topology *t, uint32_t router, char buffer[NOC_NAME_SIZE]) {
    size_t used = (size_t)snprintf(buffer, NOC_NAME_SIZE, "router %u", router);
    for (uint32_t d = 0; d < t->dimensions && t->dimensions > 1 && used < NOC_NAME_SIZE; d++)
        used += (size_t)snprintf(buffer + used, NOC_NAME_SIZE - used, "%s%u%s", d == 0 ? " (" : ",",
                                 noc_topology_coordinate(t, router)[d], d + 1 == t->dimensions ? ")" : "");
    return buffer;
}

const char *noc_port_name(const struct noc_topology *t, uint32_t router, uint32_t port,
                          char buffer[NOC_NAME_SIZE]) {
    if (noc_topology_end(t, router, port)->kind == NOC_END_TERMINAL)
        snprintf(buffer, NOC_NAME_SIZE, "terminal");
    else if (t->dimensions > 0 && t->dimensions <= 3)
        snprintf(buffer, NOC_NAME_SIZE, "%c%c", port % 2 == 0 ? '+' : '-', "xyz"[port / 2]);
    else
        snprintf(buffer, NOC_NAME_SIZE, "%u", port);
    return buffer;
}
