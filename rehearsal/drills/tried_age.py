"""How long a mail has waited, as the document's queries print it: before it was tried, and while it is tried again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.drills.ledger import Entry, Ledger
from rehearsal.drills.mail_server import NothingAcceptedError
from rehearsal.drills.old_mails import make_older
from rehearsal.drills.outage import MAIL_SERVER
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.queue import look
from rehearsal.gateway.target import CommandRun, NotOnThisTargetError
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command, Runbook
from rehearsal.runbook.review import commands_of

MINUTES = 45
"""For which a mail has waited: no other figure of a fresh replica is near it."""
_NEAR = 0.04
_MINUTE = 60
_QUERY = re.compile(r"\bpsql\b.*\b(?:select|table)\b", re.IGNORECASE | re.DOTALL)
_CHANGES = re.compile(r"\b(?:update|delete|insert|alter|drop|truncate|pg_terminate_backend)\b|[<>]", re.IGNORECASE)
_CLOCK = re.compile(r"(?<![\d:])(?<!\d[ T])(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?![\d:])")
_FIGURE = re.compile(r"(?<![\w.:-])\d+(?:\.\d+)?(?![\w:-])")
_TRIED = ("delayed", "failed")


@dataclass(frozen=True, slots=True)
class TriedAge:
    """A query that shows how long a mail has waited which nobody has tried, and what it prints once it was tried."""

    untried: CommandRun
    tried: CommandRun

    @property
    def still_shows(self) -> bool:
        """Tell whether it still shows how long."""
        return _shows(self.tried.stdout)


def ask_age_of_tried(replica: Replica, gateway: Gateway, runbook: Runbook) -> tuple[TriedAge, ...]:
    """Have a mail wait for most of an hour, then be tried in vain, and return the queries that showed how long.

    Raises NotOnThisTargetError where no query shows it or no row can be made older; NothingAcceptedError, TargetError,
    ReplicaError, SnapshotError, psycopg.Error, redis.RedisError.
    """
    queries = [one for one in commands_of(runbook) if _asks(one)]
    before = {run.line: run for run in _run(replica, gateway, queries)}
    replica.stop(MAIL_SERVER)
    replica.stop("worker")
    try:
        entry = _offer(replica, gateway)
        make_older(replica, gateway.queue, entry.ids[0], MINUTES * _MINUTE)
        untried = [
            run
            for run in _run(replica, gateway, queries)
            if _shows(run.stdout) and not (run.line in before and _shows(before[run.line].stdout))
        ]
        if not untried:
            msg = "no query of the document shows for how long a mail has waited"
            raise NotOnThisTargetError(msg)
        replica.start("worker")
        _await_try(replica, gateway, entry)
        _demand_waiting(replica, gateway, entry)
        lines = {run.line: run for run in untried}
        again = _run(replica, gateway, [one for one in queries if one.line in lines])
        return tuple(TriedAge(lines[run.line], run) for run in again)
    finally:
        replica.start(MAIL_SERVER)
        replica.start("worker")


def _asks(command: Command) -> bool:
    quoted = command.text.partition("psql")[2]
    return bool(_QUERY.search(command.text)) and not _CHANGES.search(quoted) and not command.placeholders


def _shows(text: str) -> bool:
    """Tell whether a text holds a span of about so many minutes, or a figure of them, in seconds or minutes."""
    seconds = MINUTES * _MINUTE
    found: list[float] = [int(h) * 3600 + int(m) * 60 + int(s) for h, m, s in _CLOCK.findall(text)]
    found += [float(figure) for figure in _FIGURE.findall(text)]
    return any(abs(one - figure) <= _NEAR * figure for one in found for figure in (seconds, MINUTES))


def _run(replica: Replica, gateway: Gateway, commands: Sequence[Command]) -> list[CommandRun]:
    limit = gateway.replica.ready_timeout_seconds
    return [run for command in commands for run in run_commands(replica, [command], timeout=limit).commands]


def _offer(replica: Replica, gateway: Gateway) -> Entry:
    with Http(replica, gateway.http) as http:
        entry = Ledger().offer(http)
    if not entry.accepted:
        msg = "expected the API to accept a mail while the worker is down, it did not"
        raise NothingAcceptedError(msg)
    return entry


def _await_try(replica: Replica, gateway: Gateway, entry: Entry) -> None:
    def tried() -> bool:
        jobs = look(replica, gateway.queue).jobs
        return bool(set(entry.ids) & {job for state in _TRIED for job in jobs[state]})

    wait_until(tried, what="a first try", timeout=gateway.replica.ready_timeout_seconds)


def _demand_waiting(replica: Replica, gateway: Gateway, entry: Entry) -> None:
    with Http(replica, gateway.http) as http:
        state = http.state_of(entry.ids[0])
    if state in ("failed", "sent"):
        msg = f"a mail that has waited for {MINUTES} min is {state} after one try"
        raise NotOnThisTargetError(msg)
