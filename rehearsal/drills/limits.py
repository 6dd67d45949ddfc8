"""A flood of requests from one client, and who is held back for it."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

from rehearsal.drills.attack import FLOOD, TOO_MANY, UNAVAILABLE
from rehearsal.drills.clients import ATTACKER, NEIGHBOUR, OTHERS, Clients
from rehearsal.gateway.description import Gateway
from rehearsal.replica.protocol import Replica

_NAMED = 100
"""Addresses that a forger names, one after the other."""


@dataclass(frozen=True, slots=True)
class Flood:
    """How a flood was answered, by path."""

    path: str
    answers: Counter[int]
    others: tuple[int, ...]
    """What other clients got in the same breath, each for one request."""
    forged: Counter[int]
    """How the same flood was answered when each request named another address in X-Forwarded-For."""

    per_second: float
    """How fast the requests came: a machine that is busy with other things may be too slow to be too fast."""

    @property
    def held_back(self) -> int:
        """How many requests were too many: 429, or what nginx says by default."""
        return self.answers[TOO_MANY] + self.answers[UNAVAILABLE]

    @property
    def evaded(self) -> bool:
        """Tell whether a forged header lifts the limit."""
        return bool(self.held_back) and not self.forged[TOO_MANY] + self.forged[UNAVAILABLE]

    @property
    def shuts_out_others(self) -> bool:
        """Tell whether others were held back for what one has done; of a common limit now and then one gets a share."""
        return bool(self.held_back) and 2 * sum(one in (TOO_MANY, UNAVAILABLE) for one in self.others) > len(
            self.others
        )


@dataclass(frozen=True, slots=True)
class Floods:
    """The floods of one drill."""

    of_mails: Flood
    """Where mails are handed in."""
    of_liveness: Flood
    alive: tuple[str, ...]
    """What did not run afterwards, each in a sentence."""

    @property
    def floods(self) -> tuple[Flood, ...]:
        """Both."""
        return (self.of_mails, self.of_liveness)


def flood(replica: Replica, gateway: Gateway) -> Floods:
    """Flood the place where mails are handed in, and the liveness. Raises TargetError."""
    clients = Clients(replica, gateway)

    def one(path: str, *, post: bool) -> Flood:
        began = time.monotonic()
        answers = clients.ask(ATTACKER, path, times=FLOOD, post=post, then=OTHERS)
        per_second = FLOOD / (time.monotonic() - began)
        named = [f"192.0.2.{number}" for number in range(1, _NAMED + 1)]
        forged = clients.ask(ATTACKER, path, times=FLOOD, post=post, forged=named)
        return Flood(path, Counter(answers[:FLOOD]), tuple(answers[FLOOD:]), Counter(forged), per_second)

    mails, liveness = one(gateway.http.submit, post=True), one(gateway.http.liveness, post=False)
    down = [f"{state.name}: {state.detail}" for state in replica.services() if not state.running or state.restarts]
    status = clients.ask(NEIGHBOUR, gateway.http.readiness)[0]
    down += [] if 200 <= status < 300 else [f"{gateway.http.readiness} answered {status}"]  # noqa: PLR2004
    return Floods(mails, liveness, tuple(down))
