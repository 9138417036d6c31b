# SPDX-License-Identifier: MIT
# What test_operations.py runs.

check-python: $(B)/test/python/operation_probe
