# SPDX-License-Identifier: MIT
# What test_ttfs.py runs.

check-python: $(B)/test/python/ttfs_probe
