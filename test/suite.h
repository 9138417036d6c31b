/* SPDX-License-Identifier: MIT
 *
 * How every Check program of nocsim ends: run the suite, print Check's summary, answer with the exit
 * code. A test program is one suite; a test case (TCase) is one question, and its name stands in the
 * message of a failure.
 */
#ifndef TEST_SUITE_H
#define TEST_SUITE_H

#include <check.h>

static inline int suite_run(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}

/* Adds a test case of one test function. */
static inline TCase *suite_case(Suite *suite, const char *name) {
    TCase *tcase = tcase_create(name);
    suite_add_tcase(suite, tcase);
    return tcase;
}

#endif
