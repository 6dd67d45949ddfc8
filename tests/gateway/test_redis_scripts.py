"""A Redis backup is what the server has just saved, and its restore brings the keys back, append-only file or not."""

from __future__ import annotations

import io
import os
import re
import shutil
import stat
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from tests.gateway.operator_shell import REDIS_CLI, Ran, Shell
from tests.gateway.servers import until

NAME = re.compile(r"redis-backup-\d{8}-\d{6}\.tar\.gz")


@pytest.fixture
def filled(shell: Shell) -> Iterator[Shell]:
    """Return a shell whose Redis runs and holds one key of each type."""
    shell.start_redis()
    client = shell.valkey.client()
    client.set("text", "olá")
    client.set("passing", "soon", px=3_600_000)
    client.hset("hash", mapping={"a": "1"})
    client.rpush("list", *map(str, range(500)))
    client.sadd("set", "m")
    client.zadd("zset", {"m": 1.5})
    client.xadd("stream", {"f": "v"})
    yield shell
    shell.end_redis()


def _backup(shell: Shell, password: str = "", **environment: str) -> Ran:
    port = shell.valkey.port
    return shell.run("backup-redis.sh", "127.0.0.1", port, password, "./redis-backups", 7, **environment)


def _backed_up(shell: Shell) -> Path:
    ran = _backup(shell)
    assert ran.status == 0, ran.output
    return max((shell.root / "redis-backups").glob("*.tar.gz"))


def _digest(shell: Shell) -> dict[bytes, bytes | None]:
    client = redis.Redis(port=shell.valkey.port)
    return {key: client.dump(key) for key in client.scan_iter()}


def test_backup_holds_what_was_just_written(filled: Shell) -> None:
    """The archive is readable by its owner only and holds a whole RDB, saved after the last write."""
    filled.valkey.client().set("last", "word of the day")
    path = _backed_up(filled)
    assert NAME.fullmatch(path.name)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with tarfile.open(path) as archive:
        inside = path.name.removesuffix(".tar.gz")
        assert archive.getnames() == [f"{inside}/dump.rdb", f"{inside}/manifest.json"]
        rdb = archive.extractfile(f"{inside}/dump.rdb")
        assert rdb is not None
        assert b"word of the day" in rdb.read()
    assert filled.files("redis-backups") == [path.name]


def test_unreachable_server_is_loud(shell: Shell) -> None:
    """A Redis that is down gives a status and a sentence, and no file."""
    ran = _backup(shell)
    assert (ran.status, "PONG" in ran.output) == (1, True)
    assert shell.files("redis-backups") == []


def test_password_comes_from_argument_or_environment(filled: Shell) -> None:
    """With a password the backup works from either place, and without it the refusal is told; it is never printed."""
    filled.valkey.client().config_set("requirepass", "hunter2")
    refused = _backup(filled)
    assert (refused.status, "NOAUTH" in refused.output) == (1, True)
    wrong = _backup(filled, "hunter3")
    assert wrong.status == 1
    by_argument = _backup(filled, "hunter2")
    by_environment = _backup(filled, REDIS_PASSWORD="hunter2")  # noqa: S106
    assert (by_argument.status, by_environment.status) == (0, 0)
    assert "hunter" not in refused.output + wrong.output + by_argument.output + by_environment.output


def test_folder_of_another_server_is_refused(filled: Shell, tmp_path: Path) -> None:
    """An old dump.rdb in a folder that is not the server's is not taken for a backup."""
    filled.valkey.client().save()
    other = tmp_path / "other"
    shutil.copytree(filled.valkey.data, other)
    then = time.time() - 3600
    os.utime(other / "dump.rdb", (then, then))
    ran = _backup(filled, REDIS_DATA_DIR=str(other))
    assert (ran.status, "REDIS_DATA_DIR" in ran.output) == (1, True)
    assert filled.files("redis-backups") == []


def test_failed_save_is_loud(filled: Shell) -> None:
    """A server that can't save its RDB gives no backup, though an older dump.rdb lies there."""
    filled.valkey.client().save()
    told = "rdb_bgsave_in_progress:0\\nrdb_last_bgsave_status:err\\n"
    filled.program(
        "redis-cli",
        f'#!/bin/sh\ncase "$*" in *"INFO persistence"*) printf "{told}" ;; *) exec real-cli "$@" ;; esac\n',
    )
    filled.program("real-cli", REDIS_CLI)
    ran = _backup(filled)
    assert (ran.status, "rdb_last_bgsave_status" in ran.output) == (1, True)
    assert filled.files("redis-backups") == []


def test_full_disk_leaves_nothing(filled: Shell, small_disk: Path) -> None:
    """On a disk that is too small the backup fails, says so, and leaves the disk as it was."""
    filled.valkey.client().set("noise", os.urandom(2_000_000).hex())
    ran = filled.run("backup-redis.sh", "127.0.0.1", filled.valkey.port, "", small_disk, 7)
    assert ran.status != 0
    assert [path.name for path in small_disk.iterdir()] == [".backup-redis.lock"]


def test_two_backups_at_once_take_turns(filled: Shell) -> None:
    """Two backups started together are two backups."""
    arguments = ("127.0.0.1", filled.valkey.port, "", "./redis-backups", 7)
    both = [filled.start("backup-redis.sh", *arguments) for _ in range(2)]
    assert [one.wait(30) for one in both] == [0, 0]
    assert len(filled.files("redis-backups")) == 2


def _lose(shell: Shell) -> None:
    shell.end_redis()
    shutil.rmtree(shell.valkey.data)
    shell.valkey.data.mkdir()
    shell.start_redis()


