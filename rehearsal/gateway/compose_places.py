"""Where a gateway's Compose file keeps files and publishes ports, against where the document's commands look."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.gateway.compose_faults import Composed, Doubt
from rehearsal.gateway.compose_file import mounts
from rehearsal.gateway.compose_names import nameless
from rehearsal.gateway.mounts import USUAL
from rehearsal.gateway.programs import script_texts
from rehearsal.runbook import Command, Runbook
from rehearsal.runbook.review import commands_of

_DATA = "/data"
_URL = re.compile(r"\b(https?)://(?:localhost|127\.0\.0\.1)(?::(\d+))?(?=[/?\s'\"]|$)")
_PORTS = {"http": "80", "https": "443"}
_ELSEWHERE = re.compile(r"\bexec\b|\bdocker(?:-compose|\s+compose)?\s+run\b|\bssh\b")
"""A command that asks from inside a container, or on another host."""


def misplaced(composed: Composed, runbook: Runbook) -> Iterator[Doubt]:
    """Yield what commands of the document, or scripts, look for on the host, and the Compose file has elsewhere."""
    if any(composed.gateway.directory.glob("*compose*override*.y*ml")):
        return  # which says other things of the same services
    commands = commands_of(runbook)
    if "redis" in composed.services:
        yield from _files_of_redis(composed, commands)
    if "nginx" in composed.services:
        yield from _closed(composed, commands)
    yield from nameless(composed, commands)


def _files_of_redis(composed: Composed, commands: list[Command]) -> Iterator[Doubt]:
    name, said = composed.services["redis"]
    volume = next(
        (one.source for one in mounts(said) if one.target == _DATA and re.fullmatch(r"[\w-]+", one.source)), ""
    )
    folder = (composed.gateway.redis.data or USUAL).removeprefix("./").rstrip("/")
    looks = re.compile(rf"[\w.}}\"]/{re.escape(folder)}(?![\w:.-])")
    texts = [*(command.text for command in commands), *script_texts(composed.gateway.directory)]
    if volume and any(looks.search(text) for text in texts):
        yield Doubt(
            f"{name} keeps {_DATA} in the volume {volume}, and commands look for its files in ./{folder}:"
            " on the host nothing of Redis is there",
            critical=True,
        )


def _closed(composed: Composed, commands: list[Command]) -> Iterator[Doubt]:
    """Only of the two usual ports, where nginx has the other one: another may be that of a program of the host."""
    name, said = composed.services["nginx"]
    published = _published(said)
    for scheme, port in _PORTS.items():
        if port in published or not published & set(_PORTS.values()) or None in published:
            continue
        asked = next((one for one in commands if _asks(one, scheme)), None)
        if asked is not None:
            message = f"{name} publishes no port {port}, which `{asked.text}` asks (line {asked.line})"
            yield Doubt(f"{message}: on the host nobody answers there")


def _asks(command: Command, scheme: str) -> bool:
    if _ELSEWHERE.search(command.text):
        return False
    return any(found[1] == scheme and found[2] in (None, _PORTS[scheme]) for found in _URL.finditer(command.text))


def _published(said: Mapping[str, Any]) -> set[str | None]:
    """Return the host's ports that lead to a service; None among them where they are not all written out."""
    if said.get("network_mode") == "host":
        return {None}
    found: set[str | None] = set()
    for one in said.get("ports") or ():
        port = str(one.get("published") or "") if isinstance(one, Mapping) else str(one).rpartition(":")[0]
        number = port.rpartition(":")[2]
        found.add(number if re.fullmatch(r"\d*", number) else None)
    return found
