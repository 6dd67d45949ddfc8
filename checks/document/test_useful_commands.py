"""Section "Comandos Úteis": what people copy from there works."""

from __future__ import annotations

import pytest

from rehearsal.drills.resending import commands_that_change
from rehearsal.drills.retrying import commands_that_retry
from rehearsal.drills.useful import Tried, try_all, try_reading
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import NotOnThisTargetError, Target
from rehearsal.plugin import Record
from rehearsal.plugin.first_tries import judge_retried
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, RunbookError, section
from rehearsal.runbook.model import Place


@pytest.mark.weekly
@pytest.mark.section("Comandos Úteis")
def test_reading_commands_work(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """Each command that only reads works on the live host as it stands, because it is copied when time is short."""
    if target.is_replica:
        msg = "on a replica the drill of this section runs all of them"
        raise NotOnThisTargetError(msg)
    seconds = gateway.live.command_timeout_seconds
    tried = [_noted(one, runbook, evidence) for one in try_reading(target, runbook, gateway, timeout=seconds)]
    seen = [one for one in tried if not one.unseen]
    evidence.saw(f"{len(seen)} commands only read and were run; a drill tries the other {len(tried) - len(seen)}")


@pytest.mark.drill
@pytest.mark.section("Comandos Úteis")
def test_all_commands_work(gateway: Gateway, replica: Replica, runbook: Runbook, evidence: Record) -> None:
    """Each command works, with each service in its placeholder, and counts what is there, because people trust it."""
    tried = [_noted(one, runbook, evidence) for one in try_all(replica, runbook, gateway)]
    if not tried:
        under = section(runbook, "Comandos Úteis")
        msg = f"{runbook.path}:{under.line}: '{under.heading}': expected commands in a ```bash block, found none"
        raise RunbookError(msg)
    evidence.saw(f"{len(tried)} commands were run, those that ask for a service once for each")
    for one in tried:
        if one.unseen:
            evidence.saw(f"`{one.run.command}` could not be judged here: {one.unseen}")


@pytest.mark.drill
@pytest.mark.section("Comandos Úteis")
def test_no_command_sends_a_mail_twice(gateway: Gateway, replica: Replica, runbook: Runbook, evidence: Record) -> None:
    """A command that has mails tried again leaves alone those that were sent, or their readers get them twice."""
    tried = list(commands_that_change(replica, gateway, runbook))
    if not tried:
        msg = "none of the useful commands changes rows or jobs"
        raise NotOnThisTargetError(msg)
    for one in tried:
        evidence.ran(one.run)
        if one.copies > 1:
            evidence.critical(
                f"a mail that was sent before `{one.run.command}` arrived {one.copies} times",
                action="let it choose failed mails only",
                source=f"{runbook.path.name}:{one.line}",
            )
        elif one.run.ok:
            evidence.saw(f"`{one.run.command}` sent nothing again that was sent")
        else:
            evidence.unknown(f"`{one.run.command}` {one.run.ending}: what it would do was not seen")


@pytest.mark.drill
@pytest.mark.section("Comandos Úteis")
def test_failed_mails_are_tried_again(gateway: Gateway, replica: Replica, runbook: Runbook, evidence: Record) -> None:
    """A command that has failed mails tried again has them arrive, or who ran it believes in vain that they were."""
    tried = list(commands_that_retry(replica, gateway, runbook))
    if not tried:
        msg = "none of the useful commands says that it has failed mails tried again, or no mail was seen to fail"
        raise NotOnThisTargetError(msg)
    for one in tried:
        evidence.ran(one.run)
        judge_retried(one, gateway, evidence, source=f"{runbook.path.name}:{one.line}")


def _noted(tried: Tried, runbook: Runbook, evidence: Record) -> Tried:
    line = tried.run.line or 0
    heading = [one.heading for one in runbook.sections if one.line <= line][-1:]
    if not tried.run.refused:
        evidence.ran(tried.run)
    if tried.wrong:
        source = evidence.source(Place(line, "".join(heading)))
        evidence.critical(f"`{tried.run.command}` {tried.wrong}", source=source)
    return tried
