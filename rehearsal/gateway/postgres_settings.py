"""The settings that a gateway's Compose file gives to PostgreSQL: in a file of its own, and on its command line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rehearsal.gateway.aliases import service_of
from rehearsal.gateway.compose_file import services, shown_file, words
from rehearsal.gateway.description import Gateway

_SETTING = re.compile(r"(?:-c\s*|--)([a-z_-]+)=(\S+)")
_LINE = re.compile(r"(?m)^[ \t]*([a-z_]+)[ \t]*(?:=|[ \t])[ \t]*('[^']*'|[^\s#']+)")
_FILE = "config_file"
_LIMITS = (
    *("max_connections", "superuser_reserved_connections"),
    *("statement_timeout", "lock_timeout", "deadlock_timeout"),
    *("idle_in_transaction_session_timeout", "idle_session_timeout"),
    *("default_transaction_isolation", "default_transaction_read_only", "temp_file_limit"),
)
"""What says how many may come and how long they may take, in each version that a replica may have.

It has memory, folders and addresses of its own.
"""
_PLAIN = re.compile(r"[\w ]{1,24}")


def settings_of_postgres(said: Mapping[str, Any], directory: Path) -> dict[str, str]:
    """Return what a service of PostgreSQL is given, its command line before its file: `{"max_connections": "40"}`."""
    given = _pairs(_SETTING.findall(" ".join(words(said))))
    file = shown_file(directory, said, given.pop(_FILE, ""))
    return (_pairs(_LINE.findall(file.read_text(encoding="utf-8", errors="replace"))) if file else {}) | given


def postgres_limits(gateway: Gateway) -> tuple[str, ...]:
    """Return words for the end of a replica's command line: `("-c", "max_connections=40")`."""
    said = services(gateway.directory)
    name = service_of("postgres", said, gateway)
    given = settings_of_postgres(said[name], gateway.directory) if name else {}
    kept = [f"{limit}={given[limit]}" for limit in _LIMITS if _PLAIN.fullmatch(given.get(limit, ""))]
    return tuple(word for limit in kept for word in ("-c", limit))


def _pairs(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.replace("-", "_"): value.strip("'\"") for name, value in found}
