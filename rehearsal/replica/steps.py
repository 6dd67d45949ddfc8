"""The start of a replica, step by step: one that fails ends it, or is noted where checks find it by themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from rehearsal.replica.protocol import ReplicaError

Step = tuple[str, Callable[[], object], Collection[str]]
"""Its name, what it does, and the steps that it stands on."""
_FOR_CHECKS = ("postgres", "redis", "nginx", "api", "readiness", "worker")
"""Steps whose failure the daily checks find by themselves, where they are let."""


def take_steps(steps: Iterable[Step], *, whole: bool) -> tuple[str, ...]:
    """Take the steps, and return what did not come up.

    That is empty where the `whole` is asked for: it raises ReplicaError instead, as for what no check would find.
    """
    failed: dict[str, str] = {}
    for name, step, after in steps:
        try:
            if not failed.keys() & after:
                step()
            else:
                # It stands on what has failed: what it would say is no news.
                failed[name] = ""
        except ReplicaError as error:
            if whole or name.removeprefix("health of ") not in _FOR_CHECKS:
                raise
            failed[name] = str(error)
    return tuple(filter(None, failed.values()))
