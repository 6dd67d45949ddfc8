"""The document itself: current, finished, and without contradictions."""

from __future__ import annotations

from datetime import date

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.runbook import DOCUMENT, Runbook, RunbookError
from rehearsal.runbook.job_kinds import asked_as_another_kind
from rehearsal.runbook.model import Place
from rehearsal.runbook.review import (
    broken_links,
    destroying,
    holding_up,
    links_within,
    notes_left,
    objectives_named,
    old_programs,
    swallowing,
)
from rehearsal.runbook.terminals import given_no_terminal

pytestmark = [pytest.mark.monthly, pytest.mark.section(DOCUMENT)]


def test_review_is_not_overdue(runbook: Runbook, today: date, evidence: Record) -> None:
    """The day of the next review has not passed, because steps that nobody has read again describe another system."""
    _readable(runbook, "metadata")
    if runbook.next_review is None:
        evidence.warning("expected the day of the next review, such as `Próxima revisão: 2027-01-31`, found none")
        return
    if runbook.next_review < today:
        overdue = (today - runbook.next_review).days
        message = f"expected a review by {runbook.next_review}, which passed {overdue} days ago"
        evidence.warning(message, action="read the document again, and set the day of the next review")
    evidence.saw(f"the next review is due by {runbook.next_review}")


def test_dates_are_possible(runbook: Runbook, today: date, evidence: Record) -> None:
    """The document was written and reviewed before today and before its next review, or its dates say nothing."""
    _readable(runbook, "metadata")
    last, after, updated = runbook.last_review, runbook.next_review, runbook.updated
    if last is None and updated is None:
        evidence.warning("expected the day of the last update or review, found neither")
        return
    for name, day in (("last update", updated), ("last review", last)):
        if day is not None and day > today:
            evidence.critical(f"expected the {name} before today, {today}, found {day}")
    if last is not None and after is not None and after < last:
        evidence.critical(f"expected the next review after the last one, {last}, found {after}")
    evidence.saw(f"updated {updated}, reviewed {last}, to be reviewed {after}")


def test_version_is_named(runbook: Runbook, evidence: Record) -> None:
    """The document says which version it is, because two people with two versions work against each other."""
    _readable(runbook, "metadata")
    if not runbook.version:
        evidence.warning("expected a version such as `**Versão:** 2.0.0`, found none")
        return
    if not any(char.isdigit() for char in runbook.version):
        msg = f"{runbook.path}: expected a version such as `**Versão:** 2.0.0`, found '{runbook.version}'"
        raise RunbookError(msg)
    evidence.saw(f"version {runbook.version}")


def test_links_lead_somewhere(runbook: Runbook, evidence: Record) -> None:
    """Each link leads to a heading or file that is there, because nobody searches for it at three in the morning."""
    for link, why in broken_links(runbook):
        evidence.critical(f"the link '{link.text}' leads nowhere: {why}", source=_at(runbook, evidence, link.line))
    within = links_within(runbook)
    # An item that is nothing but a link, as in a table of contents, promises no more than that.
    texts = {(link.line, link.text) for link in within}
    listed = [step for one in runbook.sections for step in (*one.steps, *one.items)]
    evidence.covers(*(step.line for step in listed if (step.line, step.text) in texts))
    evidence.saw(f"{len(within)} links of the document were followed")


def test_nothing_is_left_to_be_written(runbook: Runbook, evidence: Record) -> None:
    """No note of work to be done is left, because an operator can't wait for it."""
    for line, text in notes_left(runbook):
        evidence.warning(f"expected a finished document, found `{text}`", source=_at(runbook, evidence, line))
    evidence.saw(f"{runbook.text.count(chr(10))} lines were read")


