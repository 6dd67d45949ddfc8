"""Which sections of the runbook a run has verified, and which nothing has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from rehearsal.results.model import Coverage


class Seen(StrEnum):
    """How far a section was verified; each value is the key of its words."""

    VERIFIED = "verified"
    IN_PART = "in_part"
    BY_SUBSECTIONS = "by_subsections"
    NOT_SEEN = "not_seen"
    NOT_VERIFIED = "not_verified"


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section as the page shows it."""

    section: Coverage
    seen: Seen
    below: int
    """Sections under it that are not mere headings of others."""
    verified_below: int

    @property
    def is_gap(self) -> bool:
        """Tell whether the section is to be listed as one that was not verified, or not in whole."""
        return self.seen in (Seen.NOT_SEEN, Seen.NOT_VERIFIED, Seen.IN_PART)

    @property
    def verified_items(self) -> int:
        """How many of its commands, rows, steps and items a check has seen."""
        return sum(bool(item.checks) for item in self.section.items)


def sections_of(coverage: Sequence[Coverage]) -> list[SectionView]:
    """Say of each section how far it was verified: all of its own lines, some, or none.

    A section without lines or checks of its own, under which a subsection was verified, is no gap: its subsections
    that were not verified are.
    """
    views: list[SectionView] = []
    for place in range(len(coverage) - 1, -1, -1):
        views.insert(0, _view(coverage[place], views))
    return views


def _view(section: Coverage, following: Sequence[SectionView]) -> SectionView:
    under = takewhile(lambda view: view.section.level > section.level, following)
    proper = [view for view in under if view.seen is not Seen.BY_SUBSECTIONS]
    verified = sum(view.seen is Seen.VERIFIED for view in proper)
    touched = sum(view.seen in (Seen.VERIFIED, Seen.IN_PART) for view in proper)
    return SectionView(section, _seen(section, touched), len(proper), verified)


def _seen(section: Coverage, touched_below: int) -> Seen:
    seen = [bool(item.checks) for item in section.items]
    if section.checks or any(seen):
        return Seen.VERIFIED if all(seen) else Seen.IN_PART
    if section.claimed_by or any(item.claimed_by for item in section.items):
        return Seen.NOT_SEEN
    return Seen.BY_SUBSECTIONS if touched_below and not section.items else Seen.NOT_VERIFIED
