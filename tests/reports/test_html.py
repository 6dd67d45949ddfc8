from __future__ import annotations

import html as markup
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.reports import html
from rehearsal.reports.words import WORDS, Language
from rehearsal.results.model import CommandEvidence, DifferenceEvidence, Outcome, Result, RunReport
from rehearsal.results.redaction import Redactor
from tests.reports.demo import RESTORE, demo_report, filled_with
from tests.results.generated import reports

REPORT = demo_report()
LANGUAGES: tuple[Language, ...] = ("pt", "en")
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'>\0\x1b[31m\r\nE \u2028{{ 7*7 }}\ud800"


class Elements(HTMLParser):
    """Notes each element with its attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """All text, one space between any two words."""
        return " ".join(" ".join(self.words).split())


def pieces(report: RunReport, language: Language = "en") -> Iterator[str]:
    """Give everything that the page is made of."""
    yield markup.escape(html.title(report.run, language))
    yield html.overview(report, language)
    for result in report.results:
        yield from html.row_cells(result, language)
        yield html.row_details(result, language)


def shown(report: RunReport, language: Language = "en") -> str:
    """Return the overview's text as a reader sees it."""
    return Elements(html.overview(report, language)).text


def result_of(outcome: Outcome) -> Result:
    """Return the demonstration's result with this outcome."""
    return next(result for result in REPORT.results if result.outcome is outcome)


@pytest.mark.parametrize("language", LANGUAGES)
def test_overview_says_what_was_tested_against_what(language: Language) -> None:
    """An auditor finds target, document, who, where, when, with what, and what was missing."""
    text = shown(REPORT, language)
    run = REPORT.run
    expected = [run.target, run.runbook_title, run.runbook_version, run.runbook_path, run.runbook_sha256, run.user]
    expected += [run.host, run.command_line, run.run_id, *run.missing_isolation, *run.notes, *run.settings]
    expected += [f"{part} {version}" for part, version in run.versions.items()]
    expected += ["2026-11-23 02:00:05", "02:00:52", "+00:00", WORDS[language]["replica"]]
    assert [fact for fact in expected if fact not in text] == []


def test_live_host_is_not_called_a_replica() -> None:
    """Production and a replica are never confused."""
    live = replace(REPORT.run, is_replica=False, replica_kind="", isolation="", target="ssh://operator@gw1")
    text = shown(replace(REPORT, run=live))
    assert WORDS["en"]["live"] in text
    assert WORDS["en"]["replica"] not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outcome", Outcome)
def test_verdict_is_that_of_the_worst(outcome: Outcome, language: Language) -> None:
    """Beside an ok, any other outcome gives the verdict, but for what does not apply; each is counted in its word."""
    results = (result_of(Outcome.OK), result_of(outcome))
    text = shown(replace(REPORT, results=results), language)
    verdict = Outcome.OK if outcome is Outcome.NOT_APPLICABLE else outcome
    assert WORDS[language][f"verdict_{verdict.value}"] in text
    assert WORDS[language][outcome.value] in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_target_without_the_parts_is_not_green(language: Language) -> None:
    """Where nothing applied, nothing could be verified."""
    text = shown(replace(REPORT, results=(result_of(Outcome.NOT_APPLICABLE),)), language)
    assert WORDS[language]["verdict_not_applicable"] in text
    assert WORDS[language]["verdict_ok"] not in text


def test_run_of_nothing_is_not_green() -> None:
    """An empty run says that nothing was verified, and lists every section as a gap."""
    nothing = tuple(replace(section, checks=(), claimed_by=(), items=()) for section in REPORT.coverage)
    page = html.overview(replace(REPORT, results=(), coverage=nothing), "en")
    assert WORDS["en"]["verdict_empty"] in page
    assert page.count('<li><a href="#section-') == len(nothing)


def test_findings_stand_worst_first_with_all_they_say() -> None:
    """Critical, then unknown, then warning; message, source, action and a link to the evidence."""
    page = html.overview(REPORT, "en")
    assert re.findall(r'<article class="(\w+)">', page) == ["critical", "unknown", "warning"]
    text = shown(REPORT)
    for finding in result_of(Outcome.CRITICAL).findings:
        assert finding.message in text
        assert finding.source in text
    assert "Do next Escalar para equipe de desenvolvimento" in text
    assert f'<a href="#{html.anchor(RESTORE)}">' in page


