"""Whether the monitor of Redis shows the real queue and the real memory: they are changed, and it is asked again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from rehearsal.drills.figures import Place, figures_of, following, growths, is_growth, still_percents
from rehearsal.drills.mails import Mails
from rehearsal.drills.monitors import Monitor
from rehearsal.drills.redis_words import ABOUT, READS_FAILED, bits_of_saving, figures_of_failed, is_line_about
from rehearsal.drills.said import Said, numbers
from rehearsal.drills.saving import refuses_once_it_fails, unsaved
from rehearsal.drills.scripts import monitor_of_host, script_of, texts_of
from rehearsal.drills.statuses import StatusPromise, status_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.queue import hold, look
from rehearsal.gateway.room import ask_redis_memory
from rehearsal.gateway.target import CommandRun, TargetError
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, RunbookError

_FIRST, _MORE = 3, 4
_BALLAST_MIB = 32
_BALLAST = "rehearsal:ballast"
_MIB = 1 << 20
_MUCH = 5.0
"""Percent of its limit that are seen as more, however a script rounds."""
_ENDINGS = (0, 1, 2)
"""All is well, a warning, critical, as monitors say it."""
_HOST = "Monitoramento de Recursos"
_OF_REDIS = re.compile(r"redis|cache|used_memory", re.IGNORECASE)
_WAITING = re.compile(r"\b(?:wait\w*|espera\w*|llen)\b", re.IGNORECASE)


@dataclass(frozen=True)
class RedisMonitor:
    """The drill of one script on one replica."""

    replica: Replica
    gateway: Gateway
    runbook: Runbook
    monitor: Monitor

    def promises(self, about: str) -> bool:
        """Tell whether the document says of the script that it shows this."""
        return any(is_line_about(about, text) for text in self._said_of_it())

    def _said_of_it(self) -> list[str]:
        name = script_of(self.monitor.command.text)
        texts = [one.text for section in self.runbook.sections for one in (*section.steps, *section.items)]
        return [text for text in texts if name in text]

    def rehearse(self, evidence: Callable[[CommandRun], None]) -> Iterator[str]:
        """Change the queue, its pause and the memory, and yield what the script does not show, in sentences.

        `evidence` is given its first run.

        Raises TargetError where the replica could not be changed.
        """
        mails = Mails(self.replica, self.gateway)
        mails.deliver("a mail before the worker is stopped")
        self.replica.stop("worker")
        few, said_few = self._with_more(mails, _FIRST)
        evidence(said_few.run)
        if said_few.run.exit_code not in _ENDINGS:
            yield f"`{said_few.run.command}` {said_few.run.ending}"
            return
        many, said_many = self._with_more(mails, _FIRST + _MORE)
        places = following(said_few, few, said_many, many)
        if self._is_about("queue", said_many) and (not places or self._stands_still(said_few, said_many, places)):
            yield self._wrong(f"{few[0]} and then {many[0]} waiting jobs", said_many, "queue")
        hold(self.replica, self.gateway.queue, timeout=self.monitor.timeout)
        paused = self.monitor.say()
        yield from self._paused(said_many, paused, many, places)
        yield from self._failed(paused)
        yield from self._memory(paused)
        yield from self._unsaved(paused)
        yield from self._down(paused)

    def _with_more(self, mails: Mails, jobs: int) -> tuple[Sequence[int], Said]:
        while (waiting := self._waiting())[0] < jobs:
            mails.offer("a mail that waits")
            if self._waiting()[0] <= waiting[0]:
                msg = f"expected a job for each accepted mail in the queue {self.gateway.queue.name}, found none"
                raise TargetError(msg)
        return waiting, self.monitor.say()

    def _waiting(self) -> Sequence[int]:
        """Return the numbers that may be called the length of the queue."""
        jobs = {state: len(ids) for state, ids in look(self.replica, self.gateway.queue).jobs.items()}
        waiting = jobs["waiting"] + jobs["prioritized"]
        return waiting, waiting + jobs["delayed"], waiting + jobs["active"], waiting + jobs["delayed"] + jobs["active"]

    def _stands_still(self, few: Said, many: Said, places: Sequence[Place]) -> bool:
        """Tell whether a figure of what waits stays as it is, and what follows is none of the queue's: rows, say."""
        before, after = figures_of(few.text), figures_of(many.text)
        still = [place for place in before.keys() & after.keys() if before[place] == after[place]]
        follows = any(ABOUT["queue"].search(words) for words, _ in places)
        return not follows and any(_WAITING.search(words) for words, _ in still)

    def _paused(self, running: Said, paused: Said, waiting: Sequence[int], places: Sequence[Place]) -> Iterator[str]:
        # Where it stood before: the same figure may stand elsewhere by chance, such as the seconds since a save.
        now = figures_of(paused.text)
        shown = {now[place] for place in places if place in now} or set(numbers(paused.text))
        if self._is_about("queue", paused) and not set(waiting) & shown:
            yield self._wrong(f"{waiting[0]} waiting jobs of a paused queue", paused, "queue")
        if self.promises("pause") and not running.differs(paused):
            yield self._wrong("that the queue is paused, as the document says of it", paused, "queue")

    def _failed(self, before: Said) -> Iterator[str]:
        """Plant jobs that are done, and look whether they are shown as such that failed."""
        told, asks = figures_of_failed(before), bool(READS_FAILED.search(self._text()))
        with_failed = self._with_ended("failed") if told or asks else before
        if asks and not before.differs(with_failed) and told == figures_of_failed(with_failed):
            yield self._wrong(f"{_MORE} more jobs that failed, which it asks for", with_failed, "failed")
            return
        failed, done = figures_of_failed(with_failed), figures_of_failed(self._with_ended("completed")) if told else []
        if not len(told) == len(failed) == len(done):
            return  # its lines are others each time: which figure is which nobody can tell
        for was, many_failed, many_done in zip(told, failed, done, strict=True):
            if many_done == was + _MORE != many_failed:
                yield self._wrong(f"{was:g} failed jobs beside {_MORE} more that are done", before, "failed")

    def _with_ended(self, state: str) -> Said:
        key, planted = f"{self.gateway.queue.prefix}:{self.gateway.queue.name}:{state}", range(_MORE)
        with self.replica.redis() as client:
            client.zadd(key, {f"rehearsal-{number}": time.time() * 1000 for number in planted})
            said = self.monitor.say()
            client.zrem(key, *(f"rehearsal-{number}" for number in planted))
        return said

    def _memory(self, before: Said) -> Iterator[str]:
        if not self._is_about_memory(before):
            return
        with self.replica.redis() as client:
            client.set(_BALLAST, b"x" * (_BALLAST_MIB * _MIB))
            with_it = self.monitor.say()
            client.delete(_BALLAST)
        limit = ask_redis_memory(self.replica).limit
        grown = _BALLAST_MIB * _MIB
        share = 100 * grown / limit if limit else 0.0
        changes = [*growths(before, with_it)]
        if not limit and changes and all(percent for _, percent in changes):
            return  # of a Redis without a limit there is no percentage
        if not any(is_growth(change, share if percent else grown, percent) for change, percent in changes):
            yield self._wrong(f"{_BALLAST_MIB} MiB more in Redis", with_it, "memory")
        elif share > _MUCH and set(still_percents(before, with_it, limit)) - self._thresholds():
            yield self._wrong(f"a share that grows by {share:.0f} % with {_BALLAST_MIB} MiB more", with_it, "memory")

    def _thresholds(self) -> set[float]:
        """Percentages that stand in a line because they are the limits there."""
        return {limit.value for row in self.runbook.thresholds for limit in (row.warning, row.critical)}

    def _unsaved(self, before: Said) -> Iterator[str]:
        """Let a save fail, after which Redis takes no writes: it answers PING as before."""
        if not self.promises("saving"):
            return
        with unsaved(self.replica):
            refuses = refuses_once_it_fails(self.replica, self.monitor.timeout)
            failing = self.monitor.say()
        if refuses and not before.differs(failing) and bits_of_saving(before) == bits_of_saving(failing):
            yield self._wrong(
                "that Redis can't save and takes no writes, as the document says of it", failing, "saving"
            )

    def _down(self, before: Said) -> Iterator[str]:
        """Ask it while Redis is down, which no figure tells as well as words or a status do."""
        promise = self._status_promise()
        self.replica.stop("redis")
        down = self.monitor.say()
        asked = self._asked(promise).say() if promise else down
        self.replica.start("redis")
        if promise and asked.run.exit_code == 0:
            yield self._wrong(
                f"by the status of {promise.option}, as line {promise.line} promises, that Redis does not answer",
                asked,
                "queue",
            )
        if down.run.exit_code == 0 and (not down.text.strip() or not before.differs(down)):
            yield self._wrong("or to say by its exit status that Redis does not answer", down, "queue")

    def _status_promise(self) -> StatusPromise | None:
        """Return what the document promises of a status by an option that this script has."""
        promises = [status_of(self.runbook, heading) for heading in ("Scripts de Monitoramento", _HOST)]
        text = self._text()
        return next((one for one in promises if one and one.option and one.option in text), None)

    def _asked(self, promise: StatusPromise) -> Monitor:
        command = self.monitor.command
        return replace(self.monitor, command=replace(command, text=promise.asked(command.text)))

    def _text(self) -> str:
        return "\n".join(texts_of(self.replica, [self.monitor.command]).values())

    def _is_about(self, about: str, said: Said) -> bool:
        return self.promises(about) or any(is_line_about(about, line) for line in said.text.splitlines())

    def _is_about_memory(self, said: Said) -> bool:
        """Tell whether it shows the memory of Redis: a script that looks at the host, too, may mean the host's."""
        lines = [line for line in (*said.text.splitlines(), *self._said_of_it()) if is_line_about("memory", line)]
        return bool(lines) and (any(_OF_REDIS.search(line) for line in lines) or not self._is_the_hosts())

    def _is_the_hosts(self) -> bool:
        with suppress(RunbookError):
            return script_of(monitor_of_host(self.runbook, _HOST).text) == script_of(self.monitor.command.text)
        return False

    def _wrong(self, what: str, said: Said, about: str) -> str:
        lines = [line.strip() for line in said.text.splitlines() if line.strip()]
        named = [line for line in lines if ABOUT[about].search(line)] or lines
        shown = f"`{named[0][:160]}`" if named else "nothing"
        return f"expected {script_of(self.monitor.command.text)} to show {what}, found {shown}"
