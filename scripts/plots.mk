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

# The two pictures of README.md. A test holds the floor plan against the program.
.PHONY: pictures
pictures: reproduce ## draw the pictures of the README anew
	$(B)/nocsim map --arch configs/shenjing.yaml --trace workloads/mnist-cnn.spk --svg docs/pictures/floor-plan.svg > /dev/null
	cp out/plots/crossover-over-timesteps.svg docs/pictures/crossover.svg
