"""Checks of the run itself: they take what all others have seen, and so are judged when it ends."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Generator
from datetime import UTC, datetime

import pytest

from rehearsal.plugin.artefacts import Artefacts
from rehearsal.plugin.judging import NOT_SEEN, Checked, finding_of, judged
from rehearsal.plugin.record import Record
from rehearsal.plugin.selection import RHYTHMS, section_of, takes_all
from rehearsal.plugin.state import Postponed, RunState
from rehearsal.reports import terminal
from rehearsal.results.model import Result
from rehearsal.results.serial import encode

FIXTURE = "coverage"
"""What such a check takes: the coverage of the whole run. Beside it, `evidence` and `runbook` and nothing else."""


class Postponing:
    """Takes the checks of the run itself out of a whole run; in a part of one they are run, and say that it is none."""

    def __init__(self, state: RunState) -> None:
        self.state = state

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Set them aside, when all that is not selected has gone."""
        waiting = [item for item in items if FIXTURE in getattr(item, "fixturenames", ())]
        if waiting and len(waiting) < len(items) and takes_all(session):
            items[:] = [item for item in items if item not in waiting]
            self.state.postponed = [_postponed(item) for item in waiting]


def _postponed(item: pytest.Item) -> Postponed:
    function = getattr(item, "function")  # noqa: B009  mypy knows no such attribute
    rhythms = sorted({marker.name for marker in item.iter_markers()} & RHYTHMS)
    return Postponed(
        node_id=item.nodeid,
        module=function.__module__,
        function=function.__name__,
        headings=list(section_of(item)),
        rhythms=rhythms,
    )


class Closing:
    """Judges the postponed checks when all others have ended, and reports them as if they had run last."""

    def __init__(self, state: RunState, artefacts: Artefacts) -> None:
        self.state = state
        self.artefacts = artefacts

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Count them among those that are to come: the others are not yet all."""
        session.testscollected += len(self.state.postponed)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        """Judge them before anything is written."""
        ended = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        if ended and self.state.results and takes_all(session):
            for check in self.state.postponed:
                self._report(session, self.judge(check), check)
        yield

    def judge(self, check: Postponed) -> Result:
        """Call one of them and return its result, masked."""
        function = getattr(importlib.import_module(check["module"]), check["function"])
        self.artefacts.claim({check["node_id"]: tuple(check["headings"])})
        record = Record(self.state.runbook.path)
        known = {"evidence": record, "runbook": self.state.runbook, FIXTURE: self.artefacts.coverage}
        try:
            function(**{name: known[name] for name in inspect.signature(function).parameters})
        except (*NOT_SEEN, AssertionError) as error:
            record.findings.append(finding_of(error))
        declared = Checked(check["node_id"], function.__doc__ or "", tuple(check["headings"]), tuple(check["rhythms"]))
        return self.state.redactor.values(judged(declared, record, self.state))

    def _report(self, session: pytest.Session, result: Result, check: Postponed) -> None:
        now = datetime.now(UTC).timestamp()
        hook, path = session.config.hook, check["node_id"].partition("::")[0]
        location = (path, 0, check["function"])
        hook.pytest_runtest_logstart(nodeid=check["node_id"], location=location)
        for when in ("setup", "call", "teardown"):
            report = pytest.TestReport(
                check["node_id"],
                location,
                {},
                "passed",
                None,
                when,
                start=now,
                stop=now,
                duration=0,
            )
            if when == "call":
                report.rehearsal = encode(result)  # type: ignore[attr-defined]
                report.user_properties += [("outcome", result.outcome.value), ("section", result.section)]
                if result.outcome.fails:
                    report.outcome, report.longrepr = "failed", terminal.finding_block(result)
                    session.testsfailed += 1
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=check["node_id"], location=location)
        if result.outcome.fails:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
