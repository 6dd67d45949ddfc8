"""A PostgreSQL restore brings back what was backed up, or changes nothing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.gateway.conftest import Gateway
from tests.gateway.operator_shell import Ran, Shell
from tests.gateway.servers import until

HOSTILE = {
    "at-line-start": "\\! touch {marker}\n",
    "in-a-statement": "SELECT 1 \\! touch {marker}\n;\n",
    "copy-program": "\\copy (SELECT 1) TO PROGRAM 'touch {marker}'\n",
    "output-pipe": "\\o | touch {marker}\nSELECT 1;\n",
    "own-restriction": "\\restrict abc\n\\unrestrict abc\n\\! touch {marker}\n",
}
DUMP = "-- PostgreSQL database dump\n{body}CREATE TABLE public.t (n int);\n-- PostgreSQL database dump complete\n"


@pytest.fixture
def full(gateway: Gateway) -> Gateway:
    """Return a gateway with rows that are hard to carry."""
    gateway.sql("CREATE TYPE mood AS ENUM ('ok', 'não ok')")
    gateway.sql('CREATE TABLE "Odd "" name" (t text, b bytea, j jsonb, a mood[])')
    rows = [
        ("\\restrict abc\n\\.\n\tção\r", b"\x00\\x", '{"a": "\\u00e9"}', ["não ok"]),
        ("\restrict me", b"", "null", []),
        (None, None, None, None),
    ]
    for row in rows:
        gateway.sql('INSERT INTO "Odd "" name" VALUES (%s, %s, %s::jsonb, %s::mood[])', *row)
    return gateway


def _content(gateway: Gateway) -> object:
    tables = gateway.sql("SELECT version, checksum FROM schema_migrations ORDER BY 1")
    odd = gateway.sql('SELECT t, b, j::text, a::text FROM "Odd "" name" ORDER BY 1, 2')
    sequence = gateway.sql("SELECT last_value FROM companies_id_seq")
    return tables, odd, sequence


def _backup(shell: Shell) -> Path:
    ran = shell.run("backup-postgres.sh", "daily", 7, "./backups")
    assert ran.status == 0, ran.output
    return max((shell.root / "backups").glob("*.sql.gz"))


def _restore(shell: Shell, path: Path) -> Ran:
    return shell.run("restore-postgres.sh", path)


def _databases(gateway: Gateway) -> list[str]:
    with gateway.postgres.connect() as conn:
        found = conn.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", (gateway.database,))
        return [str(row[0]) for row in found]


def _lose(gateway: Gateway) -> None:
    with gateway.postgres.connect() as conn:
        conn.execute(f"DROP DATABASE {gateway.database} WITH (FORCE)".encode())


def _empty(gateway: Gateway) -> None:
    _lose(gateway)
    with gateway.postgres.connect() as conn:
        conn.execute(f"CREATE DATABASE {gateway.database}".encode())


def _damage(gateway: Gateway) -> None:
    gateway.sql("DROP TABLE webhooks")
    gateway.sql("TRUNCATE companies CASCADE")
    gateway.sql('DELETE FROM "Odd "" name" WHERE t IS NULL')


def _fill(gateway: Gateway) -> None:
    gateway.sql("CREATE TABLE more AS SELECT 1")
    gateway.sql("INSERT INTO companies (slug, name, sender) VALUES ('later', 'Later', 'later@example.com')")


@pytest.mark.parametrize("disaster", [_lose, _empty, _damage, _fill], ids=["missing", "empty", "damaged", "fuller"])
def test_restore_brings_back_what_was_backed_up(
    shell: Shell, full: Gateway, disaster: Callable[[Gateway], None]
) -> None:
    """Whatever became of the database, afterwards it is as it was at the backup, and the only one of its name."""
    before = _content(full)
    path = _backup(shell)
    disaster(full)
    ran = _restore(shell, path)
    assert ran.status == 0, ran.output
    assert "restaurado" in ran.output
    assert _content(full) == before
    assert full.sql("SELECT to_regclass('more')") == [(None,)]
    assert _databases(full) == [full.database]


def test_connected_sessions_do_not_stop_the_swap(shell: Shell, full: Gateway) -> None:
    """Sessions of others, idle or in a transaction, are ended."""
    path = _backup(shell)
    with full.postgres.connect(full.database) as other:
        other.execute("BEGIN")
        other.execute("LOCK TABLE companies")
        ran = _restore(shell, path)
        assert ran.status == 0, ran.output
        with pytest.raises(psycopg.OperationalError):
            other.execute("SELECT 1")


def test_running_services_stop_the_restore(shell: Shell, full: Gateway) -> None:
    """While the API is connected nothing is restored: what it accepted meanwhile would be lost."""
    path = _backup(shell)
    full.start("api")
    until("readiness", lambda: full.ask("/v1/health/readyz").status_code == 200)
    ran = _restore(shell, path)
    assert ran.status == 1
    assert "docker-compose stop api worker" in ran.output


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-500])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _empty_file(path: Path) -> None:
    path.write_bytes(b"")


def _stop_early(path: Path) -> None:
    text = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(text[: len(text) // 2]))


@pytest.mark.parametrize("manifest", [True, False], ids=["manifest", "no-manifest"])
@pytest.mark.parametrize(
    "damage", [_cut, _flip, _empty_file, _stop_early], ids=["cut", "flipped", "empty", "early-end"]
)
def test_damaged_backup_is_refused(shell: Shell, full: Gateway, damage: Callable[[Path], None], manifest: bool) -> None:  # noqa: FBT001
    """A damaged backup is refused before anything is touched, with its manifest and without."""
    before = _content(full)
    path = _backup(shell)
    if not manifest:
        path.with_name(path.name + ".manifest").unlink()
    damage(path)
    ran = _restore(shell, path)
    assert ran.status == 1
    assert "Nada foi alterado" in ran.output
    assert _content(full) == before
    assert _databases(full) == [full.database]


def test_backup_without_manifest_is_restored(shell: Shell, full: Gateway) -> None:
    """A backup whose manifest is lost can still be restored, with a warning."""
    before = _content(full)
    path = _backup(shell)
    path.with_name(path.name + ".manifest").unlink()
    _lose(full)
    ran = _restore(shell, path)
    assert ran.status == 0, ran.output
    assert "AVISO" in ran.output
    assert _content(full) == before


def test_error_in_the_dump_changes_nothing(shell: Shell, full: Gateway) -> None:
    """A dump that can't be restored whole is not restored at all, and says why."""
    before = _content(full)
    path = shell.root / "bad.sql.gz"
    path.write_bytes(gzip.compress(DUMP.format(body="INSERT INTO nowhere VALUES (1);\n").encode()))
    ran = _restore(shell, path)
    assert (ran.status, "nowhere" in ran.output) == (1, True)
    assert _content(full) == before
    assert _databases(full) == [full.database]


