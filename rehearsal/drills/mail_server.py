"""The mail server does not take mails at their first try, or cuts the connection: each is sent later, and once."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import redis

from rehearsal.drills.invariants import FAILED, Account
from rehearsal.drills.ledger import Entry, Ledger, copies_of
from rehearsal.drills.outage import MAIL_SERVER
from rehearsal.drills.settling import Settling
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.queue import look
from rehearsal.gateway.target import TargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.processes.sink import (
    CUT,
    DEFERRED,
    GAVE_UP,
    GREYLISTED,
    HASTY,
    LAST_ONE,
    READ_AS,
    SENT_AWAY,
    SILENT,
)
from rehearsal.replica.protocol import Replica
from rehearsal.snapshot import SnapshotError

_MAILS = 3
_TRIED = ("delayed", "failed", "completed")
"""Where a job is that was tried once and does not try again at once."""
MAKES_JOBS = 3
"""Times the limit of a request: as long as a worker may take that makes jobs of rows by itself."""
_AWAY = "the mail server was away"
_MANNERS = {
    GREYLISTED: "the mail server said 451 to RCPT",
    DEFERRED: "the mail server said 451 once it had read the mail",
    CUT: "the mail server cut the connection before it answered for the mail",
    HASTY: "the mail server took the mail and cut the connection then, before QUIT",
}
_IS_BUSY = "the mail server greeted with 421, as one does that has too many connections"
_SAYS_NOTHING = "the mail server read the mail and fell silent"
ELSEWHERE = "example.net"
"""Not where the other mails go: a gateway may leave a whole domain alone for a while that has said 451."""
_LINES = 1000
_LONGER = 1.25
"""For so many times as long as the worker is watched the mail server is silent; then the mail can be counted."""


class NothingAcceptedError(TargetError):
    """The API took none of the mails: nothing can be said of what becomes of them."""


@dataclass(frozen=True, slots=True)
class FirstTry:
    """Mails that were not taken at their first try in one manner, and what became of them."""

    words: str
    account: Account
    waiting: tuple[Entry, ...] = ()
    """Those whose next try the queue has put off until later than anybody waited."""
    unmet: tuple[Entry, ...] = ()
    """Those that were taken at once, because the gateway wrote to somebody else than it was told."""
    held: float = 0.0
    """Seconds after which the worker still waited for an answer; 0 where it gave up."""
    given_up: tuple[Entry, ...] = ()
    """Those that are on record as failed, all tries used up while the mail server was away."""
    away: float = 0.0
    """Seconds for which it was."""
    renamed: tuple[Entry, ...] = ()
    """Those that arrived under another Message-ID than the mail server had read at the first try."""
    allowed: int = 0
    """Tries that the queue allows a mail, as its job says; 0 where it does not."""


def unwilling_mail_server(replica: Replica, gateway: Gateway) -> Iterator[FirstTry]:
    """Hand in mails that are not taken at their first try, and return what became of them, for each manner.

    Raises NothingAcceptedError, ReplicaError, TargetError.
    """
    ledger = Ledger()
    away, allowed = _hand_in_while_away(replica, gateway, ledger)
    with Http(replica, gateway.http) as http:
        for manner, words in _MANNERS.items():
            _offer(ledger, http, manner, words)
    account = _settled(replica, gateway, ledger)
    yield replace(_without_given_up(_part(account, _AWAY), away), allowed=allowed)
    log = replica.logs(MAIL_SERVER, _LINES)
    for words in _MANNERS.values():
        seen = _part(account, words)
        yield replace(seen, renamed=tuple(one for one in seen.account.entries if _is_renamed(one, account, log)))
    yield from _greeting(replica, gateway)
    yield _silence(replica, gateway)


def _greeting(replica: Replica, gateway: Gateway) -> Iterator[FirstTry]:
    """Hand in a mail behind one that is the last for which the mail server has room.

    Yields nothing where nobody was sent away, as of a worker that has kept its connection.
    """
    ledger = Ledger()
    with Http(replica, gateway.http) as http:
        last = _offer(ledger, http, LAST_ONE, "the mail server took the last mail for now")
        with suppress(DeadlineError):
            came = partial(copies_of, last)
            timeout = MAKES_JOBS * gateway.http.timeout_seconds
            wait_until(lambda: came(tuple(replica.mails())), what="the mail before it", timeout=timeout)
        _offer(ledger, http, "", _IS_BUSY)
    seen = _part(_settled(replica, gateway, ledger), _IS_BUSY)
    if SENT_AWAY in replica.logs(MAIL_SERVER, _LINES):
        yield replace(seen, unmet=(), account=replace(seen.account, entries=(*seen.account.entries, *seen.unmet)))


def _silence(replica: Replica, gateway: Gateway) -> FirstTry:
    """By itself, when the others have come through: a worker with one pair of hands serves nobody meanwhile."""
    ledger = Ledger()
    patience, held = gateway.objectives.queue_age_p95_seconds, 0.0
    with Http(replica, gateway.http) as http:
        entry = _offer(ledger, http, f"{SILENT}{patience * _LONGER:.0f}-", _SAYS_NOTHING)
    if entry.accepted:
        try:
            wait_until(partial(_ended, replica, entry), what="a worker that gives up waiting", timeout=patience)
        except DeadlineError:
            held = patience
    return replace(_part(_settled(replica, gateway, ledger), _SAYS_NOTHING), held=held)


def _ended(replica: Replica, entry: Entry) -> bool:
    gave_up = f"{entry.to}: {GAVE_UP}" in replica.logs(MAIL_SERVER, _LINES)
    return gave_up or bool(copies_of(entry, tuple(replica.mails())))


def _is_renamed(entry: Entry, account: Account, log: str) -> bool:
    """Tell whether a mail was read under one name and arrived under another."""
    read = re.search(rf"{re.escape(entry.to)}: {READ_AS} (\S+)", log)
    arrived = {copy.message_id for copy in account.copies(entry)} - {""}
    return read is not None and bool(arrived) and arrived != {read[1]}


def _offer(ledger: Ledger, http: Http, manner: str, words: str) -> Entry:
    ledger.now = words
    return ledger.offer(http, to=f"{manner}{uuid.uuid4().hex[:12]}@{ELSEWHERE}")


def _settled(replica: Replica, gateway: Gateway, ledger: Ledger) -> Account:
    account = Settling(replica, gateway, ledger).settle()
    # What the mail server wrote of each try: it knows how many there were.
    log = replica.logs(MAIL_SERVER, _LINES).splitlines()
    tries = {
        one.ids[0]: sum(one.to in line and GAVE_UP not in line and READ_AS not in line for line in log)
        for one in account.accepted
    }
    return replace(account, tries={**account.tries, **{mail_id: count for mail_id, count in tries.items() if count}})


def _part(account: Account, words: str) -> FirstTry:
    entries = [one for one in account.entries if one.when == words]
    waiting = [
        one
        for one in entries
        if words != _AWAY and one.accepted and not account.copies(one) and _place(account, one) == "delayed"
    ]
    unmet = [one for one in entries if words != _AWAY and account.copies(one) and one.ids[0] not in account.tries]
    kept = tuple(one for one in entries if one not in waiting and one not in unmet)
    return FirstTry(words, replace(account, entries=kept), tuple(waiting), tuple(unmet))


def _without_given_up(seen: FirstTry, away: float) -> FirstTry:
    account = seen.account
    failed = [one for one in account.accepted if not account.copies(one) and account.state(one) == FAILED]
    # Fewer tries than are promised are another fault.
    given_up = [one for one in failed if account.tries.get(one.ids[0], account.attempts) >= account.attempts > 1]
    kept = tuple(one for one in account.entries if one not in given_up)
    return replace(seen, account=replace(account, entries=kept), given_up=tuple(given_up), away=away)


def _place(account: Account, entry: Entry) -> str:
    return (account.places or {}).get(entry.ids[0], "")


def _hand_in_while_away(replica: Replica, gateway: Gateway, ledger: Ledger) -> tuple[float, int]:
    """Return for how many seconds it was, and how many tries the queue allows."""
    ledger.now, began = _AWAY, time.monotonic()
    replica.stop(MAIL_SERVER)
    try:
        with Http(replica, gateway.http) as http:
            offered = [ledger.offer(http) for _ in range(_MAILS)]
        ids = {mail_id for one in offered for mail_id in one.ids}
        if not ids:
            msg = f"expected the API to accept mails while the mail server is away, got {offered[0].replies[-1].words}"
            raise NothingAcceptedError(msg)

        def tried() -> bool:
            jobs = look(replica, gateway.queue).jobs
            return bool(ids & {job for state in _TRIED for job in jobs[state]})

        # A gateway whose jobs bear other names shows nothing here: its worker has had the time to try all the same, and
        # one that makes the jobs itself, some seconds later, as well.
        with suppress(DeadlineError):
            wait_until(
                tried,
                what="a first try",
                timeout=MAKES_JOBS * gateway.http.timeout_seconds,
                forgive=(SnapshotError, redis.RedisError),
            )
        allowed = tries_allowed(replica, gateway, ids)
    finally:
        replica.start(MAIL_SERVER)
    return time.monotonic() - began, allowed


def tries_allowed(replica: Replica, gateway: Gateway, ids: Iterable[str]) -> int:
    """Return how many tries the queue allows, as the mails' jobs say; 0 where they do not."""
    with suppress(redis.RedisError, ValueError, TypeError, KeyError), replica.redis() as client:
        start = f"{gateway.queue.prefix}:{gateway.queue.name}"
        return min(int(json.loads(said)["attempts"]) for one in ids if (said := client.hget(f"{start}:{one}", "opts")))
    return 0
