"""Processes of the tests end with them, also where they are killed."""

WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")
"""Stands before the arguments of a process."""
