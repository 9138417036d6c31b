/* SPDX-License-Identifier: MIT
 *
 * Replays the committed fuzz corpus of descriptions through the fuzz target, without a fuzzer. Runs in the
 * root of the repository.
 */
#include "test/fuzz/fuzz_yaml.c"

#include "sim/base/text.h"

#include "test/suite.h"

#include <glob.h>

static glob_t files;

START_TEST(each_input_is_survived) {
    struct sim_text text;
    struct sim_err err;
    sim_err_init(&err);
    ck_assert(sim_text_read(&text, files.gl_pathv[_i], (size_t)1 << 20, NULL, &err));
    LLVMFuzzerTestOneInput((const uint8_t *)text.bytes, text.length);
    sim_text_release(&text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("fuzz corpus of descriptions");
    if (glob("test/fuzz/corpus/yaml/*", 0, NULL, &files) != 0) {
        fprintf(stderr, "no test/fuzz/corpus/yaml/*: run in the root of the repository\n");
        return 1;
    }
    tcase_add_loop_test(suite_case(suite, "corpus"), each_input_is_survived, 0, (int)files.gl_pathc);
    int code = suite_run(suite);
    globfree(&files);
    return code;
}
