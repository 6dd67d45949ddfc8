from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rehearsal.results.judge import measure
from rehearsal.results.model import Finding, Outcome, Result, Waiver
from rehearsal.results.waivers import covers, notes, waive

TODAY = date(2026, 11, 23)
NODE = "checks/monitoring/test_resources.py::test_disk[/data/a::b]"
WAIVER = Waiver("test_resources.py::test_disk", "a bigger disk is ordered", "operations lead", TODAY)
FULL = Result(NODE, "", "", None, Outcome.CRITICAL, "full", "", (Finding(Outcome.CRITICAL, "full"),))


def until(days: int) -> Waiver:
    """Return the waiver with its last day moved."""
    return replace(WAIVER, expires=TODAY + timedelta(days=days))


@pytest.mark.parametrize(
    "name",
    [
        NODE,
        "checks/monitoring/test_resources.py::test_disk",
        "test_resources.py::test_disk",
        "test_resources.py::test_disk[/data/a::b]",
    ],
)
def test_covers_by_node_id_or_its_end(name: str) -> None:
    """A waiver may be written as short as the file name allows."""
    assert covers(replace(WAIVER, check=name), FULL)


@pytest.mark.parametrize(
    "name",
    [
        "test_disk",
        "resources.py::test_disk",
        "test_resources.py::test_dis",
        "test_resources.py::test_disk[/]",
        "test_resources.py",
        "data/a::b]",
        "",
    ],
)
def test_covers_nothing_else(name: str) -> None:
    """A waiver never excuses more than it names."""
    assert not covers(replace(WAIVER, check=name), FULL)


@pytest.mark.parametrize(
    ("node_id", "name", "covered"),
    [
        ("test_s.py::test_up[ssh://a-nginx]", "test_s.py::test_up", True),
        ("test_s.py::test_up[ssh://a-nginx]", "test_s.py::test_up[nginx]", True),
        ("test_s.py::test_up[ssh://a-nginx]", "test_s.py::test_up[ssh://a-nginx]", True),
        ("test_s.py::test_up[ssh://a-nginx]", "test_s.py::test_up[ssh://b-nginx]", False),
        ("test_s.py::test_up[ssh://a-nginx]", "test_s.py::test_up[redis]", False),
        ("test_s.py::test_age[ssh://a]", "test_s.py::test_age", True),
        ("test_s.py::test_age[ssh://a]", "test_s.py::test_age[ssh://b]", False),
        ("test_s.py::test_up[ssh://a.example-nginx]", "test_s.py::test_up[.example-nginx]", False),
    ],
)
def test_covers_with_and_without_the_host(node_id: str, name: str, covered: bool) -> None:  # noqa: FBT001  expectation
    """In a run over several hosts a waiver without the host counts on all of them, one with it on that one."""
    result = replace(FULL, node_id=node_id, target="ssh://a")
    assert covers(replace(WAIVER, check=name), result) is covered


@pytest.mark.parametrize("outcome", [Outcome.CRITICAL, Outcome.WARNING])
def test_excuses_to_its_last_day(outcome: Outcome) -> None:
    """The day of expiry still counts, and the finding stays to be read."""
    waived = waive(replace(FULL, outcome=outcome), [WAIVER], TODAY)
    assert (waived.outcome, waived.waiver, waived.message) == (Outcome.WAIVED, WAIVER, "full")


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.OK, Outcome.NOT_APPLICABLE])
def test_never_excuses_other_outcomes(outcome: Outcome) -> None:
    """What could not be seen can't be excused, and what is fine needs no excuse."""
    result = replace(FULL, outcome=outcome)
    assert waive(result, [WAIVER], TODAY) == result


def test_never_hides_an_unknown_behind_a_critical() -> None:
    """A result whose worst is critical but that has something unknown in it stays red."""
    unseen = replace(FULL, measurements=(measure("inodes", float("nan"), "%", 80, 90, ""),))
    assert waive(unseen, [WAIVER], TODAY) == unseen


def test_expired_counts_for_nothing() -> None:
    """From the day after, the check is red again and the run says why."""
    expired = until(-1)
    assert waive(FULL, [expired], TODAY) == FULL
    (note,) = notes([expired], [FULL], TODAY)
    assert "test_resources.py::test_disk expired on 2026-11-22 and counts for nothing" in note


@pytest.mark.parametrize(("days", "noted"), [(0, True), (7, True), (8, False)])
def test_soon_to_expire_is_noted(days: int, noted: bool) -> None:  # noqa: FBT001  a parameter of the table
    """A week before its end the run reminds its reader."""
    said = notes([until(days)], [waive(FULL, [until(days)], TODAY)], TODAY)
    assert any("counts until" in note for note in said) is noted


def test_matching_no_check_is_noted() -> None:
    """A misspelt waiver does not sleep in the file."""
    (note,) = notes([replace(until(30), check="test_gone.py::test_x")], [FULL], TODAY)
    assert "test_gone.py::test_x matched no check" in note


def test_excusing_nothing_is_noted() -> None:
    """A waiver whose check is ok again can go."""
    (note,) = notes([until(30)], [replace(FULL, outcome=Outcome.OK)], TODAY)
    assert "excused nothing" in note
