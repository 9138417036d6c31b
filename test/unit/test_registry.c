/* SPDX-License-Identifier: MIT
 *
 * Whatever a description can name also stands in the list of its role: a line forgotten there would be found
 * by whoever describes the hardware first.
 */
#include "sim/cli/registry.c" /* the command line is no library */

#include "arch/model/model.h"
#include "arch/vector/approximator.h"
#include "test/suite.h"

#include <string.h>

/* Of the command line, and no hardware. */
const struct sim_schema compare_layer_schema = {.name = "compare.layer"};
const struct sim_schema compare_network_schema = {.name = "compare.network"};

static bool is_listed(const struct sim_schema *schema) {
    if (strcmp(schema->role, ARCH_APPROXIMATOR_ROLE) == 0)
        return arch_approximator_of(schema) != NULL;
    if (strcmp(schema->role, ARCH_CORE_UNIT_ROLE) == 0)
        return arch_core_unit_of(schema) != NULL;
    if (strcmp(schema->role, ARCH_WINDOW_UNIT_ROLE) == 0)
        return arch_window_unit_of(schema) != NULL;
    if (strcmp(schema->role, "model") == 0)
        return arch_model_of_schema(schema) != NULL;
    return true;
}

START_TEST(what_is_registered_can_be_built) {
    for (size_t i = 0; sim_registry[i] != NULL; i++)
        ck_assert_msg(sim_registry[i]->role == NULL || is_listed(sim_registry[i]),
                      "%s is in no list of the role '%s'", sim_registry[i]->name, sim_registry[i]->role);
}
END_TEST

START_TEST(names_are_different) {
    for (size_t i = 0; sim_registry[i] != NULL; i++)
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(sim_registry[i]->name, sim_registry[k]->name);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("registry");
    TCase *lists = suite_case(suite, "lists");
    tcase_add_test(lists, what_is_registered_can_be_built);
    tcase_add_test(lists, names_are_different);
    return suite_run(suite);
}
