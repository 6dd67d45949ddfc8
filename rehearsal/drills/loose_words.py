"""What a mail says, looked for in every log of a gateway that has just sent it."""

from __future__ import annotations

import shlex
import uuid
from collections.abc import Iterator, Sequence

from rehearsal.drills.log_rules import folders_of
from rehearsal.drills.mails import Mails
from rehearsal.gateway.description import SERVICES, Gateway
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook

_LOG_LINES = 5000
_FOLDERS = ("./logs", "/var/log")


def logs_that_tell(replica: Replica, gateway: Gateway, runbook: Runbook) -> tuple[str, ...]:
    """Send a mail, and return the logs in which its text stands. Raises TargetError, NoAnswerError."""
    text = f"rehearsal-{uuid.uuid4()}"
    Mails(replica, gateway).deliver("a mail that the logs must not tell", text)
    limit = gateway.replica.command_timeout_seconds
    return (*_of_services(replica, text), *_files(replica, (*_FOLDERS, *folders_of(runbook, ())), text, limit))


def _of_services(replica: Replica, text: str) -> Iterator[str]:
    yield from (f"the log of {name}" for name in SERVICES if text in replica.logs(name, _LOG_LINES))


def _files(replica: Replica, folders: Sequence[str], text: str, limit: float) -> Sequence[str]:
    script = f"grep -rlF {text} {shlex.join(dict.fromkeys(folders))} 2>/dev/null; true"
    return sorted(set(replica.run_script(script, timeout=limit).stdout.split()))
