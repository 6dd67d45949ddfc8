"""Rehearsal: runs an operations runbook as tests, on a live gateway or a throwaway replica of it."""

__version__ = "0.1.0"
