# SPDX-License-Identifier: MIT
# Fuzzing descriptions with libFuzzer. New inputs stay in build/fuzz; what finds a fault, or a new path worth
# keeping, is copied into test/fuzz/corpus/yaml, which the unit tests replay.

FUZZ_SECONDS ?= 60
FUZZ_SOURCES := $(addprefix sim/base/,arena.c err.c memory.c number.c text.c) $(addprefix sim/config/,bind.c effective.c \
                node.c override.c param.c quantity.c value.c yaml.c)

build/fuzz/fuzz_yaml: test/fuzz/fuzz_yaml.c $(FUZZ_SOURCES) $(wildcard sim/*/*.h)
	@mkdir -p $(@D)
	clang -I. -D_DEFAULT_SOURCE -std=c11 -O1 -g -fsanitize=fuzzer,address,undefined \
	  -fno-sanitize-recover=all -o $@ $< $(FUZZ_SOURCES) $(shell pkg-config --libs yaml-0.1) -lm

.PHONY: fuzz-yaml
fuzz-yaml: build/fuzz/fuzz_yaml ## fuzz the reader of descriptions for FUZZ_SECONDS (clang)
	@mkdir -p build/fuzz/yaml
	cd build/fuzz && ./fuzz_yaml -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -timeout=5 -rss_limit_mb=1024 \
	  yaml $(CURDIR)/test/fuzz/corpus/yaml
