# SPDX-License-Identifier: MIT

.PHONY: bench-crossbar
bench-crossbar: $(B)/test/bench/bench_crossbar ## synaptic operations per CPU second of the crossbar core
	$<
