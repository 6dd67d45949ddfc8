"""A disk that runs full: cleaned by the steps of the document, or full to its last byte and freed again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from rehearsal.backups.kinds import kind_in
from rehearsal.backups.names import names_in
from rehearsal.drills.load import BALLAST, empty, fill
from rehearsal.drills.log_rules import folders_of, limits_of
from rehearsal.drills.mails import Mails, Offered
from rehearsal.drills.marked import mark_redis, what_redis_forgot
from rehearsal.drills.monitors import edges
from rehearsal.drills.numbered_steps import Part, parts_of
from rehearsal.drills.preparing import prepare
from rehearsal.drills.scripts import texts_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.patience import run_patiently
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import NoAnswerError, TargetError
from rehearsal.gateway.wait import DeadlineError
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, RunbookError, procedure, threshold

HEADING = "Espaço em Disco Baixo"
_OLD_LOG_DAYS = 60
"""Where the document does not say after how many days a log goes; else it is twice as old as that."""
_AGES = {"daily": 1, "weekly": 6, "monthly": 27}
"""Days of the newest backup of a kind; one that is made by hand may be older than any log."""
_BY_HAND_DAYS = 45
_LOGS = "./logs"
"""Where the document names no folder of the gateway's own."""
_LOG = ".log"
_PROBE = ".rehearsal-probe"
_OFFERED = 8


@dataclass
class Cleaned:
    """What a drill saw, filled in as it goes."""

    before: float = 0.0
    after: float = 0.0
    parts: tuple[Part, ...] = ()
    run: ProcedureRun | None = None
    kept: int = 0
    """Files that must not go, and were looked for."""
    problems: list[str] = field(default_factory=list)


