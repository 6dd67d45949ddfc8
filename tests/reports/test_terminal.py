from __future__ import annotations

from dataclasses import replace

import pytest

from rehearsal.reports.terminal import closing_line, finding_block
from rehearsal.results.model import CommandEvidence, Outcome, Result, RunReport
from tests.reports.demo import demo_report, filled_with

REPORT = demo_report()


def of(*outcomes: Outcome) -> RunReport:
    """Return the demonstration with one result for each of these outcomes."""
    results = (
        replace(REPORT.results[0], outcome=outcome, message=f"message {n}") for n, outcome in enumerate(outcomes)
    )
    return replace(REPORT, results=tuple(results))


def result(outcome: Outcome) -> Result:
    """Return the demonstration's result with this outcome."""
    return next(result for result in REPORT.results if result.outcome is outcome)


def test_closing_line_counts_and_names_the_worst() -> None:
    """One line says what was looked at, how it stands, and what is worst, worst first."""
    line = closing_line(of(Outcome.OK, Outcome.WARNING, Outcome.OK, Outcome.CRITICAL, Outcome.NOT_APPLICABLE))
    assert line == (
        "replica of reference (processes, plain): 2 ok, 1 not applicable, 1 warning, 1 critical — "
        "critical: 1. Status dos Serviços: message 3; warning: 1. Status dos Serviços: message 1"
    )


def test_closing_line_of_a_good_run_is_short() -> None:
    """Nothing bad, nothing to name."""
    assert closing_line(of(Outcome.OK, Outcome.WAIVED)) == "replica of reference (processes, plain): 1 ok, 1 waived"


def test_closing_line_of_an_empty_run_says_so() -> None:
    """A run without results is never mistaken for a good one."""
    assert closing_line(of()) == "replica of reference (processes, plain): nothing was verified"


def test_closing_line_names_three_and_counts_the_rest() -> None:
    """Ten findings do not fill the screen."""
    line = closing_line(of(*[Outcome.UNKNOWN] * 10))
    assert "10 unknown" in line
    assert line.count("unknown: 1. Status") == 3
    assert line.endswith(" … and 7 more")


@pytest.mark.parametrize("width", [80, 120, 160, 200, 400])
def test_closing_line_fits_the_width(width: int) -> None:
    """Findings are cut to the width; target and counts never are."""
    report = of(*[Outcome.CRITICAL] * 5)
    line = closing_line(report, width)
    assert line.startswith("replica of reference (processes, plain): 5 critical")
    assert len(line) <= width


def test_block_says_all_that_is_needed() -> None:
    """Expected and found, where, the command with exit code and errors, and what to do next."""
    lines = finding_block(result(Outcome.CRITICAL), width=80).splitlines()
    assert lines[0] == "CRITICAL: What was in Redis before a total loss is there after the runbook's restore."
    assert "  Expected the 48 keys of before in Redis after the restore, found 0" in lines
    assert "  At: Restaurar Redis (RUNBOOK.md:143)" in lines
    assert "  key bull:email-send:12: expected hash of 6 fields, found absent" in lines
    assert "  Ran: exit code 1 after 0.0 s, from RUNBOOK.md:149" in lines
    assert "    $ cp redis-backup-20261123-020024/*.aof ./redis-data/" in lines
    assert "    | cp: cannot stat 'redis-backup-20261123-020024/*.aof': No such file or directory" in lines
    assert "  Do next: Escalar para equipe de desenvolvimento" in lines


def test_block_leaves_out_commands_that_succeeded() -> None:
    """A command with exit code 0 is no part of the explanation."""
    assert "docker-compose stop redis" not in finding_block(result(Outcome.CRITICAL))


def test_block_shows_a_failure_inside_a_pipe() -> None:
    """Exit code 0 of the last part does not hide the first."""
    piped = CommandEvidence("gunzip -c x | psql", 0, "", "gzip: x: unexpected end of file", 1, "", (1, 0))
    block = finding_block(replace(result(Outcome.CRITICAL), evidence=(piped,)))
    assert "exit code 0 (pipe: 1, 0)" in block
    assert "| gzip: x: unexpected end of file" in block


def test_block_of_a_time_limit_says_so() -> None:
    """A command without an exit code did not end by itself."""
    assert "Ran: did not end by itself after 5.0 s" in finding_block(result(Outcome.UNKNOWN))


def test_block_without_findings_still_says_the_message() -> None:
    """A result that has only a message is not silent."""
    assert "why it is so" in finding_block(replace(result(Outcome.OK), message="why it is so"))


def test_block_of_a_waiver_says_who_and_until_when() -> None:
    """An excuse is read with its approver and its end."""
    block = finding_block(result(Outcome.WAIVED), width=200)
    assert "Waived: A new certificate is ordered. (approved by security lead, until 2026-11-28)" in block


def test_hostile_text_does_not_act_on_the_terminal() -> None:
    """Escape sequences in a server's output are shown, not obeyed."""
    report = filled_with("\x1b[2J\rgreen\x9b\u202e\n")
    text = closing_line(report) + "".join(finding_block(one) for one in report.results)
    assert not {"\x1b", "\r", "\x9b", "\u202e"} & set(text)
    assert "␛[2J" in text
    assert "\n" not in closing_line(report)


def test_finding_names_whom_to_call() -> None:
    """The last thing that a finding says is whom to call."""
    last = finding_block(result(Outcome.CRITICAL), width=200).splitlines()[-1]
    assert last == "  Call: level 2 (Desenvolvimento): Tech Lead, Ana - ana@example.com - +1 202-555-0120"
