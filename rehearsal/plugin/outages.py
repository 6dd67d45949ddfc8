"""What the outages of a service showed, in the words of a check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rehearsal.damage.services import Manner
from rehearsal.drills.blind_counts import blind_counts
from rehearsal.drills.invariants import Account, Weight, faults
from rehearsal.drills.outage import Outage, OutageDrill
from rehearsal.drills.queue_length import QueueLength
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.emergencies import HEADINGS, log_of_another, what_to_do
from rehearsal.gateway.http import UNKNOWN
from rehearsal.gateway.procedure import has_no_meaning, what_is_wrong
from rehearsal.gateway.target import CommandRun
from rehearsal.plugin.judging import NOT_SEEN, finding_of
from rehearsal.plugin.record import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure, Runbook, Section, procedure, section

_HOUR = 3600


def rehearse_outages(
    service: str,
    manners: Sequence[Manner],
    replica: Replica,
    gateway: Gateway,
    runbook: Runbook,
    evidence: Record,
    *,
    restarted: str = "",
) -> None:
    """Let a service fail in each manner, one after the other on one replica, and record what was seen.

    `restarted`: another service that is restarted before.
    """
    written = procedure(runbook, HEADINGS[service])
    if other := log_of_another(service, written.commands, gateway):
        evidence.warning(
            f"`{other.text}` shows the log of another service, and no command of '{written.place.heading}' that of"
            f" {service}",
            source=evidence.at(written.place, other.line),
        )
    drill = OutageDrill(replica, gateway, service, written.commands)
    judge_commands(drill.try_commands(), written, evidence)
    if restarted:
        drill.restart(restarted)
    for manner in manners:
        try:
            outage = drill.rehearse(manner)
        except NOT_SEEN as error:
            finding = finding_of(error)
            evidence.unknown(f"{service} {manner.words}, and the drill could not go on: {finding.message}")
            return
        judge_outage(outage, written, gateway, runbook, evidence)
    cover_words(runbook, HEADINGS[service], evidence)


def judge_commands(runs: Sequence[CommandRun], written: Procedure, evidence: Record) -> None:
    """Record each command of a section, tried while all was well: there it has no excuse to fail."""
    for run in runs:
        evidence.ran(run)
        source = evidence.at(written.place, run.line)
        if has_no_meaning(run):
            evidence.unknown(f"`{run.command}` {what_is_wrong(run)}", source=source)
        elif run.exit_code is None:
            evidence.warning(
                f"`{run.command}` does not end by itself: who follows the steps waits for it", source=source
            )
        elif wrong := what_is_wrong(run):
            evidence.critical(f"`{run.command}` {wrong}, while all was well", source=source)


def judge_outage(outage: Outage, written: Procedure, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """Record one outage: noticed, recovered, in time, and at the cost of no mail."""
    what = outage.words
    action = what_to_do(runbook, outage.service)
    for run in outage.runs:
        evidence.ran(run)
    if outage.passed:
        evidence.saw(f"{what}, and came back by itself")
    elif not outage.seen:
        evidence.critical(f"{what}, and nothing that the daily checks look at told of it", action=action)
    else:
        evidence.saw(f"{what}: {outage.seen}")
        _judge_steps(outage, what, written, evidence)
    if outage.seconds is not None:
        name = f"time to recovery when {what}"
        evidence.objective(name, outage.seconds, "s", gateway.objectives.rto_hours * _HOUR, "objectives.rto_hours")
    if outage.account:
        judge_account(outage.account, what, evidence, action=action)


def _judge_steps(outage: Outage, what: str, written: Procedure, evidence: Record) -> None:
    source = evidence.source(written.place)
    if outage.still:
        say: Callable[..., None] = evidence.critical
        if any(has_no_meaning(run) for run in outage.runs):
            say = evidence.unknown
        say(f"{what}; after all {len(outage.runs)} commands of its section {outage.still[0]}", source=source)
    elif outage.manner.passes:
        evidence.warning(f"{what} and did not come back by itself: somebody had to follow the steps", source=source)
    else:
        evidence.saw(f"{what}; {len(outage.runs)} commands of its section brought it back")


def judge_account(account: Account, what: str, evidence: Record, *, action: str = "", source: str = "") -> None:
    """Record what became of the mails: lost and doubled ones are critical, what the protocol explains is counted."""
    found = faults(account)
    for fault in found:
        if fault.weight is Weight.EXPLAINED:
            evidence.saw(f"{what}; {fault.words}")
        else:
            say = evidence.critical if fault.weight is Weight.BROKEN else evidence.warning
            say(f"{what}; {fault.words}", action=action, source=source)
    delivered = [one for one in account.accepted if account.copies(one)]
    if not delivered:
        evidence.unknown(f"{what}; not one of {len(account.entries)} mails came through: nothing can be said of them")
    elif not found:
        refused = sum(one.refused for one in account.entries)
        evidence.saw(
            f"{what}; {len(account.entries)} mails handed in, {len(account.accepted)} accepted and delivered once,"
            f" {refused} refused and never seen"
        )


def judge_denied(said: Mapping[str, int], evidence: Record) -> None:
    """Record what the API said of an accepted mail while its database was away: that it can't say is right."""
    if said.get(UNKNOWN):
        evidence.critical(
            f"without its database the API says of an accepted mail that it is {UNKNOWN}, {said[UNKNOWN]} of"
            f" {sum(said.values())} times: its client takes it for lost, and hands it in again",
            action="answer 503, which tells a client to ask again",
        )
    else:
        told = ", ".join(f"`{state}`" for state in said if state) or "that it can't say"
        evidence.saw(f"without its database the API says of an accepted mail {told}")


