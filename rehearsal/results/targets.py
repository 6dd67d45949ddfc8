"""The hosts and replicas of a run: what was found on each, and how to speak of many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from rehearsal.results.model import Outcome, Result, TargetInfo

_NAMED: Final = 3
"""Targets of a run that are named in one line; more are counted."""


def counted(targets: Sequence[TargetInfo], results: Sequence[Result]) -> tuple[TargetInfo, ...]:
    """Return the targets with the number of results by outcome that each of them has."""
    found: dict[str, Counter[str]] = {}
    for result in results:
        found.setdefault(result.target, Counter())[result.outcome.value] += 1
    return tuple(replace(target, counts=dict(found.get(target.name, {}))) for target in targets)


def looked_at(targets: Sequence[TargetInfo]) -> tuple[TargetInfo, ...]:
    """Return the targets that have results; all of them where none has any."""
    return tuple(target for target in targets if target.counts) or tuple(targets)


def in_words(targets: Sequence[TargetInfo]) -> str:
    """Name a few targets, or count many: `50 hosts`."""
    if len(targets) <= _NAMED:
        return ", ".join(target.name for target in targets)
    replicas = sum(target.is_replica for target in targets)
    hosts = f"{len(targets) - replicas} hosts"
    return f"{hosts} and {replicas} {'replica' if replicas == 1 else 'replicas'}" if replicas else hosts


def worst_first(targets: Sequence[TargetInfo]) -> list[TargetInfo]:
    """Return the targets in the order in which somebody has to look at them."""
    bad = sorted(Outcome, key=lambda outcome: -outcome.severity)[:3]
    return sorted(targets, key=lambda target: [-target.counts.get(outcome.value, 0) for outcome in bad])
