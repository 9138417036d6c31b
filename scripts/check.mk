# SPDX-License-Identifier: MIT
# The gate and its parts. A new test program test/unit/test_*.c (laws, errors) or test/python/test_*.py is picked
# up as it is; a folder with another kind of test brings a target check-<name> in a make file of its own.

# Seconds that one test may take: enough for a busy machine.
export CK_DEFAULT_TIMEOUT ?= 60

TESTS_OF = $(filter $(B)/test/$(1)/%,$(TEST_PROGRAMS))
RUN_TESTS := $(PYTHON) scripts/run_tests.py

.PHONY: setup demo check tests check-unit laws check-errors check-python check-threads format lint asan tsan ci
setup: ## install what building and running needs
	scripts/setup.sh build

demo: ## install what is missing, build, and let the Shenjing chip classify handwritten digits
	scripts/demo.sh

check: ## install what is missing and run every test: the gate
	scripts/setup.sh check
	$(PYTHON) scripts/gate.py $(STAGES)

tests: $(TEST_PROGRAMS) ## build every Check program

check-unit: $(call TESTS_OF,unit) ## unit tests
	$(RUN_TESTS) $^

laws: $(call TESTS_OF,laws) ## the laws over random systems: LAW_SEEDS=100, LAW_SEED=7
	$(RUN_TESTS) $^

check-errors: $(call TESTS_OF,errors) ## wrong input and its messages
	$(RUN_TESTS) $^

check-python: $(B)/nocsim ## the Python scripts
	NOCSIM=$(abspath $(B)/nocsim) $(RUN_TESTS) $(sort $(wildcard test/python/test_*.py))

# Threads are: the writer of the run database (the ordinary build knows who has it), evaluations, and the shards of a
# packet network.
ifneq ($(filter check-threads,$(MAKECMDGOALS)),)
THREADED := $(shell for t in $(patsubst $(B)/%,build/release/%,$(call TESTS_OF,unit)); do \
              nm $$t 2>/dev/null | grep -q ' T sim_record_new' && echo $$t; done) \
            build/release/test/unit/test_shards
endif
check-threads: $(patsubst build/release/%,$(B)/%,$(THREADED)) $(B)/nocsim ## the programs with threads (for VARIANT=tsan)
	$(RUN_TESTS) $(filter-out $(B)/nocsim,$^)
	$(B)/nocsim evaluate -q -j 4 --trace workloads/mnist-mlp.spk configs/units/crossbar-ideal.yaml configs/units/msu.yaml

asan: ## every Check program under the address and undefined-behaviour sanitizers
	$(PYTHON) scripts/gate.py asan

tsan: ## the programs with threads under the thread sanitizer
	$(PYTHON) scripts/gate.py tsan

format: ## break lines that are too long (clang-format), touch nothing else
	$(PYTHON) scripts/format.py

lint: ## include rules, headers alone, line and file lengths, names
	$(PYTHON) scripts/lint.py $(B)