def test_all_of_it_can_be_read(runbook: Runbook, evidence: Record) -> None:
    """Tables, lists, dates and blocks can be read as what they are, because what can't is verified by nobody."""
    for problem in runbook.problems:
        source = evidence.source(problem.place)
        if problem.about == "procedure":
            evidence.critical(f"'{problem.place.heading}': {problem.message}", source=source)
        else:
            evidence.unknown(f"'{problem.place.heading}': {problem.message}", source=source)
    for block in swallowing(runbook):
        message = f"'{block.place.heading}': expected the block to end before the next one begins, found no end of it"
        evidence.critical(message, source=evidence.source(block.place))
    evidence.saw(f"{len(runbook.sections)} headings with what stands under them were read")


def test_programs_are_maintained(runbook: Runbook, evidence: Record) -> None:
    """No command starts a program that its makers have given up, because nobody mends its holes."""
    for command, old in old_programs(runbook):
        message = f"`{old.name}` has had no maintenance since {old.since}: `{command.text}`"
        source = _at(runbook, evidence, command.line)
        evidence.warning(message, action=f"use {old.instead}", source=source)
    evidence.saw("the programs of all commands were looked up")


def test_commands_get_the_terminal_that_they_ask_for(runbook: Runbook, evidence: Record) -> None:
    """No command gives a container a terminal together with a pipe or a file, because it fails or spoils the copy."""
    for command, why, always in given_no_terminal(runbook):
        say = evidence.critical if always else evidence.warning
        say(f"`{command.text}` {why}", action="leave out -t, or add -T", source=_at(runbook, evidence, command.line))
    evidence.saw("the commands of the document were read")


def test_no_step_destroys_the_database(runbook: Runbook, evidence: Record) -> None:
    """No step removes what PostgreSQL needs to start again, as its log of what was written is no log to be tidied."""
    for line, text in destroying(runbook):
        message = f"expected the files of PostgreSQL to be left alone, found: {text}"
        evidence.critical(message, action="free the disk elsewhere, or restore", source=_at(runbook, evidence, line))
    evidence.saw("the steps and commands of the document were read")


def test_commands_leave_redis_to_others(runbook: Runbook, evidence: Record) -> None:
    """No command keeps Redis from answering the gateway, because who looks at the queue must not stop it."""
    for command in holding_up(runbook):
        message = f"Redis answers nobody else while `{command.text}` walks through all keys"
        source = _at(runbook, evidence, command.line)
        evidence.warning(message, action="use SCAN, or a command for one key", source=source)
    evidence.saw("the commands of the document were read")


def test_jobs_are_asked_for_where_they_are(runbook: Runbook, gateway: Gateway, evidence: Record) -> None:
    """No command asks for jobs in a type that Redis does not keep them in, as it then shows none or an error."""
    for command, instead in asked_as_another_kind(runbook, gateway.queue.prefix):
        message = f"Redis refuses `{command.text}` (WRONGTYPE) as soon as there are such jobs, and shows none before"
        evidence.critical(message, action=f"use {instead}", source=_at(runbook, evidence, command.line))
    evidence.saw("the commands of the document were read")


def test_objectives_agree(runbook: Runbook, gateway: Gateway, evidence: Record) -> None:
    """Recovery objectives in the document are those of gateway.toml, which drills are held against."""
    promised = {"RTO": gateway.objectives.rto_hours, "RPO": gateway.objectives.rpo_hours}
    named = list(objectives_named(runbook))
    for name, hours, line in named:
        evidence.covers(max(one.line for one in runbook.sections if one.line <= line))
        if hours != promised[name]:
            key = f"objectives.{name.lower()}_hours"
            message = f"expected {promised[name]:g} hours as {name}, as {key} of gateway.toml has it, found {hours:g}"
            evidence.critical(message, source=_at(runbook, evidence, line))
    evidence.saw(f"{len(named)} recovery objectives are named in the document")


def _at(runbook: Runbook, evidence: Record, line: int) -> str:
    above = [one.heading for one in runbook.sections if one.line <= line]
    return evidence.source(Place(line, above[-1] if above else ""))


def _readable(runbook: Runbook, about: str) -> None:
    for problem in runbook.problems:
        if problem.about == about:
            msg = f"{runbook.path}:{problem.place.line}: {problem.subject}: {problem.message}"
            raise RunbookError(msg)
