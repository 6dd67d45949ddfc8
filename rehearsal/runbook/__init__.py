"""Reads a runbook: Markdown in, sections, procedures, thresholds, policies and contacts out."""
