"""The two stores as a restore drill knows them: take, compare, plant, lose, damage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from rehearsal.replica.protocol import Replica
from rehearsal.snapshot import Difference


class Store(Protocol):
    """One store of the gateway, as a drill treats it."""

    name: str
    """As a person says it."""
    service: str
    holds_the_mails: bool
    """What is accepted after a backup is lost with this store, as far as the RPO allows."""

    def take(self, replica: Replica) -> Any:  # noqa: ANN401  the snapshot's type is the store's own affair
        """Take a snapshot of the whole store."""
        ...

    def compare(self, before: Any, after: Any) -> Sequence[Difference]:  # noqa: ANN401
        """Name the differences between two of its snapshots."""
        ...

    def plant(self, replica: Replica, planted: Any) -> None:  # noqa: ANN401
        """Put generated content into the store."""
        ...

    def damage(self, replica: Replica) -> str:
        """Damage the store, leave it running and not empty, and say what was done."""
        ...


Disaster = Callable[[Store, Replica], str]
"""Does something to a store and says what."""


def total_loss(store: Store, replica: Replica) -> str:
    """Lose the store's volume, as a lost disk does."""
    replica.lose_volume(store.service)
    return f"{store.name} lost its volume and runs on a fresh one"


def partial_damage(store: Store, replica: Replica) -> str:
    """Damage the store and leave it running."""
    return store.damage(replica)
