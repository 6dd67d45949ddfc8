"""Whether the monitor of Redis shows the real queue and the real memory: they are changed, and it is asked again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rehearsal.drills.mails import Mails
from rehearsal.drills.monitors import Monitor
from rehearsal.drills.said import Said, numbers
from rehearsal.drills.scripts import script_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.queue import hold, look
from rehearsal.gateway.room import ask_redis_memory
from rehearsal.gateway.target import CommandRun, TargetError
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

_FIRST, _MORE = 3, 4
_TWO = 2
_BALLAST_MIB = 32
_BALLAST = "rehearsal:ballast"
_LEAST, _MOST = 0.75, 2.5
"""Of what was put into Redis: a server rounds up what it takes, and its buffers keep what came in for a while."""
_MIB = 1 << 20
_ENDINGS = (0, 1, 2)
"""All is well, a warning, critical, as monitors say it."""
_UNITS = {"": 1, "b": 1, "bytes": 1, "k": 1 << 10, "m": _MIB, "g": 1 << 30}
_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(%|bytes\b|[kmg]i?b?\b|b\b)?", re.IGNORECASE)
_AGE = re.compile(r"\b(idade|h[aá]|antig\w+|age|old\w*)\b", re.IGNORECASE)
_Place = tuple[str, int]
"""A line without its numbers, and which of them."""
_ABOUT = {
    "queue": re.compile(r"\b(filas?|queues?|jobs?|wait\w*|espera\w*)\b", re.IGNORECASE),
    "pause": re.compile(r"paus", re.IGNORECASE),
    "memory": re.compile(r"\bmem(?:[oó]ria|ory)?\b|used_memory", re.IGNORECASE),
}


@dataclass(frozen=True)
class RedisMonitor:
    """The drill of one script on one replica."""

    replica: Replica
    gateway: Gateway
    runbook: Runbook
    monitor: Monitor

    def promises(self, about: str) -> bool:
        """Tell whether the document says of the script that it shows this."""
        name = script_of(self.monitor.command.text)
        texts = [one.text for section in self.runbook.sections for one in (*section.steps, *section.items)]
        return any(name in text and _is_line_about(about, text) for text in texts)

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
        places = _following(said_few, few, said_many, many)
        if self._is_about("queue", said_many) and not places:
            yield self._wrong(f"{few[0]} and then {many[0]} waiting jobs", said_many, "queue")
        hold(self.replica, self.gateway.queue, timeout=self.monitor.timeout)
        paused = self.monitor.say()
        yield from self._paused(said_many, paused, many, places)
        yield from self._memory(paused)

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

    def _paused(self, running: Said, paused: Said, waiting: Sequence[int], places: Sequence[_Place]) -> Iterator[str]:
        # Where it stood before: the same figure may stand elsewhere by chance, such as the seconds since a save.
        now = _places(paused.text)
        shown = {now[place] for place in places if place in now} or set(numbers(paused.text))
        if self._is_about("queue", paused) and not set(waiting) & shown:
            yield self._wrong(f"{waiting[0]} waiting jobs of a paused queue", paused, "queue")
        if self.promises("pause") and not running.differs(paused):
            yield self._wrong("that the queue is paused, as the document says of it", paused, "queue")

    def _memory(self, before: Said) -> Iterator[str]:
        if not self._is_about("memory", before):
            return
        with self.replica.redis() as client:
            client.set(_BALLAST, b"x" * (_BALLAST_MIB * _MIB))
            with_it = self.monitor.say()
            client.delete(_BALLAST)
        limit = ask_redis_memory(self.replica).limit
        grown = _BALLAST_MIB * _MIB
        share = 100 * grown / limit if limit else 0.0
        changes = [*_changes(before, with_it)]
        if not limit and changes and all(percent for _, percent in changes):
            return  # of a Redis without a limit there is no percentage
        if not any(_is_growth(change, share if percent else grown, percent) for change, percent in changes):
            yield self._wrong(f"{_BALLAST_MIB} MiB more in Redis", with_it, "memory")

    def _is_about(self, about: str, said: Said) -> bool:
        return self.promises(about) or any(_is_line_about(about, line) for line in said.text.splitlines())

    def _wrong(self, what: str, said: Said, about: str) -> str:
        lines = [line.strip() for line in said.text.splitlines() if line.strip()]
        named = [line for line in lines if _ABOUT[about].search(line)] or lines
        shown = f"`{named[0][:160]}`" if named else "nothing"
        return f"expected {script_of(self.monitor.command.text)} to show {what}, found {shown}"


def _is_line_about(about: str, line: str) -> bool:
    # How long the oldest mail has waited is no length of a queue; a line that tells the age may tell the length, too.
    only_age = about == "queue" and _AGE.search(line) and len([*numbers(line)]) < _TWO
    return bool(_ABOUT[about].search(line)) and not only_age


def _following(few_said: Said, few: Sequence[int], many_said: Said, many: Sequence[int]) -> list[_Place]:
    """Return the places of what was said at which a number went from one of `few` to one of `many`."""
    before, after = _places(few_said.text), _places(many_said.text)
    pairs = [*zip(few, many, strict=True)]
    return [place for place in before.keys() & after.keys() if (before[place], after[place]) in pairs]


def _places(text: str) -> dict[_Place, float]:
    found: dict[_Place, float] = {}
    for line in text.splitlines():
        words = re.sub(r"\d+(?:[.,]\d+)?", "0", line).strip()
        for number, value in enumerate(numbers(line)):
            found.setdefault((words, number), value)
    return found


def _is_growth(change: float, real: float, percent: bool) -> bool:  # noqa: FBT001 - one of two kinds of figures
    slack = 1.0 if percent else 0.0
    return real > 0 and real * _LEAST - slack <= change <= real * _MOST + slack


def _changes(before: Said, after: Said) -> Iterator[tuple[float, bool]]:
    """Yield by how much each size grew, in bytes, or in percent where the second is True."""
    one, two = _sizes(before.text), _sizes(after.text)
    for place in one.keys() & two.keys():
        yield two[place] - one[place], place[2]


def _sizes(text: str) -> dict[tuple[str, int, bool], float]:
    found: dict[tuple[str, int, bool], float] = {}
    for line in text.splitlines():
        words = _SIZE.sub("0", line).strip()
        for number, (value, unit) in enumerate(_SIZE.findall(line)):
            percent = unit == "%"
            factor = 1 if percent else _UNITS[unit.lower() if unit.lower() == "bytes" else unit[:1].lower()]
            found.setdefault((words, number, percent), float(value.replace(",", ".")) * factor)
    return found
