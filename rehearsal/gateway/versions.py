"""The versions that the parts of a gateway report of themselves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from rehearsal.gateway.description import HttpPart
from rehearsal.gateway.http import Http
from rehearsal.gateway.stores import ask_postgres, write_to_redis
from rehearsal.gateway.target import Target, TargetError


def versions_of(target: Target, settings: HttpPart) -> dict[str, str]:
    """Return `{"postgres": "16.14", "redis": "9.1.2", "nginx": "1.31.3"}`; a part that is silent is `not seen`."""
    questions: dict[str, Callable[[], str]] = {
        "postgres": lambda: ask_postgres(target).version,
        "redis": lambda: write_to_redis(target),
        "nginx": lambda: _server(target, settings),
    }
    # All at once: each takes several round trips, to a host that may be far away.
    with ThreadPoolExecutor(len(questions)) as pool:
        return dict(zip(questions, pool.map(_said, questions.values()), strict=True))


def _server(target: Target, settings: HttpPart) -> str:
    with Http(target, settings) as http:
        name, _, version = http.get(settings.liveness).server.partition("/")
    return version or f"not told ({name or 'no Server header'})"


def _said(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except TargetError:
        return "not seen"
