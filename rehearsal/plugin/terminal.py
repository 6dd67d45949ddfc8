"""What a person reads in the terminal: the target first and last, a word for each outcome, and each finding once."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from rehearsal.plugin.artefacts import Artefacts
from rehearsal.plugin.state import RunState
from rehearsal.reports import terminal
from rehearsal.results.model import Outcome
from rehearsal.results.targets import in_words

LETTERS = {
    Outcome.OK: ("passed", ".", {"green": True}),
    Outcome.WARNING: ("passed", "W", {"yellow": True}),
    Outcome.CRITICAL: ("failed", "C", {"red": True}),
    Outcome.UNKNOWN: ("failed", "U", {"red": True}),
    Outcome.WAIVED: ("skipped", "V", {"cyan": True}),
    Outcome.NOT_APPLICABLE: ("skipped", "-", {"light": True}),
}
"""For each outcome pytest's category, the letter, and the colour of letter and word."""


class Terminal:
    """Speaks in the words of the result model where pytest would say passed, failed and skipped."""

    def __init__(self, state: RunState, artefacts: Artefacts | None) -> None:
        self.state = state
        self.artefacts = artefacts
        self._failed: list[pytest.TestReport] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> Generator[None]:
        """Say first of all what is looked at."""
        writer = session.config.get_terminal_writer()
        targets = in_words(list(self.state.targets.values()))
        writer.line(f"Rehearsal looks at: {targets}, by {self.state.runbook.path.name}", bold=True)
        yield

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(
        self, report: pytest.TestReport
    ) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """Give each outcome its own letter and word."""
        found = getattr(report, "rehearsal", None)
        if found is None:
            return None
        outcome = Outcome(found["outcome"])
        category, letter, colour = LETTERS[outcome]
        return category, letter, (outcome.value.replace("_", " ").upper(), colour)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Set aside the checks that are unknown for a reason that another one tells: it is told in full once."""
        reporter = session.config.pluginmanager.getplugin("terminalreporter")
        if reporter is None or "failed" not in reporter.stats:
            return
        self._failed = reporter.stats["failed"]
        told: set[str] = set()
        reporter.stats["failed"] = [report for report in self._failed if self._is_news(report, told)]

    def _is_news(self, report: pytest.TestReport, told: set[str]) -> bool:
        result = self.state.results.get(report.nodeid)
        if result is None or result.outcome is not Outcome.UNKNOWN or result.evidence or len(result.findings) > 1:
            return True
        known = result.message in told
        told.add(result.message)
        return not known

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell each warning and waiver, which pytest would not: what fails it has told."""
        more = len(self._failed) - len(terminalreporter.stats.get("failed", ()))
        if more:
            many = f"{more} more {'check is' if more == 1 else 'checks are'}"
            terminalreporter.section(f"{many} unknown for a reason that is told above", sep="-")
            terminalreporter.line("They are in the list below, and in the report with their reasons.")
            terminalreporter.stats["failed"] = self._failed
        for result in self.state.results.values():
            if result.outcome in (Outcome.WARNING, Outcome.WAIVED):
                terminalreporter.section(f"{result.outcome.value}: {result.title}", sep="-")
                terminalreporter.line(terminal.finding_block(result))

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Say last of all what was looked at, what was found, and where it is kept."""
        if self.artefacts is None or self.artefacts.report is None:
            return
        report = self.artefacts.report
        writer = config.get_terminal_writer()
        for note in report.run.notes:
            writer.line(note, yellow=True)
        if self.artefacts.failure:
            writer.line(f"The report is not complete: {self.artefacts.failure}", red=True)
        else:
            writer.line(f"Report: {self.artefacts.directory / 'report.html'}")
        line = terminal.closing_line(report)
        failed = bool(report.run.exit_status or self.artefacts.failure)
        outcomes = {result.outcome for result in report.results}
        if failed and outcomes and outcomes <= {Outcome.OK, Outcome.WAIVED, Outcome.NOT_APPLICABLE}:
            line += " — and yet no success, for the reason above"
        writer.line(line, bold=True, red=failed)
