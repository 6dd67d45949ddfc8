"""An update of images: all but the pull itself where a replica has no registry, and with it where it has one."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rehearsal.drills.backups import folder_of_backups
from rehearsal.drills.mails import Mails
from rehearsal.drills.placeholders import fill_in
from rehearsal.drills.postgres_store import PostgresStore
from rehearsal.drills.redis_store import RedisStore
from rehearsal.drills.stores import Store
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.patience import run_patiently
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import NoAnswerError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure, Runbook
from rehearsal.runbook.model import Command
from rehearsal.snapshot import Difference

PULL = re.compile(r"docker([- ]compose)?(\s+-[^\s;&|]+([\s=][^-\s;&|]\S*)?)*?\s+pull\b[^&|;\n]*")
_PULLS_TOO = re.compile(r"\bup\b[^&|;\n]*\s--pull[ =](always|missing)\b")
_MAKES_NEW = re.compile(r"\b(up|run|create|deploy)\b|\.sh\b|\bmake\b")
_ONLY_STARTS = re.compile(r"\bdocker[- ]?\S*[^&|;\n]*\s(re)?start\b")
_MARK = "./logs/rehearsal-before-images"


@dataclass
class ImagesUpdate:
    """What an update of images came to."""

    run: ProcedureRun
    pulls: list[int]
    """Lines of the commands that pull."""
    without_pull: bool
    restarted: int = 0
    """Line of a command that starts containers again where nothing makes new ones behind the pull; 0 where it does."""
    backups: dict[str, list[str]] = field(default_factory=dict)
    """Of each store, the files that were made."""
    differences: list[Difference] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def update_images(
    replica: Replica, gateway: Gateway, runbook: Runbook, written: Procedure, *, without_pull: bool
) -> ImagesUpdate:
    """Run the section, and say what is there afterwards. Raises TargetError, SnapshotError."""
    limit = gateway.replica.command_timeout_seconds
    commands = fill_in(replica, written.commands, gateway.placeholders, timeout=limit)
    mails = Mails(replica, gateway)
    sent = mails.deliver("a mail sent before the update")
    mails.problems += mails.wrongly_delivered([sent], mails.await_copies([sent]))
    stores: tuple[Store, ...] = (
        PostgresStore(gateway.postgres.changing),
        RedisStore(gateway.queue, gateway.redis.changing),
    )
    before = [store.take(replica) for store in stores]
    replica.run_script(f"touch {_MARK}; sleep 0.05", timeout=limit)
    pulls = [one.line for one in commands if PULL.search(one.text) or _PULLS_TOO.search(one.text)]
    restarted = _restarted(commands)
    if without_pull:
        commands = tuple(replace(one, text=PULL.sub("true ", one.text)) for one in commands)
    seen = ImagesUpdate(run_patiently(replica, commands, gateway.replica), pulls, without_pull, restarted)
    try:
        wait_until(
            lambda: _is_ready(replica, gateway),
            what="a ready API",
            timeout=gateway.replica.ready_timeout_seconds,
            forgive=(NoAnswerError,),
        )
        for store, then in zip(stores, before, strict=True):
            seen.differences += store.compare(then, store.take(replica))
        mails.deliver("a mail handed in after the update")
    except (NoAnswerError, DeadlineError) as error:
        seen.problems.append(str(error))
    seen.problems += mails.problems
    for name in ("PostgreSQL", "Redis"):
        place = shlex.quote(folder_of_backups(runbook, name))
        script = f"find {place} -type f -newer {_MARK} -size +0 ! -name '.*'"
        seen.backups[name] = replica.run_script(script, timeout=limit).stdout.splitlines()
    return seen


def _restarted(commands: Sequence[Command]) -> int:
    """Return the line where containers of the former images are started again behind a pull, and made by nothing."""
    last = max((place for place, one in enumerate(commands) if PULL.search(one.text)), default=len(commands))
    behind = [(one.line, PULL.split(one.text)[-1]) for one in commands[last:]]
    if any(_MAKES_NEW.search(text) for _, text in behind):
        return 0
    return next((line for line, text in behind if _ONLY_STARTS.search(text)), 0)


def _is_ready(replica: Replica, gateway: Gateway) -> bool:
    with Http(replica, gateway.http) as http:
        return http.get(gateway.http.readiness).is_success
