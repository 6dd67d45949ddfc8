"""What became of mails that the mail server did not take at once, in the words of a check."""

from __future__ import annotations

from rehearsal.drills.invariants import QUEUED
from rehearsal.drills.mail_server import FirstTry
from rehearsal.drills.refusal import Refusal
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import UNKNOWN
from rehearsal.plugin.outages import judge_account
from rehearsal.plugin.record import Record

_FEW = 3
"""Tries, fewer than which are few where gateway.toml names no number of its own."""


def judge_first_try(seen: FirstTry, gateway: Gateway, evidence: Record) -> None:
    """Record what became of mails that the mail server did not take at once."""
    what = f"at the first try {seen.words}"
    if seen.waiting:
        evidence.warning(
            f"{what}; mail {seen.waiting[0].ids[0]} was not tried again within"
            f" {gateway.objectives.queue_age_p95_seconds:g} s (objectives.queue_age_p95_seconds), and its job waits for"
            " later"
        )
    if seen.given_up:
        evidence.critical(
            f"{what}, for {seen.away:.1f} s; {len(seen.given_up)} mails accepted meanwhile are on record as failed,"
            f" such as mail {seen.given_up[0].ids[0]}: all tries were used up in that time; pause longer after each"
        )
    # One try is all that a queue allows whose worker makes a new job for each.
    objectives = gateway.objectives
    promised = objectives.attempts if "attempts" in objectives.model_fields_set else min(objectives.attempts, _FEW)
    if 1 < seen.allowed < promised:
        wanted = f"{objectives.attempts} (objectives.attempts)"
        evidence.warning(f"the queue allows each mail {seen.allowed} tries, expected {wanted}")
    if seen.held:
        evidence.warning(
            f"{what}, and {seen.held:g} s later the worker still waited for its answer: with a limit of time it would"
            " have tried again, and served others"
        )
    for one in seen.unmet:
        evidence.unknown(
            f"expected mail {one.ids[0]} to be sent to {one.to}, to whom the mail server answers so, it went to"
            " somebody else; write {to} into http.submit_body of gateway.toml"
        )
    if seen.account.entries:
        judge_account(seen.account, what, evidence)


def judge_refusal(seen: Refusal, evidence: Record) -> None:
    """Record what became of a mail that the mail server refused for good, and of the one behind it."""
    what = f"the mail server refused mail {seen.mail_id} for good (550)"
    if not seen.other_arrived:
        evidence.critical(f"{what}, and the mail that was handed in after it did not arrive")
    if not seen.tries:
        evidence.unknown(
            f"expected mail {seen.mail_id} to be offered to the mail server for the recipient that it refuses, it was"
            " not; write {to} into http.submit_body of gateway.toml"
        )
    elif seen.state == "sent":
        evidence.critical(f"{what}, and the API says that it is sent")
    elif seen.state == UNKNOWN:
        evidence.critical(f"{what}, and the API knows nothing of it any more: nobody learns that it was not delivered")
    elif seen.state in (QUEUED, "") and seen.place in ("completed", ""):
        say = evidence.critical if seen.state else evidence.unknown
        told = f"the API says {seen.state}" if seen.state else "the API does not tell its state"
        say(f"{what}, {told}, and its job is {seen.place or 'gone'}: nobody learns that it was not delivered")
    else:
        told = f"the API says {seen.state or 'nothing'}, its job is {seen.place or 'gone'}"
        evidence.saw(f"{what}, number of tries: {seen.tries}; {told}")
