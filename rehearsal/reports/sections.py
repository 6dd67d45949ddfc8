"""Which sections of the runbook a run has verified, and which nothing has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

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

    @property
    def is_gap(self) -> bool:
        """Tell whether the section is to be listed as one that nothing verified."""
        return self.seen in (Seen.NOT_SEEN, Seen.NOT_VERIFIED)


def sections_of(coverage: Sequence[Coverage]) -> list[SectionView]:
    """Say of each section how far it was verified.

    A section without checks of its own, under which a subsection was verified, is no gap: its subsections that were
    not verified are.
    """
    return [SectionView(section, _seen(section, coverage[place + 1 :])) for place, section in enumerate(coverage)]


def _seen(section: Coverage, following: Sequence[Coverage]) -> Seen:
    if section.checks:
        return Seen.VERIFIED
    if section.claimed_by:
        return Seen.NOT_SEEN
    for below in following:
        if below.level <= section.level:
            break
        if below.checks:
            return Seen.BY_SUBSECTIONS
    return Seen.NOT_VERIFIED
