"""Run reports as hypothesis makes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import TypeVar

from hypothesis import strategies as st

from rehearsal.results.model import (
    CommandEvidence,
    Coverage,
    CoveredLine,
    DifferenceEvidence,
    Evidence,
    Finding,
    Measurement,
    Observation,
    Outcome,
    Result,
    RunInfo,
    RunReport,
    TargetInfo,
    Waiver,
)

_T = TypeVar("_T")

offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=offsets | st.just(UTC))  # noqa: DTZ001
figures = st.floats(allow_nan=False)
finite = st.floats(allow_nan=False, allow_infinity=False)
outcomes = st.sampled_from(Outcome)
lines = st.integers(1, 10_000)


def reports(text: st.SearchStrategy[str]) -> st.SearchStrategy[RunReport]:
    """Make whole reports out of a strategy for every string in them."""
    return st.builds(RunReport, run=runs(text), results=_few(results(text), 3), coverage=_few(_coverage(text), 3))


def runs(text: st.SearchStrategy[str]) -> st.SearchStrategy[RunInfo]:
    """Make the run of a report."""
    words = dict.fromkeys(
        ("run_id", "target", "replica_kind", "isolation", "runbook_title", "runbook_version", "runbook_path",
         "runbook_sha256", "gateway", "user", "host", "command_line"), text
    )  # fmt: skip
    pairs = st.dictionaries(text, text, max_size=2)
    return st.builds(
        RunInfo, **words, started=instants, finished=instants, is_replica=st.booleans(), missing_isolation=_few(text),
        versions=pairs, exit_status=st.integers(0, 5), settings=pairs, notes=_few(text),
        targets=_few(_targets(text), 3),
    )  # fmt: skip


def _targets(text: st.SearchStrategy[str]) -> st.SearchStrategy[TargetInfo]:
    pairs = st.dictionaries(text, text, max_size=2)
    counts = st.dictionaries(outcomes.map(str), st.integers(1, 99))
    return st.builds(TargetInfo, text, st.booleans(), text, text, _few(text), pairs, counts)


def results(text: st.SearchStrategy[str]) -> st.SearchStrategy[Result]:
    """Make one result with everything that it may hold."""
    waiver = st.builds(Waiver, text, text, text, st.dates(date(1990, 1, 1)))
    finding = st.builds(Finding, outcomes, text, text, text)
    return st.builds(
        Result, node_id=text, title=text, section=text, section_line=st.none() | lines, outcome=outcomes, message=text,
        action=text, findings=_few(finding), measurements=_few(_measurements(text)), evidence=_few(_evidence(text)),
        waiver=st.none() | waiver, started=st.none() | instants, seconds=finite, markers=_few(text), target=text,
        lines=_few(lines), contact=text,
    )  # fmt: skip


def _measurements(text: st.SearchStrategy[str]) -> st.SearchStrategy[Measurement]:
    limit = st.none() | finite
    operators = st.sampled_from((">", ">=", "<", "<="))
    return st.builds(Measurement, text, figures, text, limit, limit, text, outcomes, operators)


def _evidence(text: st.SearchStrategy[str]) -> st.SearchStrategy[Evidence]:
    codes = st.integers(-64, 255)
    command = st.builds(CommandEvidence, text, st.none() | codes, text, text, finite, text, _few(codes))
    return command | st.builds(DifferenceEvidence, text, text, text) | st.builds(Observation, text)


def _coverage(text: st.SearchStrategy[str]) -> st.SearchStrategy[Coverage]:
    kinds = st.sampled_from(("command", "row", "step", "item"))
    items = st.builds(CoveredLine, kinds, text, lines, _few(text), _few(text))
    return st.builds(Coverage, text, lines, st.integers(1, 6), _few(text), _few(text), _few(items, 1))


def _few(items: st.SearchStrategy[_T], most: int = 2) -> st.SearchStrategy[tuple[_T, ...]]:
    return st.lists(items, max_size=most).map(tuple)
