"""What the document leaves to cron: the script of a section that is run each so often."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rehearsal.drills.scripts import asks_the_same, script_of
from rehearsal.gateway.crontab import Entry
from rehearsal.runbook import Command, Runbook, Section
from rehearsal.runbook.prose import sentences_at
from rehearsal.runbook.schedules import rhythm_in
from rehearsal.runbook.vocabulary import fold

_CRON = re.compile(r"\bcron(?:tab)?\b")
_EACH = re.compile(
    r"\b(?:hourly|daily|nightly|weekly|monthly|every|each|hora|diari\w+|seman\w+|mensa\w+|cada|tod[ao]s?|domingos?|segundas?"
    r"|tercas?|quartas?|quintas?|sextas?|sabados?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|\d{1,2}[:h]\d{2})\b"
)
_DAYS = 62
"""In which what is due each month is due."""
_NOT = re.compile(r"\b(?:not|never|nao|nunca)\b")


@dataclass(frozen=True, slots=True)
class PromisedRun:
    """A sentence, or the comment above a command, that says cron runs what stands there."""

    section: Section
    sentence: str
    scripts: tuple[Command, ...]

    def kept_by(self, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        """Return the entries that run one of the section's scripts for what it is run there."""
        return tuple(entry for entry in entries if asks_the_same(entry.command, self.scripts))

    def misses(self, entry: Entry) -> str:
        """Say when an entry is due, where the sentence names another day or hour; empty where it does not."""
        said, now = rhythm_in(self.sentence), datetime.now()  # noqa: DTZ005  the host's clock, as cron has it
        wrong = next((one for one in entry.times(now, _DAYS) if not said.fits(one)), None)
        return f"{wrong:%A %H:%M}" if wrong else ""


def promised_runs(runbook: Runbook) -> Iterator[PromisedRun]:
    """Yield each section whose text says that cron does it, and that holds commands with scripts of the gateway."""
    for section in runbook.sections:
        commands = [command for part in section.procedures for command in part.commands]
        scripts = tuple(command for command in commands if script_of(command.text))
        told = [*sentences_at(runbook, section.line)] if scripts else []
        promises = [(sentence, scripts) for sentence in told] + [(one.label, (one,)) for one in scripts]
        for sentence, about in promises:
            said = fold(sentence)
            if _CRON.search(said) and _EACH.search(said) and not _NOT.search(said):
                yield PromisedRun(section, sentence.strip(), about)
                break
