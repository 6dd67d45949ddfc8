"""The parts of the page that pytest-html's hooks take: title, overview, the table's cells, each row's evidence.

pytest-html puts all of them into the page unescaped. What returns HTML here has escaped what it was given.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from rehearsal.reports.bars import bar_of
from rehearsal.reports.sections import Seen, sections_of
from rehearsal.reports.text import counts, cut_middle, said_by, visible
from rehearsal.reports.words import WORDS, Language
from rehearsal.results.judge import quantity
from rehearsal.results.model import (
    CommandEvidence,
    DifferenceEvidence,
    Measurement,
    Observation,
    Outcome,
    Result,
    RunInfo,
    RunReport,
    TargetInfo,
)
from rehearsal.results.targets import worst_first

PAGE_DATA: Final[dict[str, object]] = {"environment": {}, "initialSort": "severity", "renderCollapsed": []}
"""What pytest-html's own script is to be given (`report.set_data`): no environment (nobody has redacted it), the worst
row first, no row collapsed (the evidence folds by itself)."""

_TEMPLATES: Final = Path(__file__).with_name("templates")
_SHOWN_DIFFERENCES: Final = 100
_WORST_FIRST: Final = sorted(Outcome, key=lambda outcome: -outcome.severity)
_GLYPHS: Final = dict(zip(Outcome, "✓▲✕?◇–", strict=True))  # noqa: RUF001  a dash for what does not apply


def title(run: RunInfo, language: Language = "pt") -> str:
    """Return the page's title, as text: pytest-html escapes this one."""
    return visible(WORDS[language]["title"].format(gateway=run.gateway, date=f"{run.started:%Y-%m-%d %H:%M}"))


def stylesheet() -> str:
    """Return the page's CSS. The overview holds it already."""
    return (_TEMPLATES / "page.css").read_text(encoding="utf-8")


def overview(report: RunReport, language: Language = "pt") -> str:
    """Return the report itself, which stands before pytest-html's table of results."""
    sections = sections_of(report.coverage)
    proper = [view for view in sections if view.seen is not Seen.BY_SUBSECTIONS]
    by_outcome: dict[Outcome, list[Result]] = defaultdict(list)
    for result in sorted(report.results, key=_places(report.run)):
        by_outcome[result.outcome].append(result)
    return _render(
        "overview.html.j2",
        language,
        run=report.run,
        several=len(report.run.targets) > 1,
        targets=[(target, _worst_on(target, report.results)) for target in worst_first(report.run.targets)],
        counts=counts(report),
        verdict=_verdict({result.outcome for result in report.results}),
        by_outcome=by_outcome,
        findings=[result for outcome in _WORST_FIRST[:3] for result in by_outcome[outcome]],
        measurements=_measurements(report),
        sections=sections,
        proper=proper,
        gaps=[view for view in proper if view.is_gap],
        results={result.node_id: result for result in report.results},
        stylesheet=Markup(stylesheet()),  # noqa: S704  our own file
        script=Markup((_TEMPLATES / "page.js").read_text(encoding="utf-8")),  # noqa: S704  the same
    )


def header_cells(language: Language = "pt") -> list[str]:
    """Return the header cells of the table of results.

    pytest-html filters rows by the column `result`, in its own words, and drops a row that has none: it stays, hidden.
    """
    words = WORDS[language]
    return [
        '<th hidden class="sortable" data-column-type="result">Result</th>',
        '<th hidden class="sortable" data-column-type="testId">Id</th>',
        '<th hidden class="sortable" data-column-type="severity">Severity</th>',
        *(f'<th scope="col">{escape(words[key])}</th>' for key in ("outcome", "title_column", "section", "seconds")),
    ]


def row_cells(result: Result, language: Language = "pt") -> list[str]:
    """Return the cells of one row of the table of results, one string each, under `header_cells`."""
    # pytest-html finds a column's value with a regular expression that knows no newline.
    rendered = _render("row_cells.html.j2", language, result=result, best=Outcome.OK)
    return [_in_one_line(cell) for cell in rendered.split("<!-- next -->")]


def row_details(result: Result, language: Language = "pt") -> str:
    """Return the evidence of one result, folded; it replaces the captured output that pytest-html would show."""
    evidence = result.evidence
    differences = [found for found in evidence if isinstance(found, DifferenceEvidence)]
    return _in_one_line(
        _render(
            "row_details.html.j2",
            language,
            result=result,
            commands=[found for found in evidence if isinstance(found, CommandEvidence)],
            differences=differences[:_SHOWN_DIFFERENCES],
            more=max(len(differences) - _SHOWN_DIFFERENCES, 0),
            difference_count=len(differences),
            observations=[found for found in evidence if isinstance(found, Observation)],
        )
    )


def anchor(node_id: str) -> str:
    """Return the id of a check's row in the page."""
    return "check-" + hashlib.sha256(node_id.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _places(run: RunInfo) -> Callable[[Result], int]:
    """Return what sorts results by their target, in the order of the run."""
    order = {target.name: number for number, target in enumerate(run.targets)}
    return lambda result: order.get(result.target, -1)


def _verdict(outcomes: set[Outcome]) -> Outcome | None:
    """Return the worst outcome; what a target has no part for counts only where there was nothing else."""
    judged = outcomes - {Outcome.NOT_APPLICABLE} or outcomes
    return max(judged, key=lambda outcome: outcome.severity, default=None)


def _worst_on(target: TargetInfo, results: Sequence[Result]) -> Result | None:
    found = [result for result in results if result.target == target.name and result.outcome in _WORST_FIRST[:3]]
    return max(found, key=lambda result: result.outcome.severity, default=None)


def _outcomes_of(target: TargetInfo) -> list[tuple[Outcome, int]]:
    return [(outcome, target.counts[outcome.value]) for outcome in _WORST_FIRST if outcome.value in target.counts]


def _measurements(report: RunReport) -> list[tuple[Result, Measurement]]:
    pairs = [(result, measurement) for result in report.results for measurement in result.measurements]
    return sorted(pairs, key=lambda pair: -pair[1].outcome.severity)


def _in_one_line(markup: str) -> str:
    # pytest-html's script wraps every line that begins with an E into an element of its own.
    return " ".join(line.strip() for line in markup.split("\n") if line.strip())


def _render(template: str, language: Language, **values: Any) -> str:  # noqa: ANN401  whatever the template names
    return _environment(language).get_template(template).render(values)


@cache
def _environment(language: Language) -> Environment:
    words = WORDS[language]
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    environment.globals.update(
        w=words, glyphs=_GLYPHS, bar_of=bar_of, anchor=anchor, said_by=said_by, outcomes_of=_outcomes_of
    )

    def measured(value: float, unit: str, *others: float | None) -> str:
        return quantity(value, unit, *(other for other in others if other is not None)).replace(".", words["decimal"])

    def limits_of(m: Measurement) -> str:
        levels = {"limit_warning": m.warning, "limit_critical": m.critical}
        said = {word: measured(limit, m.unit, m.value) for word, limit in levels.items() if limit is not None}
        whole = (words[word].format(limit=f"{m.operator} {limit}") for word, limit in said.items())
        return ", ".join(level.replace(" ", "\N{NO-BREAK SPACE}") for level in whole)

    def output(text: str) -> Markup:
        shown = escape(visible(cut_middle(text, words["cut"])))
        return Markup(str(shown).replace("\n", "&#10;"))  # noqa: S704  escaped the line before

    environment.filters.update(measured=measured, output=output)
    environment.globals.update(limits_of=limits_of)
    return environment
