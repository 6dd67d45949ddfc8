"""The code of the tiny gateway."""
