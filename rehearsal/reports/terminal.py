"""What a person reads at the end of a run, as plain text: whoever prints it adds the colours."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from rehearsal.reports.text import counts, in_one_line, said_by, visible
from rehearsal.results.model import CommandEvidence, DifferenceEvidence, Outcome, Result, RunReport
from rehearsal.results.targets import in_words, looked_at, worst_first

_SHOWN_FINDINGS: Final = 3
_SHOWN_LINES: Final = 8
_FAILS: Final = tuple(outcome.value for outcome in Outcome if outcome.fails)
_TITLE_WIDTH: Final = 72
_LEAST_TITLE_WIDTH: Final = 24
_INDENT: Final = "  "


def closing_line(report: RunReport, width: int | None = None) -> str:
    """Return the one line to remember: target, counts by outcome, the worst findings.

    With `width`, in characters, the findings are cut so that the line fits; target and counts never are.
    """
    counted = ", ".join(f"{number} {outcome.value.replace('_', ' ')}" for outcome, number in counts(report).items())
    line = f"{in_one_line(report.run.target, 200)}: {counted or 'nothing was verified'}{_worst_hosts(report)}"
    bad = [result for result in _worst_first(report) if result.outcome.fails or result.outcome is Outcome.WARNING]
    if not bad:
        return line
    several = len(report.run.targets) > 1
    once: dict[str, Result] = {}
    for result in bad:
        once.setdefault(result.message, result)  # a reason that many share is told once
    named = list(once.values())
    for number in range(min(_SHOWN_FINDINGS, len(named)), 0, -1):
        more = f" … and {len(bad) - number} more" if len(bad) > number else ""
        room = _TITLE_WIDTH if width is None else (width - len(line) - len(more) - 3 * number) // number
        if room >= _LEAST_TITLE_WIDTH:
            told = (in_one_line(_short(result, several=several), room) for result in named[:number])
            return f"{line} — {'; '.join(told)}{more}"
    return line


def _worst_hosts(report: RunReport) -> str:
    """Name the worst of many hosts, which the line has only counted."""
    targets = looked_at(report.run.targets)
    if in_words(targets) == ", ".join(target.name for target in targets):
        return ""
    bad = [(target, sum(target.counts.get(word, 0) for word in _FAILS)) for target in worst_first(targets)]
    named = [f"{target.name} ({number} failed)" for target, number in bad[:_SHOWN_FINDINGS] if number]
    more = sum(1 for _, number in bad if number) - len(named)
    worst = f"; worst: {', '.join(named)}{f' and {more} more' if more else ''}" if named else ""
    return in_one_line(worst, 300)


def _worst_first(report: RunReport) -> list[Result]:
    return sorted(report.results, key=lambda result: -result.outcome.severity)


def _short(result: Result, *, several: bool) -> str:
    host = result.target if several else ""
    said = (result.outcome.value, host, result.section or result.title, result.message)
    return ": ".join(part for part in said if part)


def finding_block(result: Result, width: int = 100) -> str:
    """Return what to know of a check that is not ok: what was expected and found, where, on what evidence, what to do.

    `width` in characters; commands and output are never wrapped, as they are copied from there.
    """
    lines = [f"{result.outcome.value.replace('_', ' ').upper()}: {in_one_line(result.title or result.node_id, 1000)}"]
    for finding in said_by(result):
        lines += _wrapped(finding.message, width)
        lines += _wrapped(f"At: {finding.source}", width) if finding.source else []
    lines += _evidence(result)
    if result.waiver:
        excuse = f"{result.waiver.reason} (approved by {result.waiver.approver}, until {result.waiver.expires})"
        lines += _wrapped(f"Waived: {excuse}", width)
    actions = dict.fromkeys(filter(None, (result.action, *(finding.action for finding in result.findings))))
    lines += [line for action in actions for line in _wrapped(f"Do next: {action}", width)]
    lines += _wrapped(f"Call: {result.contact}", width) if result.contact else []
    return "\n".join(lines)


def _wrapped(text: str, width: int) -> list[str]:
    indent = {"initial_indent": _INDENT, "subsequent_indent": _INDENT * 2}
    return textwrap.wrap(visible(text), max(width, 20), break_on_hyphens=False, break_long_words=False, **indent)  # type: ignore[arg-type]


def _evidence(result: Result) -> Iterator[str]:
    differences = [found for found in result.evidence if isinstance(found, DifferenceEvidence)]
    for one in differences[:_SHOWN_LINES]:
        yield _INDENT + in_one_line(f"{one.where}: expected {one.expected}, found {one.observed}", 400)
    if len(differences) > _SHOWN_LINES:
        yield f"{_INDENT}… and {len(differences) - _SHOWN_LINES} more differences"
    for found in result.evidence:
        if isinstance(found, CommandEvidence) and (found.exit_code != 0 or any(found.pipe_status)):
            yield from _command(found)


def _command(run: CommandEvidence) -> Iterator[str]:
    ended = f"exit code {run.exit_code}" if run.exit_code is not None else "did not end by itself"
    pipe = f" (pipe: {', '.join(map(str, run.pipe_status))})" if len(run.pipe_status) > 1 else ""
    source = f", from {in_one_line(run.source, 200)}" if run.source else ""
    yield f"{_INDENT}Ran: {ended}{pipe} after {run.seconds:.1f} s{source}"
    yield from (f"{_INDENT * 2}$ {line}" for line in visible(run.command).strip().splitlines())
    yield from (f"{_INDENT * 2}| {line}" for line in visible(run.stderr).strip().splitlines()[-_SHOWN_LINES:])
