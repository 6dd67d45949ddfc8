"""A document while it is read: its headings, and what stands directly under each."""

from __future__ import annotations

from dataclasses import dataclass, field

from rehearsal.runbook.inline import Written
from rehearsal.runbook.model import Link, Place, Problem, Procedure, Row, Section, Step


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list: as the model has it, and the pieces that it was made of."""

    step: Step
    codes: tuple[Written, ...]

    @property
    def label(self) -> str:
        """What stands before its first colon; empty where there is none."""
        label, colon, _ = self.step.text.partition(":")
        return label.strip() if colon else ""

    @property
    def value(self) -> str:
        """What stands behind its label."""
        return self.step.text.partition(":")[2].strip() if self.label else self.step.text


@dataclass(slots=True)
class Part:
    """One heading while what stands under it is gathered; the first part has none."""

    heading: str = ""
    plain: str = ""
    level: int = 0
    line: int = 0
    anchor: str = ""
    above: tuple[str, ...] = ()
    lines: list[Written] = field(default_factory=list)
    tables: list[list[Row]] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    steps: list[Item] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    def place(self, line: int) -> Place:
        """Return a place under this heading."""
        return Place(line, self.heading)

    def section(self) -> Section:
        """Return it as the model has it."""
        return Section(
            self.heading,
            self.level,
            self.line,
            self.anchor,
            (*self.above, self.heading),
            tuple(self.procedures),
            tuple(item.step for item in self.steps),
            tuple(item.step for item in self.items),
            tuple(row for table in self.tables for row in table[1:]),
            any(line.text for line in self.lines),
        )


@dataclass(slots=True)
class Document:
    """All parts in the order of the document."""

    parts: list[Part]
    links: list[Link]
    problems: list[Problem]
