# SPDX-License-Identifier: MIT
# Tests of the SystemC engine: law L6, the chip module, waveforms.

ifneq ($(SYSTEMC),0)

SC_TESTS := $(addprefix $(B)/test/systemc/,test_engine test_report test_chip)

$(B)/test/systemc/test_engine: $(B)/test/systemc/test_engine.o $(B)/libtest.a
$(B)/test/systemc/test_chip: $(B)/test/systemc/test_chip.o $(B)/test/systemc/platform.o
$(B)/test/systemc/test_report: $(B)/test/systemc/test_report.o

$(SC_TESTS): $(SC_NO_MAIN) $(SC_LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(CXX) -o $@ $(filter %.o,$^) $(filter %/libtest.a,$^) $(SC_LIBRARY) $(LDFLAGS) $(SC_LIBS) $(LDLIBS) $(shell pkg-config --libs check)

-include $(wildcard $(B)/test/systemc/*.d)

.PHONY: check-systemc
check-systemc: $(SC_TESTS) $(B)/nocsim ## the SystemC engine, the chip module, waveforms
	NOCSIM=$(abspath $(B)/nocsim) $(RUN_TESTS) $(SC_TESTS) test/systemc/test_systemc.py

.PHONY: check-examples
check-examples: $(SC_LIBRARY) $(B)/nocsim ## the example platforms, built against the installed library
	NOCSIM=$(abspath $(B)/nocsim) BUILD=$(B) VARIANT=$(VARIANT) EXAMPLE_FLAGS='$(FLAGS_$(VARIANT))' \
	  $(RUN_TESTS) test/systemc/test_examples.py

.PHONY: bench-systemc
bench: bench-systemc
bench-systemc: $(B)/nocsim ## CPU time of SystemC beside the native engine
	NOCSIM=$(abspath $(B)/nocsim) $(PYTHON) test/systemc/bench_engines.py

endif
