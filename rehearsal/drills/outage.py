"""One service fails while mails are handed in: whether it is seen, comes back by the runbook, and costs no mail."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

import redis

from rehearsal.damage.services import Manner
from rehearsal.drills.invariants import Account
from rehearsal.drills.ledger import Entry, Ledger, copies_of
from rehearsal.drills.noticing import first_trouble, queue_stands, trouble
from rehearsal.drills.placeholders import fill_in
from rehearsal.drills.settling import Settling
from rehearsal.drills.stream import Stream
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.patience import asked_again
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.queue import look
from rehearsal.gateway.target import CommandRun, NoAnswerError, TargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica, ReplicaError
from rehearsal.runbook import Command, RunbookError
from rehearsal.snapshot import SnapshotError

MAIL_SERVER = "smtp"
_HELD_SECONDS = 0.5
"""How long a job is held before the mail server is taken to have it: a worker looks at its row first."""
_AWAY_SECONDS = 3.0
"""How long a restarted service is away: a gateway that looks for mails every second or two finds nothing there."""
_HAND_SECONDS = 3.0
"""How long a worker is waited for to have mails in its hands; one that is quicker than anybody can see has none."""


@dataclass
class Outage:
    """What was seen of one outage, filled in as it goes."""

    service: str
    manner: Manner
    restarted: str = ""
    """Another service, restarted before."""
    in_hand: int = 0
    """Mails that the worker had begun to send when it happened."""
    seen: str = ""
    """What the daily checks would have said first."""
    passed: bool = False
    """The service came back before anybody did anything."""
    runs: list[CommandRun] = field(default_factory=list)
    """The runbook's commands that were run, in order."""
    still: list[str] = field(default_factory=list)
    """What was wrong when all steps had been followed."""
    seconds: float | None = None
    """From the failure to a mail that came through again; None where that needed help that the runbook has not."""
    account: Account | None = None

    @property
    def words(self) -> str:
        """What happened, for a sentence."""
        before = f", after {self.restarted} was restarted" if self.restarted else ""
        return f"{self.service} {self.manner.words}{before}"


