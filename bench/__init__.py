"""Benchmarks: measured side by side in one run, told as medians; never part of the tests."""
