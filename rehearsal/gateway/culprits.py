"""Who uses most: by Rehearsal's own measure, and by what a command of the runbook prints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from rehearsal.gateway.target import ServiceUsage

_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")
_COLUMNS = {"cpu_percent": 0, "memory_percent": 1}
"""Which percentage of a line of `docker stats` it is."""


def culprit(services: Sequence[ServiceUsage], figure: str) -> str:
    """Return the name of the service with the most `cpu_percent` or `memory_percent`; empty where none is known."""
    most = max(services, key=lambda one: float(getattr(one, figure)), default=None)
    return most.name if most else ""


def largest(services: Sequence[ServiceUsage], figure: str) -> str:
    """Say which service has the most, for a finding; empty where none is known, as on a live host."""
    name = culprit(services, figure)
    share = next((float(getattr(one, figure)) for one in services if one.name == name), 0.0)
    return f"most of it is used by {name} ({share:.3g} %)" if name else ""


def shown(output: str, figure: str, names: Mapping[str, str]) -> dict[str, float]:
    """Return what a command such as `docker stats` prints of each service; empty where it prints nothing of them.

    `names` say which service each name means.
    """
    return dict(_rows(output, _COLUMNS[figure], names))


def _rows(output: str, column: int, names: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    for line in output.splitlines():
        named = {names[name] for name in names if re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", line)}
        percents = _PERCENT.findall(line)
        if len(named) == 1 and percents:
            yield named.pop(), float(percents[min(column, len(percents) - 1)].replace(",", "."))
