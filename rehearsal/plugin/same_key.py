"""What became of mails that several clients handed in at once, in the words of a check."""

from __future__ import annotations

from rehearsal.drills.same_key import CLIENTS, AtOnce
from rehearsal.plugin.outages import judge_account
from rehearsal.plugin.record import Record

_SEVERAL = 2


def judge_at_once(seen: AtOnce, evidence: Record) -> None:
    """Record what became of the mails: one of each, under one id; who came second may be told to wait."""
    what = "the same mail was handed in several times at once"
    if seen.met < _SEVERAL:
        evidence.unknown(
            f"expected several of {CLIENTS} requests that come at once to reach the API, all but {seen.met} were turned"
            " away before: raise the rate limit of the replica's nginx, or nothing can be said of them"
        )
    if seen.broken:
        evidence.warning(
            f"{what}; {seen.broken} answers were 500: expected the id of the mail, or 409, for who asks while the first"
            " request is under way"
        )
    judge_account(seen.account, what, evidence)
