"""The length of the queue as the runbook's commands print it, beside the real one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rehearsal.drills.invariants import Account
from rehearsal.drills.ledger import Ledger
from rehearsal.drills.settling import Settling
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.queue import look
from rehearsal.gateway.target import CommandRun
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command
from rehearsal.snapshot import SnapshotError

_MAILS = 7
_FIGURE = re.compile(r"(?<![\w.:-])\d+(?![\w:-]|\.\d)")
_ONLY_FIGURE = re.compile(r"\s*(?:\(integer\)\s*)?\d+\s*")
_WAITING = ("waiting", "prioritized", "delayed")


@dataclass
class QueueLength:
    """What the commands printed without a worker: before mails were handed in, with them waiting, and at the end."""

    mails: int
    """That wait really."""
    before: list[CommandRun] = field(default_factory=list)
    waiting: list[CommandRun] = field(default_factory=list)
    after: list[CommandRun] = field(default_factory=list)
    """When the worker has sent them."""
    account: Account | None = None
    jobless: int = 0
    """Mails that were accepted, of which none had a job: only the worker makes them."""

    @property
    def counters(self) -> list[CommandRun]:
        """The commands that ask Redis for one figure and print nothing else."""
        return [run for run in self.waiting if "redis-cli" in run.command and _ONLY_FIGURE.fullmatch(run.stdout)]

    @property
    def grown(self) -> int:
        """By how much the figures of these commands have grown, all together."""
        return sum(_figures(run)[0] - self._before(run) for run in self.counters)

    @property
    def shown_by(self) -> list[CommandRun]:
        """The commands whose output has a figure that has grown by the number of mails that wait."""
        return [run for run in self.waiting if self._tells(run, self.before, self.mails)]

    @property
    def falls(self) -> list[CommandRun]:
        """Those of them whose figure has come down again when the mails were sent."""
        return [run for run in self.shown_by if self._tells(run, self.after, self.mails)]

    def _before(self, run: CommandRun) -> int:
        return next((_figures(one)[0] for one in self.before if one.line == run.line and _figures(one)), 0)

    @staticmethod
    def _tells(run: CommandRun, others: Sequence[CommandRun], mails: int) -> bool:
        other = next((one for one in others if one.line == run.line), None)
        return other is not None and any(
            more - less == mails for less, more in zip(_figures(other), _figures(run), strict=False)
        )


def _figures(run: CommandRun) -> list[int]:
    return [int(figure) for figure in _FIGURE.findall(run.stdout)]


def compare_lengths(replica: Replica, gateway: Gateway, commands: Sequence[Command]) -> QueueLength:
    """Stop the worker, let mails wait, and run the section's commands before and meanwhile, up to that which starts it.

    Then start it, and run them again. Raises TargetError, ReplicaError.
    """
    ledger, seen = Ledger(), QueueLength(0)
    replica.stop("worker")
    seen.before = _run_looking(replica, gateway, commands)
    replica.stop("worker")
    length = _length(replica, gateway)
    with Http(replica, gateway.http) as http:
        for _ in range(_MAILS):
            ledger.offer(http)
    accepted = sum(one.accepted for one in ledger.entries)
    try:
        wait_until(
            lambda: _length(replica, gateway),
            lambda now: now >= length + accepted > length,
            what=f"{accepted} accepted mails to wait in the queue",
            timeout=gateway.replica.ready_timeout_seconds,
        )
    except DeadlineError:
        if not accepted or _length(replica, gateway) > length:
            raise
        seen.jobless = accepted
    seen.mails = _length(replica, gateway) - length
    seen.waiting = _run_looking(replica, gateway, commands)
    replica.start("worker")
    seen.account = Settling(replica, gateway, ledger).settle()
    looking = {run.line for run in seen.waiting}
    seen.after = [run for command in commands if command.line in looking for run in _run(replica, gateway, command)]
    return seen


def _length(replica: Replica, gateway: Gateway) -> int:
    try:
        jobs = look(replica, gateway.queue).jobs
    except SnapshotError:
        return 0  # a queue is made with its first job
    return sum(len(jobs[state]) for state in _WAITING)


def _run_looking(replica: Replica, gateway: Gateway, commands: Sequence[Command]) -> list[CommandRun]:
    """Run commands one by one until the worker runs."""
    runs: list[CommandRun] = []
    for command in commands:
        run = _run(replica, gateway, command)
        if any(state.running for state in replica.services() if state.name == "worker"):
            break
        runs += run
    return runs


def _run(replica: Replica, gateway: Gateway, command: Command) -> list[CommandRun]:
    if command.placeholders:
        return []
    return list(run_commands(replica, [command], timeout=gateway.replica.ready_timeout_seconds).commands)
