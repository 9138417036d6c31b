# SPDX-License-Identifier: MIT
# The SystemC engine (sim/sc) and everything that needs it. SYSTEMC=0 leaves it out.

ifneq ($(SYSTEMC),0)

SC_CXXFLAGS := -std=c++17 -pthread -Wall -Wextra -Wpedantic -Wshadow $(WERROR) $(FLAGS_$(VARIANT)) \
               $(patsubst -I%,-isystem %,$(shell pkg-config --cflags systemc $(PACKAGES)))
SC_LIBS     := $(shell pkg-config --libs systemc)
SC_SOURCES  := $(sort $(filter-out sim/sc/no_main.cpp,$(wildcard sim/sc/*.cpp)))
SC_OBJECTS  := $(SC_SOURCES:%.cpp=$(B)/%.o)

$(B)/%.o: %.cpp $(B)/flags
	@mkdir -p $(@D)
	$(if $(SC_LIBS),,$(error SystemC is not there: install libsystemc-dev and pkg-config, or build with SYSTEMC=0))
	$(call say,CXX,$<)
	$(Q)$(CXX) $(CPPFLAGS) $(SC_CXXFLAGS) -MMD -MP -c -o $@ $<

$(B)/nocsim: $(SC_OBJECTS) $(B)/sim/sc/no_main.o
$(B)/nocsim: LINK = $(CXX)
$(B)/nocsim: LDLIBS += $(SC_LIBS)
$(B)/sim/cli/engines.o: CPPFLAGS += -DNOCSIM_SYSTEMC

-include $(SC_OBJECTS:.o=.d) $(B)/sim/sc/no_main.d

endif
