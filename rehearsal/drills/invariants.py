"""What must hold of every mail in the ledger, and each fault in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from rehearsal.drills.ledger import Entry, Said, copies_of
from rehearsal.gateway.http import ACCEPTED, UNKNOWN, unexplained
from rehearsal.replica.protocol import Mail

FAILED = "failed"
QUEUED = "queued"


class Weight(Enum):
    """What a fault means for the promise that no mail is lost or sent twice."""

    BROKEN = "broken"
    DOUBTFUL = "doubtful"
    EXPLAINED = "explained"
    """At-least-once delivery allows it, and who reads the mail can tell: it is counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happened to mails that should not."""

    weight: Weight
    words: str


@dataclass(frozen=True, slots=True)
class Account:
    """The ledger at the end of a drill."""

    entries: tuple[Entry, ...]
    mails: tuple[Mail, ...]
    states: Mapping[str, str]
    """By id, what the API said of those that it was asked about."""
    tries: Mapping[str, int]
    """By id, how often a mail that was given up had been tried, where that is known."""
    attempts: int
    """After so many tries a mail may be given up."""
    disturbed: tuple[float, float] | None = None
    """From when to when, in seconds since the epoch, the drill kept the worker or a store from their work: for a mail
    that was sent then, at-least-once delivery excuses a second copy."""
    seconds: float = 0.0
    """How long undelivered mails were waited for."""
    places: Mapping[str, str] | None = None
    """By id, where in the queue the job of an undelivered mail was, where that is known."""

    @property
    def accepted(self) -> tuple[Entry, ...]:
        """Those that the API has accepted."""
        return tuple(one for one in self.entries if one.accepted)

    def copies(self, entry: Entry) -> tuple[Mail, ...]:
        """Return the copies of a mail that arrived."""
        return copies_of(entry, self.mails)

    def interrupted(self, moment: float) -> bool:
        """Tell whether somebody was kept from recording what was done at a moment, in seconds since the epoch."""
        return self.disturbed is not None and self.disturbed[0] <= moment <= self.disturbed[1]

    def state(self, entry: Entry) -> str:
        """Return what the API said last of a mail; empty where it was not asked."""
        return next((self.states[one] for one in entry.ids if one in self.states), "")


def faults(account: Account) -> list[Fault]:
    """Name each promise that was broken, with the number of mails and an example; empty where all held."""
    rules = (_lost, _unnamed, _given_up, _doubled, _renamed, _came_uncalled, _forgotten, _still_refused, _wrongly_told)
    return [fault for rule in rules for fault in rule(account)]


def _lost(account: Account) -> Iterator[Fault]:
    def words(one: Entry) -> str:
        state, place = account.state(one), (account.places or {}).get(one.ids[0], "")
        told = f"the API says {state}{unexplained(state)}" if state else "the API does not tell its state"
        return told + (f", its job is {place}" if place else "")

    gone = [one for one in account.accepted if not account.copies(one) and account.state(one) != FAILED]
    yield from _fault(gone, "accepted and never delivered, {waited}", words, account)


def _unnamed(account: Account) -> Iterator[Fault]:
    """What says yes and names no mail is a client's yes; behind another request of its own it may mean that one."""
    first = [one for one in account.entries if one.replies and not one.at_once and one.replies[0].status in ACCEPTED]
    unnamed = [one for one in first if one.replies[0].said is Said.NOTHING]
    yield from _fault(
        unnamed,
        "told that they are accepted, and given no id",
        lambda one: f"the answer was {one.replies[0].status}; {one.replies[0].words}",
        account,
    )


def _given_up(account: Account) -> Iterator[Fault]:
    failed = [one for one in account.accepted if not account.copies(one) and account.state(one) == FAILED]
    tries = {one.key: account.tries.get(one.ids[0]) for one in failed}
    early = [one for one in failed if (tries[one.key] or account.attempts) < account.attempts]
    yield from _fault(
        early,
        f"given up after fewer than {account.attempts} tries (objectives.attempts)",
        lambda one: f"tried {tries[one.key]} times",
        account,
    )
    late = [one for one in failed if one not in early]
    yield from _fault(late, "recorded as failed, not delivered", lambda _: "", account, Weight.DOUBTFUL)


def _doubled(account: Account) -> Iterator[Fault]:
    doubled = [one for one in account.accepted if len(account.copies(one)) > 1]

    def excused(one: Entry) -> bool:
        """A second copy is excused while no record of the first could be made; and its reader must know it again."""
        copies = account.copies(one)
        same = {copy.message_id for copy in copies}
        late = one.sent_on_record and copies[-1].received > one.sent_on_record
        return account.interrupted(copies[0].received) and len(same) == 1 and all(same) and not late

    def words(one: Entry) -> str:
        copies = account.copies(one)
        ids = len({copy.message_id for copy in copies})
        late = one.sent_on_record and copies[-1].received > one.sent_on_record
        return f"{len(copies)} copies, {ids} different Message-IDs" + (
            ", the last of them after the API had called it sent" if late else ""
        )

    yield from _fault([one for one in doubled if not excused(one)], "delivered more than once", words, account)
    yield from _fault(
        [one for one in doubled if excused(one)],
        "delivered more than once, as at-least-once delivery allows here",
        words,
        account,
        Weight.EXPLAINED,
    )


def _renamed(account: Account) -> Iterator[Fault]:
    many = [one for one in account.entries if len(one.ids) > 1]
    yield from _fault(
        many,
        "accepted twice under one idempotency key",
        lambda one: f"as {' and as '.join(one.ids)}",
        account,
    )


def _came_uncalled(account: Account) -> Iterator[Fault]:
    came = [one for one in account.entries if one.refused and account.copies(one)]
    unsure = [
        one
        for one in came
        if one.blames_the_gateway and all(account.interrupted(two.received) for two in account.copies(one))
    ]

    def words(one: Entry) -> str:
        return f"refused with {one.replies[0].words}"

    yield from _fault([one for one in came if one not in unsure], "refused and delivered all the same", words, account)
    yield from _fault(unsure, "refused and delivered, in an outage", words, account, Weight.DOUBTFUL)


def _forgotten(account: Account) -> Iterator[Fault]:
    unknown = [one for one in account.accepted if account.state(one) == UNKNOWN]
    yield from _fault(unknown, "accepted and not on record", lambda _: UNKNOWN, account)


def _still_refused(account: Account) -> Iterator[Fault]:
    still = [one for one in account.entries if one.open]
    yield from _fault(
        still,
        "handed in again and again, and not accepted when all was well again",
        lambda one: f"the last answer was {one.replies[-1].words}" if one.replies else "",
        account,
    )


def _wrongly_told(account: Account) -> Iterator[Fault]:
    wrong = [one for one in account.accepted if account.copies(one) and account.state(one) in (QUEUED, FAILED)]
    yield from _fault(
        wrong, "delivered, and the API does not say so", lambda one: f"it says {account.state(one)}", account
    )


def _fault(
    entries: Sequence[Entry],
    what: str,
    words: Callable[[Entry], str],
    account: Account,
    weight: Weight = Weight.BROKEN,
) -> Iterator[Fault]:
    if entries:
        first = entries[0]
        name = f"mail {first.ids[0]}" if first.ids else "one"
        more = words(first)
        # Whether a mail that is waited for no longer would have come later, nobody has seen.
        what = what.format(waited=f"in {account.seconds:.0f} s")
        yield Fault(
            weight,
            f"{len(entries)} of {len(account.entries)} mails were {what}, such as {name}, handed in when {first.when}"
            + (f": {more}" if more else ""),
        )
