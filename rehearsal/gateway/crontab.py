"""A crontab: its entries, and when each of them is due."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from croniter import CroniterBadCronError, croniter  # type: ignore[import-untyped]  # ships no types

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.load import GatewayError

_SETTING = re.compile(r"""\s*(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(.*?))\s*""")
_NAMED = re.compile(r"\s*(@[a-z]+)\s+(.*)")
_FIELDS = 5
_GIVEN = re.compile(r"\b([A-Za-z_]\w*)=(\"[^\"]*\"|'[^']*'|[^\s;&|]+)")
_IS_SECRET = re.compile(r"PASS(?:WORD|WD|PHRASE)?$|SENHA$|SECRET$|TOKEN$|REDISCLI_AUTH$|API_?KEY$", re.IGNORECASE)
_IS_WORD = re.compile(r"[\"']?[^\s\"'$`/]+[\"']?")
"""Not a variable, what a command says, or a path."""
_PERCENT = re.compile(r"(?<!\\)%")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a crontab."""

    line: int
    when: str
    """Its five fields, or a name such as `@daily`."""
    command: str
    """As cron hands it to its shell."""
    settings: tuple[tuple[str, str], ...]
    """What the lines above it set: its environment."""
    user: str = ""
    """Whom it runs as, where the crontab says so."""
    cut: bool = False
    """Whether cron ends its command at an unescaped percent sign."""

    @property
    def secret(self) -> str:
        """The name of a variable that is given a password here; empty where none is."""
        given = [*self.settings, *_GIVEN.findall(self.command)]
        return next((name for name, value in given if _IS_SECRET.search(name) and _IS_WORD.fullmatch(value)), "")

    def times(self, start: datetime, days: int) -> tuple[datetime, ...]:
        """Return when it is due within so many days, by the host's clock; never for `@reboot`."""
        if self.when == "@reboot":
            return ()
        due, found = croniter(self.when, start), list[datetime]()
        while (moment := due.get_next(datetime)) <= start + timedelta(days=days):
            found.append(moment)
        return tuple(found)


def entries_of(gateway: Gateway) -> tuple[Entry, ...]:
    """Return the entries of the gateway's crontab; none where gateway.toml names no such file. Raises GatewayError."""
    named = gateway.schedule.crontab
    return read_crontab(gateway.directory / named, with_user=gateway.schedule.with_user) if named else ()


def read_crontab(path: Path, *, with_user: bool = False) -> tuple[Entry, ...]:
    """Return the entries of a crontab. Raises GatewayError that names the line which makes no sense."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"expected a crontab at {path} (schedule.crontab in gateway.toml), could not read it: {error}"
        raise GatewayError(msg) from None
    settings: dict[str, str] = {}
    entries = []
    for number, text in enumerate(lines, 1):
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if setting := _SETTING.fullmatch(text):
            settings[setting[1]] = next((part for part in setting.groups()[1:] if part is not None), "")
            continue
        entries.append(_entry(path, number, text, settings, with_user=with_user))
    return tuple(entries)


def _with_folders(command: str, settings: dict[str, str]) -> str:
    """Return a command with what its crontab names a folder by: `GW=/opt/gateway`, and then `cd $GW && …`."""
    for name, value in settings.items():
        if value.startswith("/") and name not in ("PATH", "SHELL", "HOME"):
            command = re.sub(rf"\$(?:{name}\b|\{{{name}\}})", value.replace("\\", r"\\"), command)
    return command


def unread(path: Path) -> str:
    """Tell in words why cron would not read a crontab as it stands; empty where it would. Raises OSError."""
    content = path.read_bytes()
    if content and not content.endswith(b"\n"):
        return "its last line does not end with a newline: cron takes no such file"
    if b"\r\n" in content:
        return "its lines end as those of Windows do: cron hands the sign to the command"
    return ""


def _entry(path: Path, number: int, text: str, settings: dict[str, str], *, with_user: bool) -> Entry:
    named = _NAMED.fullmatch(text)
    words = text.split(None, _FIELDS)
    when, rest = (named[1], named[2]) if named else (" ".join(words[:_FIELDS]), "".join(words[_FIELDS:]))
    user = ""
    if with_user:
        user, rest = (*rest.split(None, 1), "", "")[:2]
    try:
        if when != "@reboot":
            croniter(when)
    except (CroniterBadCronError, ValueError, KeyError) as error:
        rest, why = "", f": {error}"
    else:
        why = ""
    if not rest:
        msg = f"{path}:{number}: expected five fields of time and a command, found `{text.strip()}`{why}"
        raise GatewayError(msg)
    # What follows a percent sign would be the command's input.
    first, *input_of_it = _PERCENT.split(rest, maxsplit=1)
    command = _with_folders(first.replace("\\%", "%").strip(), settings)
    return Entry(number, when, command, tuple(settings.items()), user, cut=bool(input_of_it))


_INSTALLS = re.compile(r"(?:^|[`;&|$#])[ \t]*(?:sudo\s+)?crontab\s+(?:-u\s+\S+\s+)?(?!-)([\w./-]*\w)", re.MULTILINE)


def installed_in_vain(text: str, gateway: Gateway) -> list[tuple[int, str]]:
    """Return each file that a document has installed by `crontab FILE` and that is not there, with its line."""
    found, folder = [], (gateway.schedule.directory or gateway.live.directory).rstrip("/")
    for match in _INSTALLS.finditer(text):
        name = match[1].removeprefix(f"{folder}/")
        made = re.search(rf"(?:>|\btee\b|\b(?:cp|mv|vim?|nano)\b)[^\n]*{re.escape(name)}(?![\w.-])", text)
        if not name.startswith("/") and not made and not (gateway.directory / name).exists():
            found.append((text.count("\n", 0, match.start(1)) + 1, match[1]))
    return found