def cover_words(runbook: Runbook, heading: str, evidence: Record) -> None:
    """Note the steps without commands that were held against something: levels and sections that they send to."""
    levels = {level.number for level in runbook.escalation}
    anchors = {one.anchor: one for one in runbook.sections}
    for step in section(runbook, heading).steps:
        targets = [link.target[1:] for link in runbook.links if link.line == step.line and link.target[:1] == "#"]
        reached = [anchors.get(target) for target in targets]
        if reached and all(one and any(each.commands for each in one.procedures) for one in reached):
            evidence.covers(step.line)
        if any(f"{word} {level}" in step.text.lower() for level in levels for word in ("nível", "nivel", "level")):
            evidence.covers(step.line)


def judge_length(seen: QueueLength, under: Section, written: Procedure, evidence: Record) -> None:
    """Record what a section's commands print of the queue beside its real length."""
    for run in (*seen.before, *seen.waiting, *seen.after):
        evidence.ran(run)
    counters = seen.counters
    if seen.jobless:
        evidence.warning(
            f"the worker was stopped, and none of {seen.jobless} accepted mails had a job: only the worker makes them,"
            " and who looks at the queue does not see what waits",
            source=evidence.source(written.place),
        )
    elif counters and seen.grown != seen.mails:
        evidence.critical(
            f"`{counters[0].command}` printed {counters[0].stdout.strip()} and {seen.mails} mails wait in the queue:"
            f" the figures of the section's {len(counters)} counting commands grew by {seen.grown}",
            source=evidence.at(written.place, counters[0].line),
        )
    elif not seen.shown_by:
        evidence.unknown(
            f"expected a command of '{under.heading}' to print how many mails wait, found none that does",
            source=evidence.source(written.place),
        )
    else:
        evidence.saw(f"{seen.mails} mails wait, and `{seen.shown_by[0].command}` says so")
        if seen.falls:
            evidence.saw(f"when the worker had sent them, `{seen.falls[0].command}` told of {seen.mails} fewer")
            # Steps without a command that speak of the figure: it was seen to come down.
            evidence.covers(*(step.line for step in under.steps if not step.commands))
    for run in blind_counts(seen, under, written) if seen.mails else ():
        evidence.critical(
            f"`{run.command}` printed the same before {seen.mails} mails came and while they waited: it counts"
            " something else",
            source=evidence.at(written.place, run.line),
        )
    if seen.account:
        judge_account(seen.account, "mails waited for the worker", evidence)
