"""What became of mails that the mail server did not take at once, in the words of a check."""

from __future__ import annotations

from rehearsal.drills.mail_server import FirstTry
from rehearsal.gateway.description import Gateway
from rehearsal.plugin.outages import judge_account
from rehearsal.plugin.record import Record


def judge_first_try(seen: FirstTry, gateway: Gateway, evidence: Record) -> None:
    """Record what became of mails that the mail server did not take at once."""
    what = f"at the first try {seen.words}"
    if seen.waiting:
        evidence.warning(
            f"{what}; mail {seen.waiting[0].ids[0]} was not tried again within"
            f" {gateway.objectives.queue_age_p95_seconds:g} s (objectives.queue_age_p95_seconds), and its job waits for"
            " later"
        )
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
