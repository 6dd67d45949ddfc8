"""What a mail says, looked for in every log of a gateway that has just sent it."""

from __future__ import annotations

import shlex
import uuid
from collections.abc import Iterator, Sequence
from functools import partial

from rehearsal.drills.log_rules import folders_of
from rehearsal.gateway.description import SERVICES, Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

_LOG_LINES = 5000
_FOLDERS = ("./logs", "/var/log")


def logs_that_tell(replica: Replica, gateway: Gateway, runbook: Runbook) -> tuple[str, ...]:
    """Send a mail, and return the logs in which its text stands. Raises TargetError, NoAnswerError."""
    subject, text = (f"rehearsal-{uuid.uuid4()}" for _ in range(2))
    with Http(replica, gateway.http) as http:
        http.submit("recipient@example.com", subject, text, str(uuid.uuid4()))
    wait_until(
        partial(_has_arrived, replica, subject),
        what="a mail to arrive at the sink",
        timeout=gateway.replica.ready_timeout_seconds,
    )
    limit = gateway.replica.command_timeout_seconds
    return (*_of_services(replica, text), *_files(replica, (*_FOLDERS, *folders_of(runbook, ())), text, limit))


def _has_arrived(replica: Replica, subject: str) -> bool:
    return any(subject in mail.subject for mail in replica.mails())


def _of_services(replica: Replica, text: str) -> Iterator[str]:
    yield from (f"the log of {name}" for name in SERVICES if text in replica.logs(name, _LOG_LINES))


def _files(replica: Replica, folders: Sequence[str], text: str, limit: float) -> Sequence[str]:
    script = f"grep -rlF {text} {shlex.join(dict.fromkeys(folders))} 2>/dev/null; true"
    return sorted(set(replica.run_script(script, timeout=limit).stdout.split()))
