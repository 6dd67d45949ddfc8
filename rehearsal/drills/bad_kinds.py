"""The ways in which a backup is no good, for each store."""

from __future__ import annotations

import base64
import hashlib
import shlex
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from rehearsal.backups.dumps import CUSTOM_MAGIC
from rehearsal.backups.rdb import is_rdb
from rehearsal.content.postgres import PostgresContent, holds
from rehearsal.damage import packed
from rehearsal.drills.bad_backups import BadBackup
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica

_FOREIGN = "rehearsal_foreign"
_LEDGER = b"CREATE SCHEMA foreigners; CREATE TABLE foreigners.ledger AS SELECT n FROM generate_series(1, 3) n"
_SUM = 6
_TMP = "/tmp"  # noqa: S108  of the replica, where programs that a dump starts may write


_MISNAMED = BadBackup(
    "a name that no backup has", bytes, misnamed=True, taken="another backup than the one that was named was restored"
)


def damaged_postgres() -> Sequence[BadBackup]:
    """Return what disks, copies and pipes do to a dump."""
    return (
        _MISNAMED,
        BadBackup("a backup cut in half", packed.truncated),
        BadBackup("a backup with one flipped bit", packed.flipped),
        BadBackup("an empty backup (0 bytes)", packed.emptied),
        BadBackup("a whole file of nothing", packed.packed_nothing, alone=True),
        BadBackup("a whole file of half a dump", packed.half_a_dump, alone=True),
        BadBackup(
            "a whole dump with a line that no table takes", packed.with_a_broken_line, alone=True, looks_whole=True
        ),
    )


def damaged_redis() -> Sequence[BadBackup]:
    """Return what disks, copies and pipes do to a packed RDB."""
    return (
        _MISNAMED,
        BadBackup("a backup cut in half", packed.truncated),
        BadBackup("a backup with one flipped bit", packed.flipped),
        BadBackup("an empty backup (0 bytes)", packed.emptied),
        BadBackup("a whole file of nothing", packed.packed_nothing, alone=True),
        BadBackup("a whole archive of half an RDB", packed.half_an_rdb, alone=True),
        BadBackup("a whole archive of an RDB with one flipped bit", packed.flipped_rdb, alone=True),
        BadBackup("a whole archive of something else", packed.other_layout, alone=True),
    )


def foreign_postgres(replica: Replica, gateway: Gateway, planted: PostgresContent) -> Sequence[BadBackup]:
    """Return the dump of another database."""
    foreign = _Foreign(replica, gateway, planted.sentinel)
    return (BadBackup("the dump of another database", foreign.dump, alone=True, came=foreign.came_alone),)


def altered_postgres(replica: Replica, gateway: Gateway, planted: PostgresContent) -> Sequence[BadBackup]:
    """Return a dump in which one text was changed, under a manifest that tells the digest of the good one."""
    other = planted.sentinel[::-1]

    def altered(good: bytes) -> bytes | None:
        plain, digest = packed.plain_dump(good), hashlib.sha256(good).hexdigest()
        find = f"grep -rliF --exclude-dir=logs -e {digest} . | head -n 1"
        told = replica.run_script(find, timeout=gateway.replica.command_timeout_seconds).stdout.strip()
        if plain is None or not told or planted.sentinel.encode() not in plain:
            return None
        return packed.packed_like(good, plain.replace(planted.sentinel.encode(), other.encode()))

    def came() -> bool:
        with replica.postgres() as connection:
            return holds(connection, other)

    taken = "the restore sees that it is not the one of the manifest, and goes on"
    return (BadBackup("an altered dump", altered, came=came, taken=taken, promised=False),)


def hostile_postgres(replica: Replica, gateway: Gateway) -> Sequence[BadBackup]:
    """Return a dump with commands of psql that run programs."""
    mark = _Mark(replica, gateway)
    touch = f"touch {mark.path}"
    commands = (f"\\! {touch}", f"\\copy (SELECT 1) TO PROGRAM '{touch}'", f"\\o | {touch}", "\\o")
    return (
        BadBackup(
            "a dump with commands of psql that run a program",
            lambda good: packed.with_commands(good, commands),
            alone=True,
            harm=mark.harm,
            impossible=_no_script,
            looks_whole=True,
            promised=False,
        ),
    )


