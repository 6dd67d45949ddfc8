"""What goes wrong with a running service: it dies, hangs, refuses, stutters."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count

import psycopg

from rehearsal.replica.protocol import Replica

Strike = Callable[[Replica, str], Callable[[], None]]
"""Does it to a service, and returns what undoes it as far as a restart does not."""


@dataclass(frozen=True, slots=True)
class Manner:
    """One way in which a service fails."""

    name: str
    """In a word, such as `hung`."""
    words: str
    """What happens, after the service's name: `was frozen`."""
    strike: Strike
    passes: bool = False
    """Whether the service may come back without anybody's doing."""
    freezes: bool = False
    """Whether it looks up and running meanwhile."""


_FROZEN_SECONDS, _BREATH_SECONDS, _BREATHS = 0.7, 0.15, 3


def _killed(replica: Replica, service: str) -> Callable[[], None]:
    replica.kill(service)
    return _nothing


def _hung(replica: Replica, service: str) -> Callable[[], None]:
    replica.pause(service)
    return lambda: replica.resume(service)


def _stopped(replica: Replica, service: str) -> Callable[[], None]:
    replica.stop(service)
    return _nothing


def _slow(replica: Replica, service: str) -> Callable[[], None]:
    for _ in range(_BREATHS):
        replica.pause(service)
        time.sleep(_FROZEN_SECONDS)
        replica.resume(service)
        time.sleep(_BREATH_SECONDS)
    return _nothing


def _full(replica: Replica, _service: str) -> Callable[[], None]:
    """Take every connection that PostgreSQL has; as a superuser, the reserved ones too."""
    with ExitStack() as taken:
        with suppress(psycopg.OperationalError):
            for _ in count():
                taken.enter_context(_ending(replica.postgres("postgres")))
        return taken.pop_all().close
    raise AssertionError  # an ExitStack without callbacks lets every error through


@contextmanager
def _ending(connection: psycopg.Connection[object]) -> Iterator[None]:
    try:
        yield
    finally:
        with suppress(psycopg.Error):
            connection.close()


def _refusing(replica: Replica, _service: str) -> Callable[[], None]:
    """Leave Redis no memory: it answers PING, and refuses every write."""
    with replica.redis() as client:
        before = client.config_get("maxmemory")["maxmemory"]
        client.config_set("maxmemory", "1")

    def undo() -> None:
        with replica.redis() as again:
            again.config_set("maxmemory", before)

    return undo


def _nothing() -> None:
    pass


KILLED = Manner("killed", "was killed", _killed, passes=True)
HUNG = Manner("hung", "hung", _hung, freezes=True)
STOPPED = Manner("stopped", "was down and refused connections", _stopped)
SLOW = Manner("slow", "answered in fits and starts", _slow, passes=True)
FULL = Manner("full", "had no connection left", _full)
REFUSING = Manner("refusing", "refused every write", _refusing)