def test_message_that_no_finding_says_is_shown() -> None:
    """A result that its measurement made critical is not shown by a lesser finding alone."""
    warned = result_of(Outcome.WARNING)
    for findings in ((), warned.findings):
        worse = replace(warned, outcome=Outcome.CRITICAL, message="inodes are used up", findings=findings)
        assert "inodes are used up" in shown(replace(REPORT, results=(worse,)))


def test_waiver_and_not_applicable_say_why() -> None:
    """What is not red is explained: reason, approver, expiry."""
    text = shown(REPORT)
    assert "A new certificate is ordered. security lead 2026-11-28" in text
    assert "docker system prune has no meaning in a replica of processes" in text


@pytest.mark.parametrize(("language", "figure"), [("pt", "83,1 %"), ("en", "83.1 %")])
def test_measurement_is_text_as_well_as_a_bar(language: Language, figure: str) -> None:
    """On paper and to a screen reader the figure and its limits are words."""
    page = Elements(html.overview(REPORT, language))
    assert figure in page.text
    words = WORDS[language]
    limits = f"{words['warning']} > 80 %, {words['critical']} > 90 %"
    labels = [attributes["aria-label"] or "" for tag, attributes in page.tags if tag == "svg"]
    assert f"Disco /: {figure}; {limits}" in [label.replace("\N{NO-BREAK SPACE}", " ") for label in labels]


def test_sections_that_nothing_verified_are_listed() -> None:
    """The gaps stand first in the coverage, those that a check could not see among them."""
    page = html.overview(REPORT, "en")
    gaps = page[page.index('<ul class="gaps">') : page.index("</ul>", page.index('<ul class="gaps">'))]
    listed = re.findall(r'<a href="#section-\d+">([^<]+)</a>', gaps)
    assert listed == [
        "2. Monitoramento de Recursos",
        "3. Verificação de Conectividade",
        "Limpeza Manual",
        "Procedimentos de Emergência",
        "Suspeita de Ataque",
        "Vazamento de Dados",
    ]
    assert gaps.count("the check could not see") == 2
    assert "5 of 11 sections of the runbook verified; 6 not." in shown(REPORT)


def test_every_link_leads_somewhere() -> None:
    """Sections and checks are linked to by what is in the page."""
    elements = [tag for piece in pieces(REPORT) for tag in Elements(piece).tags]
    targets = {f"#{attributes.get('id')}" for _, attributes in elements}
    targets |= {f"#{html.anchor(result.node_id)}" for result in REPORT.results}
    links = {attributes["href"] for tag, attributes in elements if tag == "a"}
    assert links
    assert links <= targets


@pytest.mark.parametrize("result", REPORT.results, ids=lambda result: result.node_id.split("::")[-1])
def test_cells_fit_the_header_and_the_filter(result: Result) -> None:
    """pytest-html drops a row whose hidden first cell is not one of its own words."""
    cells = html.row_cells(result, "en")
    assert len(cells) == len(html.header_cells("en"))
    assert cells[0] in (
        '<td hidden class="col-result">Passed</td>',
        '<td hidden class="col-result">Failed</td>',
    )
    assert not any("\n" in cell for cell in cells)
    assert WORDS["en"][result.outcome.value] in cells[3]


def test_details_hold_the_evidence() -> None:
    """Commands with exit code, pipe, output, time and runbook line; differences; observations."""
    text = Elements(html.row_details(result_of(Outcome.CRITICAL), "en")).text
    assert "cp redis-backup-20261123-020024/*.aof ./redis-data/ exit code 1 0.01 s · RUNBOOK.md:149" in text
    assert "No such file or directory" in text
    assert "key bull:email-send:12 hash of 6 fields absent" in text
    restored = next(result for result in REPORT.results if "test_postgres" in result.node_id)
    text = Elements(html.row_details(restored, "en")).text
    assert "pipe: 0 0" in text
    assert "1 accepted mail was sent exactly once" in text


