/* SPDX-License-Identifier: MIT
 *
 * Every file of test/errors/config is a description with a fault; its head says how it must be refused:
 *
 *     # A sentence about the fault.
 *     # exit: 2                       the exit code
 *     # set: chip.tile.axons=5        settings of the command line, if any
 *     # error: @:6:3: test.chip: ...  all messages, in order; @ is the file's own name
 *
 * The hardware is that of test/unit/sample_schema.h. Runs in the root of the repository.
 */
#include "sim/config/config.h"

#include "test/suite.h"
#include "test/unit/sample_schema.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE 1024
#define SETS_MAX 8

struct expectation {
    int exit, errors, sets;
    char error[SIM_ERR_MAX][LINE_SIZE];
    char set[SETS_MAX][LINE_SIZE];
};

static glob_t files;
static struct expectation expectation;

/* The rest of `line` when it begins with `front`. */
static const char *after(const char *line, const char *front) {
    size_t length = strlen(front);
    return strncmp(line, front, length) == 0 ? line + length : NULL;
}

static void read_head(const char *name) {
    FILE *file = fopen(name, "r");
    ck_assert_ptr_nonnull(file);
    expectation = (struct expectation){.exit = -1};
    char line[LINE_SIZE];
    while (fgets(line, sizeof line, file) != NULL && line[0] == '#') {
        line[strcspn(line, "\n")] = '\0';
        const char *rest;
        if ((rest = after(line, "# exit: ")) != NULL) {
            expectation.exit = atoi(rest);
        } else if ((rest = after(line, "# set: ")) != NULL) {
            ck_assert_int_lt(expectation.sets, SETS_MAX);
            strcpy(expectation.set[expectation.sets++], rest);
        } else if ((rest = after(line, "# error: ")) != NULL) {
            ck_assert_int_lt(expectation.errors, SIM_ERR_MAX);
            snprintf(expectation.error[expectation.errors++], LINE_SIZE, "%s%s",
                     rest[0] == '@' ? name : "", rest + (rest[0] == '@'));
        }
    }
    fclose(file);
    ck_assert_msg(expectation.exit > 0 && expectation.errors > 0, "%s has no '# exit:' or '# error:'",
                  name);
}

START_TEST(each_file_is_refused_as_it_says) {
    const char *name = files.gl_pathv[_i];
    read_head(name);
    const char *set[SETS_MAX];
    for (int i = 0; i < expectation.sets; i++)
        set[i] = expectation.set[i];
    const struct sim_config_request request = {.file = name,
                                               .set = set,
                                               .sets = expectation.sets,
                                               .registry = sample_registry,
                                               .run = &sample_run_schema};
    struct sim_config config;
    struct sim_err err;
    sim_err_init(&err);
    ck_assert_msg(!sim_config_load(&config, &request, &err), "%s is accepted", name);
    for (int i = 0; i < err.count && i < expectation.errors; i++)
        ck_assert_str_eq(err.message[i], expectation.error[i]);
    ck_assert_msg(err.count == expectation.errors, "%s: %d messages, not %d; the last is: %s", name,
                  err.count, expectation.errors, err.message[err.count - 1]);
    ck_assert_int_eq((int)err.code, expectation.exit);
    sim_err_release(&err);
}
END_TEST

/* Without a fault the same hardware is accepted: the refusals above are not for another reason. */
START_TEST(a_sound_description_is_accepted) {
    const struct sim_config_request request = {.file = "test/errors/config/sound/chip.yaml",
                                               .registry = sample_registry,
                                               .run = &sample_run_schema};
    struct sim_config config;
    struct sim_err err;
    sim_err_init(&err);
    ck_assert_msg(sim_config_load(&config, &request, &err), "%s",
                  err.count != 0 ? err.message[0] : "no message");
    const struct sample_chip *chip = config.chip.spec;
    ck_assert_uint_eq(chip->tile.axons, 128);
    ck_assert_int_eq(chip->tile.bias, 3);
    sim_config_release(&config);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("faulty descriptions");
    TCase *each = suite_case(suite, "config");
    if (glob("test/errors/config/*.yaml", 0, NULL, &files) != 0) {
        fprintf(stderr, "no test/errors/config/*.yaml: run in the root of the repository\n");
        return 1;
    }
    tcase_add_loop_test(each, each_file_is_refused_as_it_says, 0, (int)files.gl_pathc);
    tcase_add_test(each, a_sound_description_is_accepted);
    int code = suite_run(suite);
    globfree(&files);
    return code;
}
