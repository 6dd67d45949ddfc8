"""What the run tells the supervisor: one JSON document on standard input, so that no secret is in argv or a file.

Standard library only: both sides read this module.
"""

from __future__ import annotations

import json
import signal
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """How one service is run. Paths are as they are inside the replica."""

    name: str
    argv: tuple[str, ...]
    directory: str
    environment: dict[str, str]
    settings: str = ""
    """Given on its standard input: settings that hold a secret."""
    probe: Literal["", "tcp", "postgres", "redis"] = ""
    """How its health is asked; empty where it declares no probe."""
    port: int = 0
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 10
    hidden: bool = False
    """True for what stands beside the gateway and is no part of it: the mail sink."""
    early: bool = False
    """Started at once; the others when the run asks."""
    unprivileged: bool = False
    """May not run as root (PostgreSQL)."""
    container_port: int = 0
    """The port that `ps` shows."""
    rewritten: tuple[str, ...] = ()
    """Folders or files that are copied anew with addresses replaced before each start: `from:to`, plain arrangement."""


@dataclass(frozen=True, slots=True)
class StorePlan:
    """How a fresh PostgreSQL store is made."""

    data: str
    template: str
    """A tar file of a store that was made before; may be missing."""
    initdb: tuple[str, ...]
    single: tuple[str, ...]
    """The server in single-user mode; its input are `statements`."""
    statements: str
    redis_data: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole replica."""

    project: str
    isolation: Literal["namespaces", "plain"]
    root: str
    """The replica's folder on the machine in the plain arrangement; empty in namespaces, where it is `/`."""
    source: str
    """The gateway directory on the machine."""
    directory: str
    """Where its copy lies inside."""
    left_out: tuple[str, ...]
    """Folders below it that are not copied: the live stores' data."""
    cpus: float
    memory_mib: int
    disk_mib: int
    binds: tuple[tuple[str, str], ...]
    """Folder of the machine, and where it is visible inside, read-only."""
    copies: tuple[tuple[str, str], ...]
    """Folder of the machine, and where it is copied to: programs that PostgreSQL's user could not reach."""
    hosts: tuple[str, ...]
    """Names that mean the replica itself."""
    folders: tuple[str, ...]
    files: dict[str, str]
    """Path inside -> content. Mode 0600; 0755 where it begins with `#!`."""
    replaced: dict[str, str]
    """Path inside -> content, as `files`; what the gateway directory has there gives way."""
    links: dict[str, str]
    """Path inside -> what it points to."""
    replacements: tuple[tuple[str, str], ...]
    """Regular expression -> text: addresses of the runbook -> addresses of a plain replica."""
    operator: dict[str, str]
    """The environment of the operator's shell."""
    store: StorePlan
    services: tuple[ServicePlan, ...] = field(default=())

    def to_json(self) -> str:
        """Write the plan as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read what `to_json` wrote."""
        raw: dict[str, Any] = json.loads(text)
        raw["store"] = StorePlan(**raw["store"])
        raw["services"] = tuple(ServicePlan(**service) for service in raw["services"])
        return cls(**raw)
