# SPDX-License-Identifier: MIT

.PHONY: check-slurm
check-slurm: $(B)/nocsim ## sweeps on a real Slurm of one node, with a node failure (as root; slurm-wlm, munge)
	NOCSIM=$(abspath $(B)/nocsim) $(PYTHON) test/slurm/test_slurm.py
