"""Starts a replica of plain processes, in the best isolation that the machine allows."""

from __future__ import annotations

import os
import re
import secrets
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Literal

from rehearsal.gateway.description import Gateway
from rehearsal.replica.processes import addresses, certificate, drawing, programs, startup, template
from rehearsal.replica.processes.blueprint import Blueprint, Secrets
from rehearsal.replica.processes.box import Box, NoNamespacesError
from rehearsal.replica.processes.replica import ProcessReplica
from rehearsal.replica.processes.visible import hosts
from rehearsal.replica.protocol import ReplicaError

_PORT_TRIES = 3
_TAKEN = re.compile("address already in use", re.IGNORECASE)


def start(
    gateway: Gateway, isolation: Literal["auto", "namespaces", "plain"] | None = None, *, whole: bool = True
) -> ProcessReplica:
    """Start a replica and return when its API answers through nginx and its worker is at work.

    `isolation` stands before that of gateway.toml. Raises ReplicaError; where not the `whole` is asked for, a service
    that does not come up is told by the replica's `troubles` instead.
    """
    wanted = isolation or gateway.replica.isolation
    drawn = _draw(gateway)
    if wanted != "plain":
        try:
            return _start(drawn, whole=whole)
        except NoNamespacesError as error:
            if wanted == "namespaces":
                msg = (
                    f"expected the kernel to allow namespaces for a replica, it does not: {error};"
                    ' allow unprivileged user namespaces, or set replica.isolation = "plain" in gateway.toml'
                )
                raise ReplicaError(msg) from None
    return _start_plain(drawn, whole=whole)


def _draw(gateway: Gateway) -> Blueprint:
    return Blueprint(
        gateway=gateway,
        programs=programs.find(gateway.postgres.version),
        isolation="namespaces",
        root="",
        ports=addresses.as_written(gateway),
        secrets=Secrets(secrets.token_urlsafe(24), secrets.token_urlsafe(24) if gateway.redis.password else ""),
        certificate=certificate.make(["localhost", "127.0.0.1", *hosts(gateway)]),
    )


def _start_plain(drawn: Blueprint, *, whole: bool) -> ProcessReplica:
    for attempt in range(_PORT_TRIES):
        # Only named here; the supervisor makes it, and removes it when the run is gone.
        root = Path(tempfile.gettempdir()).resolve() / f"rehearsal-{secrets.token_hex(6)}"
        try:
            placed = replace(drawn, isolation="plain", root=str(root), ports=addresses.free(drawn.gateway))
            return _start(placed, whole=whole)
        except ReplicaError as error:
            # Somebody took a port between our look and the server's.
            if attempt == _PORT_TRIES - 1 or not _TAKEN.search(str(error)):
                raise
    raise AssertionError


def _start(drawn: Blueprint, *, whole: bool) -> ProcessReplica:
    if not drawn.root and not sys.platform.startswith("linux"):
        msg = "namespaces are of Linux"
        raise NoNamespacesError(msg)
    deadline = time.monotonic() + drawn.gateway.replica.ready_timeout_seconds
    box = Box(drawing.draw(drawn), drawn.programs.python, deadline)
    replica = ProcessReplica(drawn, box, secrets.token_urlsafe(24))
    try:
        troubles = startup.bring_up(replica, deadline, whole=whole)
        replica.troubles = tuple(_masked(trouble, drawn.secrets) for trouble in troubles)
        _demand_ports(troubles)
        if not (box.warm or troubles):
            with os.fdopen(replica.control.take("open", path=f"{drawn.root}/run/rehearsal/template"), "rb") as made:
                template.keep(made, Path(box.plan.store.template))
    except ReplicaError as error:
        replica.close()
        raise ReplicaError(_masked(str(error), drawn.secrets)) from None
    except BaseException:
        replica.close()
        raise
    return replica


def _demand_ports(troubles: tuple[str, ...]) -> None:
    """Raise ReplicaError where a port was taken: that is no fault of the gateway's, and another try mends it."""
    for trouble in troubles:
        if _TAKEN.search(trouble):
            raise ReplicaError(trouble)


def _masked(text: str, made: Secrets) -> str:
    """Keep out of an error what a service has printed of its passwords: nobody else can know them yet."""
    for secret in filter(None, (made.postgres, made.redis)):
        text = text.replace(secret, "[masked]")
    return text