def climbing_redis(replica: Replica, gateway: Gateway) -> Sequence[BadBackup]:
    """Return an archive that would write outside of the folder that it is unpacked in."""
    name, limit = f"rehearsal-{uuid.uuid4().hex}", gateway.replica.command_timeout_seconds

    def harm() -> str:
        # A tar that leaves out what leads outside writes below its folder: ./NAME-beside and ./tmp/NAME-absolute.
        places = f"../{name}-beside ./*/{name}-beside {_TMP}/{name}-beside {_TMP}/{name}-absolute"
        found = replica.run_script(f"ls -1d {places}; true", timeout=limit).stdout.split()
        return f"it wrote {found[0]}, outside of the folder that it was unpacked in" if found else ""

    return (
        BadBackup(
            "an archive that names files outside of its folder",
            lambda good: packed.climbing(good, name),
            alone=True,
            harm=harm,
            impossible=_one_file,
        ),
    )


def _no_script(good: bytes) -> str:
    custom = packed.inside(good).startswith(CUSTOM_MAGIC)
    return "the backup is in pg_dump's own format, which holds no commands of psql" if custom else ""


def _one_file(good: bytes) -> str:
    rdb = is_rdb(packed.inside(good))
    return "the backup of Redis is one RDB, which names no file that a restore would write" if rdb else ""


@dataclass(frozen=True)
class _Foreign:
    """Another database of the same server, and its dump."""

    replica: Replica
    gateway: Gateway
    sentinel: str
    """Of what the gateway's database holds."""

    def dump(self, good: bytes) -> bytes | None:
        custom = good.startswith(CUSTOM_MAGIC)
        if not custom and packed.plain_dump(good) is None:
            return None
        with self.replica.postgres("postgres") as connection:
            connection.execute(f"CREATE DATABASE {_FOREIGN}".encode())
        try:
            with self.replica.postgres(_FOREIGN) as connection:
                connection.execute(_LEDGER)
            return packed.packed_like(good, self._dumped("-Fc" if custom else ""))
        finally:
            with self.replica.postgres("postgres") as connection:
                connection.execute(f"DROP DATABASE {_FOREIGN} WITH (FORCE)".encode())

    def _dumped(self, form: str) -> bytes:
        user, limit = shlex.quote(self.gateway.postgres.user), self.gateway.replica.command_timeout_seconds
        command = f"docker-compose exec -T postgres pg_dump {form} -U {user} -d {_FOREIGN} | base64"
        run = self.replica.run_script(command, timeout=limit)
        if not run.ok:
            raise TargetError(f"expected a dump of another database, but pg_dump {run.ending}")
        return base64.b64decode(run.stdout)

    def came_alone(self) -> bool:
        """Tell whether the gateway's database holds the other one's rows and nothing of its own."""
        with self.replica.postgres() as connection:
            there = connection.execute(b"SELECT to_regclass('foreigners.ledger') IS NOT NULL").fetchone() == (True,)
            if not there or holds(connection, self.sentinel):
                return False
            return connection.execute(b"SELECT sum(n) FROM foreigners.ledger").fetchone() == (_SUM,)


@dataclass(frozen=True)
class _Mark:
    """A file that a dump's commands make, wherever psql runs: on the host or beside the server."""

    replica: Replica
    gateway: Gateway
    path: str = field(default_factory=lambda: f"{_TMP}/rehearsal-{uuid.uuid4().hex}")

    def harm(self) -> str:
        # A file made by hand in both places shows that one made by a dump would be seen.
        limit, control = self.gateway.replica.command_timeout_seconds, f"{self.path}-control"
        script = (
            f"docker-compose exec -T postgres touch {control}; docker-compose exec -T postgres ls -1 {_TMP};"
            f" rm -f {control}; echo @host; touch {control}; ls -1 {_TMP}; rm -f {control}"
        )
        said = self.replica.run_script(script, timeout=limit).stdout
        names = [set(part.split()) for part in said.split("@host")]
        name = self.path.removeprefix(f"{_TMP}/")
        if len(names) != 2 or not all(f"{name}-control" in part for part in names):  # noqa: PLR2004  two places
            raise TargetError("a file made in the folder for temporary files could not be found again")
        return "the restore ran a program that the dump names" if any(name in part for part in names) else ""
