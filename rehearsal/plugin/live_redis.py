"""The newest Redis backup of a live host: read, restored into a fresh replica by the runbook, and counted."""

from __future__ import annotations

import redis

from rehearsal.backups.archives import Archive, inspect_archive
from rehearsal.backups.copies import Copy, private_folder
from rehearsal.backups.names import BackupName
from rehearsal.backups.rdb import RdbHead
from rehearsal.drills.backups import name_of_backups
from rehearsal.drills.live_backups import LiveBackups, fetch_all, open_isolated, put, restore
from rehearsal.drills.live_jobs import counted, jobs_without_content
from rehearsal.plugin.live_backups import found, judge_age, judge_restore
from rehearsal.plugin.record import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure, backup_policy, procedure

_NEWEST_FOR_VALKEY = 11
"""The newest format of Redis that Valkey reads: that of Redis 7.2."""


def verify_redis(backups: LiveBackups, evidence: Record, *, backup: str, heading: str) -> None:
    """Record what the newest backup of Redis is worth. `backup` and `heading` are the runbook's.

    What can't be looked at raises TargetError, ReplicaError, RunbookError or redis.RedisError.
    """
    runbook_restore = procedure(backups.runbook, heading)
    policy = backup_policy(backups.runbook, "Redis")
    name = name_of_backups(runbook_restore, backups.runbook, backups.gateway)
    seen = found(backups, name, backup, evidence)
    if seen is None:
        return
    with private_folder() as folder:
        copy, _ = fetch_all(backups, seen, folder)
        evidence.saw(f"copied as it is on the host, SHA-256 {copy.sha256}")
        judge_age(seen.age(None), policy, backups, evidence)
        archive = inspect_archive(copy.path, largest=backups.largest)
        if _may_be_restored(archive, copy, evidence) and archive.rdb:
            _restored(backups, runbook_restore, name, copy, archive.rdb, evidence)


def _may_be_restored(archive: Archive, copy: Copy, evidence: Record) -> bool:
    if archive.hostile:
        action = "keep the file as evidence, find out who could write it, and take the backup before it"
        evidence.critical(f"refused and not restored: {archive.hostile}", action=action)
    if archive.broken:
        evidence.critical(archive.broken, action="take the backup before it, and find out why this one is damaged")
    if archive.rdb is None:
        return False
    if archive.said_keys is not None and archive.said_keys and not archive.rdb.keys:
        evidence.critical(f"{copy.path.name} holds no key: its manifest says about {archive.said_keys:,}")
    evidence.saw(
        f"{copy.path.name} is whole: an RDB of {archive.rdb.maker.title()} {archive.rdb.server},"
        f" {archive.rdb.keys:,} keys, {archive.rdb.expires:,} of them for a time"
    )
    return True


def _restored(
    backups: LiveBackups, runbook_restore: Procedure, name: BackupName, copy: Copy, rdb: RdbHead, evidence: Record
) -> None:
    with open_isolated(backups, backups.gateway.postgres.version) as replica:
        with replica.redis() as client:
            about = client.info("server")
        if rdb.maker == "REDIS" and rdb.version > _NEWEST_FOR_VALKEY and "valkey_version" in about:
            evidence.unknown(
                f"{copy.path.name} is of Redis {rdb.server}, whose format {rdb.version} the replica's Valkey does not"
                " read: it needs a replica of containers with that Redis"
            )
            return
        put(replica, copy, name.folder, timeout=backups.limit)
        run = restore(replica, backups.gateway, runbook_restore, name, copy)
        if judge_restore(run, runbook_restore, evidence):
            _judge_content(backups, replica, copy, rdb, evidence)


def _judge_content(backups: LiveBackups, replica: Replica, copy: Copy, rdb: RdbHead, evidence: Record) -> None:
    queue = backups.gateway.queue
    came = counted(replica, queue)
    if came.keys + came.taken < rdb.keys - rdb.expires:
        evidence.critical(
            f"{copy.path.name} does not bring back its keys: expected at least {rdb.keys - rdb.expires:,}, found"
            f" {came.keys:,}"
        )
        return
    for job in jobs_without_content(replica, queue):
        evidence.critical(f"job {job} of queue {queue.name} came back as a number without its mail")
    try:
        live = counted(backups.live, queue)
    except redis.RedisError as error:
        evidence.unknown(f"the live Redis can't be asked what a backup must hold: {' '.join(str(error).split())}")
        return
    if live.keys and not rdb.keys:
        evidence.critical(f"{copy.path.name} holds no key at all, and the live Redis has {live.keys:,}")
    elif live.jobs and not came.jobs:
        evidence.warning(
            f"{copy.path.name} brings back no job of queue {queue.name}, and the live one has {live.jobs:,}"
        )
    evidence.saw(f"restored into {replica.name}: {came.keys:,} keys, {came.jobs:,} jobs; live are {live.keys:,} keys")
