"""What the plan of a replica is drawn from."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Literal

from rehearsal.gateway.description import Gateway
from rehearsal.replica.processes.addresses import Addresses
from rehearsal.replica.processes.certificate import Certificate
from rehearsal.replica.processes.programs import Programs
from rehearsal.replica.processes.visible import reachable


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords of one replica, made for it; never those of a live gateway."""

    postgres: str = field(repr=False)
    redis: str = field(repr=False)
    """Empty where the gateway's Redis has none."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a plan is drawn from."""

    gateway: Gateway
    programs: Programs
    isolation: Literal["namespaces", "plain"]
    root: str
    """Empty in namespaces."""
    ports: Addresses
    secrets: Secrets
    certificate: Certificate

    @property
    def project(self) -> str:
        """The name of the Compose project."""
        return re.sub(r"[^a-z0-9]+", "-", self.gateway.name.lower()).strip("-") or "gateway"

    @property
    def directory(self) -> str:
        """Where the copy of the gateway directory lies: where it does on the host, if that is said."""
        return f"{self.root}{self.gateway.live.own_place or f'/srv/{self.project}'}"

    @property
    def sockets(self) -> str:
        """The folder of PostgreSQL's socket."""
        return f"{self.root}/run/postgresql"

    @property
    def postgres_programs(self) -> str:
        """The folder of PostgreSQL's programs, as the server's user reaches it."""
        return f"{self.copies[0][1]}/bin" if self.copies else str(self.programs.postgres)

    @property
    def copies(self) -> tuple[tuple[str, str], ...]:
        """Folders of the machine that are copied: programs that PostgreSQL's user can't reach where they are."""
        programs = self.programs.postgres
        if not self.root or os.geteuid() != 0 or reachable(programs):
            return ()
        # The tree keeps its shape: the programs look for their libraries beside it.
        tree, libraries = programs.parent, programs.parent.parent.parent / f"{programs.parent.parent.name}.libs"
        place = f"{self.root}/opt/{programs.parent.parent.name}"
        more = ((str(libraries), f"{place}.libs"),) if libraries.is_dir() else ()
        return ((str(tree), f"{place}/{tree.name}"), *more)
