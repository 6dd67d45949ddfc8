"""What a mail says and what opens doors, looked for in every log of a gateway that has just sent it."""

from __future__ import annotations

import shlex
import uuid
from collections.abc import Iterator, Mapping, Sequence
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
_LEAST = 8
"""Characters of a key."""
_FOLDERS = ("./logs", "/var/log")


def logs_that_tell(replica: Replica, gateway: Gateway, runbook: Runbook) -> tuple[tuple[str, str], ...]:
    """Send a mail, and two that are not taken at first or ever, and return what stands in which log.

    That is the text of these mails, a key of the API, a password, what a client says to be let in. Raises TargetError,
    NoAnswerError.
    """
    text, said = f"rehearsal-{uuid.uuid4()}", f"rehearsal-{uuid.uuid4()}"
    for manner in (DEFERRED, REFUSED):
        _not_taken(replica, gateway, manner, text)
    Mails(replica, gateway).deliver("a mail that the logs must not tell", text)
    with Http(replica, gateway.http) as http:
        # Of any path that the API serves: health pages may have no line in a log.
        asked = gateway.http.state.format(id=uuid.uuid4())
        http.get(asked, {"Authorization": f"Bearer {said}", "Cookie": f"session={said}"})
    limit = gateway.replica.command_timeout_seconds
    looked_for = (("the text of a mail", (text,)), ("what a client says to be let in", (said,)))
    logs: dict[str, str] = {name: replica.logs(name, _LOG_LINES) for name in SERVICES}
    folders = (*_FOLDERS, *folders_of(runbook, ()))
    return tuple(
        (what, place)
        for what, words in (*looked_for, *_secrets(replica, gateway))
        for place in (*_of_services(logs, words), *_files(replica, folders, words, limit))
    )


def _secrets(replica: Replica, gateway: Gateway) -> Iterator[tuple[str, tuple[str, ...]]]:
    keys = [value.split()[-1] for value in gateway.http.key_headers.values()]
    # A short one, such as `test`, is a word like others.
    yield "a key of the API", tuple(key for key in keys if len(key) >= _LEAST)
    yield "a password", replica.secrets


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


def _of_services(logs: Mapping[str, str], words: Sequence[str]) -> Iterator[str]:
    yield from (f"the log of {name}" for name, said in logs.items() if any(word in said for word in words))


def _files(replica: Replica, folders: Sequence[str], words: Sequence[str], limit: float) -> Sequence[str]:
    if not words:
        return ()
    # Passwords stand in no argument.
    script = f"printenv LOOKED_FOR | grep -rlFf - {shlex.join(dict.fromkeys(folders))} 2>/dev/null; true"
    found = replica.run_script(script, timeout=limit, environment={"LOOKED_FOR": "\n".join(words)})
    return sorted(set(found.stdout.split()))
