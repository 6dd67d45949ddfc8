"""Ratios and medians of one run: figures to compare, not tests."""
