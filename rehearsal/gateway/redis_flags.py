"""The settings that a gateway's Compose file gives to Redis: on its command line, and in a file of any name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from rehearsal.gateway.aliases import service_of
from rehearsal.gateway.compose_file import services, shown_file, words
from rehearsal.gateway.description import Gateway

USUAL_CONF = "redis/redis.conf"
# As the official image is built; what the file says comes after it and counts.
_OPEN = "protected-mode no\n"
_SERVERS = ("redis-server", "valkey-server", "keydb-server")
_PASSWORDS = ("requirepass", "aclfile")
_PASSWORD = re.compile(r"(?m)^\s*(?:requirepass|aclfile|user\s+default)\s")
_HERE = re.compile(
    r"(?:redis|valkey|keydb)-server\b[^\n]*<<-?\s*(['\"]?)(?P<end>\w+)\1[^\n]*\n(?P<text>.*?)\n\s*(?P=end)\s*(?:\n|$)",
    re.DOTALL,
)
_KEPT = (
    *("appendonly", "appendfsync", "appendfilename", "appenddirname", "aof-load-truncated", "aof-use-rdb-preamble"),
    *("auto-aof-rewrite-percentage", "auto-aof-rewrite-min-size", "no-appendfsync-on-rewrite"),
    *("save", "dbfilename", "stop-writes-on-bgsave-error", "rdbcompression", "rdbchecksum"),
    *("maxmemory", "maxmemory-policy", "maxclients", "databases", "timeout"),
)
"""What says what Redis keeps, and how much: a replica has addresses, folders and passwords of its own."""


def redis_settings(gateway: Gateway) -> tuple[str, ...]:
    """Return lines for the end of a replica's redis.conf: `maxmemory-policy "noeviction"`."""
    said = _service(gateway) or {}
    return (*_lines(words(said)), *_from_here(said))


def redis_conf(gateway: Gateway) -> str | None:
    """Return the text of the gateway's redis.conf, also where it lies elsewhere or there is none.

    `redis/redis.conf`, else the file that the Compose file shows to a service of Redis and names on its command line,
    else the little that the official image has. None where nothing is said of a Redis.
    """
    usual = gateway.directory / USUAL_CONF
    if usual.is_file():
        return usual.read_text(encoding="utf-8", errors="replace")
    said = _service(gateway)
    if said is None:
        return None
    named = next((word for word in words(said) if word.endswith(".conf")), "")
    if file := shown_file(gateway.directory, said, named):
        return _OPEN + file.read_text(encoding="utf-8", errors="replace")
    return None if named else _OPEN


def asks_for_a_password(gateway: Gateway) -> bool:
    """Tell whether redis.conf or the command line gives Redis a password, or users of its own."""
    text = redis_conf(gateway) or ""
    given = any(word.lstrip("-") in _PASSWORDS for word in words(_service(gateway) or {}))
    return given or bool(_PASSWORD.search(text))


def _service(gateway: Gateway) -> Mapping[str, Any] | None:
    said = services(gateway.directory)
    return said.get(service_of("redis", said, gateway))


def _from_here(said: Mapping[str, Any]) -> Iterator[str]:
    """Yield the settings that a shell hands to the server in a here-document: `redis-server - <<CONF`."""
    command = said.get("command") or ""
    found = _HERE.search(command if isinstance(command, str) else "\n".join(map(str, command)))
    for line in found["text"].splitlines() if found else ():
        flag, _, value = line.strip().partition(" ")
        if flag.lower() in _KEPT and value and "$" not in value:
            yield f"{flag.lower()} {value.strip()}"


def _lines(command: Sequence[str]) -> Iterator[str]:
    start = next((at for at, word in enumerate(command) if PurePosixPath(word).name in _SERVERS), None)
    rest = command[start + 1 :] if start is not None else command if command[:1] and command[0][:2] == "--" else ()
    values: list[str] | None = None
    flags: list[tuple[str, list[str]]] = []
    for word in rest:
        if word.startswith("--"):
            values = []
            flags.append((word[2:].lower(), values))
        elif values is not None:
            values.append(word)
    for flag, given in flags:
        if flag in _KEPT and given and not any("$" in value or '"' in value for value in given):
            yield " ".join([flag, *(f'"{value}"' for value in given)])
