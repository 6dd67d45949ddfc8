"""The versions that the parts of a gateway report of themselves."""

from __future__ import annotations

from collections.abc import Callable

from rehearsal.gateway.stores import ask_postgres, write_to_redis
from rehearsal.gateway.target import Target, TargetError


def versions_of(target: Target) -> dict[str, str]:
    """Return `{"postgres": "16.14", "redis": "9.1"}`; a part that does not answer is `not seen`."""
    return {
        "postgres": _said(lambda: ask_postgres(target).version),
        "redis": _said(lambda: write_to_redis(target)),
    }


def _said(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except TargetError:
        return "not seen"
