"""The ledger of mails: each that was offered to the API, all that the API said of it, and what arrived at the sink."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import Enum

import httpx

from rehearsal.gateway.http import ACCEPTED, Http
from rehearsal.gateway.target import NoAnswerError, TargetError
from rehearsal.replica.protocol import Mail

NOBODY = "recipient@example.com"
_SILENT = (httpx.codes.BAD_GATEWAY, httpx.codes.GATEWAY_TIMEOUT)
"""What nginx says for an API that did not answer it: whether the mail was accepted, nobody knows."""
_OWN_FAULT = 500
_LATER = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY, httpx.codes.TOO_MANY_REQUESTS)
"""What refuses the moment and not the mail: a good client asks again, as it does where the fault is the gateway's."""


class Said(Enum):
    """What one answer says of a mail."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOTHING = "no answer"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the API, or its absence."""

    said: Said
    id: str
    """Of an accepted mail; empty for others."""
    words: str
    status: int
    """0 without an answer."""


@dataclass(slots=True)
class Entry:
    """One mail in the ledger."""

    key: str
    """Its idempotency key, the same each time that it is handed in."""
    token: str
    """Unique, in its subject: it is how the mail is known again at the sink."""
    when: str
    """What was going on when it was first handed in, for the sentence of a finding."""
    patient: bool = True
    """Asks again until it is accepted, as a good client does; another one gives up when it is refused."""
    replies: list[Reply] = field(default_factory=list)
    sent_on_record: float = 0.0
    """Seconds since the epoch at which the API was seen to call it sent; 0 where it was not."""
    to: str = NOBODY
    at_once: bool = False
    """Handed in by several clients at once: a conflict then says that another of them is being served."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Under which the API has accepted it: one, where idempotency holds."""
        return tuple(dict.fromkeys(reply.id for reply in self.replies if reply.said is Said.ACCEPTED))

    @property
    def accepted(self) -> bool:
        """Tell whether the API has ever accepted it."""
        return bool(self.ids)

    @property
    def refused(self) -> bool:
        """Tell whether it is to be nowhere: each answer refused it, or the last one did so for good.

        What asks for patience after silence says nothing of what became of the mail before.
        """
        if not self.replies or self.accepted or self.replies[-1].said is not Said.REFUSED:
            return False
        return not self.open or all(reply.said is Said.REFUSED for reply in self.replies)

    @property
    def blames_the_gateway(self) -> bool:
        """Tell whether the gateway refused it for a fault of its own, and so may not know itself what it has done."""
        return any(reply.status >= _OWN_FAULT for reply in self.replies)

    @property
    def open(self) -> bool:
        """Tell whether its client is still to ask again."""
        if self.accepted or not self.replies:
            return False
        last = self.replies[-1]
        if last.said is Said.NOTHING:
            return True
        later = (*_LATER, httpx.codes.CONFLICT) if self.at_once else _LATER
        return self.patient and (last.status >= _OWN_FAULT or last.status in later)


class Ledger:
    """Hands in mails and writes down what is said of them. Its methods may be called from any thread."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        self.now = "all was well"
        """What is going on, for mails that are handed in from here on."""

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All mails, oldest first, as they are at this moment."""
        with self._lock:
            return tuple(replace(one, replies=list(one.replies)) for one in self._entries)

    def offer(self, http: Http, *, patient: bool = True, to: str = NOBODY) -> Entry:
        """Hand in a new mail, once."""
        entry = self._enter(Entry(str(uuid.uuid4()), str(uuid.uuid4()), self.now, patient, to=to))
        self._ask(http, entry)
        return entry

    def demand(self, http: Http, *, to: str = NOBODY) -> Entry:
        """Hand in a new mail, once. Raises TargetError where it is not accepted: nothing can be said of it then."""
        entry = self.offer(http, to=to)
        if not entry.accepted:
            msg = f"expected the API to accept a mail, got {entry.replies[-1].words}"
            raise TargetError(msg)
        return entry

    def offer_at_once(self, clients: Sequence[Http]) -> Entry:
        """Hand in a new mail by several clients in the same moment, under one key."""
        entry = self._enter(Entry(str(uuid.uuid4()), str(uuid.uuid4()), self.now, at_once=True))
        start = threading.Barrier(len(clients))

        def ask(http: Http) -> None:
            start.wait()
            self._ask(http, entry)

        with ThreadPoolExecutor(len(clients)) as pool:
            list(pool.map(ask, clients))
        return entry

    def offer_under(self, http: Http, key: str) -> Entry:
        """Hand in a new mail under a given key, once: that of another mail, where a client has muddled its keys."""
        entry = self._enter(Entry(key, str(uuid.uuid4()), self.now, patient=False))
        self._ask(http, entry)
        return entry

    def offer_again(self, http: Http, key: str) -> None:
        """Hand in a mail once more under the key that it had, as a client does that has missed the answer."""
        self._ask(http, self._by_key(key))

    def note_sent(self, key: str) -> None:
        """Note that the API calls a mail sent."""
        entry = self._by_key(key)
        entry.sent_on_record = entry.sent_on_record or time.time()

    def _enter(self, entry: Entry) -> Entry:
        with self._lock:
            self._entries.append(entry)
        return entry

    def _by_key(self, key: str) -> Entry:
        with self._lock:
            return next(one for one in self._entries if one.key == key)

    def _ask(self, http: Http, entry: Entry) -> None:
        # The id of the run stands in the subject only: what is sent of a mail is the same under each of its requests.
        reply = _reply(http, entry.to, f"Rehearsal {entry.token}", entry.key)
        with self._lock:
            entry.replies.append(reply)


def _reply(http: Http, to: str, subject: str, key: str) -> Reply:
    try:
        answer = http.hand_in(to, subject, "A mail of a drill.", key)
    except NoAnswerError as silence:
        return Reply(Said.NOTHING, "", str(silence), 0)
    if answer.status in ACCEPTED:
        try:
            return Reply(Said.ACCEPTED, http.id_in(answer), "", answer.status)
        except NoAnswerError as unreadable:
            return Reply(Said.NOTHING, "", str(unreadable), answer.status)
    said = Said.NOTHING if answer.status in _SILENT else Said.REFUSED
    return Reply(said, "", answer.found, answer.status)


def copies_of(entry: Entry, mails: tuple[Mail, ...]) -> tuple[Mail, ...]:
    """Return the copies of a mail that arrived, oldest first."""
    return tuple(mail for mail in mails if entry.token in mail.subject)
