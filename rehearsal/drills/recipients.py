"""A mail whose address holds two: each of them gets it, or the API says no."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from rehearsal.drills.invariants import FAILED
from rehearsal.drills.mail_server import ELSEWHERE
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import ACCEPTED, Http
from rehearsal.gateway.queue import hurry
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError
from rehearsal.replica.protocol import Replica

_PAUSE_SECONDS = 0.2
_PATIENCE = 2
"""Times the limit of a request: how long after the one the other of two copies may come."""
LIST, HEADER = "two addresses, with a comma between them", "an address, a line break, and a header with another"
_BETWEEN = {LIST: ", ", HEADER: "\r\nBcc: "}


@dataclass(frozen=True, slots=True)
class TwoRecipients:
    """A mail to two at once, and which of them got it."""

    kind: str
    status: int
    """Of the API's answer; 0 where it gave none."""
    arrived: tuple[bool, bool] = (False, False)
    state: str = ""
    """What the API said of it last; empty where it does not tell."""

    @property
    def accepted(self) -> bool:
        """Whether the API took it."""
        return self.status in ACCEPTED


def hand_in_to_two(replica: Replica, gateway: Gateway) -> Iterator[TwoRecipients]:
    """Hand in a mail to two recipients in each manner. Raises TargetError, NotOnThisTargetError."""
    if "{to}" not in repr(gateway.http.submit_body):
        raise NotOnThisTargetError("http.submit_body of gateway.toml has no place for {to}: nobody can be written to")
    with Http(replica, gateway.http) as http:
        for kind, between in _BETWEEN.items():
            both = tuple(f"{uuid.uuid4().hex[:12]}@{ELSEWHERE}" for _ in range(2))
            try:
                answer = http.hand_in(between.join(both), "a mail to two", "A mail of a drill.", str(uuid.uuid4()))
            except NoAnswerError:
                yield TwoRecipients(kind, 0)
                continue
            seen = TwoRecipients(kind, answer.status)
            if seen.accepted:
                got, state = _await(replica, gateway, partial(http.state_of, http.id_in(answer)), both)
                seen = replace(seen, arrived=got, state=state)
            yield seen


def _await(
    replica: Replica, gateway: Gateway, ask: Callable[[], str], both: tuple[str, ...]
) -> tuple[tuple[bool, bool], str]:
    """Wait until a mail has come to both, has failed, or has come to one a while ago; return to whom, and its state."""
    end = time.monotonic() + gateway.replica.ready_timeout_seconds
    first, state, got = 0.0, "", (False, False)
    while time.monotonic() < end and not all(got) and state != FAILED:
        time.sleep(_PAUSE_SECONDS)
        reached = {one for mail in replica.mails() for one in mail.recipients}
        got = (both[0] in reached, both[1] in reached)
        if any(got):
            first = first or time.monotonic()
            end = min(end, first + _PATIENCE * gateway.http.timeout_seconds)
        with suppress(NoAnswerError):
            state = ask()
        if not any(got):
            hurry(replica, gateway.queue, timeout=gateway.redis.timeout_seconds)
    return got, state
