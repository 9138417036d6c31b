# SPDX-License-Identifier: MIT
# Golden cases of the Shenjing tile: replay, differential test against the naive reference, speed.

CASES ?= test/golden/shenjing

GOLDEN_SHARED  := bench case naive source
GOLDEN_OBJECTS := $(GOLDEN_SHARED:%=$(B)/test/golden/%.o)
GOLDEN_LIBS    := $(shell pkg-config --libs zlib)

$(B)/test/golden/%.o: test/golden/%.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

GOLDEN_PROGRAMS := $(B)/test/golden/replay $(B)/test/golden/differential $(B)/test/golden/bench_tile

$(GOLDEN_PROGRAMS): $(B)/test/golden/%: $(B)/test/golden/%.o $(GOLDEN_OBJECTS) $(B)/libnocsim.a
	$(CC) -o $@ $^ $(LDFLAGS) $(LDLIBS) $(GOLDEN_LIBS)

-include $(wildcard $(B)/test/golden/*.d)

.PHONY: golden
golden: $(B)/test/golden/replay $(B)/test/golden/differential ## replay the golden cases under CASES=<folder>
	$(B)/test/golden/replay $(CASES)

.PHONY: differential
differential: $(B)/test/golden/differential ## compare the tile with a naive reference on random programs
	$(B)/test/golden/differential

.PHONY: bench-tile
bench-tile: $(B)/test/golden/bench_tile ## measure tile-cycles per second
	$(B)/test/golden/bench_tile test/golden/shenjing/e1_mlp10 test/golden/shenjing/e2_mlp10_tight