@dataclass
class OutageDrill:
    """The outages of one service on one replica."""

    replica: Replica
    gateway: Gateway
    service: str
    commands: Sequence[Command]
    """The runbook's, for this service's failure."""
    restarted: str = ""
    """Another service, restarted before: what lost its connection to that must still be at work."""
    endless: set[int] = field(default_factory=set)
    """Lines of commands that do not end by themselves: a person has ended them once, and knows."""

    def rehearse(self, manner: Manner) -> Outage:
        """Let the service fail in one manner. Raises TargetError or ReplicaError when the drill can't go on."""
        outage, ledger = Outage(self.service, manner, self.restarted), Ledger()
        with Stream(self.replica, self.gateway, ledger):
            self._await_mail(ledger, "before")
            with self._hands_full(ledger) as in_hand:
                ledger.now = f"{self.service} {manner.words}"
                outage.in_hand = len(in_hand)
                began, since = time.monotonic(), time.time()
                with ThreadPoolExecutor(1) as pool:
                    striking = pool.submit(manner.strike, self.replica, self.service)
                    # An orderly stop may wait for what is in hand, and that for the mail server.
                    wait([striking], timeout=_HAND_SECONDS / 2)
                    self.replica.resume(MAIL_SERVER)
                undo = striking.result()
            try:
                self._await_end_of(in_hand, ledger)
                self._recover(outage, began)
            finally:
                helped = self._help(outage, undo)
            until = time.time()
            ledger.now = f"{self.service} was back"
            self._await_mail(ledger, ledger.now)
            outage.seconds = None if helped else time.monotonic() - began
        self._ask_again(ledger)
        outage.account = Settling(self.replica, self.gateway, ledger).settle((since - _HAND_SECONDS, until))
        return outage

    def restart(self, service: str) -> None:
        """Restart another service first, as maintenance does. Raises ReplicaError."""
        self.replica.stop(service)
        time.sleep(_AWAY_SECONDS)
        self.replica.start(service)
        self._await_well(self.gateway.replica.ready_timeout_seconds)
        self.restarted = service

    def try_commands(self) -> list[CommandRun]:
        """Run the runbook's commands while all is well; those that need what only a disaster leaves are left out."""
        limit = self.gateway.replica.ready_timeout_seconds
        # The command before it may have restarted what it asks.
        runs = [
            asked_again(self.replica, [command], run, timeout=limit, patience=limit)
            for command in self.commands
            if (run := self._run(command))
        ]
        self.endless |= {run.line for run in runs if run.exit_code is None and run.line}
        return runs

    def _run(self, command: Command) -> CommandRun | None:
        limit = self.gateway.replica.ready_timeout_seconds
        try:
            filled = fill_in(self.replica, [command], self.gateway.placeholders, timeout=limit)
        except (TargetError, RunbookError):
            return None
        return run_commands(self.replica, filled, timeout=limit).commands[0]

    def _recover(self, outage: Outage, began: float) -> None:
        """Wait for what passes, else follow the runbook until all is well again, as an operator would."""
        limit = self.gateway.replica.ready_timeout_seconds
        frozen = self.service if outage.manner.freezes else ""
        if outage.manner.passes:
            outage.passed = not self._await_well(limit)
            if outage.passed:
                return
        outage.seen = self._notice(outage, frozen, began)
        for command in (one for one in self.commands if one.line not in self.endless):
            run = self._run(command)
            outage.runs += [run] if run else []
            if run and self._runs() and not trouble(self.replica, self.gateway):
                break
        outage.still = self._await_well(limit)

    def _notice(self, outage: Outage, frozen: str, began: float) -> str:
        limit = self.gateway.replica.ready_timeout_seconds
        if frozen != "worker":
            return first_trouble(self.replica, self.gateway, frozen=frozen, timeout=limit)
        with suppress(DeadlineError):
            return wait_until(
                lambda: queue_stands(self.replica, self.gateway, began), what="a queue that stands", timeout=limit
            )
        return outage.seen

    def _runs(self) -> bool:
        """Tell whether the service itself is up: where it is not, nothing else needs to be asked."""
        return any(state.running for state in self.replica.services() if state.name == self.service)

    def _await_well(self, limit: float) -> list[str]:
        """Wait until nothing is wrong, and return what still is after `limit` seconds."""
        deadline = time.monotonic() + limit
        while found := trouble(self.replica, self.gateway):
            if time.monotonic() >= deadline:
                return found
            time.sleep(0.1)
        return []

    def _help(self, outage: Outage, undo: Callable[[], None]) -> bool:
        """Do what the runbook did not, so that the mails can be counted; tell whether anything was needed."""
        if outage.passed or (not outage.still and outage.seen):
            with suppress(ReplicaError, TargetError, redis.RedisError):
                undo()
            return False
        with suppress(ReplicaError, TargetError, redis.RedisError):
            undo()
        with suppress(ReplicaError):
            self.replica.resume(self.service)
        self.replica.start(self.service)
        self._await_well(self.gateway.replica.ready_timeout_seconds)
        return bool(outage.still)

    def _await_mail(self, ledger: Ledger, when: str) -> None:
        """Wait until a mail that is handed in from now on has come through. Raises DeadlineError."""
        known = len(ledger.entries)

        def came() -> bool:
            mails = tuple(self.replica.mails())
            return any(copies_of(one, mails) for one in ledger.entries[known:])

        timeout = self.gateway.objectives.queue_age_p95_seconds
        wait_until(came, what=f"a mail to come through {when}", timeout=timeout)

    def _ask_again(self, ledger: Ledger) -> None:
        """Hand in a mail once more that was accepted, now that all is well: the API must know it."""
        with Http(self.replica, self.gateway.http) as http:
            for one in [entry for entry in ledger.entries if entry.accepted][:1]:
                ledger.offer_again(http, one.key)

    @contextmanager
    def _hands_full(self, ledger: Ledger) -> Iterator[list[Entry]]:
        """Keep the mail server from answering inside the block, and begin it when the worker has mails in hand."""
        in_hand: list[Entry] = []
        self.replica.pause(MAIL_SERVER)
        try:
            with suppress(DeadlineError, SnapshotError):
                wait_until(
                    partial(self._holds, {}),
                    what="a mail in the worker's hands",
                    timeout=_HAND_SECONDS,
                    forgive=(redis.RedisError,),
                )
            mails = tuple(self.replica.mails())
            in_hand += [one for one in ledger.entries if one.accepted and not copies_of(one, mails)]
            yield in_hand
        finally:
            with suppress(ReplicaError):
                self.replica.resume(MAIL_SERVER)

    def _holds(self, since: dict[str, float]) -> bool:
        """Tell whether a job has been in the worker's hands for long enough to have come to the mail server."""
        now = time.monotonic()
        active = look(self.replica, self.gateway.queue).jobs["active"]
        return any(now - since.setdefault(job, now) >= _HELD_SECONDS for job in active)

    def _await_end_of(self, in_hand: Sequence[Entry], ledger: Ledger) -> None:
        """Give a worker that still lives the time to end what it had begun, and note what the API says of it then."""

        def arrived() -> bool:
            mails = tuple(self.replica.mails())
            return all(copies_of(one, mails) for one in in_hand)

        with suppress(DeadlineError):
            wait_until(arrived, what="the mails in hand", timeout=_HAND_SECONDS / 2)
        # Only without the queue can the row learn what the job can't.
        if self.service != "redis":
            return
        with Http(self.replica, self.gateway.http) as http:
            for one in in_hand:
                with suppress(NoAnswerError):
                    if http.state_of(one.ids[0]) == "sent":
                        ledger.note_sent(one.key)
