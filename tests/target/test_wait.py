"""Waiting with a deadline."""

from itertools import count

import pytest

from rehearsal.gateway.http import percentile
from rehearsal.gateway.wait import DeadlineError, wait_until


def test_waits_until_accepted() -> None:
    """It looks again until what it sees is accepted, and returns that."""
    numbers = count()
    assert wait_until(lambda: next(numbers), lambda seen: seen == 3, what="three", timeout=60, pause=0) == 3


def test_deadline_says_what_was_last_seen() -> None:
    """When the time is over the error says what was waited for and what was there instead."""
    with pytest.raises(DeadlineError, match=r"waited 0\.05 s for the impossible; last seen: 'this'"):
        wait_until(lambda: "this", lambda _: False, what="the impossible", timeout=0.05, pause=0.01)


def test_only_forgiven_errors_are_waited_out() -> None:
    """An error that is expected meanwhile counts as not yet and is told at the end; any other comes through at once."""

    def refuse() -> bool:
        raise ConnectionRefusedError("nobody listens")

    with pytest.raises(DeadlineError, match="ConnectionRefusedError: nobody listens"):
        wait_until(refuse, what="it", timeout=0.05, pause=0.01, forgive=(ConnectionError,))
    with pytest.raises(ConnectionRefusedError):
        wait_until(refuse, what="it", timeout=60)


@pytest.mark.parametrize(("percent", "expected"), [(50, 5), (95, 10), (90, 9), (100, 10), (0, 1)])
def test_percentile_is_a_value_that_was_seen(percent: float, expected: float) -> None:
    """The nearest rank, never an average of two."""
    assert percentile([10, 9, 8, 7, 6, 5, 4, 3, 2, 1], percent) == expected


def test_percentile_of_nothing_is_an_error() -> None:
    """No values have no percentile: it must not come out as 0, which would be green."""
    with pytest.raises(ValueError, match="no values"):
        percentile([], 95)
