"""Mails under one idempotency key, the same or another one, and under two that are nearly the same."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import httpx

from rehearsal.drills.invariants import Account
from rehearsal.drills.ledger import NOBODY, Entry, Ledger
from rehearsal.drills.settling import Settling
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import ACCEPTED, Http
from rehearsal.replica.protocol import Replica

CLIENTS, _MAILS = 8, 5
_RESTS_SECONDS = 4.0
_LONG_KEYS = ((73, "12"), (40, "12"), (24, "zZ"))
"""Characters: of two UUIDs, such as a client's and a mail's, and of a word before one; the last ones differ.

The shortest is no UUID, which means the same in capitals."""
_TURNED_AWAY = (
    0,
    httpx.codes.TOO_MANY_REQUESTS,
    httpx.codes.BAD_GATEWAY,
    httpx.codes.SERVICE_UNAVAILABLE,
    httpx.codes.GATEWAY_TIMEOUT,
)
"""What is said before anybody has looked at the key."""


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What was seen."""

    account: Account
    met: int
    """The most clients whose request for one mail came as far as the API."""
    broken: int
    """Answers that told of a fault of the API's own."""


@dataclass(frozen=True, slots=True)
class UnderAUsedKey:
    """What came of a mail and of another one under its key."""

    first: Entry
    other: Entry
    account: Account
    text_lost: int = 0
    """The status that called a mail accepted which differs from the one before in its text alone; 0 where none did."""

    @property
    def took_the_id(self) -> bool:
        """Tell whether the other was accepted as if it were the first."""
        return self.other.accepted and self.other.ids == self.first.ids


def hand_in_another(replica: Replica, gateway: Gateway) -> UnderAUsedKey:
    """Hand in a mail, and another one under its key. Raises ReplicaError, TargetError."""
    ledger = Ledger()
    ledger.now = "one was handed in, and another under its key"
    with Http(replica, gateway.http) as http:
        first = ledger.demand(http)
        other = ledger.offer_under(http, first.key)
        text_lost = _takes_for_the_same(http, gateway)
    return UnderAUsedKey(first, other, Settling(replica, gateway, ledger).settle(), text_lost)


def _takes_for_the_same(http: Http, gateway: Gateway) -> int:
    """Hand in two mails that differ in nothing but their text, and return the status if both have one id."""
    if "{text}" not in repr(gateway.http.submit_body):
        return 0
    key, subject = str(uuid.uuid4()), f"Rehearsal {uuid.uuid4()}"
    one, other = (http.hand_in(NOBODY, subject, text, key) for text in ("A mail of a drill.", "A mail corrected."))
    same = one.status in ACCEPTED and other.status in ACCEPTED and http.id_in(one) == http.id_in(other)
    return other.status if same else 0


@dataclass(frozen=True, slots=True)
class UnderLongKeys:
    """Two mails under keys that differ in their last sign only, and what came of them."""

    characters: int
    """Of each key."""
    first: Entry
    other: Entry
    account: Account


def hand_in_under_long_keys(replica: Replica, gateway: Gateway) -> Iterator[UnderLongKeys]:
    """Hand in pairs of mails whose keys, of several lengths, differ at their end. Raises ReplicaError, TargetError."""
    for characters, ends in _LONG_KEYS:
        ledger, start = Ledger(), secrets.token_hex(characters // 2)[: characters - 1]
        ledger.now = "two were handed in, whose keys differ in the last sign"
        with Http(replica, gateway.http) as http:
            first, other = (ledger.offer_under(http, f"{start}{end}") for end in ends)
        yield UnderLongKeys(characters, first, other, Settling(replica, gateway, ledger).settle())


def hand_in_at_once(replica: Replica, gateway: Gateway) -> AtOnce:
    """Hand in mails, each by several clients at once under one key. Raises NoAnswerError, ReplicaError, TargetError."""
    ledger = Ledger()
    ledger.now = f"{CLIENTS} clients asked at once under its key"
    with ExitStack() as stack:
        clients = [stack.enter_context(Http(replica, gateway.http)) for _ in range(CLIENTS)]
        for client in clients:
            client.get(gateway.http.liveness)  # its connection is open by then: all ask in the same moment
        entries = [ledger.offer_at_once(clients) for _ in range(_MAILS)]
    said = [[reply.status for reply in entry.replies] for entry in entries]
    met = max(sum(status not in _TURNED_AWAY for status in one) for one in said)
    broken = sum(one.count(httpx.codes.INTERNAL_SERVER_ERROR) for one in said)
    account = Settling(replica, gateway, ledger).settle()
    # A row that no answer told of is found by whatever gives rows their jobs, which may rest for some seconds.
    time.sleep(_RESTS_SECONDS)
    return AtOnce(replace(account, mails=tuple(replica.mails())), met, broken)
