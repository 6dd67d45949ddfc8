from __future__ import annotations

from dataclasses import replace

import pytest

from rehearsal.reports.html import overview, row_cells
from rehearsal.reports.terminal import closing_line
from rehearsal.reports.words import Language
from rehearsal.results.model import Outcome, RunReport, TargetInfo
from rehearsal.results.targets import counted, in_words, looked_at
from tests.reports.demo import demo_report, filled_with

REPORT = demo_report()
RESULT = next(result for result in REPORT.results if result.outcome is Outcome.CRITICAL)


def over(outcomes: dict[str, list[Outcome]]) -> RunReport:
    """Return a report on hosts with one result for each of these outcomes."""
    results = tuple(
        replace(RESULT, node_id=f"test_it[{host}-{n}]", outcome=outcome, message=f"{host} message {n}", target=host)
        for host, listed in outcomes.items()
        for n, outcome in enumerate(listed)
    )
    targets = counted([TargetInfo(host, is_replica=False) for host in outcomes], results)
    run = replace(REPORT.run, target=in_words(looked_at(targets)), is_replica=False, targets=targets)
    return replace(REPORT, run=run, results=results)


TWO = over({"ssh://good": [Outcome.OK] * 3, "ssh://bad": [Outcome.OK, Outcome.WARNING, Outcome.CRITICAL]})


def section(page: str) -> str:
    """Return the part of the page that lists the targets."""
    return page.partition('<section class="targets">')[2].partition("</section>")[0]


@pytest.mark.parametrize(("language", "word"), [("pt", "Pior achado"), ("en", "Worst finding")])
def test_page_has_a_row_for_each_host(language: Language, word: str) -> None:
    """Each host has its outcomes and its worst finding, the worst host first."""
    listed = section(overview(TWO, language))
    assert word in listed
    rows = listed.split("<tr>")[2:]
    assert ["ssh://bad" in row for row in rows] == [True, False]
    assert "ssh://bad message 2" in rows[0]
    assert "ssh://bad message 1" not in rows[0]
    assert "<b>3</b>" in rows[1]
    assert "message" not in rows[1]


def test_page_of_one_target_has_no_such_table() -> None:
    """What stands at the top of the page already is not told again."""
    assert not section(overview(REPORT, "en"))
    assert not section(overview(over({"ssh://a": [Outcome.OK]}), "en"))


def test_host_on_which_nothing_was_verified_says_so() -> None:
    """A host that was asked for and not looked at never reads as a good one."""
    report = over({"ssh://a": [Outcome.OK], "ssh://b": []})
    row = next(row for row in section(overview(report, "en")).split("<tr>") if "ssh://b" in row)
    assert "Nothing was verified." in row
    assert report.run.target == "ssh://a"


def test_row_of_a_check_names_its_target() -> None:
    """A drill's replica is told from the live host, though both stand in one table."""
    assert "replica of reference" in "".join(row_cells(replace(RESULT, target="replica of reference"), "en"))


def test_line_of_several_hosts_names_the_host_of_each_finding() -> None:
    """A finding without its host helps nobody."""
    line = closing_line(TWO)
    assert line.startswith("ssh://good, ssh://bad: 4 ok, 1 warning, 1 critical — critical: ssh://bad: ")


def test_many_hosts_are_counted_and_the_worst_are_named() -> None:
    """Of fifty hosts the line names those that failed, not those that are well."""
    hosts = {f"ssh://h{number}": [Outcome.OK] for number in range(46)}
    bad = {f"ssh://b{number}": [Outcome.CRITICAL] * number for number in range(1, 5)}
    line = closing_line(over(hosts | bad))
    worst = "ssh://b4 (4 failed), ssh://b3 (3 failed), ssh://b2 (2 failed) and 1 more"
    assert line.startswith(f"50 hosts: 46 ok, 10 critical; worst: {worst} — critical: ssh://b1: ")


def test_hosts_and_replicas_are_counted_apart() -> None:
    """A replica among many is not a host."""
    targets = [TargetInfo(f"ssh://{n}", is_replica=False) for n in range(4)]
    assert in_words([*targets, TargetInfo("replica", is_replica=True)]) == "4 hosts and 1 replica"


def test_hostile_name_does_not_act_on_the_page() -> None:
    """A host's name and versions are text, whatever they hold."""
    report = filled_with("<script>alert(1)</script>")
    hostile = TargetInfo("<script>", is_replica=False, versions={"<b>": "<i>"})
    page = overview(replace(report, run=replace(report.run, targets=(hostile, hostile))), "en")
    assert "<script>" not in section(page)
    assert "&lt;script&gt;" in section(page)
    assert "<i>" not in section(page)
