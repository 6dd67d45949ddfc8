"""The state of a service as Docker says it."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def status(state: dict[str, Any]) -> str:
    """Return `Up 3 seconds (healthy)`, `Exited (137) 2 minutes ago`, and so on."""
    since = ago(state["seconds"])
    match state["state"]:
        case "running":
            health = {True: " (healthy)", False: " (unhealthy)", None: ""}[state["health"]]
            return f"Up {since}{health}"
        case "paused":
            return f"Up {since} (Paused)"
        case "restarting":
            return f"Restarting ({state['exit']}) {since} ago"
        case "exited":
            return f"Exited ({state['exit']}) {since} ago"
    return "Created"


def ago(seconds: float) -> str:
    """Return a length of time in one unit: `3 seconds`."""
    if seconds < 1:
        return "Less than a second"
    for size, unit in _UNITS:
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return "Less than a second"


def state_word(state: dict[str, Any]) -> str:
    """Return the state in one word, as `docker inspect` does."""
    return str(state["state"])


def called(service: str) -> tuple[str, str]:
    """Return what the gateway calls a service in Compose, and its container; that is empty where Compose names it."""
    pairs = (pair.partition("=") for pair in os.environ.get("REHEARSAL_CALLED", "").split())
    names = {own: names for own, _, names in pairs}.get(service, f"{service},")
    name, _, own_container = names.partition(",")
    return name, own_container


def container(project: str, service: str) -> str:
    """Return the name of a service's container: the gateway's own, else as Compose 2 makes it."""
    name, own = called(service)
    return own or f"{project}-{name}-1"


def identity(name: str) -> str:
    """Return an id for a container: always the same for the same name."""
    import hashlib  # noqa: PLC0415 - only `ps` needs it

    return hashlib.sha256(name.encode()).hexdigest()
