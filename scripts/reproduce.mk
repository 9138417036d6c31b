# SPDX-License-Identifier: MIT
# Every published claim that the simulator can be held against, in one report: out/reproduction.md and .html.
# FAST=1 leaves out commands that take long; JOBS=N runs N at a time.

# Make is called again for the program, because what it is built with may only now have been installed.
.PHONY: reproduce
reproduce: ## published claims beside closed forms and simulation: out/reproduction.html (FAST=1: a minute)
	scripts/setup.sh reproduce
	@$(MAKE) --no-print-directory $(B)/nocsim
	$(PYTHON) scripts/reproduce/main.py --nocsim $(B)/nocsim $(if $(FAST),--fast) $(if $(JOBS),--jobs $(JOBS))

.PHONY: check-reproduce
check-reproduce: $(B)/nocsim ## every claim is still as its row says (the quick ones)
	$(PYTHON) scripts/reproduce/main.py --nocsim $(B)/nocsim --fast --output build/reproduce
