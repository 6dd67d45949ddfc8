"""What a gateway's Compose file says of how services that run are looked after."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from rehearsal.gateway.compose_faults import Composed, Doubt
from rehearsal.gateway.compose_file import environment, mounts, words
from rehearsal.gateway.compose_logs import doubtful_logs
from rehearsal.gateway.redis_flags import redis_conf

_DRAINS_SECONDS = 5
"""Of `stop_grace_period`, below which nobody ends what he has begun; Docker's own is 10."""
_SPAN = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:\d+(?:ms|us))?")
_SECRET = re.compile(r"(?:^|_)(?:PASS(?:WORD|WD)?|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|REDISCLI_AUTH)$")
_IN_A_URL = re.compile(r"\w[\w+.-]*://[^/@:]*:[^/@]+@")
_DOES_NOTHING = re.compile(r"\bpython3?\s+-c\s+[^(]*$")
_ALWAYS = re.compile(r"(?:^|\|\||;)\s*(?:/bin/true|true|:|exit\s+0|echo\b[^|;&]*)\s*$")
_CURL = re.compile(r"\bcurl\b(?P<rest>[^|;&]*)(?P<pipe>\|(?!\|))?")
_FAILS = re.compile(r"(?:^|\s)(?:--fail(?:-with-body)?\b|-[a-zA-Z]*f[a-zA-Z]*(?=\s|$))")
_SWITCHES = ("true", "false", "yes", "no", "trust", "none")
_HAS_HANDS_FULL = ("worker", "postgres", "redis")
_DEFAULT = re.compile(r"\$\{\w+:?-(.+)\}")
"""What a variable has where nobody sets it: a password that everybody knows."""
_UNITS = {"": 1, "b": 1, "k": 1 << 10, "kb": 1 << 10, "m": 1 << 20, "mb": 1 << 20, "g": 1 << 30, "gb": 1 << 30}


def careless(composed: Composed, document: str) -> Iterator[Doubt]:
    """Yield what is killed at each stop, killed for its memory, or fills the disk with what it says.

    `document` is the text of the runbook, which may promise that logs end.
    """
    for service, (name, said) in composed.services.items():
        if str(said.get("stop_signal")).upper() in ("SIGKILL", "KILL", "9"):
            yield Doubt(f"each stop of {name} is a kill: `stop_signal: {said['stop_signal']}`")
        elif service in _HAS_HANDS_FULL and _seconds(str(said.get("stop_grace_period", "10s"))) < _DRAINS_SECONDS:
            grace = said["stop_grace_period"]
            yield Doubt(f"a stop of {name} is a kill before it has ended what it began: `stop_grace_period: {grace}`")
        if any(mount.source.endswith("/docker.sock") for mount in mounts(said)):
            yield Doubt(f"{name} is given the engine's socket: who breaks into it owns the host")
        for where in _passwords(said):
            yield Doubt(f"a password stands in the file: {where} of {name}")
        if service == "postgres" and environment(said).get("POSTGRES_HOST_AUTH_METHOD", "").lower() == "trust":
            yield Doubt(f"{name} lets in whoever asks (`POSTGRES_HOST_AUTH_METHOD: trust`)")
    yield from _without_room(composed)
    yield from _settings_unread(composed)
    yield from doubtful_logs(composed, document)


def health_checks(composed: Composed) -> dict[str, str]:
    """Return the command of each service's health check, by the service's name; none where it is turned off."""
    found = {name: _health_check(said) for name, said in composed.services.values()}
    return {name: test for name, test in found.items() if test}


def is_blind(test: str) -> bool:
    """Tell whether a health check says healthy whatever there is."""
    return bool(_ALWAYS.search(test) or _DOES_NOTHING.search(test)) or any(
        map(_takes_every_answer, _CURL.finditer(test))
    )


def _passwords(said: Mapping[str, Any]) -> Iterator[str]:
    for variable, written in environment(said).items():
        default = _DEFAULT.fullmatch(written)
        value = default[1] if default else written
        is_one = _SECRET.search(variable.upper()) and value.lower() not in _SWITCHES and not value.isdigit()
        if value and "$" not in value and (is_one or _IN_A_URL.match(value)):
            yield variable
    for flag, value in pairwise(words(said)):
        if flag == "--requirepass" and value and "$" not in value:
            yield flag


def _seconds(written: str) -> float:
    found = _SPAN.fullmatch(written)
    hours, minutes, seconds = (float(part or 0) for part in found.groups()) if found else (0, 0, _DRAINS_SECONDS)
    return hours * 3600 + minutes * 60 + seconds


def _settings_unread(composed: Composed) -> Iterator[Doubt]:
    """Yield a Redis of the official image that is shown its settings and started without them."""
    name, said = composed.services.get("redis", ("", {}))
    image = str(said.get("image") or "").rpartition("/")[2]
    command = " ".join(words(said))
    own = said.get("build") or said.get("entrypoint") or not image.startswith(("redis", "valkey"))
    shown = next((mount.target for mount in mounts(said) if mount.target.endswith(".conf")), "")
    if shown and not own and ".conf" not in command and "<<" not in command:
        started = f"`{command}`" if command else "without a command"
        yield Doubt(f"{name} never reads {shown}: it is started {started}, which names no file")


def _without_room(composed: Composed) -> Iterator[Doubt]:
    name, said = composed.services.get("redis", ("", {}))
    command = words(said)
    given = command[command.index("--maxmemory") + 1 :][:1] if "--maxmemory" in command else []
    given = given or re.findall(r"(?m)^maxmemory\s+(\S+)", redis_conf(composed.gateway) or "")
    resources = (said.get("deploy") or {}).get("resources") or {}
    limit = said.get("mem_limit") or (resources.get("limits") or {}).get("memory")
    most, room = _bytes(given[-1] if given else ""), _bytes(str(limit or ""))
    if most and room and most >= room:
        yield Doubt(f"{name} is killed when it is full: maxmemory {given[-1]} in a container of {limit}")


def _bytes(written: str) -> int:
    found = re.fullmatch(r"(\d+)([a-z]*)", written.lower())
    return int(found[1]) * _UNITS.get(found[2], 0) if found else 0


def _health_check(said: Mapping[str, Any]) -> str:
    about = said.get("healthcheck") or {}
    test = about.get("test") or ""
    if about.get("disable") or not test or test in ("NONE", ["NONE"]):
        return ""
    return test if isinstance(test, str) else " ".join(map(str, test[1:] if test[0] in ("CMD", "CMD-SHELL") else test))


def _takes_every_answer(call: re.Match[str]) -> bool:
    # What its output goes through looks at the answer itself.
    return not call["pipe"] and not _FAILS.search(call["rest"]) and "http_code" not in call["rest"]
