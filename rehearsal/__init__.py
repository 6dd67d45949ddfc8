"""Rehearsal: runs an operations runbook as tests, on a live gateway or a throwaway replica of it."""
