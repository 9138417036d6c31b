/* SPDX-License-Identifier: MIT
 *
 * Fuzz target: a description and settings, from strangers, to specs and back.
 *
 * The input is a description, then settings ("key.path=value"), separated by NUL bytes. Whatever it is,
 * reading and binding must end, within the sanitizers' rules, in a filled spec or in messages. What was
 * accepted must survive being printed and read again with the same values.
 *
 * `make fuzz-yaml` runs it under libFuzzer; test/unit/test_yaml_corpus.c replays the committed corpus.
 */
#include "sim/config/bind.h"
#include "sim/config/effective.h"
#include "sim/config/override.h"
#include "sim/config/yaml.h"

#include "test/unit/sample_schema.h"

#include <stdlib.h>
#include <string.h>

#define SETTINGS_MAX 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const struct sim_err *err) {
    fprintf(stderr, "fuzz_yaml: %s\n", what);
    sim_err_print(err, stderr);
    abort();
}

/* Messages are there exactly when the result is not, and they are printable. */
static void check_verdict(bool accepted, const struct sim_err *err) {
    if (accepted != (err->count == 0))
        fail("the result and the messages disagree", err);
    for (int i = 0; i < err->count; i++)
        for (const char *c = err->message[i]; *c != '\0'; c++)
            if ((unsigned char)*c < 0x20 || *c == 0x7F)
                fail("a control character in a message", err);
}

/* Reading and binding once more what was printed gives the same list of values. */
static void check_printed(const struct sim_binding *binding, const struct sim_node *effective) {
    struct sim_arena *arena = binding->arena;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        abort();
    sim_effective_print(effective, arena, out);
    fclose(out);
    struct sim_any any;
    const struct sim_node *root = sim_yaml_parse(text, size, "printed", true, arena, binding->err);
    const struct sim_node *again =
        root == NULL ? NULL : sim_bind_any(binding, NULL, root, "chip", &any);
    if (again == NULL) {
        fputs(text, stderr);
        fail("what was printed is refused", binding->err);
    }
    uint32_t count[2];
    const struct sim_setting *list[2] = {sim_effective_list(effective, arena, &count[0]),
                                         sim_effective_list(again, arena, &count[1])};
    bool same = count[0] == count[1];
    for (uint32_t i = 0; same && i < count[0]; i++)
        same = strcmp(list[0][i].path, list[1][i].path) == 0 &&
               strcmp(list[0][i].value, list[1][i].value) == 0;
    if (!same) {
        fputs(text, stderr);
        fail("what was printed reads back differently", binding->err);
    }
    free(text);
}

static bool apply_settings(struct sim_node *root, const char *text, const char *end,
                           const struct sim_binding *binding) {
    bool good = true;
    for (int number = 1; text < end && number <= SETTINGS_MAX; number++) {
        good &= sim_override(root, text, number, binding->arena, binding->err);
        text += strlen(text) + 1;
    }
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sim_arena arena;
    struct sim_err err;
    sim_arena_init(&arena);
    sim_err_init(&err);
    const struct sim_binding binding = {sample_registry, &arena, &err};
    char *text = malloc(size + 1);
    if (text == NULL)
        abort();
    memcpy(text, data, size);
    text[size] = '\0';
    size_t length = strlen(text);
    struct sim_node *root = sim_yaml_parse(text, length, "input", true, &arena, &err);
    check_verdict(root != NULL, &err);
    if (root != NULL && root->kind == SIM_NODE_MAPPING) {
        bool good = apply_settings(root, text + length + 1, text + size, &binding);
        check_verdict(good, &err);
        struct sim_any any;
        const struct sim_node *effective =
            good ? sim_bind_any(&binding, NULL, root, "chip", &any) : NULL;
        check_verdict(effective != NULL, &err);
        if (effective != NULL)
            check_printed(&binding, effective);
    }
    free(text);
    sim_err_release(&err);
    sim_arena_release(&arena);
    return 0;
}
