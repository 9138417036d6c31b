# SPDX-License-Identifier: MIT
# What test_crossbar.py runs.

check-python: $(B)/test/python/crossbar_probe
