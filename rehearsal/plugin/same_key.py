"""What became of mails that were handed in under one idempotency key, in the words of a check."""

from __future__ import annotations

from rehearsal.drills.same_key import CLIENTS, AtOnce, UnderAUsedKey, UnderLongKeys
from rehearsal.plugin.outages import judge_account
from rehearsal.plugin.record import Record

_SEVERAL = 2
_TAKEN_FOR_ANOTHER = (409, 422)
"""What is said to another mail under a used key."""


def judge_at_once(seen: AtOnce, evidence: Record) -> None:
    """Record what became of the mails: one of each, under one id; who came second may be told to wait."""
    what = "the same mail was handed in several times at once"
    if seen.met < _SEVERAL:
        evidence.unknown(
            f"expected several of {CLIENTS} requests that come at once to reach the API, all but {seen.met} were turned"
            " away before: raise the rate limit of the replica's nginx, or nothing can be said of them"
        )
        return
    if seen.broken:
        evidence.warning(
            f"{what}; {seen.broken} answers were 500: expected the id of the mail, or 409, for who asks while the first"
            " request is under way"
        )
    judge_account(seen.account, what, evidence)


def judge_another(seen: UnderAUsedKey, evidence: Record) -> None:
    """Record what became of another mail under a used key: refused or sent, but not called accepted and forgotten."""
    what, reply = "another mail came under a key that was used", seen.other.replies[-1]
    if seen.other.blames_the_gateway:
        evidence.warning(
            f"{what}, and the API answered {reply.status}: expected 409 or 422, which its client understands"
        )
    if seen.text_lost and not seen.took_the_id:
        evidence.warning(
            f"{what}, which differed in its text alone; the API answered {seen.text_lost} with the id of the first: its"
            " client takes it for accepted",
            action="let the checksum that is kept beside the key be one of the text, too",
        )
    if not seen.took_the_id:
        judge_account(seen.account, what, evidence)
        return
    if not seen.account.copies(seen.first):
        evidence.critical(f"{what}; it took the place of the first, accepted mail, which never arrived")
    elif not seen.account.copies(seen.other):
        evidence.warning(
            f"{what}; the API answered {reply.status} with the id of the first, and the other was never sent:"
            " its client takes it for accepted",
            action="keep a checksum of the mail beside its key, and answer 409 or 422 where it differs",
        )
    evidence.saw(f"the API answered {reply.status} to another mail under a used key")


def judge_long_keys(seen: UnderLongKeys, evidence: Record) -> None:
    """Record what became of two mails whose keys differ at their end: each is sent, unless it was refused."""
    what = f"two mails came under keys of {seen.characters} characters that differ in the last one"
    if seen.first.accepted and seen.first.ids == seen.other.ids:
        evidence.critical(
            f"{what}; the API answered both with the id of the first: the other, which its client takes for accepted,"
            " is never sent"
        )
    elif seen.first.accepted and seen.other.replies[-1].status in _TAKEN_FOR_ANOTHER:
        evidence.critical(f"{what}; the first was accepted, and the other refused: {seen.other.replies[-1].words}")
    elif seen.first.accepted and not seen.other.accepted:
        evidence.unknown(f"{what}; the first was accepted, and the other: {seen.other.replies[-1].words}")
    elif seen.first.accepted:
        judge_account(seen.account, what, evidence)
    else:
        evidence.saw(f"{what}; the API refused the first: {seen.first.replies[-1].words}")
