"""What a drill that lost both stores saw, in the words of a check."""

from __future__ import annotations

from dataclasses import replace

from rehearsal.drills.agreement import AgreementDrill, Rejoined
from rehearsal.drills.invariants import QUEUED
from rehearsal.drills.old_mails import OldMail
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import UNKNOWN
from rehearsal.gateway.procedure import has_no_meaning, what_is_wrong
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin.outages import judge_account
from rehearsal.plugin.record import Record

_HOUR = 3600


def judge_agreement(seen: Rejoined, drill: AgreementDrill, evidence: Record) -> None:
    """Record what a drill saw: a mail that is lost or sent twice, a store that disagrees, is critical."""
    source = evidence.source(max((drill.first.restore, drill.second.restore), key=lambda one: one.place.line).place)
    blind = any(has_no_meaning(command) for _, run in seen.runs for command in run.commands)
    say = evidence.unknown if blind else evidence.critical
    for problem in seen.problems:
        say(problem, source=source)
    for duplicate in seen.duplicates:
        evidence.warning(duplicate, source=source)
    if seen.unseen:
        evidence.unknown(f"the drill could not let Redis forget what it forgets until a restore: {seen.unseen}")
    elif seen.forgotten and not seen.duplicates:
        evidence.saw(f"Redis had forgotten {seen.forgotten}, and a restore of PostgreSQL sent no mail again")
    for procedure, run in seen.runs:
        evidence.ran_all(run)
        for command in run.commands:
            if seen.problems and (wrong := what_is_wrong(command)):
                say(f"`{command.command}` {wrong}", source=evidence.at(procedure.place, command.line))
    if seen.compared:
        evidence.saw(f"compared: {seen.compared}")
    if seen.recovery_seconds is not None:
        limit = drill.gateway.objectives.rto_hours * _HOUR
        name = "time to recovery of both stores (RTO)"
        evidence.objective(name, seen.recovery_seconds, "s", limit, "objectives.rto_hours")


def judge_old_mail(seen: OldMail, gateway: Gateway, source: str, evidence: Record) -> None:
    """Record whether a mail is sent whose job was lost when it had waited for long, as one is that had not."""
    state = seen.account.state(seen.old) or "nothing of it"
    if seen.account.copies(seen.old):
        judge_account(replace(seen.account, entries=(seen.old,)), "the queue was lost", evidence, source=source)
    elif not seen.account.copies(seen.young):
        msg = "nothing gives a mail its job again when the queue was lost: the drills that lose Redis tell of it"
        raise NotOnThisTargetError(msg)
    else:
        # Who says in the end that it was not sent has not lost it.
        say = evidence.critical if state in (QUEUED, UNKNOWN, "sent", "nothing of it") else evidence.warning
        say(
            f"a mail that had waited for {seen.hours:g} h when the queue was lost was not sent in"
            f" {seen.account.seconds:.0f} s (the API says {state}), and one of a moment ago was: whatever gives mails"
            " their jobs again must not leave out those that a backup as old as objectives.rpo_hours"
            f" ({gateway.objectives.rpo_hours:g} h) brings back",
            source=source,
        )
