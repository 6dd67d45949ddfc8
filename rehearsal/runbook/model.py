"""What a runbook says, as values. Every value keeps the line of the document that it was read from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Literal


class RunbookError(Exception):
    """A document that can't be read as a runbook: one sentence with file, line, heading and what was expected."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the document something stands."""

    line: int
    """1-based line of the source."""
    heading: str
    """The nearest heading above, as written; empty before the first."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of the document that can't be read; the other parts stand. A lookup of this part raises it."""

    about: Literal["threshold", "backup", "procedure", "contact", "escalation", "script", "log", "metadata"]
    subject: str
    """The metric, store, heading or label, as written; empty where even that is lacking."""
    message: str
    """What was expected and what stood there."""
    place: Place


@dataclass(frozen=True, slots=True)
class Link:
    """One link, such as those of the table of contents."""

    text: str
    target: str
    """Percent-decoded; a heading of the same document is `#` and its anchor."""
    line: int


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A part of a command that a person fills in, such as `YYYYMMDD-HHMMSS`, `your_password`, `[service]`."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """One shell command of a procedure: continuations and pipes whole, comments left out."""

    text: str
    """As written, backslash continuations kept."""
    label: str
    """The comment above it or its group of lines, without `#`, else the one at its end; empty where there is none."""
    line: int
    placeholders: tuple[Placeholder, ...] = ()


@dataclass(frozen=True, slots=True)
class Procedure:
    """One fenced block, or the inline commands of one numbered list, under a heading."""

    place: Place
    language: str
    """The fence's info word, such as `bash`; empty where there is none."""
    commands: tuple[Command, ...]
    text: str
    """The block's source between its fences; for a numbered list (blocks in its items included), its commands joined
    by newlines."""


@dataclass(frozen=True, slots=True)
class Step:
    """One item of a numbered list: what a person does, and the commands in it."""

    number: int
    text: str
    line: int
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table."""

    cells: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """One heading with what stands directly under it (its subsections are sections of their own)."""

    heading: str
    """As written, without the `#`s."""
    level: int
    line: int
    anchor: str
    """As GitHub makes it, with `-1`, `-2` for repeats."""
    path: tuple[str, ...]
    """Headings above it, outermost first, its own last."""
    procedures: tuple[Procedure, ...] = ()
    steps: tuple[Step, ...] = ()
    items: tuple[Step, ...] = ()
    """Items of its bullet lists, numbered from 1 in the order of the document."""
    rows: tuple[Row, ...] = ()
    """Rows of its tables, without their headers."""
    prose: bool = False
    """Whether it says anything in paragraphs of its own."""


Unit = Literal["%", "ms", "s", "MB", "GB", ""]


@dataclass(frozen=True, slots=True)
class Limit:
    """`> 80 %`: the side of a threshold."""

    operator: Literal[">", ">=", "<", "<="]
    value: float
    unit: Unit

    def crossed_by(self, value: float) -> bool:
        """Tell whether a value in this limit's unit is on the wrong side."""
        return {
            ">": value > self.value,
            ">=": value >= self.value,
            "<": value < self.value,
            "<=": value <= self.value,
        }[self.operator]


@dataclass(frozen=True, slots=True)
class Threshold:
    """One row of the table of thresholds."""

    metric: str
    """As written, such as `Disco`."""
    warning: Limit
    critical: Limit
    """In the same unit as `warning`: `> 2s` beside `> 500ms` is read as 2000 ms."""
    action: str
    place: Place


@dataclass(frozen=True, slots=True)
class BackupPolicy:
    """What the document promises of the backups of one store."""

    store: str
    """The heading that it stands under, such as `PostgreSQL`."""
    frequency: str
    """As written."""
    daily_at: time | None
    """Hour of the day for a daily backup; None where the document names none."""
    retention_days: dict[str, int]
    """By kind: `{"daily": 7, "weekly": 30, "monthly": 90}`; a single figure stands under `daily`."""
    location: str
    """A path as written, relative to the gateway directory or absolute."""
    validation: str
    """As written, such as `Quinzenal`; empty where the document names none."""
    place: Place
    validation_days: int | None = None
    """`validation` in days; None where it is not understood or absent."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One line of the contacts: a role in a team."""

    team: str
    role: str
    text: str
    """What follows the role, as written."""
    unfilled: tuple[Placeholder, ...]
    """`[Nome]`, `[email]`, … still to be filled in."""
    line: int


@dataclass(frozen=True, slots=True)
class EscalationLevel:
    """One level of escalation, such as `Nível 1 (Operações)`."""

    number: int
    name: str
    scope: str
    line: int


@dataclass(frozen=True, slots=True)
class Runbook:
    """A whole document."""

    path: Path
    text: str
    """As it was parsed: newlines `\\n`, no byte order mark; its lines are the lines that every value names."""
    sha256: str
    """Of the file's bytes."""
    title: str
    version: str
    updated: date | None
    owner: str
    status: str
    last_review: date | None
    next_review: date | None
    approved_by: str
    sections: tuple[Section, ...]
    """All headings in the order of the document, the title's among them."""
    thresholds: tuple[Threshold, ...]
    backup_policies: tuple[BackupPolicy, ...]
    contacts: tuple[Contact, ...]
    escalation: tuple[EscalationLevel, ...]
    log_paths: tuple[Step, ...] = field(default=())
    """The items that name log files or folders; `text` is the path."""
    scripts: tuple[Step, ...] = field(default=())
    """The items that name scripts; `text` is the path."""
    links: tuple[Link, ...] = field(default=())
    problems: tuple[Problem, ...] = field(default=())
