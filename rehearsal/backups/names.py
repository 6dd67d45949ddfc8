"""Which files a runbook's restore would read: its placeholder of a moment, turned into a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath

from rehearsal.backups.forms import patterns_in, stamps_in
from rehearsal.backups.kinds import before_kind, renamed
from rehearsal.runbook import Procedure, RunbookError

_STAMP = re.compile(r"(?=.*(?:YYYY|AAAA))(?=.*DD)[YAMDHSTZhm\d_:./-]+")
_WORD = r"[^\s'\"|;&<>()=`$]*"
_NAMED = re.compile(
    r"[\w./-]*((?:(?:YYYY|AAAA)[-_.]?MM[-_.]?DD|DD[-_.]?MM[-_.]?(?:YYYY|AAAA))(?:[-_.:T]?HH[-_.:h]?MM(?:[-_.:m]?SS)?Z?)?)"
    r"(?:[\w-]|\.(?=\w))*+(?!/)"
)
_BESIDE = (".sha256", ".sha256sum", ".sha512", ".sha1", ".md5", ".asc", ".sig", ".manifest", ".json")
"""What lies beside a backup and is about it."""
_PARTS = re.compile("(?P<year>YYYY|AAAA)|(?P<day>DD)|(?P<hour>HH)|(?P<second>SS)|(?P<month>MM)")


@dataclass(frozen=True, slots=True)
class BackupName:
    """The files that a restore would read."""

    written: str
    """As the runbook writes it: `./backups/email-gateway-daily-YYYYMMDD-HHMMSS.sql.gz`."""
    stamp_text: str
    """The placeholder in it: `YYYYMMDD-HHMMSS`."""

    @property
    def folder(self) -> str:
        """As written: relative to the gateway directory, or absolute."""
        return str(PurePosixPath(self.written).parent)

    @property
    def pattern(self) -> str:
        """What a file's name must fit, as a regular expression; its one group is the stamp."""
        before, _, behind = PurePosixPath(self.written).name.partition(self.stamp_text)
        digits = re.sub("[YAMDHS]", "[0-9]", re.escape(self.stamp_text))
        return f"{re.escape(before)}({digits}){re.escape(behind)}"

    def stamp(self, name: str) -> str:
        """Return what a file's name has in place of the placeholder, empty for a file of another name."""
        match = re.fullmatch(self.pattern, name)
        return match[1] if match else ""

    def moment(self, name: str) -> datetime | None:
        """Return the moment in a file's name, read as UTC; None for another name, or no moment that ever was."""
        stamp, parts = self.stamp(name), dict[str, int]()
        for found in _PARTS.finditer(self.stamp_text) if stamp else ():
            kind = found.lastgroup or ""
            # Of two MM the one behind the hour is the minute.
            parts["minute" if kind == "month" and "hour" in parts else kind] = int(stamp[found.start() : found.end()])
        try:
            return datetime(**parts, tzinfo=UTC) if parts else None
        except (ValueError, TypeError):
            return None

    def at(self, moment: datetime) -> str:
        """Return the name of a backup that was made at a moment."""
        values = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "second": "%S"}
        hours = False

        def written(found: re.Match[str]) -> str:
            nonlocal hours
            kind = found.lastgroup or ""
            kind, hours = ("minute" if kind == "month" and hours else kind), hours or kind == "hour"
            return moment.strftime(values[kind])

        name = PurePosixPath(self.written).name
        return name.replace(self.stamp_text, _PARTS.sub(written, self.stamp_text))

    def of_kind(self, old: str, new: str) -> BackupName:
        """Return the name that another kind of backup has: `weekly` where this one has `daily`, in its own words."""
        return BackupName(renamed(self.written, old, new), self.stamp_text)


def names_in(text: str) -> tuple[BackupName, ...]:
    """Return each file in a folder that a text names by the moment of its making, in their order."""
    found = [BackupName(word[0], word[1]) for word in _NAMED.finditer(text)]
    return tuple(dict.fromkeys(one for one in found if "/" in one.written and not one.written.endswith(_BESIDE)))


def backup_name(restore: Procedure, elsewhere: Iterable[str] = ()) -> BackupName:
    """Return which files a restore reads. Raises RunbookError where it names none by the moment of their making.

    Of one that takes the newest by a pattern, texts from `elsewhere`, such as scripts, tell the form of the moment.
    """
    for command in restore.commands:
        for stamp in (one.text for one in command.placeholders if _STAMP.fullmatch(one.text)):
            for word in re.findall(_WORD + re.escape(stamp) + _WORD, command.text):
                if "/" in word and not word.endswith(_BESIDE):
                    return BackupName(word, stamp)
    texts = list(elsewhere)
    for pattern in patterns_in(restore):
        before, behind = pattern.split("*", 1)
        said = [one.stamp_text for text in texts for one in names_in(text) if one.written.startswith(before)]
        stamps = said or stamps_in(texts, before_kind(PurePosixPath(before).name).strip("-_."))
        if len(set(stamps)) == 1:
            return BackupName(f"{before}{stamps[0]}{behind}", stamps[0])
    msg = (
        f"'{restore.place.heading}': expected a command that reads a file in a folder, its name with a placeholder such"
        " as YYYYMMDD-HHMMSS, found none"
    )
    raise RunbookError(msg)
