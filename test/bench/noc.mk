# SPDX-License-Identifier: MIT

.PHONY: bench-noc
bench-noc: $(B)/test/bench/bench_noc ## speed of the packet network; BOOKSIM=<program> runs BookSim2 beside it
	$<

.PHONY: bench-noc-instructions
bench-noc-instructions: $(B)/test/bench/bench_noc ## instructions per flit-hop against their budget (Valgrind)
	$(PYTHON) test/bench/noc_instructions.py $<
