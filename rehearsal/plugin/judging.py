"""From how a check ended, as pytest tells it, to its result."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import psycopg
import pytest
import redis

from rehearsal.gateway.load import GatewayError
from rehearsal.gateway.target import NotOnThisTargetError, RefusedError, TargetError
from rehearsal.plugin.record import Record
from rehearsal.plugin.selection import section_of
from rehearsal.plugin.state import RunState, record_of
from rehearsal.replica.protocol import ReplicaError
from rehearsal.results.judge import outcome_of, sentence
from rehearsal.results.model import Finding, Observation, Outcome, Result
from rehearsal.results.waivers import waive
from rehearsal.runbook import RunbookError, section
from rehearsal.snapshot import SnapshotError

NOT_SEEN = (
    TargetError,
    RefusedError,
    ReplicaError,
    GatewayError,
    RunbookError,
    SnapshotError,
    httpx.HTTPError,
    psycopg.Error,
    redis.RedisError,
)
"""Errors whose message is a sentence for the reader: what they kept from being seen is `unknown`."""


def result_of(item: pytest.Item, call: pytest.CallInfo[None], state: RunState) -> Result:
    """Judge a check by what it recorded and by the error, if any, that ended it."""
    record = record_of(item, state)
    if call.excinfo is not None:
        record.findings.append(_finding(call.excinfo, call.when))
    outcome = outcome_of(record.findings, record.measurements, record.evidence)
    message, action = _message(outcome, record)
    result = Result(
        node_id=item.nodeid,
        title=" ".join((getattr(item, "function").__doc__ or "").split()),  # noqa: B009 (pytest.Item has no such attribute to mypy)
        section=" > ".join(section_of(item)),
        section_line=_line_of(item, state),
        outcome=outcome,
        message=message,
        action=action,
        findings=tuple(record.findings),
        measurements=tuple(record.measurements),
        evidence=tuple(record.evidence),
        started=datetime.fromtimestamp(call.start, UTC),
        seconds=call.duration,
        markers=tuple(sorted(marker.name for marker in item.iter_markers() if marker.name in ("daily", "drill"))),
    )
    result = waive(result, state.waivers, datetime.now(UTC).date())
    return state.redactor.values(result)


def _message(outcome: Outcome, record: Record) -> tuple[str, str]:
    worst = next((one for one in record.findings if one.outcome is outcome), None)
    if worst is not None:
        return worst.message, worst.action
    if outcome is Outcome.UNKNOWN:
        return "the check ended without having looked at anything", ""
    seen = [sentence(one) for one in record.measurements]
    seen += [one.text for one in record.evidence if isinstance(one, Observation)]
    return "; ".join(seen[:3]) or f"{len(record.evidence)} pieces of evidence, none of them against it", ""


def _finding(error: pytest.ExceptionInfo[BaseException], phase: str) -> Finding:
    value = error.value
    if isinstance(value, pytest.skip.Exception):
        return Finding(Outcome.NOT_APPLICABLE, str(value.msg))
    if isinstance(value, NotOnThisTargetError):
        return Finding(Outcome.NOT_APPLICABLE, str(value))
    if isinstance(value, AssertionError | pytest.fail.Exception) and phase == "call":
        return Finding(Outcome.CRITICAL, _first_lines(value) or "an assertion without a message did not hold")
    if isinstance(value, NOT_SEEN):
        return Finding(Outcome.UNKNOWN, _first_lines(value))
    place = error.traceback[-1]
    what = f"{type(value).__name__}: {_first_lines(value)}"
    return Finding(Outcome.UNKNOWN, f"the check itself broke at {place.path}:{place.lineno + 1} ({what})")


def _first_lines(value: BaseException) -> str:
    return " ".join(str(value).split())[:500]


def _line_of(item: pytest.Item, state: RunState) -> int | None:
    try:
        return section(state.runbook, *section_of(item)).line
    except RunbookError:
        return None


def add_teardown(result: Result, error: pytest.ExceptionInfo[BaseException]) -> Result:
    """Return the result of a check whose clean-up failed: what comes after it can't be trusted."""
    finding = Finding(Outcome.UNKNOWN, f"the clean-up failed: {_first_lines(error.value)}")
    if result.outcome.severity >= Outcome.UNKNOWN.severity:
        return replace(result, findings=(*result.findings, finding))
    return replace(result, outcome=Outcome.UNKNOWN, message=finding.message, findings=(*result.findings, finding))
