"""Section "Worker Parado": what its commands print is true, and a mail is tried again."""

from __future__ import annotations

import pytest

from rehearsal.drills.last_tries import put_off_for_good, somebody_put_off
from rehearsal.drills.mail_server import unwilling_mail_server
from rehearsal.drills.queue_length import compare_lengths
from rehearsal.drills.refusal import refused_for_good
from rehearsal.drills.stopped_midway import stop_midway
from rehearsal.drills.tried_age import MINUTES, ask_age_of_tried
from rehearsal.drills.unrecorded import dies_unrecorded
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.first_tries import judge_first_try, judge_last_try, judge_midway, judge_refusal
from rehearsal.plugin.outages import judge_account, judge_length
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, procedure, section

pytestmark = [pytest.mark.drill, pytest.mark.section("Worker Parado")]


def test_queue_length_is_the_real_one(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """The queue length that the section prints is the number of mails that wait, or who reads 0 looks elsewhere."""
    written = procedure(runbook, "Worker Parado")
    seen = compare_lengths(replica, gateway, written.commands)
    judge_length(seen, section(runbook, "Worker Parado"), written, evidence)


def test_age_counts_while_a_mail_is_tried(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record
) -> None:
    """A query that shows how long mails wait shows it while they are tried again, or a mail server's outage is none."""
    for seen in ask_age_of_tried(replica, gateway, runbook):
        evidence.ran(seen.untried)
        evidence.ran(seen.tried)
        if not seen.still_shows:
            message = (
                f"`{seen.tried.command}` shows for how long a mail has waited ({MINUTES} min) only until it is tried"
            )
            action = "count from when the mail was accepted, whatever has become of it since"
            printed = " ".join(seen.tried.stdout.split())
            evidence.critical(f"{message}, in vain: then it prints '{printed[-80:]}'", action=action)
        else:
            evidence.saw(f"line {seen.tried.line} shows for how long a mail has waited")


def test_mail_is_tried_again(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """A mail that the mail server is away for, defers, cuts off or does not answer is sent later: servers do so."""
    for seen in unwilling_mail_server(replica, gateway):
        judge_first_try(seen, gateway, evidence)


def test_refused_mail_is_told(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """A mail that the mail server refuses for good is never called sent, and holds up none: its sender must know."""
    judge_refusal(refused_for_good(replica, gateway), evidence)


def test_mail_is_given_up(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """A mail that the mail server puts off at each try is on record as failed after its last: its sender must know."""
    judge_last_try(put_off_for_good(replica, gateway, somebody_put_off()), evidence)


def test_stopped_worker_ends_what_it_has_begun(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """A worker that is stopped ends the mail in its hands, because each update would else send mails twice."""
    judge_midway(stop_midway(replica, gateway), evidence)


def test_sent_mail_is_not_sent_again(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """A worker that dies before the queue knows sends nothing again that is on record as sent: its reader has it."""
    account, on_record = dies_unrecorded(replica, gateway)
    judge_account(account, "the worker died before the queue knew what it had sent", evidence)
    evidence.saw(f"{on_record} of {len(account.accepted)} mails were on record as sent when the worker died")
