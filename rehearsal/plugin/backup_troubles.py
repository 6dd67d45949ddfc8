"""A runbook's backup block when something goes wrong: it is loud, and leaves nothing that looks like a backup."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import PurePosixPath

import httpx
import psycopg
import redis

from rehearsal.drills.aged import move_back
from rehearsal.drills.backups import BackupFile, new_ones, said
from rehearsal.drills.begun import make_old, others_beside
from rehearsal.drills.cut_session import NoSessionError
from rehearsal.drills.half_way import killing_half_way
from rehearsal.drills.mails import Mails
from rehearsal.drills.sides import new_word
from rehearsal.gateway.http import Http
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError, TargetError
from rehearsal.gateway.wait import wait_until
from rehearsal.plugin.backups import BackupDrill
from rehearsal.plugin.judging import finding_of
from rehearsal.replica.protocol import ReplicaError

_FORGIVEN = (TargetError, ReplicaError, psycopg.Error, redis.RedisError, NotOnThisTargetError)
_KIB = 1024
_ATTEMPTS = 3
_EARLY = 32
_SAYS = 200
Run = Callable[[], ProcedureRun]


def verify_troubles(drill: BackupDrill) -> None:
    """Run the block while its store is down or refuses, while nothing more can be written, and kill it half way.

    Raises TargetError, RunbookError, and the errors of the stores, where the drill itself can't go on.
    """
    drill.side.fill(drill.replica)
    first = drill.block.run()
    drill.evidence.ran_all(first)
    good = list(drill.block.files().values())
    whole = [file for file in good if not drill.block.open(file).broken]
    if not whole:
        found = f"{good[0].path}, which can't be restored" if good else "none"
        drill.broken(f"expected a backup named {drill.block.name.written} to begin with, found {found}")
        return
    # One that is older than all that is kept, and the only one: what a backup that fails must not take away.
    days = timedelta(days=2 * max(drill.policy.retention_days.values()))
    move_back(drill.replica, drill.block.name, [file.path for file in good], datetime.now(UTC) - days)
    size = max(file.size for file in whole)
    troubles = [*_troubles(drill, size)]
    known = others_beside(drill.replica, drill.block)
    for what, run in troubles:
        _one(drill, what, run)
    begun = others_beside(drill.replica, drill.block) - known
    make_old(drill.replica, begun, drill.block.limit)
    _killed(drill, size, first.seconds)
    _judge_begun(drill, begun & others_beside(drill.replica, drill.block))
    # Again, now that there is one of today: where all of a day have one name, a failure may take it with it.
    _one(drill, f"there is one of today, and {troubles[-1][0]}", troubles[-1][1])
    try:
        Mails(drill.replica, drill.block.gateway).deliver("a mail handed in after all failed backups")
    except TargetError as error:
        drill.broken(f"after the backups that failed the gateway does not work: {error}")


def _troubles(drill: BackupDrill, size: int) -> Iterator[tuple[str, Run]]:
    store, block, own = drill.side.store, drill.block, drill.side.own_troubles(drill.replica)

    def down() -> ProcedureRun:
        drill.replica.stop(store.service)
        try:
            return block.run()
        finally:
            drill.replica.start(store.service)

    def refused() -> ProcedureRun:
        with drill.side.password(drill.replica, new_word()):
            return block.run()

    def full() -> ProcedureRun:
        # As on a full disk every write fails from some point on; the servers, which share the disk, go on.
        return block.run(f"trap '' XFSZ; ulimit -f {max(1, size // 2 // _KIB)}")

    yield f"{store.name} is down", down
    yield f"{store.name} takes no password that the backup knows", refused
    yield from ((what, partial(_within, trouble, block.run)) for what, trouble in own.items())
    yield "no more than half of a backup can be written", full


def _within(trouble: AbstractContextManager[None], run: Run) -> ProcedureRun:
    with trouble:
        return run()


def _one(drill: BackupDrill, what: str, run: Run) -> None:
    word = new_word()
    try:
        drill.side.plant(drill.replica, word)
        before = drill.block.files()
        with _unharmed(drill, what):
            ended = run()
        _judge(drill, what, ended, word, before)
    except NoSessionError as error:
        drill.evidence.saw(f"when {what}: {error}")
    except _FORGIVEN as error:
        drill.evidence.findings.append(finding_of(error))


def _judge(drill: BackupDrill, what: str, run: ProcedureRun, word: str, before: Mapping[str, BackupFile]) -> None:
    found = len(drill.evidence.findings)
    after = drill.block.files()
    left = _judge_left(drill, what, before, after)
    good = [file for file in left if word.encode() in drill.block.open(file).content]
    if run.hung:
        drill.broken(f"when {what}, `{run.hung.command}` does not end within {drill.block.limit:g} s")
    elif not run.failed and not good:
        stale = f" leaves {left[0].path}, which lacks what was written before it, and" if left else ""
        drill.broken(f"when {what}, the backup{stale} says success: its exit status is 0")
    elif run.failed and not said(run).strip():
        drill.broken(f"when {what}, the backup fails without a word")
    if len(drill.evidence.findings) == found:
        last = next(iter(said(run).strip().splitlines()[-1:]), "")
        drill.evidence.saw(f"when {what}: {last[:_SAYS] if run.failed else 'a whole backup all the same'}")


def _judge_left(
    drill: BackupDrill, what: str, before: Mapping[str, BackupFile], after: Mapping[str, BackupFile]
) -> list[BackupFile]:
    """Record each file that looks like a backup and is none; return the whole ones that are new."""
    whole = []
    for file in new_ones(before, after):
        opened = drill.block.open(file)
        if opened.broken:
            how = "overwrites a good backup with" if file.path in before else "leaves"
            drill.broken(f"when {what}, the backup {how} {file.path}, which can't be restored: {opened.broken}")
        else:
            whole.append(file)
    name = drill.block.name
    newest = max(before, key=lambda path: name.stamp(PurePosixPath(path).name), default="")
    if newest and newest not in after and not whole:
        drill.broken(f"when {what}, the backup deletes the newest good one, {newest}, and makes none")
    return whole


def _judge_begun(drill: BackupDrill, left: Collection[str]) -> None:
    """Record what backups that failed, and were not killed, had begun, and what later ones have not cleared away."""
    if left:
        drill.evidence.warning(
            f"what a failed backup has begun stays in {drill.block.name.folder} for ever, such as {min(left)}: each"
            " failure takes more of the disk",
            action="let the script remove it when it ends (`trap … EXIT`)",
            source=drill.source,
        )


def _killed(drill: BackupDrill, size: int, seconds: float) -> None:
    # As soon as there is something with a backup's name: what is written under it from the start is not whole then.
    # A block that is over before it could be ended gave its file that name at its very end.
    done = [_kill(drill, drill.block.name.pattern, 0, drill.block.limit)]
    # And as soon as it writes anything worth the name, wherever that is; or at some moment before its usual end.
    for attempt in range(1, _ATTEMPTS + 1):
        done.append(_kill(drill, ".*", size // _EARLY, seconds / 2**attempt))
        if done[-1]:
            break
    if not any(done):
        drill.evidence.unknown("the backup could not be killed half way: it had always ended before")
        return
    drill.evidence.saw(f"{'; '.join(filter(None, done))}: nothing was left that looks like a backup and is none")
    _judge_next(drill)


def _kill(drill: BackupDrill, pattern: str, least: int, latest: float) -> str:
    what = "it is killed half way"
    # What has a backup's name lies where backups lie; other files may be anywhere that a script may write.
    folders = (drill.block.name.folder, *(["/tmp"] if pattern == ".*" else []))  # noqa: S108  of the replica
    before, limit = drill.block.files(), drill.block.limit
    with (
        _unharmed(drill, what),
        killing_half_way(drill.replica, folders, pattern=pattern, least=least, latest=latest, timeout=limit) as watched,
    ):
        drill.block.run(*watched.before)
    _judge_left(drill, what, before, drill.block.files())
    return watched.said.strip()


def _judge_next(drill: BackupDrill) -> None:
    word = new_word()
    drill.side.plant(drill.replica, word)
    before = drill.block.files()
    run = drill.block.run()
    made = [drill.block.open(file) for file in new_ones(before, drill.block.files())]
    if not any(word.encode() in one.content and not one.broken for one in made):
        ended = next((one.ending for one in run.failed), "it says success")
        drill.broken(f"after a backup that was killed the next one makes no good backup: {ended}")


@contextmanager
def _unharmed(drill: BackupDrill, what: str) -> Iterator[None]:
    """Record whatever the block inside has done to the store, and wait until the gateway is ready again."""
    store, gateway = drill.side.store, drill.block.gateway
    held = store.take(drill.replica)
    yield

    def ready() -> int:
        with Http(drill.replica, gateway.http) as http:
            return http.get(gateway.http.readiness).status

    limit = gateway.replica.ready_timeout_seconds
    wait_until(ready, httpx.codes.is_success, what="a ready API", timeout=limit, forgive=(NoAnswerError,))
    if changed := store.compare(held, store.take(drill.replica)):
        one = changed[0]
        drill.broken(
            f"when {what}, the backup changes {store.name}: {one.where}: expected {one.expected}, found {one.observed}"
        )
