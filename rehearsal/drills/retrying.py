"""Commands that people copy to have failed mails tried again: such a mail arrives, once its mail server takes it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.drills.invariants import FAILED
from rehearsal.drills.last_tries import LastTry, put_off_for_good, somebody_put_off
from rehearsal.drills.refusal import Watch, tries_of
from rehearsal.drills.useful import useful_ones
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.queue import hurry
from rehearsal.gateway.target import CommandRun
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command, Runbook
from rehearsal.runbook.vocabulary import fold

_RETRIES = re.compile(
    r"\b(?:tent\w+ (?:de novo|novamente|outra vez)|re-?tent\w+|re-?envi\w+|re-?process\w+|re-?enfileir\w+"
    r"|retry\w*|retries|re-?send\w*|re-?queue\w*|(?:try|send) (?:\w+ )?again)\b"
)
_OF_FAILED = re.compile(r"\b(?:falh\w+|fail\w*|mort[oa]s?|dead)\b")
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Retried:
    """One command, and what became of a mail that had been given up before it."""

    run: CommandRun
    line: int
    before: LastTry
    tries: int
    """How often it was tried afterwards; the mail server puts off the first of these, and takes the next."""
    arrived: bool


def commands_that_retry(replica: Replica, gateway: Gateway, runbook: Runbook) -> Iterator[Retried]:
    """Run each useful command that says it has failed mails tried again, after a mail was given up.

    Yields nothing for a command before which no mail is seen to be given up. Raises TargetError, RunbookError,
    ReplicaError, SnapshotError, redis.RedisError.
    """
    for command in useful_ones(runbook, gateway, _is_for_failed_mails):
        to = somebody_put_off(gateway.objectives.attempts + 1)
        before = put_off_for_good(replica, gateway, to)
        if FAILED not in (before.state, before.place):
            continue
        run = run_commands(replica, [command], timeout=gateway.replica.command_timeout_seconds).commands[-1]
        arrived = run.ok and _arrives(replica, gateway, to, before)
        yield Retried(run, command.line, before, tries_of(replica, to) - before.tries, arrived)


def _is_for_failed_mails(command: Command) -> bool:
    words = fold(f"{command.label} {command.text}")
    return bool(_RETRIES.search(words) and _OF_FAILED.search(words))


def _arrives(replica: Replica, gateway: Gateway, to: str, before: LastTry) -> bool:
    """Wait for a mail until it arrives, is given up again, or is older than a mail may get in the queue."""
    tries, given_up, end = before.tries, 0.0, time.monotonic() + gateway.objectives.queue_age_p95_seconds
    with Http(replica, gateway.http) as http:
        watch = Watch(replica, gateway, http, before.mail_id)
        while time.monotonic() < end:
            if any(to in mail.recipients for mail in replica.mails()):
                return True
            if (now := tries_of(replica, to)) > tries:
                # A row may go on to say that it failed while its job is tried.
                tries, given_up = now, time.monotonic() + gateway.http.timeout_seconds
            elif tries > before.tries and (watch.state() or watch.place()) == FAILED and time.monotonic() > given_up:
                return False
            hurry(replica, gateway.queue, timeout=gateway.redis.timeout_seconds)
            time.sleep(_PAUSE_SECONDS)
    return False