@dataclass
class Filled:
    """What a drill with a full disk saw."""

    accepted: int = 0
    refused: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FullDisk:
    """The drills of one replica."""

    replica: Replica
    gateway: Gateway
    runbook: Runbook

    @property
    def _limit(self) -> float:
        return self.gateway.replica.command_timeout_seconds

    @property
    def _folder(self) -> str:
        """The folder of the gateway's own logs; one that the shell would not take as it stands is left out."""
        own = (one for one in folders_of(self.runbook, ()) if not one.startswith("/") and shlex.quote(one) == one)
        return next(own, _LOGS)

    @property
    def _log(self) -> str:
        return f"{self._folder}/rehearsal-current.log"

    def clean(self) -> Cleaned:
        """Fill the disk with old logs, follow the steps, and say what was freed and what is lost.

        Raises TargetError, RunbookError, NotOnThisTargetError where the disk can't be filled.
        """
        seen, mails = Cleaned(parts=parts_of(self.runbook, HEADING)), Mails(self.replica, self.gateway)
        sent = mails.deliver("a mail sent before the disk ran low")
        kept = self._plant()
        mark_redis(self.replica, self.gateway)
        old = self._fill_with_old_logs()
        seen.before = self._used()
        commands = [command for part in seen.parts for command in part.commands]
        seen.run = run_patiently(self.replica, commands, self.gateway.replica) if commands else None
        seen.after = self._used()
        lost = self._lost(kept)
        seen.kept = len(kept)
        seen.problems += [f"the steps have deleted or changed {path}, which must be kept" for path in lost]
        self._demand(f"rm -rf {self._folder}/rehearsal-* {' '.join(old)}")
        self._goes_on(mails, [sent], seen.problems, "after the steps")
        if forgot := what_redis_forgot(self.replica, self.gateway):
            seen.problems.append(f"after the steps, {forgot}")
        return seen

    def fill_up(self) -> Filled:
        """Fill the disk to its last byte, hand in mails, free it again. Raises TargetError where it does not fill."""
        seen, mails = Filled(), Mails(self.replica, self.gateway)
        accepted = [mails.deliver("a mail sent before the disk was full")]
        try:
            fill(self.replica, ".", 99, timeout=self._limit)
            # What is full takes not one block more.
            write = "head -c {} /dev/zero >> {} 2>/dev/null"
            self._demand(f"{write.format('10G', BALLAST)}; ! {write.format(9999, _PROBE)}")
            for number in range(_OFFERED):
                try:
                    accepted.append(mails.offer(f"mail {number + 1} that was accepted with a full disk"))
                except (NoAnswerError, TargetError):
                    seen.refused += 1
        finally:
            self.replica.run_script(f"rm -f {_PROBE}", timeout=self._limit)
            empty(self.replica, ".", timeout=self._limit)
        seen.accepted = _OFFERED - seen.refused
        self._goes_on(mails, accepted, seen.problems, "after the disk was freed")
        return seen

    def _goes_on(self, mails: Mails, accepted: list[Offered], problems: list[str], when: str) -> None:
        try:
            mails.deliver(f"a mail handed in {when}")
        except (NoAnswerError, DeadlineError) as error:
            problems.append(f"{when}: {error}")
        problems += [f"{when}: {one}" for one in mails.wrongly_delivered(accepted, mails.await_copies(accepted))]
        problems += mails.problems
        for one in self.replica.services():
            if not one.running or one.healthy is False:
                problems.append(f"{when} {one.name} is not well: {one.detail}")

    def _used(self) -> float:
        return max(disk.used_percent for disk in self.replica.resources(interval=0.1).disks)

    def _plant(self) -> dict[str, str]:
        """Put down what must be kept, the newest backup of each kind and a log in use, and return their sums."""
        now = datetime.now(UTC)
        files = {self._log: now, **dict(self._backups(now))}
        script = f"mkdir -p backups redis-backups redis-data {self._folder}\n"
        for path, made in files.items():
            place = shlex.quote(path)
            script += f'mkdir -p -- "$(dirname {place})" && head -c 100000 /dev/urandom > {place}\n'
            script += f"touch -d @{made.timestamp():.0f} -- {place}\n"
        self._demand(script)
        return self._sums(files)

    def _backups(self, now: datetime) -> Sequence[tuple[str, datetime]]:
        kinds = {kind for policy in self.runbook.backup_policies for kind in policy.retention_days}
        found = []
        for name in names_in(self.runbook.text):
            if name.written.endswith(_LOG):
                continue
            named = kind_in(name.written, _AGES)
            for kind in [one for one in _AGES if one in kinds] if named else [""]:
                made = now - timedelta(days=_AGES.get(kind, _BY_HAND_DAYS))
                own = name.of_kind(named, kind) if named else name
                found.append((str(PurePosixPath(own.folder) / own.at(made)), made))
        return found

    def _sums(self, paths: Sequence[str] | dict[str, datetime]) -> dict[str, str]:
        words = " ".join(map(shlex.quote, paths))
        lines = self.replica.run_script(f"sha256sum -- {words}", timeout=self._limit).stdout.splitlines()
        return {path: digest for digest, _, path in (line.partition("  ") for line in lines)}

    def _lost(self, kept: dict[str, str]) -> list[str]:
        now = self._sums(list(kept))
        lost = [path for path, digest in kept.items() if now.get(path) != digest]
        if self._log in lost and self._is_rotated(kept[self._log]):
            lost.remove(self._log)
        return lost

    def _is_rotated(self, digest: str) -> bool:
        log = self._log
        copies = f'for copy in {log}*; do {{ zcat -f -- "$copy" || cat -- "$copy"; }} 2>/dev/null | sha256sum; done'
        return digest in self.replica.run_script(copies, timeout=self._limit).stdout

    def _fill_with_old_logs(self) -> tuple[str, str]:
        """Fill the disk over its critical level, with a log and a copy of one; to delete either is enough."""
        row = threshold(self.runbook, "Disk")
        last = edges(row)[-1]
        fill(self.replica, ".", last.above - row.warning.value + last.above - last.limit + 2, timeout=self._limit)
        moment = datetime.now(UTC) - timedelta(days=self._old_log_days())
        old, copy = self._old_logs(moment)
        self._demand(f"mv {BALLAST} {old}")
        fill(self.replica, ".", last.above, timeout=self._limit)
        self._demand(f"mv {BALLAST} {copy}; touch -d @{moment.timestamp():.0f} {old} {copy}")
        return old, copy

    def _old_logs(self, moment: datetime) -> tuple[str, str]:
        """Return the names of a log and of a copy of it, or of the logs of two days where each day has its own."""
        listed = names_in("\n".join(one.text for one in self.runbook.log_paths))
        own = [one for one in listed if one.written[0] != "/" and shlex.quote(one.written) == one.written]
        if own:
            days = (moment, moment - timedelta(days=1))
            first, second = (str(PurePosixPath(own[0].folder) / own[0].at(day)) for day in days)
            return first, second
        old = f"{self._folder}/rehearsal-old.log"
        return old, f"{old}.{moment:%Y%m%d-%H%M%S}.gz"

    def _old_log_days(self) -> int:
        with suppress(RunbookError):
            written = procedure(self.runbook, "Limpeza Automática")
            return 2 * max(limits_of(self.runbook, written, texts_of(self.replica, written.commands)).values())
        return _OLD_LOG_DAYS

    def _demand(self, script: str) -> None:
        prepare(self.replica, script, "prepare the disk", timeout=self._limit)
