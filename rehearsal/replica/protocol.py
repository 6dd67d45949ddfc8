"""What every kind of replica offers beyond what a check may ask of any target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rehearsal.gateway.target import Target

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self


class ReplicaError(Exception):
    """A replica that could not be made or kept: one sentence, what was expected, found, and what to do."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that arrived at the replica's SMTP sink."""

    sender: str
    recipients: tuple[str, ...]
    subject: str
    headers: dict[str, str]
    body: str
    received: float
    """Seconds since the epoch."""

    @property
    def message_id(self) -> str:
        """By which its reader knows it again; empty where it has none."""
        return next((value.strip() for name, value in self.headers.items() if name.lower() == "message-id"), "")


class Replica(Target, Protocol):
    """A throwaway gateway that this run made."""

    @property
    def kind(self) -> str:
        """`processes` or `containers`."""
        ...

    @property
    def isolation(self) -> str:
        """`namespaces` or `plain` for processes; `containers` for containers."""
        ...

    @property
    def missing_isolation(self) -> tuple[str, ...]:
        """What this arrangement can't keep apart, each in a few words; empty where nothing is missing."""
        ...

    @property
    def troubles(self) -> tuple[str, ...]:
        """What did not come up, each in a sentence; empty but for a replica that was not asked for as a whole."""
        ...

    @property
    def token(self) -> str:
        """The token of this run, planted in the replica's PostgreSQL and Redis."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """All secrets that were made for this replica, for whoever masks them."""
        ...

    def stop(self, service: str) -> None:
        """Stop a service in an orderly way; it stays down."""
        ...

    def start(self, service: str) -> None:
        """Start a stopped service and return when it answers. Raises ReplicaError with its last log lines if not."""
        ...

    def kill(self, service: str) -> None:
        """End a service with SIGKILL, as a crash does: the stack's restart policy applies."""
        ...

    def pause(self, service: str) -> None:
        """Freeze a service: its connections stay open and nothing answers."""
        ...

    def resume(self, service: str) -> None:
        """Undo `pause`."""
        ...

    def cut(self, service: str) -> None:
        """Cut a service off the network: it runs on, and nobody reaches it.

        Raises NotOnThisTargetError where all services share one network.
        """
        ...

    def mend(self, service: str) -> None:
        """Undo `cut`."""
        ...

    def lose_volume(self, service: str) -> None:
        """Lose the data of `postgres` or `redis`, as a lost disk does.

        Afterwards the service runs on a fresh store (for PostgreSQL: an empty database of the right name).
        """
        ...

    def pretend(self, cpu_percent: float, memory_percent: float) -> None:
        """Have the operator's /proc show this use of what the replica was given, until `stop_pretending`.

        What a monitor makes of a figure can be asked exactly then, on a machine however busy. A replica of processes
        shows it in `docker stats` and `resources`, too. Raises NotOnThisTargetError where /proc is the machine's own.
        """
        ...

    def stop_pretending(self) -> None:
        """Have /proc show what it did before."""
        ...

    def mails(self) -> Sequence[Mail]:
        """Return the mails that the sink has received, oldest first."""
        ...

    def unsupported_commands(self) -> Sequence[str]:
        """Return the commands that were asked of this replica's shell and have no meaning there, oldest first."""
        ...

    def plant_token(self) -> None:
        """Plant the token again, after a restore has replaced a store."""
        ...

    def close(self) -> None:
        """End every process of the replica and remove its files. May be called twice."""
        ...

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
