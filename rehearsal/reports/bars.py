"""The geometry of a measurement's bar, in hundredths of its width."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from rehearsal.results.model import Measurement

_HEADROOM = 1.15
_MOST_LIMITS = 2.5
"""A value beyond this many times its highest limit runs off the bar, or its limits could not be told apart."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Where the marks of one bar stand, from 0 (left) to 100 (right)."""

    value: float
    warning: float | None
    critical: float | None
    wrong: tuple[float, float]
    """From where to where the wrong side of the first limit reaches."""
    beyond: bool
    """The value runs off the bar."""


def bar_of(measurement: Measurement) -> Bar | None:
    """Return the bar of a measurement; None where there is no figure, or no limit to hold it against."""
    limits = [limit for limit in (measurement.warning, measurement.critical) if limit is not None]
    if not limits or not math.isfinite(measurement.value):
        return None
    top = _top(measurement, limits)
    if top <= 0:
        return None
    above = measurement.operator.startswith(">")
    first = _percent(min(limits) if above else max(limits), top)
    return Bar(
        value=_percent(measurement.value, top),
        warning=None if measurement.warning is None else _percent(measurement.warning, top),
        critical=None if measurement.critical is None else _percent(measurement.critical, top),
        wrong=(first, 100) if above else (0, first),
        beyond=measurement.value > top,
    )


def _top(measurement: Measurement, limits: Iterable[float]) -> float:
    highest = max(limits)
    if measurement.unit == "%" and max(highest, measurement.value) <= 100:  # noqa: PLR2004  the whole of a percentage
        return 100
    return min(max(measurement.value, highest) * _HEADROOM, highest * _MOST_LIMITS)


def _percent(value: float, top: float) -> float:
    return round(min(max(value / top, 0), 1) * 100, 2)
