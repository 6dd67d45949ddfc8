"""Whether the backups of a target are as new as their schedule promises, in the words of a check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from rehearsal.backups.host import HostFile, list_script, listed
from rehearsal.backups.names import BackupName
from rehearsal.drills.backups import name_of_backups
from rehearsal.drills.rotation import EVERY_DAYS, kinds_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import NotOnThisTargetError, Target
from rehearsal.plugin.backups import lines_of
from rehearsal.plugin.record import Record
from rehearsal.results.model import Outcome, Result
from rehearsal.runbook import BackupPolicy, Runbook, backup_policy, procedure
from rehearsal.runbook.vocabulary import means

_FURTHEST_ZONE = timedelta(hours=14)
"""By which a clock that names files may be ahead of UTC."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Freshness:
    """The backups of one store, as they lie on a target."""

    target: Target
    gateway: Gateway
    policy: BackupPolicy
    name: BackupName
    backup: str
    """Heading of the block that makes one."""
    evidence: Record

    @property
    def source(self) -> str:
        """Where the promise stands."""
        return self.evidence.source(self.policy.place)

    @property
    def action(self) -> str:
        """What to do when it is broken."""
        return f"find out why, and make one now: {self.backup}"

    @property
    def grace(self) -> timedelta:
        """How long after its hour a backup may take."""
        return timedelta(minutes=self.gateway.schedule.grace_minutes)


def verify_freshness(
    target: Target, gateway: Gateway, runbook: Runbook, evidence: Record, store: str, *, backup: str, restore: str
) -> None:
    """Record how old the newest backups are. Raises TargetError, RunbookError; NotOnThisTargetError on a replica."""
    policy = backup_policy(runbook, store)
    name = name_of_backups(procedure(runbook, restore), runbook, gateway)
    seen = Freshness(target, gateway, policy, name, backup, evidence)
    limit = (gateway.replica if target.is_replica else gateway.live).command_timeout_seconds
    kinds = kinds_of(name, policy.retention_days)
    # One question for each folder, in which the backups of all kinds may lie: a host is far away.
    listings = {folder: _files(target, folder, limit) for folder in {one.folder for one in kinds.values()}}
    files = {kind: [file for file in listings[one.folder] if one.stamp(file.name)] for kind, one in kinds.items()}
    if target.is_replica and not any(files.values()):
        msg = "a fresh replica has no backups; its drills make them, and a live host has its own"
        raise NotOnThisTargetError(msg)
    now = next((file.seen for found in files.values() for file in found), datetime.now(UTC))
    promises = lines_of(runbook, policy)
    evidence.covers(*promises.get("frequency", ()), *promises.get("retention", ()))
    for kind in kinds:
        _judge(seen, kind, files[kind], now)
        _judge_old(seen, kind, files[kind], now)


def _judge(seen: Freshness, kind: str, files: Sequence[HostFile], now: datetime) -> None:
    made = {file: _made(file, seen.name, now) for file in files}
    newest = max(made, key=lambda file: made[file], default=None)
    daily = kind == "daily" and seen.policy.daily_at
    if newest is None:
        say = seen.evidence.critical if daily else seen.evidence.warning
        say(f"expected {kind} backups in {seen.name.folder}, found none", action=seen.action, source=seen.source)
    elif not newest.size:
        seen.evidence.critical(f"{newest.path}, the newest backup, is empty", action=seen.action, source=seen.source)
    elif daily and seen.policy.daily_at:
        _judge_hour(seen, newest, made.values(), now, seen.policy.daily_at)
    elif seen.policy.daily_at and now - made[newest] > EVERY_DAYS[kind] * _DAY + seen.grace:
        age = (now - made[newest]).total_seconds() / 86400
        message = (
            f"expected a {kind} backup at most {EVERY_DAYS[kind]} days old, the newest, {newest.path}, is {age:.1f}"
        )
        seen.evidence.warning(message, action=seen.action, source=seen.source)
    else:
        age = (now - made[newest]).total_seconds() / 86400
        seen.evidence.saw(f"the newest {kind} backup, {newest.path}, is {age:.1f} days old")


