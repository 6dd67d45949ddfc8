"""Which lines of a log speak of an error, service by service: the word `error` alone stands in too many good lines."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_NORMAL = re.compile(
    r"the database system is (starting up|shutting down)"
    r"|terminating connection due to administrator command"
    r"|signal process started"
    # A client's own fault, which nginx logs as its own: scanners that ask for what is not there, or speak odd TLS.
    r"|\[error\] .*( (open|stat)\(\) .* failed \((2: No such file|20: Not a dir)|directory index of .* is forbidden"
    r"|access forbidden by rule|limiting (requests|connections)|client (intended to send too large|sent invalid))"
    r"|\[crit\] .*SSL_do_handshake\(\) failed .*while SSL handshaking, client:"
)
"""What servers say at an orderly start or stop, some of it at level FATAL, and what their clients make them say."""
_MILD = ("trace", "debug", "info", "information", "notice", "log", "warn", "warning")
_NUMBERS = {"10": "trace", "20": "debug", "30": "info", "40": "warn", "50": "error", "60": "fatal"}
"""Levels of pino and bunyan."""
_GRAVE_WORDS = ("fatal", "critical", "crit", "panic", "alert", "emergency", "emerg")
_LEVEL_KEYS = ("level", "severity", "levelname", "log.level", "lvl")
_TEXT_LEVEL = re.compile(
    r"^.{0,60}?(?<![\w.=/:-])(?:\[(\w+)\]|(?:level=)(\w+)|(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL))(?![\w/=-])"
)

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
    "": re.compile(r"\bERROR\b|^Traceback \(most recent|^\w*Error: |[Uu]nhandled|\"level\": ?(\"error\"|50(?!\d))"),
}


@dataclass(frozen=True, slots=True)
class LogErrors:
    """The lines of one log that speak of errors, oldest first."""

    grave: tuple[str, ...]
    """Lines of a level at which the service could not go on."""
    plain: tuple[str, ...]


def errors_in(service: str, log: str) -> LogErrors:
    """Pick the lines that speak of errors out of the log of a service named as in gateway.toml."""
    lines = [(line, _level(line) if service not in _GRAVE else "") for line in log.splitlines()]
    lines = [(line, level) for line, level in lines if level not in _MILD and not _NORMAL.search(line)]
    grave = [line for line, level in lines if level in _GRAVE_WORDS or _match(_GRAVE, service, line)]
    plain = [line for line, level in lines if level == "error" or _match(_PLAIN, service, line)]
    return LogErrors(tuple(grave), tuple(line for line in plain if line not in grave))


def _match(patterns: dict[str, re.Pattern[str]], service: str, line: str) -> bool:
    return patterns.get(service, patterns[""]).search(line) is not None


def _level(line: str) -> str:
    """Return the level that a line of the gateway's own programs gives itself, in small letters; empty for none."""
    if line.startswith("{"):
        try:
            said = json.loads(line)
        except ValueError:
            return ""
        found = next((str(said[key]) for key in _LEVEL_KEYS if isinstance(said.get(key), str | int)), "")
    else:
        match = _TEXT_LEVEL.match(line)
        found = next(filter(None, match.groups()), "") if match else ""
    return _NUMBERS.get(found, found.lower())
