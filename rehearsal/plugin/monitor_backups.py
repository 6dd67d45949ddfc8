"""Whether the script that watches the backups says so when one is missing, old or cut off, in the words of a check."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from rehearsal.drills.aged import copy_back
from rehearsal.drills.named_logs import VERDICTS
from rehearsal.drills.preparing import prepare
from rehearsal.drills.rotation import EVERY_DAYS, kinds_of
from rehearsal.drills.scripts import script_of
from rehearsal.drills.statuses import StatusPromise
from rehearsal.drills.texts import without_figures
from rehearsal.gateway.target import CommandRun, NotOnThisTargetError
from rehearsal.plugin.backups import BackupDrill
from rehearsal.plugin.monitor_kinds import Damage, as_old_as_they_get, damages_of_kinds, judge_kind
from rehearsal.plugin.record import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, Step

_TOO_OLD_HOURS = 60
"""Of a daily one: the backups of two days are missing, however late in the day each is made."""
_SAVED = "/tmp/rehearsal-saved"  # noqa: S108  of the replica


_WATCHES = re.compile(r"moni|mon(?![a-z])|check|verif|watch|confer", re.IGNORECASE)
_BACKUPS = re.compile(r"backup|dump|\bc[oó]pias?\b", re.IGNORECASE)


def monitor_of_backups(runbook: Runbook) -> Step:
    """Return the script that the runbook names for watching backups. Raises NotOnThisTargetError where it has none."""
    said = {item.line: item.text for section in runbook.sections for item in section.items}
    found = [
        one
        for one in runbook.scripts
        if _WATCHES.search(one.text) and _BACKUPS.search(f"{one.text} {said.get(one.line, '')}")
    ]
    if not found:
        msg = "the runbook names no script that watches the backups"
        raise NotOnThisTargetError(msg)
    return found[0]


def finds_no_backups(run: CommandRun, runbook: Runbook) -> bool:
    """Tell whether the monitor of backups says its verdict, where there may be none that it could look at.

    Of that one alone: its own check has it look at good and bad ones.
    """
    try:
        monitor = monitor_of_backups(runbook)
    except NotOnThisTargetError:
        return False
    same = PurePosixPath(script_of(run.command)).name == PurePosixPath(script_of(monitor.text)).name
    return same and run.exit_code in VERDICTS and bool((run.stdout + run.stderr).strip())


def verify_monitor(
    script: Step, drills: Sequence[BackupDrill], replica: Replica, evidence: Record, promise: StatusPromise | None
) -> None:
    """Let the script look at fresh backups, then at each kind of damage. Raises TargetError, RunbookError.

    `promise` is what the document says of the exit status of its monitors.
    """
    for drill in drills:
        evidence.ran_all(drill.block.run())
        if not drill.block.files():
            drill.broken(f"expected a backup named {drill.block.name.written}, found none")
            return
        _lay_out(drill, datetime.now(UTC))
    healthy = _look(script, replica, evidence, drills[0].block.limit)
    asked = replace(script, text=promise.asked(script.text)) if promise else script
    source = f"{evidence.runbook_path.name}:{script.line}"
    if not healthy.ok:
        evidence.critical(f"over backups that are fresh and whole `{script.text}` {healthy.ending}", source=source)
        return
    for drill in drills:
        for what, damage in _damages(drill):
            _do(replica, f"rm -rf {_SAVED} && cp -a -- {_folder(drill)} {_SAVED}")
            _do(replica, damage)
            seen = _look(script, replica, evidence, drill.block.limit)
            strict = seen if asked == script else _look(asked, replica, evidence, drill.block.limit)
            _do(replica, f"rm -rf -- {_folder(drill)} && cp -a {_SAVED} {_folder(drill)}")
            if _says_the_same(seen, healthy):
                evidence.critical(f"`{script.text}` says the same as before when {what}", source=source)
            elif promise and strict.exit_code == 0:
                status = f"the document promises {promise.warning} or {promise.critical} (line {promise.line})"
                evidence.critical(f"`{asked.text}` exits 0 when {what}, and {status}", source=source)
            else:
                evidence.saw(f"`{script.text}` tells when {what}")
        _look_at_kinds(script, drill, healthy, source)
        _look_before_the_next(asked, drill, source)


def _look_at_kinds(script: Step, drill: BackupDrill, healthy: CommandRun, source: str) -> None:
    """Let the script look at each kind of backups that is damaged alone. Raises TargetError, RunbookError."""
    looks = [(damage, _look_with(damage, script, drill)) for damage in damages_of_kinds(drill)]
    told = [(damage, not _says_the_same(seen, healthy)) for damage, seen in looks]
    watched = frozenset(damage.kind for damage, tells in told if tells)
    for damage, tells in told:
        if tells:
            drill.evidence.saw(f"`{script.text}` tells when {damage.what}")
        else:
            judge_kind(drill, script, damage, healthy, source, watched)


def _look_before_the_next(script: Step, drill: BackupDrill, source: str) -> None:
    """Let the script look at each kind of backups when the next one is nearly due. Raises TargetError, RunbookError."""
    if drill.policy.daily_at is None or not _look(script, drill.replica, drill.evidence, drill.block.limit).ok:
        return
    for age in as_old_as_they_get(drill):
        seen = _look_with(age, script, drill)
        if seen.exit_code:
            message = f"`{script.text}` {seen.ending} when {age.what}, and the next one is not due"
            action = f"look at the newest of the {age.kind} backups, and allow it the time between two"
            drill.evidence.warning(message, action=action, source=source)


def _look_with(damage: Damage, script: Step, drill: BackupDrill) -> CommandRun:
    """Do it to the backups of its folder, let the script look, and undo it. Raises TargetError."""
    folder = shlex.quote(damage.folder)
    _do(drill.replica, f"rm -rf {_SAVED} && cp -a -- {folder} {_SAVED}")
    damage.do(lambda text: _do(drill.replica, text))
    seen = _look(script, drill.replica, drill.evidence, drill.block.limit)
    _do(drill.replica, f"rm -rf -- {folder} && cp -a {_SAVED} {folder}")
    return seen


def _lay_out(drill: BackupDrill, moment: datetime) -> None:
    """Give each kind its newest backup, or its absence would be what the script tells of."""
    path = max(drill.block.files())
    for kind, name in kinds_of(drill.block.name, drill.policy.retention_days).items():
        if name != drill.block.name and kind in EVERY_DAYS:
            copy_back(drill.replica, name, path, [moment])


def _damages(drill: BackupDrill) -> Iterator[tuple[str, str]]:
    files, store = drill.block.files(), drill.side.store.name
    path, size = shlex.quote(max(files)), files[max(files)].size
    yield f"the backup of {store} is missing", f"rm -f -- {path}*"
    cut = f"touch -r {path} {_SAVED}.time && truncate -s {size // 2} -- {path} && touch -r {_SAVED}.time -- {path}"
    yield f"the backup of {store} is cut off", cut
    if drill.policy.daily_at:
        then = datetime.now(UTC) - timedelta(hours=_TOO_OLD_HOURS)
        old = copy_back(drill.replica, drill.block.name, max(files), [then])[0]
        _do(drill.replica, f"mkdir -p {_SAVED}.old && rm -rf {_SAVED}.old/* && mv -- {shlex.quote(old)}* {_SAVED}.old/")
        yield (
            f"the backup of {store} is {_TOO_OLD_HOURS} hours old",
            f"rm -f -- {path}* && cp -p {_SAVED}.old/* {_folder(drill)}/",
        )


def _folder(drill: BackupDrill) -> str:
    return shlex.quote(drill.block.name.folder)


def _look(script: Step, replica: Replica, evidence: Record, limit: float) -> CommandRun:
    run = replica.run_script(script.text, timeout=limit)
    evidence.ran(run)
    evidence.covers(script.line)
    return run


def _says_the_same(seen: CommandRun, healthy: CommandRun) -> bool:
    return (seen.exit_code, _words(seen)) == (healthy.exit_code, _words(healthy))


def _words(run: CommandRun) -> list[str]:
    """Return what was said without its figures: a list of sizes and times tells nobody that something is wrong."""
    return without_figures(f"{run.stdout}\n{run.stderr}")


def _do(replica: Replica, script: str) -> None:
    prepare(replica, script, "damage a backup", timeout=60)
