# SPDX-License-Identifier: MIT
# nocsim. `make help` lists the targets. Every variant builds in a tree of its own: build/<variant>.

VARIANT ?= release
ifeq ($(origin CC),default)
CC      := gcc
endif
ifeq ($(origin CXX),default)
CXX     := g++
endif
PYTHON  ?= /usr/bin/python3
PREFIX  ?= /usr/local
WERROR  ?= -Werror
B       := build/$(VARIANT)

LINK    = $(CC)
SYSTEMC ?= 1

# V=1 shows the commands.
Q       := $(if $(V),,@)
say      = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)')

VERSION := 0.1.0

PACKAGES := yaml-0.1 sqlite3 jansson libxxhash liblzma

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
            -Wmissing-prototypes -Wpointer-arith -Wvla $(WERROR)
# What clang adds to -Wconversion: assert(!"reason"), enums in narrow fields; and `sound &= check(...)`.
ifneq ($(findstring clang,$(CC)),)
WARNINGS += -Wno-string-conversion -Wno-implicit-int-conversion -Wno-bitwise-instead-of-logical
endif

FLAGS_release  := -O2 -g
FLAGS_debug    := -O0 -g3
FLAGS_asan     := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FLAGS_tsan     := -O1 -g -fsanitize=thread
FLAGS_coverage := -O0 -g --coverage

ifeq ($(FLAGS_$(VARIANT)),)
$(error unknown VARIANT '$(VARIANT)': one of release, debug, asan, tsan, coverage)
endif

CPPFLAGS += -I. -I$(B) -D_DEFAULT_SOURCE -DNOCSIM_VERSION='"$(VERSION)"'
CFLAGS   += -std=c11 -pthread $(WARNINGS) $(FLAGS_$(VARIANT)) $(shell pkg-config --cflags $(PACKAGES))
LDFLAGS  += -pthread $(FLAGS_$(VARIANT))
LDLIBS   += $(shell pkg-config --libs $(PACKAGES)) -lm

LIB_SOURCES  := $(sort $(filter-out sim/cli/% sim/sc/%,$(wildcard sim/*/*.c noc/*/*.c arch/*/*.c)))
CLI_SOURCES  := $(sort $(wildcard sim/cli/*.c))
TEST_SOURCES := $(sort $(wildcard test/unit/test_*.c test/laws/test_*.c test/errors/test_*.c))
TEST_SUPPORT := $(sort $(filter-out $(TEST_SOURCES),$(wildcard test/unit/*.c test/laws/*.c test/errors/*.c)))

LIB_OBJECTS  := $(LIB_SOURCES:%.c=$(B)/%.o)
CLI_OBJECTS  := $(CLI_SOURCES:%.c=$(B)/%.o)
TEST_OBJECTS := $(TEST_SUPPORT:%.c=$(B)/%.o)
TEST_PROGRAMS := $(TEST_SOURCES:%.c=$(B)/%)

.PHONY: all
all: $(B)/nocsim ## build the simulator (build/<variant>/nocsim)

$(B)/nocsim: $(CLI_OBJECTS) $(B)/libnocsim.a
	$(call say,LINK,$@)
	$(Q)$(LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS)

$(B)/libnocsim.a: $(LIB_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

# A change of compiler or flags rebuilds everything: the stamp holds them.
BUILT_BY = $(CC) $(CXX) SYSTEMC=$(SYSTEMC) $(CPPFLAGS) $(CFLAGS)
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(BUILT_BY)' | cmp -s - $@ || echo '$(BUILT_BY)' > $@
.PHONY: FORCE
FORCE:

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# Vector code: one file for each instruction set, chosen at run time (sim/base/lanes.h).
$(B)/%_avx2.o: CFLAGS += -mavx2 -mbmi2 -mpopcnt
$(B)/%_avx512.o: CFLAGS += -mavx512f -mavx512bw -mavx512vl -mavx512vpopcntdq -mavx512bitalg -mbmi2 -mpopcnt

# A cycle of a router writes its sets one by one and stores them together: as vectors they would be loaded back
# before the single stores have left the store buffer, which stalls.
$(B)/noc/router/plain.o $(B)/noc/router/plain_avx2.o: CFLAGS += -fno-tree-slp-vectorize
$(B)/noc/router/plain_avx2.o: CFLAGS += -mbmi

-include $(LIB_OBJECTS:.o=.d) $(CLI_OBJECTS:.o=.d) $(TEST_OBJECTS:.o=.d) $(TEST_PROGRAMS:=.d)

# One Check program for each test_*.c in test/unit, test/laws, test/errors; the other files there support them.
$(B)/libtest.a: $(TEST_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/test/%: test/%.c $(B)/libtest.a $(B)/libnocsim.a $(B)/flags
	@mkdir -p $(@D)
	$(call say,TEST,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(shell pkg-config --cflags check) -MMD -MP -MF $@.d -o $@ $< $(B)/libtest.a \
	  $(B)/libnocsim.a $(LDFLAGS) $(LDLIBS) $(shell pkg-config --libs check)

# Targets that belong to one folder stand there.
include $(wildcard scripts/*.mk test/*/*.mk)

.PHONY: clean
clean: ## remove every build tree
	rm -rf build

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-zA-Z_-]+:.*## ' $(filter-out %.d,$(MAKEFILE_LIST)) | sort | sed -E 's/:.*## /\t/' | expand -t 16
