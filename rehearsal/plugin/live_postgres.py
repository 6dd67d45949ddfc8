"""The newest PostgreSQL backup of a live host: read, restored into a fresh replica by the runbook, and compared."""

from __future__ import annotations

from pathlib import Path

import psycopg

from rehearsal.backups.copies import Copy, private_folder
from rehearsal.backups.dumps import Inspected, inspect
from rehearsal.backups.manifest import Manifest, ManifestError, read_manifest
from rehearsal.backups.names import BackupName
from rehearsal.drills.backups import name_of_backups
from rehearsal.drills.live_backups import LiveBackups, Newest, fetch_all, open_isolated, put, restore
from rehearsal.drills.live_content import count_rows, lend_roles, live_definitions, lost, other_rows
from rehearsal.plugin.live_backups import found, judge_age, judge_differences, judge_restore
from rehearsal.plugin.record import Record
from rehearsal.replica.protocol import Replica, ReplicaError
from rehearsal.runbook import Procedure, backup_policy, procedure
from rehearsal.snapshot.postgres import PostgresSnapshot

_LIES = "the manifest of {name} does not describe it: {what}"


def verify_postgres(backups: LiveBackups, evidence: Record, *, backup: str, heading: str) -> None:
    """Record what the newest dump is worth. `backup` and `heading` are the runbook's: how one is made, and restored.

    What can't be looked at raises TargetError, SnapshotError, RunbookError or psycopg.Error.
    """
    runbook_restore = procedure(backups.runbook, heading)
    policy = backup_policy(backups.runbook, "PostgreSQL")
    name = name_of_backups(runbook_restore, backups.runbook, backups.gateway)
    seen = found(backups, name, backup, evidence)
    if seen is None:
        return
    with private_folder() as folder:
        copy, text = fetch_all(backups, seen, folder)
        evidence.saw(f"copied as it is on the host, SHA-256 {copy.sha256}")
        manifest = _manifest(text, seen, copy, backups, evidence)
        judge_age(seen.age(manifest.created if manifest else None), policy, backups, evidence)
        inspected = inspect(copy.path, largest=backups.largest, timeout=backups.limit)
        if _may_be_restored(inspected, copy, backups, evidence):
            _Restored(backups, runbook_restore, name, copy, folder, manifest, inspected, evidence).judge()


def _manifest(text: bytes | None, seen: Newest, copy: Copy, backups: LiveBackups, evidence: Record) -> Manifest | None:
    if text is None:
        tolerance = backups.gateway.objectives.rows_tolerance_percent
        evidence.saw(
            f"{seen.file.name} has no manifest: its rows are held against the live ones, within {tolerance:g} %"
        )
        return None
    try:
        manifest = read_manifest(text, f"{seen.file.name}.manifest")
    except ManifestError as error:
        evidence.critical(str(error))
        return None
    for what, said, is_ in (
        ("file", manifest.file, seen.file.name),
        ("sha256", manifest.sha256, copy.sha256),
        ("bytes", manifest.bytes, copy.size),
        ("database", manifest.database, backups.gateway.postgres.database),
    ):
        if said != is_:
            evidence.critical(_LIES.format(name=seen.file.name, what=f"{what} is {is_}, it says {said}"))
    return manifest


def _may_be_restored(inspected: Inspected, copy: Copy, backups: LiveBackups, evidence: Record) -> bool:
    """Record what is wrong with the dump as a file; a hostile one, or one that is no dump, is never given to psql."""
    name, contents, database = copy.path.name, inspected.contents, backups.gateway.postgres.database
    for one in contents.hostile:
        evidence.critical(
            f"{name} was refused and not restored: line {one.line} holds `{one.text}`, and {one.effect}",
            action="keep the file as evidence, find out who could write it, and take the backup before it",
        )
    if inspected.unknown:
        evidence.unknown(inspected.unknown)
    if inspected.broken:
        evidence.critical(inspected.broken, action="take the backup before it, and find out why this one is damaged")
    foreign = sorted(contents.databases - {database})
    if foreign:
        evidence.critical(f"{name} is a dump of another database: expected {database}, found {', '.join(foreign)}")
    if contents.hostile or inspected.unknown or inspected.broken or foreign:
        return False
    evidence.saw(f"{name} is whole and harmless: {contents.statements:,} statements in {contents.lines:,} lines")
    return True


