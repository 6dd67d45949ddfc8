"""Takes the full content of a store, compares two of them, and names the difference."""
