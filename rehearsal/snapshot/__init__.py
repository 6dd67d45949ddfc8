"""Takes the full content of a store, compares two of them, and names the difference."""

from rehearsal.snapshot.difference import Difference, SnapshotError

__all__ = ["Difference", "SnapshotError"]
