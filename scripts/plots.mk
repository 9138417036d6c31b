# SPDX-License-Identifier: MIT
# Plots of sweeps, in out/. A sweep that was stopped goes on where it was.

NOISE := $(patsubst configs/sweeps/%.yaml,%,$(sort $(wildcard configs/sweeps/noise-*.yaml)))

.PHONY: noise-plot
noise-plot: $(B)/nocsim ## accuracy over each kind of noise, with 95 % intervals: out/noise.png
	@mkdir -p out
	$(Q)for sweep in $(NOISE); do $(B)/nocsim sweep configs/sweeps/$$sweep.yaml -o out/$$sweep.db || exit; done
	$(PYTHON) scripts/plots/noise.py out/noise.png $(NOISE:%=out/%.db)

.PHONY: approximation-plot
approximation-plot: $(B)/nocsim ## errors of piecewise-linear functions over segments and words: out/approximation.png
	$(B)/nocsim approximate --errors --format json | $(PYTHON) scripts/plots/approximation.py out/approximation.png
