# SPDX-License-Identifier: MIT
# Comparison with BookSim2: test/golden/booksim holds traces of explicit injections, what BookSim2 did
# with them, and its load curves.

CASES ?= test/golden/booksim

$(B)/test/golden/booksim/%: LDLIBS += -lz

.PHONY: booksim
booksim: $(B)/test/golden/booksim/replay ## every packet as in BookSim2: CASES=<folder of NAME.txt and NAME.vcV.bufB.csv.gz>
	$< $(CASES)
