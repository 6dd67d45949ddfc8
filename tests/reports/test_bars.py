from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.reports.bars import Bar, bar_of
from rehearsal.results.judge import measure

numbers = st.floats(allow_nan=False, allow_infinity=False)


def test_percentage_is_of_the_whole() -> None:
    """Half a disk is half a bar, and the wrong side begins at the first limit."""
    assert bar_of(measure("disk", 50, "%", 80, 90, "")) == Bar(50, 80, 90, (80, 100), beyond=False)


def test_rate_is_wrong_on_its_left() -> None:
    """Where less is worse, the wrong side is the left one."""
    bar = bar_of(measure("rate", 99, "%", None, 95, "", "<"))
    assert bar is not None
    assert bar.wrong == (0, 95)


def test_value_far_beyond_keeps_its_limits_apart() -> None:
    """A latency of a minute does not push both limits into one line."""
    bar = bar_of(measure("latency", 60_000, "ms", 500, 2000, ""))
    assert bar is not None
    assert (bar.value, bar.beyond) == (100, True)
    assert bar.warning is not None
    assert bar.critical is not None
    assert bar.critical - bar.warning > 20


@pytest.mark.parametrize(
    ("value", "warning", "critical"), [(math.nan, 1, 2), (math.inf, 1, 2), (5, None, None), (-3, 0, 0), (0, 0, 0)]
)
def test_nothing_to_draw_is_no_bar(value: float, warning: float | None, critical: float | None) -> None:
    """Without a figure or a limit there is text only."""
    assert bar_of(measure("x", value, "", warning, critical, "")) is None


@given(numbers, st.none() | numbers, st.none() | numbers, st.sampled_from(("%", "s")), st.sampled_from((">", "<")))
def test_marks_stay_on_the_bar(
    value: float, warning: float | None, critical: float | None, unit: str, operator: str
) -> None:
    """No figure draws outside."""
    bar = bar_of(measure("x", value, unit, warning, critical, "", operator))
    marks = [mark for mark in (bar.value, bar.warning, bar.critical, *bar.wrong) if mark is not None] if bar else [0]
    assert all(0 <= mark <= 100 for mark in marks)
