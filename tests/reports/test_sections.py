from __future__ import annotations

from rehearsal.reports.sections import Seen, sections_of
from rehearsal.results.model import Coverage, CoveredLine


def section(level: int, *checks: str, claimed_by: tuple[str, ...] = ()) -> Coverage:
    """Make a section."""
    return Coverage("heading", 1, level, checks, claimed_by)


def test_each_way_to_be_seen() -> None:
    """Verified, only below, looked for in vain, and never looked at are four different things."""
    views = sections_of((section(2), section(3, "a"), section(3, claimed_by=("b",)), section(3), section(2)))
    assert [view.seen for view in views] == [
        Seen.BY_SUBSECTIONS,
        Seen.VERIFIED,
        Seen.NOT_SEEN,
        Seen.NOT_VERIFIED,
        Seen.NOT_VERIFIED,
    ]
    assert [view.is_gap for view in views] == [False, False, True, True, True]


def test_heading_counts_what_is_under_it() -> None:
    """A chapter says how many of its sections were verified, mere headings not counted."""
    top, middle, *_ = sections_of(
        (section(1), section(2), section(3, "a"), section(3), section(2, "b"), section(1), section(2, "c"))
    )
    assert (top.verified_below, top.below) == (2, 3)
    assert (middle.verified_below, middle.below) == (1, 2)


def test_check_elsewhere_does_not_verify_a_chapter() -> None:
    """A check in the next chapter is not this chapter's."""
    assert sections_of((section(2), section(3), section(2, "a")))[0].is_gap


def test_section_is_verified_with_all_of_its_lines() -> None:
    """One line that nothing looked at makes a section one that is verified in part, and a gap."""
    seen, unseen = CoveredLine("row", "CPU", 2, ("a",)), CoveredLine("row", "Disk", 3, (), ("b",))
    rows = [Coverage("heading", 1, 2, (), (), items) for items in ((seen, seen), (seen, unseen), (unseen,))]
    views = sections_of(rows)
    assert [view.seen for view in views] == [Seen.VERIFIED, Seen.IN_PART, Seen.NOT_SEEN]
    assert [view.is_gap for view in views] == [False, True, True]
    assert views[1].verified_items == 1