def test_details_of_a_failure_are_open() -> None:
    """What is red shows its evidence, what is green folds it."""
    assert "<details open>" in html.row_details(result_of(Outcome.CRITICAL), "en")
    assert "<details>" in html.row_details(result_of(Outcome.OK), "en")


def test_huge_output_is_cut_in_the_middle() -> None:
    """A megabyte of output does not become a megabyte of page; beginning and end stay."""
    run = CommandEvidence("yes", 1, "first" + "x" * 1_000_000 + "last", "", 1)
    page = html.row_details(replace(result_of(Outcome.OK), evidence=(run,)), "en")
    assert len(page) < 10_000
    assert "first" in page
    assert "last" in page
    assert "994009 characters cut here" in page


def test_many_differences_are_counted() -> None:
    """Of thousands of differences a hundred are shown and all are counted."""
    many = tuple(DifferenceEvidence(f"key {number}", "a", "b") for number in range(5000))
    text = Elements(html.row_details(replace(result_of(Outcome.CRITICAL), evidence=many), "en")).text
    assert "differences: 5000" in text
    assert "key 99" in text
    assert "key 100" not in text
    assert "and 4900 more" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_text_stays_text(language: Language) -> None:
    """Nothing that a gateway says becomes markup, whatever field it has got into."""
    for piece in pieces(filled_with(HOSTILE), language):
        piece.encode("utf-8")
        elements = Elements(piece)
        allowed = [tag for tag, attributes in elements.tags if tag == "script" and not attributes]
        assert len(allowed) <= 1
        assert not any(tag == "img" for tag, _ in elements.tags)
        assert not any(name.startswith("on") for _, attributes in elements.tags for name in attributes)
        assert not {"\0", "\x1b", "\r", "\u2028"} & set(piece)


def test_rows_are_single_lines() -> None:
    """pytest-html's script wraps any line that begins with an E, and its expressions know no newline."""
    for result in filled_with("E\nE\r\nE\u2029E").results:
        assert "\n" not in "".join(html.row_cells(result, "en"))
        assert "\n" not in html.row_details(result, "en")


def test_page_needs_nothing_from_elsewhere() -> None:
    """No address, import or font is fetched."""
    page = "".join(pieces(REPORT))
    assert "url(" not in page
    assert "@import" not in page
    assert "src=" not in page
    assert "http" not in re.sub(r"http://localhost\S*", "", page)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_sentinel_never_leaves_in_html(data: st.DataObject) -> None:
    """Whatever field a secret has got into, the page does not hold it, escaped or not."""
    secret = "s<3&\"cr'et!"  # noqa: S105  made up
    around = st.text(max_size=4)
    planted = st.builds(lambda before, after: f"{before}{secret}{after}", around, around)
    page = "".join(pieces(Redactor([secret]).report(data.draw(reports(planted)))))
    assert secret not in page
    assert secret not in markup.unescape(page)


def test_neither_results_nor_reports_know_pytest() -> None:
    """The library can be used without a test runner."""
    modules = "rehearsal.reports.html, rehearsal.reports.terminal, rehearsal.results.journal, rehearsal.results.waivers"
    program = f"import sys, {modules}; sys.exit(any('pytest' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode == 0


def test_lines_of_a_section_are_folded_under_it() -> None:
    """Each command, row and step stands under its section with the checks that saw it, and says where none has."""
    page = html.overview(REPORT, "en")
    coverage = page[page.index('<section class="coverage">') :]
    listed = coverage[coverage.index('id="line-177"') : coverage.index("</ul>", coverage.index('id="line-177"'))]
    assert listed.count("nothing looked at it") == 1
    assert "Verificar conectividade com o banco" in listed
    assert "1 of 3 lines verified" in coverage
    assert "2 of 2 lines verified" in coverage
    assert '<details class="items">' in coverage


def test_finding_names_whom_to_call() -> None:
    """The contact stands beside what to do, and the lines that a check has seen under its evidence."""
    page = html.overview(REPORT, "en")
    assert "<b>Call</b> level 2 (Desenvolvimento): Tech Lead, Ana - ana@example.com" in page
    critical = next(result for result in REPORT.results if result.contact)
    assert "lines of the runbook: 140, 143" in html.row_details(critical, "en")
