"""Whether a person hears of what an entry of a crontab says: by cron's mail, or by a log that is read."""

from __future__ import annotations

import fnmatch
import re
import shlex
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

from rehearsal.drills.cron import directory_of, run_as_cron
from rehearsal.drills.named_logs import CHAPTER, STAMP, create, look_at
from rehearsal.drills.tellers import texts_of
from rehearsal.drills.texts import without_figures
from rehearsal.gateway.crontab import Entry
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import CommandRun, TargetError
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, RunbookError, section
from rehearsal.runbook.prose import prose_at

_SHOWN = 100
_MADE = re.compile(r"\b(?:cri[ae]\w*|creat\w*|touch|install -m)\b", re.IGNORECASE)
_QUIET_SECONDS = 3
"""How long what writes to logs by itself is watched."""
_LOGS = "find . /var/log -type f \\( -name '*.log*' -o -path '*/log*/*' \\) -printf '%s %p\\n' 2>/dev/null"
_MOST_BYTES = 20_000
_NEXT = "\x1e"


def make_logs(replica: Replica, gateway: Gateway, runbook: Runbook) -> None:
    """Make the logs that the document lists, where it says that somebody makes them. Raises TargetError."""
    with suppress(RunbookError):
        under = section(runbook, CHAPTER).line
        if _MADE.search(prose_at(runbook, under)):
            limit = gateway.replica.command_timeout_seconds
            create(replica, [look_at(replica, one, timeout=limit) for one in runbook.log_paths], timeout=limit)


@dataclass(frozen=True, slots=True)
class Said:
    """What an entry said once."""

    run: CommandRun
    logged: Mapping[str, str]
    """What came to each log meanwhile."""

    @property
    def text(self) -> str:
        """What cron mails, if it may."""
        return f"{self.run.stdout}\n{self.run.stderr}".strip()


@dataclass(frozen=True)
class Hearing:
    """A replica in which entries are run, and the document that says which logs are read."""

    replica: Replica
    gateway: Gateway
    runbook: Runbook

    def listen(self, entry: Entry) -> Said:
        """Run an entry as cron does. Raises TargetError."""
        before = self._sizes()
        ran = run_as_cron(self.replica, self.gateway, entry)
        return Said(ran, self._added(before))

    def noise(self) -> frozenset[str]:
        """Return the logs that others write to. Raises TargetError."""
        before = self._sizes()
        time.sleep(_QUIET_SECONDS)
        return frozenset(path for path, size in self._sizes().items() if size != before.get(path, 0))

    def how(self, entry: Entry, good: Said, bad: Said, *, by_mail: bool, noise: frozenset[str] = frozenset()) -> str:
        """Tell how a person hears that it went wrong; empty where nobody does. With `by_mail` a log is not enough."""
        if bad.text and dict(entry.settings).get("MAILTO") != "" and _words(bad.text) != _words(good.text):
            return f"cron mails {bad.text.splitlines()[-1][:_SHOWN]!r}"
        for path, text in bad.logged.items() if not by_mail else ():
            new = _words(text) - _words(good.logged.get(path, ""))
            if new and path not in noise and self._is_its_own(path, entry) and self._is_read(path):
                return f"it writes {max(new, key=len)[:_SHOWN]!r} to {path}"
        return ""

    def _sizes(self) -> dict[str, int]:
        run = self.replica.run_script(f"{_LOGS}; true", timeout=self._limit)
        if run.exit_code != 0:
            msg = f"expected the logs of {self.replica.name}, find {run.ending}"
            raise TargetError(msg)
        pairs = [line.split(" ", 1) for line in run.stdout.splitlines()]
        return {path: int(size) for size, path in pairs}

    def _added(self, before: Mapping[str, int]) -> dict[str, str]:
        grown = [path for path, size in self._sizes().items() if size > before.get(path, 0)]
        lines = [
            f"printf '\\036%s\\n' {shlex.quote(path)};"
            f" tail -c +{before.get(path, 0) + 1} -- {shlex.quote(path)} | head -c {_MOST_BYTES}"
            for path in grown
        ]
        said = self.replica.run_script("\n".join([*lines, "true"]), timeout=self._limit).stdout
        return {path: text for path, _, text in (one.partition("\n") for one in said.split(_NEXT)[1:])}

    def _is_its_own(self, path: str, entry: Entry) -> bool:
        """Tell whether an entry or its scripts name a log, as far as its name has no digits."""
        word = re.split(r"\d", PurePosixPath(path).name, maxsplit=1)[0].rstrip("-_.")
        return bool(word) and any(word in text for text in texts_of(self.gateway, entry))

    def _is_read(self, path: str) -> bool:
        """Tell whether the document, or a script that it names, speaks of a log."""
        name = PurePosixPath(path).name
        directory = directory_of(self.gateway)
        for listed in (one.text.split()[0] for one in self.runbook.log_paths):
            known = listed.replace(directory, ".") if directory else listed
            pattern = STAMP.sub("*", known) + ("*" if known.endswith("/") else "")
            if fnmatch.fnmatchcase(path.removeprefix("./"), pattern.removeprefix("./")):
                return True
        scripts = [self.gateway.directory / one.text.split()[0] for one in self.runbook.scripts]
        texts = [self.runbook.text, *(one.read_text(errors="replace") for one in scripts if one.is_file())]
        return any(name in text for text in texts)

    @property
    def _limit(self) -> float:
        return self.gateway.replica.command_timeout_seconds


def _words(text: str) -> set[str]:
    """Return its lines without figures: moments and sizes are other each time."""
    return {line for line in without_figures(text) if line}
