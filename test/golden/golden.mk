# SPDX-License-Identifier: MIT
# The Shenjing tile: golden cases, random comparison with the naive reference, speed.

GOLDEN_SHARED := $(addprefix $(B)/test/golden/,bench.o case.o naive.o source.o)
GOLDEN_GIVEN  := $(filter command environment,$(firstword $(origin CASES)))

$(addprefix $(B)/test/golden/,replay differential bench_tile): %: %.o $(GOLDEN_SHARED) $(B)/libnocsim.a
	$(call say,LINK,$@)
	$(Q)$(CC) -o $@ $^ $(LDFLAGS) $(LDLIBS) -lz

-include $(wildcard $(B)/test/golden/*.d)

.PHONY: golden
golden: $(B)/test/golden/replay ## replay the Shenjing cases, or those anywhere under CASES=<folder>
	$< $(if $(GOLDEN_GIVEN),$(CASES),test/golden/shenjing)

.PHONY: check-differential
check-differential: $(B)/test/golden/differential ## random programs against the naive Shenjing tile: COUNT=60, SEED=1
	$< --seed $(or $(SEED),1) --count $(or $(COUNT),60)

.PHONY: bench-tile
bench-tile: $(B)/test/golden/bench_tile ## tile-cycles per second on the perceptron cases
	$< test/golden/shenjing/e1_mlp10 test/golden/shenjing/e2_mlp10_tight
