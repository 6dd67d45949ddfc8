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
        """Tell whether the section is to be listed as one that nothing verified."""
        return self.seen in (Seen.NOT_SEEN, Seen.NOT_VERIFIED)


def sections_of(coverage: Sequence[Coverage]) -> list[SectionView]:
    """Say of each section how far it was verified.

    A section without checks of its own, under which a subsection was verified, is no gap: its subsections that were
    not verified are.
    """
    views: list[SectionView] = []
    for place in range(len(coverage) - 1, -1, -1):
        views.insert(0, _view(coverage[place], views))
    return views


def _view(section: Coverage, following: Sequence[SectionView]) -> SectionView:
    under = takewhile(lambda view: view.section.level > section.level, following)
    proper = [view for view in under if view.seen is not Seen.BY_SUBSECTIONS]
    verified = sum(view.seen is Seen.VERIFIED for view in proper)
    return SectionView(section, _seen(section, verified), len(proper), verified)


def _seen(section: Coverage, verified_below: int) -> Seen:
    if section.checks:
        return Seen.VERIFIED
    if section.claimed_by:
        return Seen.NOT_SEEN
    return Seen.BY_SUBSECTIONS if verified_below else Seen.NOT_VERIFIED
