"""The servers of the snapshots' tests."""

from tests.snapshot.conftest import postgres

__all__ = ["postgres"]
