"""A running gateway that is taken for a live host: what a check may ask of one, and no more."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from rehearsal.backups.host import HostFile, list_script, listed, sum_script, summed
from rehearsal.drills.live_backups import LiveBackups
from rehearsal.drills.placeholders import fill_in
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.target import Target
from rehearsal.replica import open_replica
from rehearsal.replica.processes.replica import ProcessReplica
from rehearsal.results.model import Outcome
from rehearsal.runbook import Runbook, procedure
from tests.checks.judge import Judge, Verdict

_PIECE = 1 << 16
FLIP = (
    "cp $f whole; b=$(($(stat -c %s $f) / 2));"
    " while cmp -s <(gzip -dc < whole) <(gzip -dc < $f 2> /dev/null); do"
    " cp whole $f; x=$(od -An -tu1 -j $b -N 1 $f);"
    ' printf "\\x$(printf %x $((x ^ 16)))" | dd of=$f bs=1 seek=$b conv=notrunc status=none; b=$((b + 1)); done;'
    " rm whole"
)
"""Flips a bit of a packed file. In a run of equal bytes it may unpack to the same, which is no damage."""


@dataclass
class StandIn:
    """Answers for a live host out of a replica; whatever a replica offers beyond that is not there."""

    replica: ProcessReplica
    is_replica = False
    name = "ssh://operator@stand-in"

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  passed on as it is
        if name not in ("run_script", "postgres", "redis", "read_file", "http", "services", "logs", "resources"):
            raise AttributeError(name)
        return getattr(self.replica, name)

    def list_files(self, folder: str, *, timeout: float) -> Sequence[HostFile]:
        """Return the files in a folder."""
        return listed(self.replica.run_script(list_script(folder), timeout=timeout), folder, self.name)

    def sha256(self, path: str, *, timeout: float) -> str:
        """Return a file's sum."""
        return summed(self.replica.run_script(sum_script(path), timeout=timeout), path, self.name)

    def stream(self, path: str, *, timeout: float) -> Iterator[bytes]:
        """Yield a file's bytes."""
        del timeout
        with os.fdopen(self.replica.control.take("open", path=path), "rb") as file:
            while piece := file.read(_PIECE):
                yield piece


@dataclass
class LiveHost:
    """A stand-in with backups that its own runbook has made."""

    stand_in: StandIn
    judge: Judge

    def run(self, script: str) -> str:
        """Do something on the host that must succeed."""
        done = self.stand_in.run_script(script, timeout=60)
        assert done.ok, done
        return str(done.stdout)

    def backed_up(self, heading: str) -> None:
        """Make a backup by the runbook."""
        commands = procedure(self.judge.runbook, heading).commands
        run = run_commands(self.stand_in.replica, fill_in(self.stand_in.replica, commands, {}, timeout=60), timeout=60)
        assert not run.failed, run.failed

    def verdict(self, check: Any, runbook: Runbook | None = None) -> Verdict:  # noqa: ANN401  a check
        """Run a check on this host's backups."""
        gateway, live = self.judge.gateway, cast("Target", self.stand_in)
        backups = LiveBackups(
            live,
            self.stand_in,
            gateway,
            runbook or self.judge.runbook,
            open_replica,
        )
        return self.judge(check, live_backups=backups)

    def finding(self, check: Any, outcome: Outcome) -> str:  # noqa: ANN401  a check
        """Run a check that must end so, and return all that it says of that outcome."""
        seen = self.verdict(check)
        assert seen.outcome is outcome, (seen.outcome, seen.message)
        return " | ".join(one.message for one in seen.record.findings if one.outcome is outcome)
