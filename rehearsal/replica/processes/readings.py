"""What the supervisor says, in the words of the contract."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from rehearsal.gateway.description import SERVICES, Gateway
from rehearsal.gateway.target import DiskUsage, Resources, ServiceState, ServiceUsage
from rehearsal.replica.processes.control import Control
from rehearsal.replica.processes.standins.words import status
from rehearsal.replica.protocol import Mail

_BLOCK = 1 << 16


def services(control: Control, names: Sequence[str]) -> tuple[ServiceState, ...]:
    """Return the state of services in the order of their names."""
    states = {state["name"]: state for state in control.ask("states", health=True)["services"]}
    return tuple(
        ServiceState(
            name=name,
            running=states[name]["state"] == "running",
            healthy=states[name]["health"],
            restarts=states[name]["restarts"],
            detail=status(states[name]),
        )
        for name in names
    )


def resources(control: Control, gateway: Gateway, interval: float) -> Resources:
    """Return the use of resources over some seconds, against what the replica was given."""
    seen = control.ask("usage", wait=interval + 30, interval=interval)
    processors, memory = gateway.replica.cpus, gateway.replica.memory_mib << 20

    def usage(name: str, one: dict[str, Any]) -> ServiceUsage:
        return ServiceUsage(
            name=name,
            cpu_percent=100 * one["cpu"] / processors,
            memory_percent=100 * one["memory_bytes"] / memory,
            memory_bytes=one["memory_bytes"],
        )

    whole = usage("", seen["whole"])
    return Resources(
        cpu_percent=whole.cpu_percent,
        memory_percent=whole.memory_percent,
        disks=tuple(DiskUsage(**disk) for disk in seen["disks"]),
        services=tuple(usage(name, seen["services"][name]) for name in SERVICES if name in seen["services"]),
    )


def last_lines(file: int, lines: int) -> str:
    """Return the last lines of an open file, without reading the rest, and close it."""
    with open(file, "rb") as log:
        place = log.seek(0, os.SEEK_END)
        text = b""
        while place > 0 and text.count(b"\n") <= lines:
            size = min(_BLOCK, place)
            place -= size
            log.seek(place)
            text = log.read(size) + text
    kept = text.splitlines(keepends=True)[-lines:] if lines > 0 else []
    return b"".join(kept).decode(errors="replace")


def mails(file: int) -> tuple[Mail, ...]:
    """Return the mails in the sink's open file, and close it."""
    with open(file, encoding="utf-8") as lines:
        # The last line may still be on its way.
        return tuple(_mail(json.loads(line)) for line in lines if line.endswith("\n"))


def _mail(raw: dict[str, Any]) -> Mail:
    message = message_from_bytes(base64.b64decode(raw["content"]), policy=policy.default)
    return Mail(
        sender=raw["sender"],
        recipients=tuple(raw["recipients"]),
        subject=str(message["subject"] or ""),
        headers={name: str(value) for name, value in message.items()},
        body=_body(message),
        received=raw["received"],
    )


def _body(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html")) or message
    content = part.get_payload(decode=True)
    return content.decode(part.get_content_charset() or "utf-8", "replace") if isinstance(content, bytes) else ""