def _judge_hour(seen: Freshness, newest: HostFile, made: Iterable[datetime], now: datetime, hour: time) -> None:
    moments = sorted(made)
    due = now.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
    due = due if due <= now else due - _DAY
    if moments[-1] < due and now < due + seen.grace:
        due -= _DAY  # today's may still be at work
    if moments[-1] < due:
        seen.evidence.critical(
            f"expected a backup since {due:%Y-%m-%d %H:%M}, the newest, {newest.path}, is of"
            f" {moments[-1]:%Y-%m-%d %H:%M}",
            action=seen.action,
            source=seen.source,
        )
    elif not any(due <= moment <= due + seen.grace for moment in moments):
        seen.evidence.warning(
            f"expected a backup made at {hour:%H:%M}; that of {due:%Y-%m-%d} is missing, the newest, {newest.path}, is"
            f" of {moments[-1]:%H:%M}",
            action="see what the schedule did at its hour",
            source=seen.source,
        )
    else:
        seen.evidence.saw(f"the backup of {due:%Y-%m-%d %H:%M} is there; the newest is {newest.path}")


def _judge_old(seen: Freshness, kind: str, files: Sequence[HostFile], now: datetime) -> None:
    kept = seen.policy.retention_days[kind] * _DAY
    # With the backup that was due since they came of age, the rotation has had its turn.
    every = (EVERY_DAYS[kind] if seen.policy.daily_at else 0) * _DAY
    moments = sorted(now - _made(file, seen.name, now) for file in files)
    fresh = bool(moments) and moments[0] <= every + _DAY
    old = [age for age in moments[1:] if age > kept + every + _DAY]
    if old and fresh:
        seen.evidence.warning(
            f"expected {kind} backups to be kept for {kept.days} days, {len(old)} are older, up to {old[-1].days} days",
            action="the rotation does not delete them: the disk will be full",
            source=seen.source,
        )


def _made(file: HostFile, name: BackupName, now: datetime) -> datetime:
    by_time = now - timedelta(seconds=file.age)
    stamp = next((moment for moment in [name.moment(file.name)] if moment), None)
    # A copy is as new as it looks, and no newer than its name.
    return min(by_time, stamp + _FURTHEST_ZONE) if stamp else by_time


def _files(target: Target, folder: str, limit: float) -> Sequence[HostFile]:
    files = getattr(target, "files", None)
    if files is not None:
        found: Sequence[HostFile] = files.list_files(folder, timeout=limit)
        return found
    return listed(target.run_script(list_script(folder), timeout=limit), folder, target.name)


def verify_proven(
    target: Target, runbook: Runbook, evidence: Record, earlier: Iterable[Result], store: str, restore: str
) -> None:
    """Record when a backup of this host was last seen to restore, by results of which the last run's come first.

    Raises RunbookError, NotOnThisTargetError.
    """
    policy = backup_policy(runbook, store)
    if target.is_replica:
        msg = "the drills of each run restore what a replica has backed up"
        raise NotOnThisTargetError(msg)
    if policy.validation_days is None:
        msg = f"the runbook names no interval at which backups of {store} are validated"
        raise NotOnThisTargetError(msg)
    since = datetime.now(UTC) - policy.validation_days * _DAY
    proofs = (
        result.started
        for result in earlier
        if "drill" in result.markers and means(result.section, restore) and result.target == target.name
        if result.outcome in (Outcome.OK, Outcome.WARNING) and result.started
    )
    promises = lines_of(runbook, policy)
    evidence.covers(*promises.get("validation", ()))
    last = next(proofs, None)
    if last is None or last < since:
        seen = f"the last one was on {last:%Y-%m-%d}" if last else "the reports hold none"
        evidence.warning(
            f"expected a backup of this host to have been restored within the last {policy.validation_days} days;"
            f" {seen}",
            action="run `pytest -m drill --hosts=...` with this host's name",
            source=evidence.source(policy.place),
        )
    else:
        evidence.saw(f"a backup of this host was restored on {last:%Y-%m-%d}")
