"""Runs inside the replica as its first process. Standard library and psutil only: it has to start in milliseconds."""
