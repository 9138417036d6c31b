# SPDX-License-Identifier: MIT
# Tests of the SystemC engine: law L6, the chip module, boundary links.

ifneq ($(SYSTEMC),0)

SC_TESTS := $(patsubst %.c,$(B)/%,$(wildcard test/systemc/test_*.c))

$(SC_TESTS): $(B)/test/systemc/%: $(B)/test/systemc/%.o $(SC_OBJECTS) $(B)/sim/sc/no_main.o $(B)/libtest.a $(B)/libnocsim.a
	$(call say,LINK,$@)
	$(Q)$(CXX) $(LDFLAGS) -o $@ $^ $(SC_LIBS) $(LDLIBS) $(shell pkg-config --libs check)

-include $(SC_TESTS:=.d)

.PHONY: test-systemc
test-systemc: $(SC_TESTS) ## the SystemC engine against the native one (law L6)
	$(Q)set -e; for test in $(SC_TESTS); do $$test; done

endif
