"""What a mail says, looked for in every log of a gateway that has just sent it."""

from __future__ import annotations

import shlex
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress

from rehearsal.drills.log_rules import folders_of
from rehearsal.drills.mail_server import ELSEWHERE
from rehearsal.drills.mails import Mails
from rehearsal.drills.outage import MAIL_SERVER
from rehearsal.gateway.description import SERVICES, Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.processes.sink import DEFERRED, REFUSED
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

_LOG_LINES = 5000
_FOLDERS = ("./logs", "/var/log")


def logs_that_tell(replica: Replica, gateway: Gateway, runbook: Runbook) -> tuple[str, ...]:
    """Send a mail, and two that are not taken at first or ever, and return the logs in which their text stands.

    Raises TargetError, NoAnswerError.
    """
    text = f"rehearsal-{uuid.uuid4()}"
    for manner in (DEFERRED, REFUSED):
        _not_taken(replica, gateway, manner, text)
    Mails(replica, gateway).deliver("a mail that the logs must not tell", text)
    limit = gateway.replica.command_timeout_seconds
    return (*_of_services(replica, text), *_files(replica, (*_FOLDERS, *folders_of(runbook, ())), text, limit))


def _not_taken(replica: Replica, gateway: Gateway, manner: str, text: str) -> None:
    """Hand in a mail that the mail server does not take: who logs an error may log all that it holds."""
    to = f"{manner}{uuid.uuid4().hex[:12]}@{ELSEWHERE}"
    with Http(replica, gateway.http) as http:
        http.submit(to, "a mail that is not taken", text, str(uuid.uuid4()))
    # A gateway that writes to somebody else, or takes its time, has tried nothing by then: the other mail is seen.
    with suppress(DeadlineError):
        wait_until(
            lambda: to in replica.logs(MAIL_SERVER, _LOG_LINES),
            what="a first try",
            timeout=gateway.http.timeout_seconds,
        )


def _of_services(replica: Replica, text: str) -> Iterator[str]:
    yield from (f"the log of {name}" for name in SERVICES if text in replica.logs(name, _LOG_LINES))


def _files(replica: Replica, folders: Sequence[str], text: str, limit: float) -> Sequence[str]:
    script = f"grep -rlF {text} {shlex.join(dict.fromkeys(folders))} 2>/dev/null; true"
    return sorted(set(replica.run_script(script, timeout=limit).stdout.split()))
