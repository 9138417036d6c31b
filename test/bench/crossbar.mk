# SPDX-License-Identifier: MIT

.PHONY: bench-crossbar
bench-crossbar: $(B)/test/bench/bench_crossbar $(B)/nocsim ## synaptic operations per CPU second of the crossbar core; seconds for 10,000 images
	$<
	NOCSIM=$(abspath $(B)/nocsim) $(PYTHON) test/bench/units.py
