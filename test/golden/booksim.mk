# SPDX-License-Identifier: MIT
# Comparison with BookSim2: test/golden/booksim holds traces of explicit injections, what BookSim2 did
# with them, and its load curves.

CASES ?= test/golden/booksim

$(B)/test/golden/booksim/%: LDLIBS += -lz

.PHONY: booksim
booksim: $(B)/test/golden/booksim/replay ## every packet as in BookSim2: CASES=<folder of NAME.txt and NAME.vcV.bufB.csv.gz>
	$< $(CASES)

POINTS ?=

.PHONY: booksim-curves
booksim-curves: $(B)/test/golden/booksim/curves ## load curves beside BookSim2's: POINTS=<part of a name> restricts them
	$< test/golden/booksim/curves.csv test/golden/booksim/adaptive.csv $(POINTS)
