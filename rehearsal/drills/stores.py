"""A store as a restore drill knows it, take, compare, plant, damage; and what a disaster does to one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

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

    def begin(self, replica: Replica) -> Callable[[], Any]:
        """Fix the moment of a snapshot, and return what waits for it; others may go on reading meanwhile."""
        ...

    def compare(self, before: Any, after: Any, *, whole: bool = True) -> Sequence[Difference]:  # noqa: ANN401
        """Name the differences between two of its snapshots; not `whole`: some of them, where there are many."""
        ...

    def doubts(self, before: Any, after: Any) -> Sequence[Difference]:  # noqa: ANN401
        """Name the differences in what was planted and is of a kind that the gateway itself may do without."""
        ...

    def plant(self, replica: Replica, planted: Any) -> None:  # noqa: ANN401
        """Put generated content into the store."""
        ...

    def damage(self, replica: Replica) -> str:
        """Damage the store, leave it running and not empty, and say what was done."""
        ...

    def mark(self, replica: Replica) -> None:
        """Change what nobody else changes, so that what is there now differs from the backup."""
        ...

    def grow(self, replica: Replica, *, timeout: float) -> str:
        """Add what the backup does not hold, and say what was done. `timeout` in seconds."""
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


_GROWTH_SECONDS = 30


def growth(store: Store, replica: Replica) -> str:
    """Let the store go on, to hold more than its backup."""
    return f"after the backup {store.name} went on: {store.grow(replica, timeout=_GROWTH_SECONDS)}"


_T = TypeVar("_T")


def beside(take: Callable[[Callable[[], None]], _T]) -> Callable[[], _T]:
    """Run `take` in a thread until it says that it has begun; return what waits for the end."""
    begun = threading.Event()
    pool = ThreadPoolExecutor(1)
    taking = pool.submit(take, begun.set)
    taking.add_done_callback(lambda _: begun.set())
    pool.shutdown(wait=False)
    begun.wait()
    return taking.result
