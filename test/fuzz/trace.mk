# SPDX-License-Identifier: MIT
# Fuzzing traces with libFuzzer. New inputs stay in build/fuzz; what finds a fault, or a new path worth keeping, is
# copied into test/fuzz/corpus/trace, which `make check-trace` replays.

FUZZ_SECONDS ?= 60
FUZZ_TRACE_SOURCES := $(wildcard sim/trace/*.c sim/graph/*.c) sim/base/arena.c sim/base/err.c sim/base/memory.c

build/fuzz/fuzz_trace: test/fuzz/fuzz_trace.c $(FUZZ_TRACE_SOURCES) $(wildcard sim/*/*.h)
	@mkdir -p $(@D)
	clang -I. -D_DEFAULT_SOURCE -DFUZZ_ENGINE -std=c11 -O1 -g -fsanitize=fuzzer,address,undefined \
	  -fno-sanitize-recover=all -o $@ $< $(FUZZ_TRACE_SOURCES) $(shell pkg-config --libs sqlite3 jansson liblzma)

.PHONY: fuzz-trace
fuzz-trace: build/fuzz/fuzz_trace ## fuzz the reader of traces for FUZZ_SECONDS (clang)
	@mkdir -p build/fuzz/trace
	cd build/fuzz && ./fuzz_trace -max_total_time=$(FUZZ_SECONDS) -max_len=20480 -timeout=40 -rss_limit_mb=2560 \
	  trace $(CURDIR)/test/fuzz/corpus/trace
