"""Where a gateway's Compose file keeps files and publishes ports, against where the document's commands look."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.gateway.compose_faults import Composed, Doubt
from rehearsal.gateway.compose_file import mounts
from rehearsal.gateway.mounts import USUAL
from rehearsal.gateway.programs import script_texts, scripts_in
from rehearsal.runbook import Command, Runbook
from rehearsal.runbook.review import commands_of

_DATA = "/data"
_URL = re.compile(r"\b(https?)://(?:localhost|127\.0\.0\.1)(?::(\d+))?(?=[/?\s'\"]|$)")
_PORTS = {"http": "80", "https": "443"}
_ELSEWHERE = re.compile(r"\bexec\b|\bdocker(?:-compose|\s+compose)?\s+run\b|\bssh\b")
"""A command that asks from inside a container, or on another host."""
_COMPOSE = re.compile(r"\bdocker(?:-compose|\s+compose)\s+([^;|&<>\n()\"'`]*)")
_VERBS = (
    "exec",
    "run",
    "restart",
    "start",
    "stop",
    "kill",
    "logs",
    "up",
    "pull",
    "build",
    "rm",
    "pause",
    "unpause",
    "ps",
)
_WITH_A_VALUE = re.compile(r"(?<=\s)(?:-u|--user|-w|--workdir|-e|--env|-n|--tail|-t|--timeout|--since|--until)[\s=]\S+")
_ELSEWHERE_SAID = re.compile(r"(?:^|\s)(?:-f|--file|-p|--project-name|--profile)\b")
"""Of another Compose file than that of the gateway directory."""


def misplaced(composed: Composed, runbook: Runbook) -> Iterator[Doubt]:
    """Yield what commands of the document, or scripts, look for on the host, and the Compose file has elsewhere."""
    if any(composed.gateway.directory.glob("*compose*override*.y*ml")):
        return  # which says other things of the same services
    commands = commands_of(runbook)
    if "redis" in composed.services:
        yield from _files_of_redis(composed, commands)
    if "nginx" in composed.services:
        yield from _closed(composed, commands)
    yield from _nameless(composed, commands)


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


def _nameless(composed: Composed, commands: list[Command]) -> Iterator[Doubt]:
    """A replica knows its services by our names, too; Compose knows those of the file and no others."""
    called = {ours: name for ours, (name, _) in composed.services.items() if ours not in composed.names}
    texts = {f"`{one.text}` (line {one.line})": one.text for one in commands}
    for path, text in scripts_in(composed.gateway.directory):
        texts |= {f"`{line.strip()}` of {path}": line for line in text.split("\n") if line.lstrip()[:1] != "#"}
    for where, text in texts.items():
        if wrong := next((word for word in _services_in(text, composed) if word in called), ""):
            message = f"{where} names a service {wrong}, which {composed.file} has not: there it is {called[wrong]}"
            yield Doubt(message, critical=True)


def _services_in(text: str, composed: Composed) -> Iterator[str]:
    """Yield the words of commands of Compose that stand where services do."""
    known = {*composed.names, *composed.services}
    for found in _COMPOSE.finditer(text):
        words = _WITH_A_VALUE.sub(" ", found[1]).split()
        named = [word for word in words[1:] if word in known]
        if words and words[0] in _VERBS and not _ELSEWHERE_SAID.search(found[1]):
            yield from named[:1] if words[0] in ("exec", "run") else named
