from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.results.judge import figure, measure, outcome_of, sentence
from rehearsal.results.model import Finding, Measurement, Observation, Outcome

WARNING = Finding(Outcome.WARNING, "a warning")
UNKNOWN = Finding(Outcome.UNKNOWN, "not seen")
SEEN = Observation("something answered")


def disk(value: float) -> Measurement:
    """Measure a disk against the runbook's limits."""
    return measure("Disco /", value, "%", 80, 90, "RUNBOOK.md:74")


def test_nothing_seen_is_unknown() -> None:
    """A check that examined nothing is never green."""
    assert outcome_of((), (), ()) is Outcome.UNKNOWN


def test_evidence_alone_is_ok() -> None:
    """A check that looked and has nothing to say is ok."""
    assert outcome_of((), (), (SEEN,)) is Outcome.OK


@pytest.mark.parametrize(
    ("findings", "measurements", "expected"),
    [
        pytest.param((WARNING,), (), Outcome.WARNING, id="finding"),
        pytest.param((), (disk(95),), Outcome.CRITICAL, id="measurement"),
        pytest.param((WARNING,), (disk(95), disk(10)), Outcome.CRITICAL, id="worst-of-both"),
        pytest.param((WARNING, UNKNOWN), (disk(10),), Outcome.UNKNOWN, id="unknown-over-warning"),
        pytest.param((UNKNOWN,), (disk(95),), Outcome.CRITICAL, id="critical-over-unknown"),
    ],
)
def test_outcome_is_the_worst(
    findings: tuple[Finding, ...], measurements: tuple[Measurement, ...], expected: Outcome
) -> None:
    """One bad thing among good ones decides."""
    assert outcome_of(findings, measurements, (SEEN,)) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(80, Outcome.OK), (80.01, Outcome.WARNING), (90, Outcome.WARNING), (90.01, Outcome.CRITICAL)],
)
def test_limit_itself_is_not_over_it(value: float, expected: Outcome) -> None:
    """`> 80 %` begins above 80."""
    assert disk(value).outcome is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [("<", 94.9, Outcome.CRITICAL), ("<", 95, Outcome.OK), ("<=", 95, Outcome.CRITICAL), (">=", 95, Outcome.CRITICAL)],
)
def test_operator_names_the_wrong_side(operator: str, value: float, expected: Outcome) -> None:
    """A success rate is wrong when it is too low."""
    assert measure("rate", value, "%", None, 95, "gateway.toml", operator).outcome is expected


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_figure_that_is_none_is_unknown(value: float) -> None:
    """An average of no samples is not within any limit."""
    assert disk(value).outcome is Outcome.UNKNOWN
    assert sentence(disk(value)) == "Disco / could not be measured: no figure was seen (RUNBOOK.md:74)"


def test_misspelt_operator_is_refused() -> None:
    """A comparison that does not exist compares nothing."""
    with pytest.raises(ValueError, match="Disco: expected one of"):
        measure("Disco", 1, "%", 80, 90, "", "=>")


def test_limit_that_is_no_number_is_refused() -> None:
    """Nothing is ever over NaN: such a limit would make every value green."""
    with pytest.raises(ValueError, match=r"finite limits at RUNBOOK\.md:74"):
        measure("Disco", 1, "%", math.nan, 90, "RUNBOOK.md:74")


@pytest.mark.parametrize(
    ("measurement", "expected"),
    [
        (disk(83.1), "Disco / is 83.1 %, over the warning level of 80 % (RUNBOOK.md:74)"),
        (disk(99), "Disco / is 99 %, over the critical level of 90 % (RUNBOOK.md:74)"),
        (disk(12), "Disco / is 12 %, clear of the critical level of 90 % and warning level of 80 % (RUNBOOK.md:74)"),
        (disk(80.004), "Disco / is 80.004 %, over the warning level of 80 % (RUNBOOK.md:74)"),
        (measure("Taxa", 90, "%", None, 95, "x", "<"), "Taxa is 90 %, under the critical level of 95 % (x)"),
        (measure("Filas", 3, "", None, None, ""), "Filas is 3"),
    ],
)
def test_sentence_says_figure_limit_and_place(measurement: Measurement, expected: str) -> None:
    """A person reads the figure, the limit, and where the limit stands."""
    assert sentence(measurement) == expected


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_figure_is_never_shown_as_another(value: float, limit: float) -> None:
    """Two different numbers never look the same beside each other."""
    assert value == limit or float(figure(value, limit)) != float(figure(limit, value))