def _change(shell: Shell) -> None:
    client = shell.valkey.client()
    client.delete("hash")
    client.set("text", "other")
    client.set("new", "key")


def _break_files(shell: Shell) -> None:
    shell.end_redis()
    for path in (shell.valkey.data / "appendonlydir").iterdir():
        path.write_bytes(b"rubbish\n")


@pytest.mark.parametrize("disaster", [_lose, _change, _break_files], ids=["lost", "changed", "broken-files"])
@pytest.mark.parametrize("aof", ["yes", "no"], ids=["aof", "rdb-only"])
def test_restore_brings_back_what_was_backed_up(filled: Shell, disaster: Callable[[Shell], None], aof: str) -> None:
    """Whatever became of the server's files, afterwards it holds the keys of the backup, and those after a restart."""
    before = _digest(filled)
    path = _backed_up(filled)
    disaster(filled)
    if aof == "no":
        conf = Path(filled.valkey.arguments[1])
        conf.write_text(conf.read_text().replace("appendonly yes", "appendonly no"))
    ran = filled.run("restore-redis.sh", path)
    assert ran.status == 0, ran.output
    assert "restaurado: 7 chaves (no backup, cerca de 7;" in ran.output
    assert _digest(filled) == before
    assert filled.valkey.client().pttl("passing") > 0
    filled.valkey.client().set("after", "restore")
    _restart(filled)
    assert filled.valkey.client().get("after") == "restore"
    assert filled.valkey.client().dbsize() == 8


def _restart(shell: Shell) -> None:
    compose = shell.folder / "bin" / "docker-compose"
    for word in ("stop", "start"):
        subprocess.run([compose, word, "redis"], check=True, timeout=20)
    until("Valkey", lambda: shell.valkey.client().ping())


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _no_archive(path: Path) -> None:
    path.write_bytes(b"not an archive")


def _other_names(path: Path) -> None:
    _repack(path, lambda name: name.replace("redis-backup-", "other-"), lambda content: content)


def _escape(path: Path) -> None:
    _repack(path, lambda name: f"../{name}", lambda content: content)


def _cut_rdb(path: Path) -> None:
    _repack(path, lambda name: name, lambda content: content[: len(content) // 2])


def _repack(path: Path, rename: Callable[[str], str], change: Callable[[bytes], bytes]) -> None:
    with tarfile.open(path) as archive:
        found = [(entry.name, archive.extractfile(entry)) for entry in archive.getmembers()]
        kept = [(name, change(content.read())) for name, content in found if content is not None]
    with tarfile.open(path, "w:gz") as archive:
        for name, content in kept:
            entry = tarfile.TarInfo(rename(name))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


@pytest.mark.parametrize("damage", [_cut, _flip, _no_archive, _other_names, _escape, _cut_rdb])
def test_damaged_backup_is_refused(filled: Shell, damage: Callable[[Path], None]) -> None:
    """A damaged archive is refused before the server is stopped."""
    path = _backed_up(filled)
    damage(path)
    ran = filled.run("restore-redis.sh", path)
    assert (ran.status, "Nada foi alterado" in ran.output) == (1, True)
    assert "stop redis" not in (filled.folder / "compose.log").read_text()
    assert filled.valkey.client().get("text") == "olá"


def test_backup_that_the_server_refuses_is_undone(filled: Shell) -> None:
    """When the server does not start with the backup, the files that were there return, and so do their keys."""
    path = _backed_up(filled)
    # A version that no server reads, with the manifest gone that would tell: header, end mark and length are right.
    with tarfile.open(path) as archive:
        content = archive.extractfile(archive.getmembers()[0])
        assert content is not None
        rdb = bytearray(content.read())
    rdb[:9] = b"REDIS9999"
    inside = path.name.removesuffix(".tar.gz")
    with tarfile.open(path, "w:gz") as archive:
        entry = tarfile.TarInfo(f"{inside}/dump.rdb")
        entry.size = len(rdb)
        archive.addfile(entry, io.BytesIO(bytes(rdb)))
    filled.valkey.client().set("after", "backup")
    ran = filled.run("restore-redis.sh", path)
    assert (ran.status, "desfaço" in ran.output) == (1, True)
    until("Valkey", lambda: filled.valkey.client().ping())
    assert filled.valkey.client().get("after") == "backup"
    assert not list(filled.valkey.data.glob("before-restore-*"))


def test_two_restores_of_one_second_have_a_folder_each(filled: Shell) -> None:
    """Restored again at once, as one does in doubt: what the first put aside is not in the way of the second."""
    path = _backed_up(filled)
    filled.program("date", f'#!/bin/sh\nexec {shutil.which("date")} -u -d @1700000000 "$@"\n')
    for value in ("one", "two"):
        filled.valkey.client().set("after", value)
        ran = filled.run("restore-redis.sh", path)
        assert ran.status == 0, ran.output
        until("Valkey", lambda: filled.valkey.client().ping())
        assert filled.valkey.client().get("after") is None
    assert len(list(filled.valkey.data.glob("before-restore-*"))) == 2


def test_server_that_does_not_stop_is_left_alone(filled: Shell) -> None:
    """While Redis still answers, its files are not touched."""
    path = _backed_up(filled)
    filled.program("docker-compose", "#!/bin/sh\nexit 0\n")
    ran = filled.run("restore-redis.sh", path)
    assert (ran.status, "ainda responde" in ran.output) == (1, True)
    assert filled.valkey.client().get("text") == "olá"
    assert not list(filled.valkey.data.glob("before-restore-*"))
