"""From what was seen to an outcome, and the sentence that says so."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import ge, gt, le, lt

from rehearsal.results.model import Evidence, Finding, Measurement, Outcome

_WRONG_SIDE: dict[str, Callable[[float, float], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le}
_SIDE_WORD = {">": "over", ">=": "at or over", "<": "under", "<=": "at or under"}


def outcome_of(
    findings: Sequence[Finding], measurements: Sequence[Measurement], evidence: Sequence[Evidence]
) -> Outcome:
    """Return the worst outcome that was seen; `UNKNOWN` where nothing at all was."""
    outcomes = [finding.outcome for finding in findings] + [measurement.outcome for measurement in measurements]
    if not outcomes:
        return Outcome.OK if evidence else Outcome.UNKNOWN
    return max(outcomes, key=lambda outcome: outcome.severity)


def measure(
    name: str,
    value: float,
    unit: str,
    warning: float | None,
    critical: float | None,
    source: str,
    operator: str = ">",
) -> Measurement:
    """Hold a figure against its limits, all in `unit`.

    A value that is not finite is `UNKNOWN`: nobody saw it. Raises ValueError for an operator other than
    `>`, `>=`, `<`, `<=`, and for a limit that is not finite.
    """
    if operator not in _WRONG_SIDE:
        raise ValueError(f"{name}: expected one of > >= < <= as its operator, found {operator!r}")
    if any(limit is not None and not math.isfinite(limit) for limit in (warning, critical)):
        raise ValueError(f"{name}: expected finite limits at {source}, found {warning} and {critical}")
    outcome = _held_against(value, warning, critical, _WRONG_SIDE[operator])
    return Measurement(name, value, unit, warning, critical, source, outcome, operator)


def _held_against(
    value: float, warning: float | None, critical: float | None, wrong: Callable[[float, float], bool]
) -> Outcome:
    if not math.isfinite(value):
        return Outcome.UNKNOWN
    if critical is not None and wrong(value, critical):
        return Outcome.CRITICAL
    if warning is not None and wrong(value, warning):
        return Outcome.WARNING
    return Outcome.OK


def sentence(measurement: Measurement) -> str:
    """Say what was measured and how it stands: `Disco / is 83.1 %, over the warning level of 80 % (RUNBOOK.md:74)`."""
    if not math.isfinite(measurement.value):
        return f"{measurement.name} could not be measured: no figure was seen{_at(measurement.source)}"
    limits = {"critical": measurement.critical, "warning": measurement.warning}
    stated = {word: limit for word, limit in limits.items() if limit is not None}
    shown = f"{measurement.name} is {quantity(measurement.value, measurement.unit, *stated.values())}"
    if measurement.outcome.value in stated:
        level = quantity(stated[measurement.outcome.value], measurement.unit)
        side = _SIDE_WORD[measurement.operator]
        return f"{shown}, {side} the {measurement.outcome.value} level of {level}{_at(measurement.source)}"
    if not stated:
        return f"{shown}{_at(measurement.source)}"
    levels = " and ".join(f"{word} level of {quantity(limit, measurement.unit)}" for word, limit in stated.items())
    return f"{shown}, clear of the {levels}{_at(measurement.source)}"


def _at(source: str) -> str:
    return f" ({source})" if source else ""


def quantity(value: float, unit: str, *others: float) -> str:
    """Write a figure with its unit, in three digits or as many as tell it from `others`."""
    return f"{figure(value, *others)} {unit}".rstrip() if math.isfinite(value) else figure(value)


def figure(value: float, *others: float) -> str:
    """Write a figure in three digits or as many as tell it from `others`: never 80 for 80.04 beside a limit of 80."""
    if not math.isfinite(value):
        return "–"  # noqa: RUF001  a dash, as a table shows what is missing
    different = [other for other in others if other != value and math.isfinite(other)]
    for digits in range(3, 17):
        text = _in_digits(value, digits)
        if all(float(text) != float(_in_digits(other, digits)) for other in different):
            return text
    return repr(value)


def _in_digits(value: float, digits: int) -> str:
    before_point = math.floor(math.log10(abs(value))) + 1 if value else 1
    decimals = max(digits - before_point, 0)
    text = f"{value:.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
