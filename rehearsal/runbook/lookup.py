"""Finds a row, a policy or people of a runbook by their names; missing, doubled or nonsense is an error here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from rehearsal.runbook import people, policies, thresholds
from rehearsal.runbook.model import BackupPolicy, Contact, EscalationLevel, Runbook, RunbookError, Threshold
from rehearsal.runbook.resembling import those_that_mean
from rehearsal.runbook.sections import refuse, section
from rehearsal.runbook.vocabulary import canonical, means

_T = TypeVar("_T", Threshold, BackupPolicy)
_Person = TypeVar("_Person", Contact, EscalationLevel)


def threshold(runbook: Runbook, metric: str) -> Threshold:
    """Return the row of the table of thresholds for a metric.

    Raises RunbookError when it is missing, doubled or makes no sense.
    """
    names = those_that_mean((one.metric for one in runbook.thresholds), metric)
    found = [one for one in runbook.thresholds if one.metric in names]
    known = [one.metric for one in runbook.thresholds]
    asked = _Asked("threshold", metric, "a row of the table of thresholds", thresholds.CHAPTER)
    return _only(runbook, asked, found, known)


def backup_policy(runbook: Runbook, store: str) -> BackupPolicy:
    """Return what the document promises of the backups of a store.

    Raises RunbookError when it is missing, doubled or makes no sense.
    """
    found = [one for one in runbook.backup_policies if policies.is_store(one.store, store)]
    known = [one.store for one in runbook.backup_policies]
    asked = _Asked("backup", store, "a backup policy", policies.CHAPTER)
    return _only(runbook, asked, found, known)


def contacts(runbook: Runbook) -> tuple[Contact, ...]:
    """Return whom the document names to call. Raises RunbookError when that is nobody, or a line makes no sense."""
    return _all(runbook, people.CHAPTER, "contact", runbook.contacts)


def escalation(runbook: Runbook) -> tuple[EscalationLevel, ...]:
    """Return the levels of escalation. Raises RunbookError when there is none, or when a line makes no sense."""
    return _all(runbook, people.ESCALATION, "escalation", runbook.escalation)


def _all(
    runbook: Runbook, heading: str, about: Literal["contact", "escalation"], found: tuple[_Person, ...]
) -> tuple[_Person, ...]:
    under = section(runbook, heading)
    for problem in runbook.problems:
        if problem.about == about:
            refuse(runbook, problem)
    if not found:
        what = "people to call" if about == "contact" else "levels such as `Nível 1 (Operações): …`"
        msg = f"{runbook.path}:{under.line}: '{under.heading}': expected {what}, found none"
        raise RunbookError(msg)
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    about: Literal["threshold", "backup"]
    name: str
    what: str
    chapter: str


def _only(runbook: Runbook, asked: _Asked, found: Sequence[_T], known: Sequence[str]) -> _T:
    problems = [one for one in runbook.problems if one.about == asked.about]
    broken = [one for one in problems if canonical(one.subject) == canonical(asked.name)]
    places = sorted([one.place for one in found] + [one.place for one in broken], key=lambda place: place.line)
    if len(places) > 1:
        lines = ", ".join(str(place.line) for place in places)
        where = f"{runbook.path}:{places[1].line}: '{places[1].heading}'"
        msg = f"{where}: expected {asked.what} for {asked.name} once, found it at lines {lines}"
        raise RunbookError(msg)
    if broken:
        refuse(runbook, broken[0])
    if not found:
        for problem in problems:
            if not problem.subject:
                refuse(runbook, problem)
        chapter = next((one for one in runbook.sections if means(one.heading, asked.chapter)), None)
        where = f":{chapter.line}: '{chapter.heading}'" if chapter else ""
        msg = (
            f"{runbook.path}{where}: expected {asked.what} for {asked.name}, found {', '.join(known) or 'none at all'}"
        )
        raise RunbookError(msg)
    return found[0]
