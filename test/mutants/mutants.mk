# SPDX-License-Identifier: MIT
# Planted faults that the laws and tests must notice; `make mutants MUTANTS="NAME ..."` for some of them.

MUTANTS ?=

.PHONY: mutants
mutants: export COMPILE = $(CC) $(CPPFLAGS) $(CFLAGS)
mutants: $(B)/libnocsim.a $(B)/libtest.a $(TEST_PROGRAMS) ## plant one-line faults and prove that tests catch them
	$(PYTHON) test/mutants/run.py $(B) $(MUTANTS)
