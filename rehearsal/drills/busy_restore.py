"""A restore while clients hand in: what the API accepts by then must not go with the store that is replaced."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import httpx
import psycopg
import redis

from rehearsal.drills.ledger import Entry, Ledger, Said, copies_of
from rehearsal.drills.mails import Mails
from rehearsal.drills.placeholders import NoBackupError
from rehearsal.drills.steps import Steps
from rehearsal.drills.traffic import Traffic
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import TargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica, ReplicaError
from rehearsal.runbook import Procedure

_PAUSE_SECONDS = 0.2
_CLIENTS = 3
"""So that one request that is answered late does not keep all others from being made."""
_STOPS = re.compile(r"\b(?:stop|down|pause|kill)\b")
_SCRIPT = re.compile(r"(?:\./)?[\w./-]+\.(?:sh|py)\b")


@dataclass
class BusyRestore:
    """What a drill saw."""

    restore: ProcedureRun | None = None
    accepted: int = 0
    """Mails that the API accepted once the block had stopped what it stops, until its end."""
    refused: int = 0
    lost: int = 0
    """Of the accepted: never arrived."""
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class BusyRestoreDrill:
    """The restore of one store of one replica."""

    replica: Replica
    gateway: Gateway
    backup: Procedure
    restore: Procedure

    def rehearse(self) -> BusyRestore:
        """Back up, hand in mails, restore meanwhile. Raises TargetError, ReplicaError, RunbookError."""
        seen, mails, ledger = BusyRestore(), Mails(self.replica, self.gateway), Ledger()
        steps = Steps(self.replica, self.gateway)
        mails.deliver("a mail sent before the backup")
        # What is sent at once needs no store: mails wait, as they do when their receivers are slow.
        steps.hold()
        steps.run(self.backup)
        asked: list[tuple[float, Entry]] = []

        def hand_in() -> None:
            began = time.monotonic()
            with Http(self.replica, self.gateway.http) as http:
                asked.append((began, ledger.offer(http, patient=False)))

        try:
            with ExitStack() as clients:
                for _ in range(_CLIENTS):
                    clients.enter_context(Traffic(hand_in, _PAUSE_SECONDS))
                seen.restore = steps.run(self.restore)
                ended = time.monotonic()
            steps.wait_ready()
            self.replica.plant_token()
            steps.release()
            self._count(seen, asked, self._stopped(seen.restore, ended, asked))
            mails.deliver("a mail handed in after the restore")
        except NoBackupError as error:
            seen.problems.append(str(error))
        except (TargetError, ReplicaError, psycopg.Error, redis.RedisError) as error:
            seen.problems.append(f"after the restore the gateway did not work again: {error}")
        return seen

    def _count(self, seen: BusyRestore, asked: Sequence[tuple[float, Entry]], since: float) -> None:
        accepted = [entry for began, entry in asked if entry.accepted and began >= since]
        seen.accepted, seen.refused = len(accepted), sum(not entry.accepted for _, entry in asked)

        def look() -> tuple[int, int]:
            there = tuple(self.replica.mails())
            return sum(not copies_of(entry, there) for entry in accepted), len(there)

        seen.lost, sent = look()
        # As long as anything is sent, they may still be behind it: many came in, and a worker may be held back.
        with suppress(DeadlineError):
            while seen.lost:
                seen.lost, sent = self._await_more(look, sent)

    def _await_more(self, look: Callable[[], tuple[int, int]], sent: int) -> tuple[int, int]:
        return wait_until(
            look,
            lambda now: now[1] > sent,
            what="the mails that were accepted during the restore",
            timeout=self.gateway.replica.ready_timeout_seconds,
        )

    def _stopped(self, run: ProcedureRun, ended: float, asked: Sequence[tuple[float, Entry]]) -> float:
        """Return when the block had stopped what it stops: what is accepted before then is as old as the disaster.

        Counted from the block's end: what the run itself needs before its first command is nobody's fault. A script
        that stops the API by itself has done so when nobody answers while it runs; a later restart is none of it.
        """
        begun = [ended - sum(one.seconds for one in run.commands[place:]) for place in range(len(run.commands) + 1)]
        stops = [place for place, one in enumerate(run.commands, 1) if _STOPS.search(one.command)]
        stopped = begun[max(stops, default=0)]
        silent = [
            at
            for place, one in enumerate(run.commands)
            if self._stops_by_itself(one.command)
            for at, entry in asked
            if max(stopped, begun[place]) <= at <= begun[place + 1] and _is_away(entry)
        ]
        return min(silent, default=stopped)

    def _stops_by_itself(self, command: str) -> bool:
        scripts = (self.gateway.directory / name for name in _SCRIPT.findall(command))
        return any(_STOPS.search(one.read_text(errors="replace")) for one in scripts if one.is_file())


def _is_away(entry: Entry) -> bool:
    """Tell whether nobody answered for the API: one that says by itself that its database is away goes on."""
    last = entry.replies[-1]
    return last.said is Said.NOTHING or last.status in (httpx.codes.BAD_GATEWAY, httpx.codes.GATEWAY_TIMEOUT)