class _Restored:
    """One restore into one replica, and what is said of it."""

    def __init__(
        self,
        backups: LiveBackups,
        procedure: Procedure,
        name: BackupName,
        copy: Copy,
        folder: Path,
        manifest: Manifest | None,
        inspected: Inspected,
        evidence: Record,
    ) -> None:
        self.backups, self.procedure, self.name, self.copy, self.folder = backups, procedure, name, copy, folder
        self.manifest, self.inspected, self.evidence = manifest, inspected, evidence

    def judge(self) -> None:
        live, version = self._live()
        if live is None or self._foreign(live):
            return
        try:
            replica = open_isolated(self.backups, version)
        except ReplicaError as error:
            hint = f"the live server is PostgreSQL {version}: it needs a replica of containers with postgres:{version}"
            self.evidence.unknown(f"{self.copy.path.name} could not be restored: {error}; {hint}")
            return
        with replica:
            self._restore(replica, live)

    def _live(self) -> tuple[PostgresSnapshot | None, int]:
        try:
            definitions = live_definitions(self.backups.live)
            with self.backups.live.postgres() as connection:
                return definitions, connection.info.server_version // 10000
        except psycopg.OperationalError as error:
            words = " ".join(str(error).split())
            name = self.backups.live.name
            self.evidence.unknown(f"the live database of {name} can't be asked what a backup must hold: {words}")
            return None, 0

    def _foreign(self, live: PostgresSnapshot) -> bool:
        theirs = {identity for kind, identity in live.definitions if kind == "table"}
        ours = self.inspected.contents.tables
        if ours & theirs:
            return False
        some = ", ".join(sorted(ours)[:3]) or "no table"
        self.evidence.critical(
            f"{self.copy.path.name} is a dump of another database: it creates {some}, and none of the {len(theirs)}"
            " tables of the live one"
        )
        return True

    def _restore(self, replica: Replica, live: PostgresSnapshot) -> None:
        backups, evidence = self.backups, self.evidence
        lent = lend_roles(backups.live, replica)
        if lent:
            evidence.saw(f"a dump holds no roles; the replica was lent {', '.join(lent)}, without rights")
        put(replica, self.copy, self.name.folder, timeout=backups.limit)
        beside = self.folder / f"{self.copy.path.name}.manifest"
        if beside.exists():
            put(replica, Copy.of(beside), self.name.folder, timeout=backups.limit)
        run = restore(replica, backups.gateway, self.procedure, self.name, self.copy)
        if not judge_restore(run, self.procedure, evidence):
            return
        gone = list(lost(live, replica))
        judge_differences(gone, f"{self.copy.path.name} does not bring back all that the live database has", evidence)
        rows = count_rows(replica)
        if self.manifest is not None:
            other = list(other_rows(self.manifest.rows, rows))
            judge_differences(other, f"{self.copy.path.name} does not hold the rows that its manifest names", evidence)
        else:
            tolerance = backups.gateway.objectives.rows_tolerance_percent
            other = list(other_rows(count_rows(backups.live), rows, tolerance))
            message = f"{self.copy.path.name} holds other rows than the live database, by more than {tolerance:g} %"
            judge_differences(other, message, evidence)
        if not gone and not other:
            evidence.saw(
                f"restored into {replica.name}, PostgreSQL {replica_version(replica)}: all {len(live.definitions):,}"
                f" definitions of the live database, {sum(rows.values()):,} rows in {len(rows)} tables"
            )


def replica_version(replica: Replica) -> str:
    """Return the version of the replica's PostgreSQL."""
    with replica.postgres() as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]) if row else ""
