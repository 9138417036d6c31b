# SPDX-License-Identifier: MIT
# Planted faults that the laws and tests must notice; `make mutants MUTANTS="NAME ..."` for some of them.

MUTANTS ?=

.PHONY: mutants
mutants: export COMPILE = $(CC) $(CPPFLAGS) $(CFLAGS)
mutants: export COMPILE_CXX = $(if $(SC_LIBRARY),$(CXX) $(CPPFLAGS) $(SC_CXXFLAGS))
mutants: $(B)/libnocsim.a $(B)/libtest.a $(TEST_PROGRAMS) $(SC_LIBRARY) $(SC_NO_MAIN) ## plant one-line faults and prove that tests catch them
	$(PYTHON) test/mutants/run.py $(B) $(MUTANTS)
