# SPDX-License-Identifier: MIT

.PHONY: bench-log
bench-log: $(B)/test/bench/bench_log ## event rows per CPU second, cost of a run database
	$(B)/test/bench/bench_log
