"""The files of a run: results.json, report.html and junit.xml, and what pytest-html is given to show."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from rehearsal.plugin.coverage import coverage_of
from rehearsal.plugin.exit_status import settle_exit_status
from rehearsal.plugin.selection import is_check, section_of
from rehearsal.plugin.state import RunState
from rehearsal.reports import html
from rehearsal.results.journal import Journal
from rehearsal.results.model import Coverage, Result, RunReport
from rehearsal.results.serial import SerialError, decode
from rehearsal.results.store import StoreError, point_latest, write_checksums

JUNIT, PAGE = "junit.xml", "report.html"


def begin_artefacts(state: RunState, config: pytest.Config) -> Artefacts | None:
    """Begin the files of a run that keeps any. Raises pytest.UsageError where they can't be written."""
    if state.directory is None:
        return None
    try:
        return Artefacts(state, config)
    except StoreError as error:
        raise pytest.UsageError(str(error)) from None


class Artefacts:
    """Keeps what each check found as it ends, and writes the whole when the run does."""

    def __init__(self, state: RunState, config: pytest.Config) -> None:
        assert state.directory is not None
        self.state = state
        self.directory = state.directory
        self.report: RunReport | None = None
        self.failure = ""
        self._claims: dict[str, tuple[str, ...]] = {}
        self._journal = Journal(self.directory, state.info(0))
        config.option.xmlpath = str(self.directory / JUNIT)
        config.option.htmlpath = str(self.directory / PAGE)
        config.option.self_contained_html = True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note which check claims which section."""
        self.claim({item.nodeid: section_of(item) for item in session.items if is_check(item)})

    def claim(self, claims: Mapping[str, tuple[str, ...]]) -> None:
        """Take note of the headings that each check claims, by its node id."""
        self._claims.update(claims)

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        """What the checks that have ended by now have seen of the runbook."""
        return coverage_of(self.state.runbook, self._claims, self.state.results)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep a result, and write it down at once, so that a run that is killed leaves what it saw."""
        found = getattr(report, "rehearsal", None)
        if found is not None:
            result = decode(Result, found)
            self.state.results[result.node_id] = result
            # A worker that is ended has not told what it collected.
            self._claims.setdefault(result.node_id, tuple(result.section.split(" > ")))
            with self._failing():
                self._journal.append(result)

    # The innermost wrapper: what can't be written must not take the findings from the terminal.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        """Write results.json, let pytest write its files, then seal the folder with checksums."""
        settle_exit_status(session, self.state)
        self.report = RunReport(
            self.state.info(int(session.exitstatus)),
            tuple(self.state.results.values()),
            self.coverage,
        )
        self.report = self.state.redactor.report(self.report)
        with self._failing():
            self._journal.finish(self.report)
        try:
            yield
        except OSError as error:
            self._remove_halves(error)
        with self._failing():
            write_checksums(self.directory)
            point_latest(self.directory.parent, self.directory)
        if self.failure:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (StoreError, SerialError) as error:
            self.failure = self.failure or str(error)

    def _remove_halves(self, error: OSError) -> None:
        """Remove what pytest may have written in part, lest half a report is taken for a whole one."""
        for name in (JUNIT, PAGE):
            (self.directory / name).unlink(missing_ok=True)
        self.failure = self.failure or f"{PAGE} and {JUNIT} could not be written: {error.strerror or error}."

    def pytest_html_report_title(self, report: Any) -> None:  # noqa: ANN401  pytest-html has no types
        """Name the page, and keep the environment that pytest-metadata collects, unredacted, out of it."""
        report.title = html.title(self.state.info(0), self.state.language)
        for key, value in html.PAGE_DATA.items():
            report.set_data(key, value)

    def pytest_html_results_summary(self, prefix: list[str]) -> None:
        """Put the report before pytest-html's table."""
        if self.report is not None:
            prefix.append(html.overview(self.report, self.state.language))

    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        """Replace the columns by those of the result model."""
        cells[:] = html.header_cells(self.state.language)

    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        """Show a check once, with its own word for how it ended."""
        result = self._result_shown_by(report)
        cells[:] = html.row_cells(result, self.state.language) if result else []

    def pytest_html_results_table_html(self, report: pytest.TestReport, data: list[str]) -> None:
        """Replace captured output, which nobody has redacted, by the evidence."""
        result = self._result_shown_by(report)
        data[:] = [html.row_details(result, self.state.language)] if result else []

    def _result_shown_by(self, report: pytest.TestReport) -> Result | None:
        found = getattr(report, "rehearsal", None)
        return decode(Result, found) if found is not None else None
