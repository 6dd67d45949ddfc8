"""Which kind of replica a machine can make: containers where an engine and the images are there, else processes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from rehearsal.gateway.description import Gateway
from rehearsal.replica.protocol import Replica, ReplicaError

_reasons: dict[Path, str] = {}
"""Of each gateway directory, what was found once: the engine is not asked for each replica."""
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")


def start(gateway: Gateway, *, whole: bool) -> Replica:
    """Start a replica of the kind that gateway.toml asks for. Raises ReplicaError."""
    if kind_of(gateway) == "containers":
        from rehearsal.replica.containers import launch as containers  # noqa: PLC0415  the SDK takes its time

        return containers.start(gateway, whole=whole)
    from rehearsal.replica.processes import launch as processes  # noqa: PLC0415  the same

    return processes.start(gateway, whole=whole)


def kind_of(gateway: Gateway) -> Literal["processes", "containers"]:
    """Return which kind of replica this machine makes of a gateway."""
    kind = gateway.replica.kind
    if kind == "auto":
        return "processes" if why_processes(gateway) else "containers"
    return kind


def why_processes(gateway: Gateway) -> str:
    """Say why `auto` makes a replica of processes on this machine; empty where it makes one of containers."""
    if gateway.directory not in _reasons:
        _reasons[gateway.directory] = _look(gateway)
    return _reasons[gateway.directory]


def _look(gateway: Gateway) -> str:
    if not any(Path(path).exists() for path in _SOCKETS) and "DOCKER_HOST" not in os.environ:
        return "no container engine on this machine"
    from rehearsal.replica.containers import engine  # noqa: PLC0415  the SDK takes its time

    try:
        engine.choose(engine.connect(), gateway, pull=False)
    except ReplicaError as error:
        return str(error)
    return ""
