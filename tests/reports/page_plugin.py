"""A pytest plugin that shows the demonstration through pytest-html's hooks: one test for each of its results.

Started in a process of its own by `tests.reports.page`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

import pytest

from rehearsal.reports import html
from rehearsal.reports.words import Language
from rehearsal.results.model import Result
from rehearsal.results.serial import from_json

REPORT = from_json(Path(os.environ["DEMO_RESULTS"]).read_bytes())
LANGUAGE = cast("Language", os.environ["DEMO_LANGUAGE"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each result."""
    metafunc.parametrize("place", range(len(REPORT.results)))


def _result(report: pytest.TestReport) -> Result | None:
    return REPORT.results[int(report.nodeid.split("[")[-1].rstrip("]"))] if report.when == "call" else None


def pytest_html_report_title(report: object) -> None:
    """Name the page and give its script what it starts from."""
    report.title = html.title(REPORT.run, LANGUAGE)  # type: ignore[attr-defined]
    for key, value in html.PAGE_DATA.items():
        report.set_data(key, value)  # type: ignore[attr-defined]


def pytest_html_results_summary(prefix: list[str]) -> None:
    """Put the overview before the table."""
    prefix.append(html.overview(REPORT, LANGUAGE))


def pytest_html_results_table_header(cells: list[str]) -> None:
    """Replace the columns."""
    cells[:] = html.header_cells(LANGUAGE)


def pytest_html_results_table_row(report: pytest.TestReport, cells: list[str]) -> None:
    """Replace the cells of a row."""
    result = _result(report)
    cells[:] = html.row_cells(result, LANGUAGE) if result else []


def pytest_html_results_table_html(report: pytest.TestReport, data: list[str]) -> None:
    """Replace the captured output."""
    result = _result(report)
    data[:] = [html.row_details(result, LANGUAGE)] if result else []
