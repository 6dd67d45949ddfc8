"""The programs that may run on a live host, each with the arguments that only read."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rehearsal.live.arguments import ChangesError, Taken, Tool
from rehearsal.live.clients import CURL, OPENSSL_X509, PG_ISREADY, PSQL, REDIS
from rehearsal.live.looking import LOOKING


def _date(taken: Taken) -> None:
    if any(not word.startswith("+") for word in taken.operands):
        raise ChangesError("date would set the clock")


def _ps(taken: Taken) -> None:
    if any(not re.fullmatch(r"[auxwfl]+", word) for word in taken.operands):
        raise ChangesError("ps has an argument that is not known to only read")


def _no_stream(taken: Taken) -> None:
    if not taken.has("no-stream"):
        raise ChangesError("it never ends without --no-stream")


def _top(taken: Taken) -> None:
    if not (taken.has("b") and taken.values("n")):
        raise ChangesError("it never ends without -b -n 1")


def _plain_files(taken: Taken) -> None:
    files = taken.values("f", "file", "env-file", "project-directory")
    if any("://" in name or "@" in name or name.startswith("github.com/") for name in files):
        raise ChangesError("its compose file would be fetched from elsewhere")


def _names_only(taken: Taken) -> None:
    if not taken.options:
        raise ChangesError("it shows the secrets of the stack; ask for --quiet or --services")


_TOOLS = {
    **LOOKING,
    "cat": Tool("nAbsETv"),
    "cut": Tool("s", "dfc", "", "delimiter fields", ordered=False),
    "curl": CURL,
    "date": Tool("uR", "d", "utc iso-8601", "date iso-8601", optional="I", more=_date),
    "df": Tool("hHikPTla", "xt", "human-readable inodes total", "output type"),
    "du": Tool("shkmacx", "d", "summarize human-readable", "max-depth"),
    "echo": Tool("neE"),
    "egrep": Tool("ivwxcoqslLnHha", "emABC"),
    "free": Tool("hbkmgwt", "", "human mega giga", operands=0),
    "grep": Tool("EFGPivwxcoqslLnHhrRa", "emABC", "ignore-case count color", "color max-count"),
    "head": Tool("qv", "nc", "", "lines bytes", number=True),
    "hostname": Tool("fsiI", operands=0),
    "id": Tool("ugnG"),
    "ls": Tool("1aAlhrtSRdFginopsU", "", "all human-readable reverse full-time", "sort time time-style"),
    "nproc": Tool("", "", "all", operands=0),
    "pg_isready": PG_ISREADY,
    "ps": Tool("aefuxwlA", "oCp", "", "sort", more=_ps),
    "psql": PSQL,
    "pwd": Tool("LP", operands=0),
    "redis-cli": REDIS,
    "sha256sum": Tool("c", "", "check quiet status"),
    "sort": Tool("nrhuVfbg", "kt", "reverse numeric-sort unique", "key field-separator"),
    "stat": Tool("Lft", "c", "", "format"),
    "tail": Tool("qv", "nc", "", "lines bytes", number=True),
    "top": Tool("bcH", "nop", operands=0, more=_top),
    "tr": Tool("dsc"),
    "true": Tool(operands=0),
    "uname": Tool("asrnvmpio", operands=0),
    "uniq": Tool("cdiu", operands=1),
    "uptime": Tool("ps", operands=0),
    "wc": Tool("lcwmL", "", "lines bytes words"),
    "whoami": Tool(operands=0),
}
_LISTING = Tool("aqsl", "fn", "all quiet no-trunc size latest services", "filter format last status")
_LOGS = Tool("t", "n", "timestamps no-color no-log-prefix details", "tail since until")
_STATS = Tool("a", "", "all no-stream no-trunc", "format", more=_no_stream)
_INSPECT = Tool("s", "f", "size", "format type")
_DOCKER = {
    "ps": _LISTING,
    "images": _LISTING,
    "stats": _STATS,
    "logs": _LOGS,
    "inspect": _INSPECT,
    "top": Tool(operands=1),
    "port": Tool(operands=2),
    "version": Tool("", "f", "short", "format"),
    "info": Tool("", "f", "", "format", operands=0),
    "diff": Tool(operands=1),
    "history": Tool("qH", "", "quiet no-trunc human", "format", operands=1),
}
_DOCKER_TWO = {
    ("system", "df"): Tool("v", "", "verbose", "format"),
    ("volume", "ls"): _LISTING,
    ("volume", "inspect"): _INSPECT,
    ("network", "ls"): _LISTING,
    ("network", "inspect"): _INSPECT,
    ("container", "ls"): _LISTING,
    ("container", "inspect"): _INSPECT,
    ("container", "logs"): _LOGS,
    ("container", "stats"): _STATS,
    ("image", "ls"): _LISTING,
    ("image", "inspect"): _INSPECT,
    ("system", "info"): Tool("", "f", "", "format", operands=0),
}
_NAMES = Tool("q", "", "quiet services volumes images profiles", more=_names_only)
_COMPOSE = {**_DOCKER, "top": Tool(), "ls": _LISTING, "config": _NAMES}
_COMPOSE_GLOBAL = Tool(
    "", "fp", "", "file project-name ansi profile env-file project-directory", ordered=True, more=_plain_files
)
_TIMEOUT = Tool("v", "ks", "foreground preserve-status verbose", "kill-after signal", ordered=True)
_EXEC = Tool("Tit", "u", "no-TTY interactive tty", "user index", ordered=True)


def check(words: Sequence[str]) -> None:
    """Check a command that the host's shell is to run. Raises ChangesError."""
    program, *rest = words
    nested: dict[str, Callable[[list[str]], None]] = {
        "docker": _docker,
        "docker-compose": _compose,
        "timeout": _timeout,
    }
    if program in nested:
        nested[program](rest)
    else:
        _check_tool(program, rest)


def _check_tool(program: str, rest: Sequence[str]) -> None:
    if program == "openssl" and rest[:1] == ["x509"]:
        OPENSSL_X509.take(rest[1:])
    elif program in _TOOLS:
        _TOOLS[program].take(rest)
    else:
        msg = f"{program!r} is not on the list of programs that only read"
        raise ChangesError(msg)


def _timeout(rest: list[str]) -> None:
    words = _TIMEOUT.take(rest).operands
    if len(words) < 2:  # noqa: PLR2004 - seconds and a program
        raise ChangesError("it runs nothing that is named")
    check(words[1:])


def _docker(rest: list[str]) -> None:
    if rest[:1] == ["compose"]:
        _compose(rest[1:])
    elif rest[:1] == ["exec"]:
        _exec(rest[1:])
    elif tuple(rest[:2]) in _DOCKER_TWO:
        _DOCKER_TWO[rest[0], rest[1]].take(rest[2:])
    else:
        _sub("docker", _DOCKER, rest)


def _compose(rest: list[str]) -> None:
    words = _COMPOSE_GLOBAL.take(rest).operands
    if words[:1] == ("exec",):
        _exec(words[1:])
    else:
        _sub("docker compose", _COMPOSE, words)


def _sub(program: str, known: dict[str, Tool], words: Sequence[str]) -> None:
    if not words or words[0] not in known:
        msg = f"'{program} {words[0] if words else ''}' is not known to only read"
        raise ChangesError(msg)
    known[words[0]].take(words[1:])


def _exec(rest: Sequence[str]) -> None:
    words = _EXEC.take(rest).operands
    if len(words) < 2:  # noqa: PLR2004 - the container and a program
        raise ChangesError("it runs nothing that is named")
    _check_tool(words[1], list(words[2:]))
