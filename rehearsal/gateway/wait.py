"""Waiting with a deadline that says what was last seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from rehearsal.gateway.target import TargetError

Seen = TypeVar("Seen")


class DeadlineError(TargetError):
    """What was waited for did not come in time."""


def wait_until(
    look: Callable[[], Seen],
    accept: Callable[[Seen], bool] = bool,
    *,
    what: str,
    timeout: float,
    forgive: tuple[type[Exception], ...] = (),
    pause: float = 0.05,
) -> Seen:
    """Look again every `pause` seconds until what is seen is accepted, and return it.

    Errors in `forgive` count as not yet. Raises DeadlineError with the last observation after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            seen = look()
            if accept(seen):
                return seen
            last = repr(seen)
        except forgive as error:
            last = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        if time.monotonic() >= deadline:
            msg = f"waited {timeout:g} s for {what}; last seen: {last}"
            raise DeadlineError(msg)
        time.sleep(pause)
