# SPDX-License-Identifier: MIT

.PHONY: bench-layers
bench-layers: $(B)/nocsim ## mapping and speed of a residual network on eight chips
	NOCSIM=$(abspath $(B)/nocsim) $(PYTHON) test/bench/layers.py
