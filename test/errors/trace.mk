# SPDX-License-Identifier: MIT
# Traces from outside: the command line, faulty files, and the fuzzing corpus replayed with changes.

.PHONY: check-trace
check-trace: $(B)/nocsim $(B)/test/fuzz/fuzz_trace ## traces: command line, bad files, fuzzing corpus
	test/errors/trace/run.sh $(B)/nocsim
	NOCSIM=$(abspath $(B)/nocsim) $(PYTHON) test/python/test_bad_spk.py
	NOCSIM=$(abspath $(B)/nocsim) $(PYTHON) test/errors/trace/test_bombs.py
	$(B)/test/fuzz/fuzz_trace test/fuzz/corpus/trace/*
