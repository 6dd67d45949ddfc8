"""A service that takes too much of a resource: who names it, and whether the steps of the section end it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from rehearsal.drills.load import MARK, burning, holding
from rehearsal.drills.mails import Mails, Offered
from rehearsal.drills.marked import mark_redis, was_emptied
from rehearsal.drills.monitors import edges
from rehearsal.drills.numbered_steps import Part, parts_of, restarted, restarts
from rehearsal.gateway.aliases import names_of_services
from rehearsal.gateway.culprits import culprit, shown
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.patience import run_patiently
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import CommandRun, NoAnswerError, ServiceUsage
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, threshold

_SECONDS = 0.4
_CLEAR, _CLEAR_PERCENT = 1.5, 8
"""Load counts as that when a service uses so much more, in parts and in percent: a container starts it in a moment."""
_USUAL = "worker"
"""Whom the drill takes where the section names nobody."""


@dataclass
class Ended:
    """What a drill saw, filled in as it goes."""

    service: str
    names: Mapping[str, str]
    """Which service each name means."""
    parts: tuple[Part, ...] = ()
    idle: float = 0.0
    """Percent that the service used before the load."""
    loaded: float = 0.0
    """Percent that the service used."""
    own: str = ""
    """Whom Rehearsal itself names."""
    run: ProcedureRun | None = None
    after: float = 0.0
    problems: list[str] = field(default_factory=list)

    @property
    def looked(self) -> Sequence[CommandRun]:
        """The commands before the first restart: those that show who it is."""
        commands = self.run.commands if self.run else ()
        first = next((number for number, one in enumerate(commands) if restarts(one.command)), len(commands))
        return commands[:first]

    @property
    def restarted(self) -> bool:
        """Tell whether a command restarts anything."""
        return any(restarts(command.text) for part in self.parts for command in part.commands)

    @property
    def goes_on(self) -> bool:
        """Tell whether the load is still there after the steps."""
        return self.after > (self.idle + self.loaded) / 2

    def named(self, figure: str) -> tuple[str, str]:
        """Return whom the section's commands show as the one with the most, and the command; empty for nobody."""
        for one in self.looked:
            if seen := shown(one.stdout, figure, self.names):
                return max(seen, key=lambda name: seen[name]), one.command
        for one in self.looked:
            if MARK in one.stdout:
                return self.service, one.command
        return "", ""


@dataclass(frozen=True)
class Hog:
    """The drill of one resource on one replica."""

    replica: Replica
    gateway: Gateway
    runbook: Runbook
    heading: str
    figure: str
    """`cpu_percent` or `memory_percent`."""

    @property
    def _limit(self) -> float:
        return self.gateway.replica.command_timeout_seconds

    def rehearse(self) -> Ended:
        """Load a service, follow the section's steps, and say what became of the load and of the mails.

        Raises TargetError, RunbookError, redis.RedisError; DeadlineError where the load can't be seen.
        """
        names = names_of_services(self.gateway)
        seen = Ended(restarted(self.runbook, self.heading, names) or _USUAL, names)
        seen.parts = parts_of(self.runbook, self.heading, seen.service)
        mails = Mails(self.replica, self.gateway)
        mails.deliver("a mail sent before the load")
        mark_redis(self.replica, self.gateway)
        seen.idle = self._of(self.replica.resources(interval=_SECONDS).services, seen.service)
        with self._load(seen.service):
            usage = wait_until(
                lambda: self.replica.resources(interval=_SECONDS).services,
                lambda found: self._of(found, seen.service) > max(_CLEAR * seen.idle, seen.idle + _CLEAR_PERCENT),
                what=f"load in {seen.service}, which uses {seen.idle:.3g} % without",
                timeout=self.gateway.replica.ready_timeout_seconds,
            )
            seen.own, seen.loaded = culprit(usage, self.figure), self._of(usage, seen.service)
            accepted = self._offer(mails, seen)
            commands = [command for part in seen.parts for command in part.commands]
            seen.run = run_patiently(self.replica, commands, self.gateway.replica) if commands else None
            seen.after = self._settled(seen)
        self._finish(mails, accepted, seen)
        return seen

    def _load(self, service: str) -> AbstractContextManager[None]:
        given = self.gateway.replica
        if self.figure == "cpu_percent":
            return burning(self.replica, service, 2 * max(1, round(given.cpus)), timeout=self._limit)
        above = edges(threshold(self.runbook, "Memory"))[0].above
        missing = above - self.replica.resources(interval=0.1).memory_percent
        return holding(self.replica, service, int((given.memory_mib << 20) * missing / 100), timeout=self._limit)

    def _of(self, usage: Sequence[ServiceUsage], service: str) -> float:
        return next((float(getattr(one, self.figure)) for one in usage if one.name == service), 0.0)

    def _offer(self, mails: Mails, seen: Ended) -> list[Offered]:
        try:
            return [mails.offer("a mail accepted under load")]
        except NoAnswerError as error:
            seen.problems.append(f"under load: {error}")
            return []

    def _settled(self, seen: Ended) -> float:
        """Return what the service uses when it has come to rest, or at the end of the time that it may take."""
        values: list[float] = []

        def look() -> float:
            values.append(self._of(self.replica.resources(interval=_SECONDS).services, seen.service))
            return values[-1]

        try:
            # A service that starts is busy for a moment, too.
            return wait_until(
                look, lambda value: value <= (seen.idle + seen.loaded) / 2, what="the end of the load", timeout=5
            )
        except DeadlineError:
            return values[-1]

    def _finish(self, mails: Mails, accepted: list[Offered], seen: Ended) -> None:
        try:
            mails.deliver("a mail handed in after the steps")
        except (NoAnswerError, DeadlineError) as error:
            seen.problems.append(f"after the steps: {error}")
            return
        if was_emptied(self.replica):
            seen.problems.append("the steps have emptied Redis: a key that lay there before them is gone")
        seen.problems += mails.wrongly_delivered(accepted, mails.await_copies(accepted))
        seen.problems += mails.problems
        seen.problems += [
            f"after the steps {one.name} is not well: {one.detail}"
            for one in self.replica.services()
            if not one.running or one.healthy is False
        ]