def test_missing_rows_change_nothing(shell: Shell, full: Gateway) -> None:
    """A dump that gives fewer rows than its manifest names is not put in place."""
    before = _content(full)
    path = _backup(shell)
    manifest = path.with_name(path.name + ".manifest")
    told = json.loads(manifest.read_text())
    manifest.write_text(manifest.read_text().replace('"public.companies": 1', '"public.companies": 2'))
    assert told["rows"]["public.companies"] == 1
    ran = _restore(shell, path)
    assert (ran.status, "não confere" in ran.output) == (1, True)
    assert _content(full) == before


def test_dump_of_another_origin_is_restored(shell: Shell, full: Gateway) -> None:
    """A plain dump without restriction lines, as an older pg_dump writes it, is restored like any other."""
    path = shell.root / "plain.sql.gz"
    path.write_bytes(gzip.compress(DUMP.format(body="").encode()))
    ran = _restore(shell, path)
    assert ran.status == 0, ran.output
    assert full.sql("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [("t",)]


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_dump_runs_no_command(shell: Shell, full: Gateway, tmp_path: Path, body: str) -> None:
    """What psql would run for a dump with escapes is not run, and the database stays as it is."""
    before = _content(full)
    marker = tmp_path / "marker"
    path = shell.root / "hostile.sql.gz"
    path.write_bytes(gzip.compress(DUMP.format(body=body.format(marker=marker)).encode()))
    ran = _restore(shell, path)
    assert ran.status == 1
    assert "restrict" in ran.output, ran.output
    assert not marker.exists()
    assert _content(full) == before


def test_psql_without_restricted_mode_is_refused(shell: Shell, full: Gateway) -> None:
    """A psql that would run a dump's escapes is not given one."""
    path = _backup(shell)
    shell.program("psql", "#!/bin/sh\ncase $(head -c 1) in S) echo 1 ;; *) exit 3 ;; esac\n")
    ran = _restore(shell, path)
    assert (ran.status, "restrict" in ran.output) == (1, True)
    assert _databases(full) == [full.database]


def test_server_that_is_down_is_one_sentence(shell: Shell, full: Gateway) -> None:
    """Without a server the restore ends at once, with what to look at."""
    path = _backup(shell)
    shell.program("docker-compose", "#!/bin/sh\necho 'service \"postgres\" is not running' >&2\nexit 1\n")
    ran = _restore(shell, path)
    assert (ran.status, "docker-compose ps postgres" in ran.output) == (1, True)
    assert _databases(full) == [full.database]


def test_missing_file_names_those_that_exist(shell: Shell) -> None:
    """Somebody who mistypes a name is shown the right ones."""
    path = _backup(shell)
    ran = _restore(shell, Path("backups/email-gateway-daily-YYYYMMDD-HHMMSS.sql.gz"))
    assert (ran.status, path.name in ran.output) == (1, True)
