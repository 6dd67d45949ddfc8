"""Requests that an API says no to, one after the other: what each of them keeps is missing in the end."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from rehearsal.drills.ledger import NOBODY
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import ACCEPTED, Http
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError
from rehearsal.replica.protocol import Replica

TIMES = 50
"""More than the connections that a pool is made for: 5 to 20 by default in the common ones."""
_FAILED = 3
"""Requests, one after the other, that got no answer of the API's own."""
_SECONDS, _PAUSE_SECONDS = 30.0, 0.2


@dataclass(frozen=True, slots=True)
class Worn:
    """One kind of request, and how the API took mails after so many of them."""

    kind: str
    times: int
    """Fewer than `TIMES` where a limit of requests held them back."""
    found: str
    """What it said to a mail afterwards; empty where it took it."""


def wear_out(replica: Replica, gateway: Gateway) -> list[Worn]:
    """Make many requests of each kind, and hand in a mail after each; once one is not taken, nothing else is asked.

    Raises NotOnThisTargetError, NoAnswerError.
    """
    with Http(replica, gateway.http) as http:
        used = str(uuid.uuid4())
        answer = http.hand_in(NOBODY, "a mail before all of them", "text", used)
        if answer.status not in ACCEPTED:
            msg = f"the API takes no mail to begin with: {answer.found}"
            raise NotOnThisTargetError(msg)
        absent = _absent(http.id_in(answer))
        kinds: dict[str, Callable[[], int]] = {
            "questions for a mail that it does not have": lambda: http.ask_state(absent).status,
            "mails without a recipient": lambda: http.hand_in("", "no", "no", str(uuid.uuid4())).status,
            "other mails under a used key": lambda: http.hand_in(NOBODY, "another", "other", used).status,
        }
        worn: list[Worn] = []
        for kind, ask in kinds.items():
            worn.append(_wear(http, kind, ask))
            if worn[-1].found:
                break
        return worn


def _wear(http: Http, kind: str, ask: Callable[[], int]) -> Worn:
    times, failed, deadline = 0, 0, time.monotonic() + _SECONDS
    while times < TIMES and time.monotonic() < deadline:
        try:
            status = ask()
        except NoAnswerError:
            status = 0
        failed = failed + 1 if not status or httpx.codes.is_server_error(status) else 0
        held_back = status == httpx.codes.TOO_MANY_REQUESTS
        times += not held_back
        if failed == _FAILED:
            # It may be the answer to this kind of request that is odd, and mails be taken as before.
            if found := _hand_in(http):
                return Worn(kind, times, found)
            failed = 0
        time.sleep(_PAUSE_SECONDS if held_back else 0)
    return Worn(kind, times, _hand_in(http))


def _hand_in(http: Http) -> str:
    """Return what the API says to a mail, once it is not held back any more; empty where it takes it.

    Raises NoAnswerError where it is held back for as long as it is tried.
    """
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            answer = http.hand_in(NOBODY, "a mail after many requests", "text", str(uuid.uuid4()))
        except NoAnswerError as error:
            return str(error)
        if answer.status != httpx.codes.TOO_MANY_REQUESTS:
            return "" if answer.status in ACCEPTED else answer.found
        if time.monotonic() > deadline:
            msg = f"expected the API to answer a mail within {_SECONDS:g} s, all were held back: {answer.found}"
            raise NoAnswerError(msg)
        time.sleep(_PAUSE_SECONDS)


def _absent(mail_id: str) -> str:
    """Return an id of the same form that no mail has."""
    try:
        uuid.UUID(mail_id)
    except ValueError:
        return "9" * max(len(mail_id), 9) if mail_id.isdigit() else mail_id[::-1]
    return str(uuid.uuid4())
