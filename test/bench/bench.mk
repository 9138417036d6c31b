# SPDX-License-Identifier: MIT

.PHONY: bench
bench: $(B)/nocsim bench-tile bench-log bench-layers ## speed of the simulator beside its targets and peers
	NOCSIM=$(abspath $(B)/nocsim) $(PYTHON) test/bench/bench.py
