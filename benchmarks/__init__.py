"""Measurements whose results are in docs/benchmarks.md; run by hand."""
