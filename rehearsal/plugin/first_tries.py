"""What became of mails that the mail server did not take at once, in the words of a check."""

from __future__ import annotations

from rehearsal.drills.invariants import FAILED, QUEUED
from rehearsal.drills.last_tries import LastTry
from rehearsal.drills.mail_server import FirstTry
from rehearsal.drills.refusal import Refusal
from rehearsal.drills.retrying import Retried
from rehearsal.drills.stopped_midway import Midway
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import UNKNOWN
from rehearsal.gateway.target import NotOnThisTargetError
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
    if seen.renamed:
        evidence.warning(
            f"{what}; mail {seen.renamed[0].ids[0]} came at the next try under another Message-ID: of a mail that is"
            " sent twice its reader must see that it is one"
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
        _never_offered(seen.mail_id, "refuses", evidence)
    elif not _nobody_learns(what, seen.state, seen.place, evidence, ends=("completed", "")):
        evidence.saw(f"{what}, number of tries: {seen.tries}; {_told(seen)}")


def judge_last_try(seen: LastTry, evidence: Record) -> None:
    """Record what became of a mail that the mail server put off at each try. Raises NotOnThisTargetError."""
    what = f"the mail server put mail {seen.mail_id} off at each try (451), {seen.tries} times"
    allowed = f"after {seen.allowed} tries it is to be given up"
    if not seen.tries:
        _never_offered(seen.mail_id, "puts off", evidence)
    elif seen.endless:
        evidence.critical(
            f"{what}, and it is tried on and on: {allowed}; {_told(seen)}: nobody learns that it does not arrive"
        )
    elif seen.state == QUEUED and seen.tries < seen.allowed:
        msg = (
            f"{what}; {allowed}, and no further try came within {seen.waited:.0f} s:"
            " its pause is not one of the queue, which can be cut short"
        )
        raise NotOnThisTargetError(msg)
    elif seen.state == FAILED and seen.tries > seen.allowed:
        evidence.warning(f"{what}; {allowed}, the API says {seen.state} only now")
    elif not _nobody_learns(what, seen.state, seen.place, evidence, ends=("completed", "failed", "")):
        evidence.saw(f"{what}; {_told(seen)}")


def judge_midway(seen: Midway, evidence: Record) -> None:
    """Record what became of a mail that the mail server was just taking when the worker was stopped."""
    what = f"the worker was stopped, in {seen.stopped_in:.1f} s, while the mail server took its time over a mail"
    if not seen.met:
        mail = next(iter(seen.account.entries[0].ids), "")
        _never_offered(mail, "takes its time over", evidence)
    elif seen.copies > 1:
        evidence.warning(
            f"{what}; it arrived {seen.copies} times: each update or restart may send mails twice",
            action="on SIGTERM take no more jobs, and end those in hand within the 10 s that Docker leaves",
        )
    else:
        judge_account(seen.account, what, evidence)


def judge_retried(seen: Retried, gateway: Gateway, evidence: Record, *, source: str) -> None:
    """Record what became of a mail that had failed, after a command that is to have such mails tried again."""
    what = f"a mail had failed after {seen.before.tries} tries; after `{seen.run.command}`"
    if not seen.run.ok:
        evidence.unknown(f"`{seen.run.command}` {seen.run.ending}: what it would do was not seen", source=source)
    elif seen.arrived:
        evidence.saw(f"{what} it was put off once more, and arrived at its try number {seen.before.tries + seen.tries}")
    elif not seen.tries:
        seconds = f"{gateway.objectives.queue_age_p95_seconds:g} s (objectives.queue_age_p95_seconds)"
        evidence.critical(f"{what} it was not tried again within {seconds}", source=source)
    elif seen.tries == 1:
        evidence.warning(
            f"{what} it was tried once, put off, and given up at once",
            action="give it all its tries again: count from zero",
            source=source,
        )
    else:
        evidence.critical(f"{what} it was tried {seen.tries} times, and did not arrive", source=source)


def _told(seen: Refusal | LastTry) -> str:
    return f"the API says {seen.state or 'nothing'}, its job is {seen.place or 'gone'}"


def _never_offered(mail_id: str, does: str, evidence: Record) -> None:
    evidence.unknown(
        f"expected mail {mail_id} to be offered to the mail server for the recipient that it {does}, it was not;"
        " write {to} into http.submit_body of gateway.toml"
    )


def _nobody_learns(what: str, state: str, place: str, evidence: Record, *, ends: tuple[str, ...]) -> bool:
    """Record that nothing says that a mail failed. `ends`: places of a job that has no next try."""
    if state == "sent":
        evidence.critical(f"{what}, and the API says that it is sent")
    elif state == UNKNOWN:
        evidence.critical(f"{what}, and the API knows nothing of it any more: nobody learns that it was not delivered")
    elif state == QUEUED and place in ends:
        evidence.critical(
            f"{what}, the API says {state}, and its job is {place or 'gone'}: nobody learns that it was not delivered"
        )
    elif not state and place in ("completed", ""):
        evidence.unknown(
            f"{what}, the API does not tell its state, and its job is {place or 'gone'}: nobody learns that it was not"
            " delivered"
        )
    else:
        return False
    return True
