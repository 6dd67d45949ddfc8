"""A run that pytest-xdist spreads over workers: what they know comes to the controller, which writes the one report."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from rehearsal.plugin.artefacts import Artefacts
from rehearsal.plugin.selection import is_check, section_of
from rehearsal.plugin.state import RunState
from rehearsal.results.model import Outcome, Result, TargetInfo
from rehearsal.results.serial import decode, encode


def choose_distribution(config: pytest.Config) -> None:
    """Keep the checks of one target in one worker, unless the command line says how to spread them."""
    if getattr(config.option, "numprocesses", None) and config.option.dist == "no" and not config.option.distload:
        config.option.dist = "loadgroup"


def tell(report: pytest.TestReport, state: RunState, spec: str) -> None:
    """Let a report carry what its worker knows of the check's target by now, and its notes, masked."""
    told = {spec: encode(state.redactor.values(state.target(spec)))} if spec else {}
    report.rehearsal_targets = told  # type: ignore[attr-defined]
    report.rehearsal_notes = [state.redactor.text(note) for note in state.notes]  # type: ignore[attr-defined]


class ToController:
    """In a worker: hands over what was collected."""

    def __init__(self, state: RunState) -> None:
        self.state = state

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tell which check claims which section; all workers know the same."""
        output: dict[str, Any] = getattr(session.config, "workeroutput")  # noqa: B009  only a worker has it
        claims = {item.nodeid: list(section_of(item)) for item in session.items if is_check(item)}
        output["rehearsal"] = {"found": self.state.found, "claims": claims, "postponed": self.state.postponed}


class FromWorkers:
    """In the controller: spreads checks over workers, and takes what they hand over."""

    def __init__(self, state: RunState, artefacts: Artefacts | None) -> None:
        self.state = state
        self.artefacts = artefacts

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> object:  # noqa: ANN401  pytest-xdist's own
        """Keep one host's checks together."""
        if config.option.dist != "loadgroup":
            return None
        from rehearsal.plugin.spread import HostScheduling  # noqa: PLC0415  only runs with -n need it

        return HostScheduling(config, log, self.state.specs)

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self, session: pytest.Session) -> Generator[None]:
        """Let pytest-xdist make no folder for files of tests, which would be left behind: checks write none."""
        attributes = vars(session.config)
        factory = attributes.pop("_tmp_path_factory", None)
        try:
            yield
        finally:
            attributes.update({} if factory is None else {"_tmp_path_factory": factory})

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401  pytest-xdist's own
        """Take what a worker has collected."""
        output = getattr(node, "workeroutput", {}).get("rehearsal")
        if output:
            self.state.found = output["found"]
            self.state.postponed = output["postponed"]
            if self.artefacts is not None:
                self.artefacts.claim({name: tuple(headings) for name, headings in output["claims"].items()})

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None]:
        """Note what a worker knows of its targets; a check whose worker died was not seen."""
        if hasattr(report, "node"):
            if str(report.when) == "???":  # how pytest-xdist reports it
                report.rehearsal = encode(_lost(report))  # type: ignore[attr-defined]
            self._note(report)
        yield

    def _note(self, report: pytest.TestReport) -> None:
        for spec, told in getattr(report, "rehearsal_targets", {}).items():
            target, known = decode(TargetInfo, told), self.state.targets.get(spec)
            if known is None or target.versions or not known.versions:
                self.state.targets[spec] = target
        news = getattr(report, "rehearsal_notes", [])
        self.state.notes += [note for note in news if note not in self.state.notes]


def _lost(report: pytest.TestReport) -> Result:
    message = "the process that ran this check ended before the check did; run it alone, without -n, to see why"
    return Result(report.nodeid, "", "", None, Outcome.UNKNOWN, message, "")
