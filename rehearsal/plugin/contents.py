"""What became of mails with contents of many kinds, in the words of a check."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from rehearsal.drills.contents import INJECTED, MEANINGLESS, PLAIN, Content
from rehearsal.drills.invariants import FAILED, QUEUED
from rehearsal.drills.recipients import HEADER, TwoRecipients
from rehearsal.plugin.record import Record
from rehearsal.replica.protocol import Mail


def judge_contents(seen: Sequence[Content], evidence: Record) -> None:
    """Record of each mail that it arrived as it was handed in, or that the API said no."""
    for one in seen:
        what = f"a mail with {one.kind}"
        if not one.accepted:
            _refused(one, what, evidence)
        elif one.mail is None:
            _missing(one, what, evidence)
        elif INJECTED in one.mail.headers:
            evidence.critical(
                f"{what} arrived with the header that stood behind it: a client writes what headers it likes"
            )
        elif one.kind not in MEANINGLESS and one.changed:
            evidence.critical(f"{what} did not arrive as it was handed in: {one.changed}")
        else:
            evidence.saw(f"{what} arrived as it was handed in")
    _headers([one.mail for one in seen if one.mail], evidence)


def _headers(mails: Sequence[Mail], evidence: Record) -> None:
    """Record what each mail must have (RFC 5322, 3.6), and a mail server need not add."""
    for name in ("Date", "From"):
        lacking = [one for one in mails if name.lower() not in {header.lower() for header in one.headers}]
        if lacking:
            evidence.warning(
                f"{len(lacking)} of {len(mails)} mails arrived without a line `{name}:`, which each mail must have:"
                " others take it for spam"
            )

    if nobody := sum(not one.sender.strip("<> ") for one in mails):
        evidence.warning(
            f"{nobody} of {len(mails)} mails came from nobody (`MAIL FROM:<>`): no mail server can send back a note of"
            " failure"
        )


def _refused(one: Content, what: str, evidence: Record) -> None:
    if one.kind == PLAIN:
        evidence.unknown(f"expected the API to accept {what}, got {one.status or 'no answer'}")
    elif httpx.codes.is_server_error(one.status) or not one.status:
        evidence.warning(
            f"{what}: the API answered {one.status or 'nothing'}, where 4xx would tell what is wrong with it"
        )
    elif one.status == httpx.codes.REQUEST_ENTITY_TOO_LARGE and one.held_back:
        evidence.warning(
            f"{what}: nginx answered 413, and the API never saw it: make client_max_body_size no smaller than the mails"
            " that the API takes"
        )
    else:
        evidence.saw(f"{what} was refused with {one.status}")


def _missing(one: Content, what: str, evidence: Record) -> None:
    if one.kind in MEANINGLESS and one.state == FAILED:
        evidence.saw(f"{what} was accepted, and is on record as failed")
    else:
        told = f"the API says {one.state}" if one.state else "the API does not tell its state"
        evidence.critical(f"{what} was accepted with {one.status} and did not arrive; {told}")


def judge_recipients(seen: TwoRecipients, evidence: Record) -> None:
    """Record that a mail to two at once was refused, failed, or reached both."""
    what = f"a mail whose address holds {seen.kind}"
    told = f"the API says {seen.state}" if seen.state else "the API does not tell its state"
    if not seen.accepted and (httpx.codes.is_server_error(seen.status) or not seen.status):
        evidence.warning(f"{what}: the API answered {seen.status or 'nothing'}, where 4xx would tell what is wrong")
    elif not seen.accepted:
        evidence.saw(f"{what} was refused with {seen.status}")
    elif seen.kind == HEADER and seen.arrived[1]:
        evidence.critical(f"{what} came to that other one, too: a client writes what headers it likes")
    elif all(seen.arrived):
        evidence.saw(f"{what} reached both")
    elif seen.kind == HEADER and seen.arrived[0]:
        evidence.saw(f"{what} reached the first, and the header was no recipient")
    elif any(seen.arrived):
        evidence.critical(f"{what} was accepted, and one of the two never got it; {told}")
    elif seen.state == FAILED:
        evidence.saw(f"{what} was accepted, and is on record as failed")
    elif seen.state == QUEUED:
        evidence.warning(f"{what} was accepted and is tried again and again, where 4xx would tell its client")
    else:
        evidence.critical(f"{what} was accepted and did not arrive; {told}")
