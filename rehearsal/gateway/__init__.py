"""The gateway under verification: its description and its live parts."""
