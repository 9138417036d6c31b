# SPDX-License-Identifier: MIT
# The SystemC engine and the chip module (sim/sc), as part of nocsim and as a library. SYSTEMC=0 leaves them out.

ifneq ($(SYSTEMC),0)

SC_CXXFLAGS := -std=c++17 -pthread -Wall -Wextra -Wpedantic $(WERROR) $(FLAGS_$(VARIANT)) \
               $(patsubst -I%,-isystem %,$(shell pkg-config --cflags systemc $(PACKAGES) 2>/dev/null))
SC_LIBS     := $(shell pkg-config --libs systemc 2>/dev/null)
SC_ENGINE   := $(addprefix $(B)/sim/sc/,assembly.o engine.o group.o report.o shell.o)
SC_CHIP     := $(addprefix $(B)/sim/sc/,boundary.o chip.o chip_output.o chip_target.o device.o trace.o) \
               $(filter-out %/main.o,$(CLI_OBJECTS))
SC_NO_MAIN  := $(B)/sim/sc/no_main.o

$(B)/%.o: %.cpp $(B)/flags
	@mkdir -p $(@D)
	$(if $(SC_LIBS),,$(error SystemC is not there: install libsystemc-dev and pkg-config, or build with SYSTEMC=0))
	$(call say,CXX,$<)
	$(Q)$(CXX) $(CPPFLAGS) $(SC_CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/nocsim: $(SC_ENGINE) $(SC_NO_MAIN)
$(B)/nocsim: LINK = $(CXX)
$(B)/nocsim: LDLIBS += $(SC_LIBS)
$(B)/sim/cli/engines.o: CPPFLAGS += -DNOCSIM_SYSTEMC

-include $(wildcard $(B)/sim/sc/*.d)

# The library: everything that a platform needs but SystemC itself and the libraries that nocsim uses.
SC_LIBRARY := $(B)/libnocsim-systemc.a
SC_HEADERS := sim/sc/chip.h sim/sc/trace.h

all: $(SC_LIBRARY)

$(SC_LIBRARY): $(SC_ENGINE) $(SC_CHIP) $(LIB_OBJECTS) $(SQL_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

$(B)/nocsim-systemc.pc: scripts/nocsim-systemc.pc.in FORCE
	$(Q)sed 's|@PREFIX@|$(PREFIX)|; s|@VERSION@|$(VERSION)|; s|@PACKAGES@|$(PACKAGES)|' $< > $@

.PHONY: install-systemc
install: install-systemc
install-systemc: $(SC_LIBRARY) $(B)/nocsim-systemc.pc ## install libnocsim-systemc, its headers and its pkg-config file
	install -D -m 644 $(SC_LIBRARY) $(DESTDIR)$(PREFIX)/lib/libnocsim-systemc.a
	install -D -m 644 $(B)/nocsim-systemc.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/nocsim-systemc.pc
	for header in $(SC_HEADERS); do install -D -m 644 -t $(DESTDIR)$(PREFIX)/include/nocsim $$header || exit 1; done

.PHONY: uninstall-systemc
uninstall: uninstall-systemc
uninstall-systemc:
	rm -rf $(DESTDIR)$(PREFIX)/lib/libnocsim-systemc.a $(DESTDIR)$(PREFIX)/lib/pkgconfig/nocsim-systemc.pc \
	  $(DESTDIR)$(PREFIX)/include/nocsim

endif
