"""What every drill of backups does: run a procedure of the runbook, find a backup, wait until the gateway serves."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

import httpx

from rehearsal.drills.mails import Mails, Offered
from rehearsal.drills.placeholders import NamedFile, fill_in, newest_files
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.mounts import redis_folder
from rehearsal.gateway.patience import run_patiently
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.queue import hold, look, release
from rehearsal.gateway.target import NoAnswerError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure, RunbookError
from rehearsal.snapshot import SnapshotError

_SUFFIXES = (
    "gz",
    "tgz",
    "bz2",
    "xz",
    "zst",
    "lz4",
    "zip",
    "tar",
    "sql",
    "dump",
    "pgdump",
    "backup",
    "bak",
    "rdb",
    "gpg",
    "age",
)
"""Of what may be a backup."""
Stamps = Mapping[str, str]
"""What stands in a backup's name for each placeholder of a moment."""


@dataclass(frozen=True)
class Steps:
    """The steps of a drill on one replica of one gateway."""

    replica: Replica
    gateway: Gateway

    @property
    def limit(self) -> float:
        """Seconds for one step."""
        return self.gateway.replica.command_timeout_seconds

    def run(self, procedure: Procedure, stamps: Stamps | None = None) -> ProcedureRun:
        """Run a procedure: on the newest backup, or on that of `stamps`. Raises TargetError, RunbookError."""
        values = {**self.gateway.placeholders, **(stamps or {})}
        commands = fill_in(self.replica, procedure.commands, values, timeout=self.limit)
        return run_patiently(self.replica, commands, self.gateway.replica)

    def newest(self, restore: Procedure) -> tuple[Stamps, NamedFile | None]:
        """Return the stamps and the file of the newest backup; None where a restore names none by its moment.

        Raises NoBackupError.
        """
        files = newest_files(self.replica, restore.commands, self.gateway.placeholders, timeout=self.limit)
        return {text: file.stamp for text, file in files.items()}, next(iter(files.values()), None)

    def newest_file(self, restore: Procedure, since: float) -> tuple[Stamps, NamedFile]:
        """Return the same, and where the restore names none the one file of a backup that was written `since` then.

        `since` in seconds of the epoch. Raises NoBackupError, RunbookError.
        """
        stamps, file = self.newest(restore)
        written = [] if file else self._written(since)
        if len(written) == 1:
            return stamps, NamedFile(written[0], PurePosixPath(written[0]).name)
        if file is None:
            place = restore.place
            msg = (
                f"line {place.line}: '{place.heading}': expected the name of a backup with a placeholder such as"
                f" YYYYMMDD-HHMMSS, found none, and the backup left {', '.join(written) or 'no file of its own'}:"
                " nobody knows which file it reads"
            )
            raise RunbookError(msg)
        return stamps, file

    def _written(self, since: float) -> list[str]:
        names = " -o ".join(f"-name '*.{suffix}'" for suffix in _SUFFIXES)
        script = (
            f"find . -type f -newermt @{since:.3f} -size +0 \\( {names} \\)"
            f" ! -path './{redis_folder(self.gateway)}/*' ! -path './logs/*' ! -path './.*'"
        )
        return self.replica.run_script(script, timeout=self.limit).stdout.split()

    def hold(self) -> None:
        """Keep the worker from taking jobs. Raises redis.RedisError or TimeoutError."""
        hold(self.replica, self.gateway.queue, timeout=self.limit)

    def release(self) -> None:
        """Undo `hold`. Raises redis.RedisError or TimeoutError."""
        release(self.replica, self.gateway.queue, timeout=self.limit)

    def offer(self, mails: Mails, what: str) -> Offered:
        """Hand in a mail while the worker is held, and wait for its job, which some make seconds later.

        Without it a backup may hold the mail and not its job. Raises NoAnswerError.
        """
        before = self._jobs()
        offered = mails.offer(what)
        with suppress(DeadlineError):
            wait_until(lambda: self._jobs() - before, what="a job", timeout=self.gateway.http.timeout_seconds)
        return offered

    def _jobs(self) -> frozenset[str]:
        with suppress(SnapshotError):
            return frozenset(one for jobs in look(self.replica, self.gateway.queue).jobs.values() for one in jobs)
        return frozenset()

    def wait_ready(self) -> None:
        """Wait for a ready API. Raises DeadlineError."""
        wait_until(
            self._readiness,
            httpx.codes.is_success,
            what="a ready API",
            timeout=self.gateway.replica.ready_timeout_seconds,
            forgive=(NoAnswerError,),
        )

    def _readiness(self) -> int:
        with Http(self.replica, self.gateway.http) as http:
            return http.get(self.gateway.http.readiness).status
