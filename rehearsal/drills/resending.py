"""Commands that people copy to have mails tried again: what was sent must not be sent a second time by them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.drills.mails import Mails
from rehearsal.drills.useful import useful_ones
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.target import CommandRun
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

_CHANGES = re.compile(
    r"\b(?:UPDATE|INSERT|DELETE)\b|\b(?:retry|requeue|re-?send|re-?envi\w*|retoma\w*|reprocess\w*)\b", re.IGNORECASE
)
_LOOKS = 3
"""Times the limit of a request: as long as a gateway may take that makes jobs of rows by itself."""


@dataclass(frozen=True, slots=True)
class Resent:
    """One command, and how often the mail arrived that was sent before it."""

    run: CommandRun
    line: int
    copies: int


def commands_that_change(replica: Replica, gateway: Gateway, runbook: Runbook) -> Iterator[Resent]:
    """Run each useful command that changes rows or jobs after a mail was sent, and count how often that arrives.

    Raises TargetError, RunbookError.
    """
    mails = Mails(replica, gateway)
    for command in useful_ones(runbook, gateway, lambda one: _CHANGES.search(one.text)):
        sent = mails.deliver("a mail sent before the command")
        # Until the row says so, a second try of it is none of the command's doing.
        mails.await_record([sent])
        run = run_commands(replica, [command], timeout=gateway.replica.command_timeout_seconds).commands[-1]
        end = time.monotonic() + _LOOKS * gateway.http.timeout_seconds
        while mails.copies(sent) < 2 and time.monotonic() < end:  # noqa: PLR2004 - a second copy
            time.sleep(0.1)
        yield Resent(run, command.line, mails.copies(sent))
