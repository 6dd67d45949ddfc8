"""Which lines of a log speak of an error, service by service: the word `error` alone stands in too many good lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NORMAL = re.compile(
    r"the database system is (starting up|shutting down)"
    r"|terminating connection due to administrator command"
    r"|signal process started"
)
"""What servers say at an orderly start or stop, some of it at level FATAL."""

_GRAVE = {
    "nginx": re.compile(r"\[(alert|emerg)\]"),
    "postgres": re.compile(r"\b(FATAL|PANIC):"),
    "redis": re.compile(r"MISCONF|[Ff]atal error|OOM command not allowed|=== REDIS BUG REPORT|Guru Meditation"),
    "": re.compile(r"\b(FATAL|CRITICAL|PANIC)\b|^panic:|out of memory|\"level\": ?(\"fatal\"|60(?!\d))"),
}
_PLAIN = {
    "nginx": re.compile(r"\[(error|crit)\]"),
    "postgres": re.compile(r"\bERROR:"),
    "redis": re.compile(r"^\S+ .*# (?!WARNING).*([Ee]rror|[Ff]ailed|[Cc]an't)"),
    "": re.compile(r"\bERROR\b|^Traceback \(most recent|[Uu]nhandled|\"level\": ?(\"error\"|50(?!\d))"),
}


@dataclass(frozen=True, slots=True)
class LogErrors:
    """The lines of one log that speak of errors, oldest first."""

    grave: tuple[str, ...]
    """Lines of a level at which the service could not go on."""
    plain: tuple[str, ...]


def errors_in(service: str, log: str) -> LogErrors:
    """Pick the lines that speak of errors out of the log of a service named as in gateway.toml."""
    lines = [line for line in log.splitlines() if not _NORMAL.search(line)]
    grave = [line for line in lines if _match(_GRAVE, service, line)]
    plain = [line for line in lines if _match(_PLAIN, service, line) and line not in grave]
    return LogErrors(tuple(grave), tuple(plain))


def _match(patterns: dict[str, re.Pattern[str]], service: str, line: str) -> bool:
    return patterns.get(service, patterns[""]).search(line) is not None
