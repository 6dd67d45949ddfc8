"""From how a check ended, as pytest tells it, to its result."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx
import psycopg
import pytest
import redis

from rehearsal.gateway.compose_file import ComposeFileError
from rehearsal.gateway.escalation import whom_to_call
from rehearsal.gateway.load import GatewayError
from rehearsal.gateway.target import NotOnThisTargetError, RefusedError, TargetError
from rehearsal.plugin.hosts import spec_of
from rehearsal.plugin.record import Record
from rehearsal.plugin.selection import RHYTHMS, section_of
from rehearsal.plugin.state import RunState, record_of
from rehearsal.replica.protocol import ReplicaError
from rehearsal.results.judge import outcome_of, sentence
from rehearsal.results.model import CommandEvidence, Finding, Observation, Outcome, Result
from rehearsal.results.waivers import waive
from rehearsal.runbook import Runbook, RunbookError, Section, section
from rehearsal.runbook.model import Place
from rehearsal.runbook.promises import says_nothing
from rehearsal.snapshot import SnapshotError

NOT_SEEN = (
    TargetError,
    RefusedError,
    ReplicaError,
    GatewayError,
    ComposeFileError,
    RunbookError,
    SnapshotError,
    httpx.HTTPError,
    psycopg.Error,
    redis.RedisError,
)
"""Errors whose message is a sentence for the reader: what they kept from being seen is `unknown`."""
_LONGEST = 800
_LACKS = {"unsupported XML feature": "this replica's PostgreSQL was built without XML; rehearse it on containers"}
"""What the servers of a replica say where they lack what the gateway's own have: then nothing was seen."""


def result_of(item: pytest.Item, call: pytest.CallInfo[None], state: RunState) -> Result:
    """Judge a check by what it recorded and by the error, if any, that ended it."""
    record = record_of(item, state)
    if call.excinfo is not None:
        record.findings.append(finding_of(call.excinfo.value, during_check=call.when == "call"))
    doc: str = getattr(item, "function").__doc__ or ""  # noqa: B009  mypy knows no such attribute
    rhythms = tuple(sorted({marker.name for marker in item.iter_markers()} & RHYTHMS))
    check = Checked(item.nodeid, doc, section_of(item), rhythms, _target_of(item, state))
    result = judged(check, record, state)
    return state.redactor.values(
        replace(result, started=datetime.fromtimestamp(call.start, UTC), seconds=call.duration)
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check declares of itself."""

    node_id: str
    doc: str
    headings: tuple[str, ...]
    """Of the section that it verifies, outermost first."""
    rhythms: tuple[str, ...]
    target: str = ""


def judged(check: Checked, record: Record, state: RunState) -> Result:
    """Return the result of a check by what it recorded, with whom to call over it; not yet masked."""
    found = _section_of(check.headings, state, record)
    outcome, message, action = verdict(record)
    line = found.line if found else None
    seen = outcome in (Outcome.OK, Outcome.NOT_APPLICABLE)
    result = Result(
        node_id=check.node_id,
        title=" ".join(check.doc.split()),
        section=" > ".join(check.headings) if found is None else found.heading,
        section_line=line,
        outcome=outcome,
        message=message,
        action=action,
        findings=tuple(record.findings),
        measurements=tuple(record.measurements),
        evidence=tuple(record.evidence),
        markers=check.rhythms,
        target=check.target,
        lines=tuple(sorted(record.lines)),
        contact="" if seen else whom_to_call(state.runbook, line, action),
    )
    return waive(result, state.waivers, datetime.now(UTC).date())


def _target_of(item: pytest.Item, state: RunState) -> str:
    spec = spec_of(item, state.specs)
    return state.target(spec).name if spec else ""


def verdict(record: Record) -> tuple[Outcome, str, str]:
    """Return the outcome of what a check recorded, its message and what to do.

    What a replica's servers can't do is nobody's fault: a critical finding beside it is `unknown`, with the reason.
    """
    if lacking := _lacking(record):
        record.findings[:] = [_not_seen(one, lacking) for one in record.findings]
    outcome = outcome_of(record.findings, record.measurements, record.evidence)
    if outcome is Outcome.UNKNOWN and not record.findings:
        record.unknown("the check ended without having looked at anything")
    return (outcome, *_message(outcome, record))


def _lacking(record: Record) -> str:
    said = [f"{one.stdout}\n{one.stderr}" for one in record.evidence if isinstance(one, CommandEvidence)]
    return next((why for words, why in _LACKS.items() if any(words in text for text in said)), "")


def _not_seen(finding: Finding, why: str) -> Finding:
    if finding.outcome is not Outcome.CRITICAL:
        return finding
    return replace(finding, outcome=Outcome.UNKNOWN, message=f"{finding.message} ({why})")


def _message(outcome: Outcome, record: Record) -> tuple[str, str]:
    worst = next((one for one in record.findings if one.outcome is outcome), None)
    if worst is not None:
        return worst.message, worst.action
    seen = [sentence(one) for one in record.measurements]
    seen += [one.text for one in record.evidence if isinstance(one, Observation)]
    return "; ".join(seen[:3]) or f"{len(record.evidence)} pieces of evidence, none of them against it", ""


def finding_of(error: BaseException, *, during_check: bool = True) -> Finding:
    """Say what an error that ended a check, or kept it from beginning, means for what it verifies."""
    if isinstance(error, pytest.skip.Exception | NotOnThisTargetError):
        return Finding(Outcome.NOT_APPLICABLE, str(error))
    if isinstance(error, AssertionError | pytest.fail.Exception) and during_check:
        return Finding(Outcome.CRITICAL, str(error).partition("\n")[0] or "an assertion without a message did not hold")
    if isinstance(error, NOT_SEEN):
        return Finding(Outcome.UNKNOWN, _in_one_line(error))
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = f"{type(error).__name__}: {_in_one_line(error)}"
    return Finding(Outcome.UNKNOWN, f"the check itself broke at {place.filename}:{place.lineno} ({what})")


def _in_one_line(error: BaseException) -> str:
    line = " ".join(str(error).split())
    # The reason stands at the end where a server's last log lines are quoted.
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]} … {line[-_LONGEST // 2 :]}"


def _section_of(headings: tuple[str, ...], state: RunState, record: Record) -> Section | None:
    """Return the section that a check names; one that is not there, or says nothing, can't have been verified."""
    try:
        found = section(state.runbook, *headings)
    except RunbookError as error:
        if not any(finding.message == str(error) for finding in record.findings):
            record.unknown(str(error))
        return None
    if _is_empty(found, state.runbook):
        place = Place(found.line, found.heading)
        message = (
            f"{state.runbook.path}:{found.line}: '{found.heading}': expected what the check verifies, found nothing"
        )
        record.unknown(message, source=record.source(place))
    return found


def _is_empty(found: Section, runbook: Runbook) -> bool:
    depth = len(found.path)
    below = [one for one in runbook.sections if one.line > found.line and one.path[:depth] == found.path]
    return says_nothing(found) and all(says_nothing(one) for one in below)


def add_teardown(result: Result, error: pytest.ExceptionInfo[BaseException]) -> Result:
    """Return the result of a check whose clean-up failed: what comes after it can't be trusted."""
    finding = Finding(Outcome.UNKNOWN, f"the clean-up failed: {_in_one_line(error.value)}")
    if result.outcome.severity >= Outcome.UNKNOWN.severity:
        return replace(result, findings=(*result.findings, finding))
    return replace(result, outcome=Outcome.UNKNOWN, message=finding.message, findings=(*result.findings, finding))
