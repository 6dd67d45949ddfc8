"""The settings that a gateway's Compose file gives to Redis on its command line, beside those of redis.conf."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from rehearsal.gateway.aliases import service_of
from rehearsal.gateway.compose_file import services, words
from rehearsal.gateway.description import Gateway

_SERVERS = ("redis-server", "valkey-server", "keydb-server")
_PASSWORDS = ("requirepass", "aclfile")
_PASSWORD = re.compile(r"(?m)^\s*(?:requirepass|aclfile|user\s+default)\s")
_KEPT = (
    *("appendonly", "appendfsync", "appendfilename", "appenddirname", "aof-load-truncated", "aof-use-rdb-preamble"),
    *("auto-aof-rewrite-percentage", "auto-aof-rewrite-min-size", "no-appendfsync-on-rewrite"),
    *("save", "dbfilename", "stop-writes-on-bgsave-error", "rdbcompression", "rdbchecksum"),
    *("maxmemory", "maxmemory-policy", "maxclients", "databases", "timeout"),
)
"""What says what Redis keeps, and how much: a replica has addresses, folders and passwords of its own."""


def redis_settings(gateway: Gateway) -> tuple[str, ...]:
    """Return lines for the end of a replica's redis.conf: `maxmemory-policy "noeviction"`."""
    said = services(gateway.directory)
    name = service_of("redis", said)
    return tuple(_lines(words(said[name]))) if name else ()


def asks_for_a_password(gateway: Gateway) -> bool:
    """Tell whether redis.conf or the command line gives Redis a password, or users of its own."""
    settings = gateway.directory / "redis" / "redis.conf"
    text = settings.read_text(errors="replace") if settings.is_file() else ""
    said = services(gateway.directory)
    command = words(said[name]) if (name := service_of("redis", said)) else []
    return bool(_PASSWORD.search(text)) or any(word.lstrip("-") in _PASSWORDS for word in command)


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
