"""The two stores as a restore drill knows them: take, compare, plant, lose, damage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from rehearsal.replica.protocol import Replica
from rehearsal.snapshot import Difference


class Store(Protocol):
    """One store of the gateway, as a drill treats it."""

    name: str
    """As the runbook's headings have it."""
    service: str

    def take(self, replica: Replica) -> Any: ...  # noqa: ANN401, D102  the snapshot's type is the store's own affair
    def compare(self, before: Any, after: Any) -> Sequence[Difference]: ...  # noqa: ANN401, D102
    def plant(self, replica: Replica, planted: Any) -> None: ...  # noqa: ANN401, D102
    def damage(self, replica: Replica) -> str:
        """Damage the store, leave it running and not empty, and say what was done."""
        ...
