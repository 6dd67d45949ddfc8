"""A replica that can't be made says why, in one sentence with the last log lines, and leaves nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from rehearsal.replica.processes.launch import start
from rehearsal.replica.protocol import ReplicaError
from tests.replica.conftest import ARRANGEMENTS, TINY, Isolation, open_or_skip, tiny


def break_nginx(directory: Path) -> None:
    """Add a directive that nginx does not know."""
    (directory / "nginx" / "nginx.conf").write_text("events {} http { server { listen 80; listn 81; } }\n")


def break_redis(directory: Path) -> None:
    """Add a setting that Redis does not know."""
    (directory / "redis" / "redis.conf").write_text("port 6379\nno-such-setting yes\n")


def break_migration(directory: Path) -> None:
    """Add a migration that fails."""
    (directory / "migrations" / "0003_bad.sql").write_text("ALTER TABLE nowhere ADD COLUMN x int;\n")


def break_api(directory: Path) -> None:
    """Make the API die at start."""
    (directory / "app" / "api.py").write_text('raise SystemExit("no such setting: COLOUR")\n')


def break_worker(directory: Path) -> None:
    """Make the worker end without a word."""
    (directory / "app" / "worker.py").write_text("")


def break_readiness(directory: Path) -> None:
    """Let the API say that it is never ready."""
    path = directory / "app" / "api.py"
    path.write_text(path.read_text().replace("200 if _reach", "503 if _reach"))


def remove_redis(directory: Path) -> None:
    """Leave the settings of Redis out."""
    shutil.rmtree(directory / "redis")


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a copy of the tiny gateway directory, to break."""
    return Path(shutil.copytree(TINY, tmp_path / "gateway"))


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (break_nginx, ["expected nginx of replica of tiny", "ended with exit 1", 'unknown directive "listn"']),
        (break_redis, ["expected redis of replica of tiny", "ended with exit 1", "no-such-setting"]),
        (break_migration, ["bring the schema", "exit 3", 'relation "nowhere" does not exist', "0003_bad.sql"]),
        (break_api, ["expected api of replica of tiny", "ended with exit 1", "no such setting: COLOUR"]),
        (break_worker, ["expected worker of replica of tiny", "ended with exit 0", "it said nothing"]),
        (break_readiness, ["expected api of replica of tiny", "not ready in time", "answered 503"]),
        (remove_redis, ["expected redis/redis.conf in", "found none"]),
    ],
)
@pytest.mark.parametrize("isolation", ARRANGEMENTS)
def test_broken_gateway_is_one_sentence(
    directory: Path, isolation: Isolation, breaks: Callable[[Path], None], words: list[str]
) -> None:
    """What is broken is named, with the server's own last words, and every process is ended."""
    breaks(directory)
    others = psutil.Process().children()
    seconds = 12 if breaks is break_readiness else 15
    with pytest.raises(ReplicaError) as caught:
        open_or_skip(tiny(directory, ready_timeout_seconds=seconds), isolation)
    text = str(caught.value)
    assert [word for word in words if word not in text] == [], text
    assert "\n" not in text
    assert psutil.Process().children() == others


@pytest.mark.parametrize("isolation", ARRANGEMENTS)
def test_password_that_a_service_prints_is_masked(directory: Path, isolation: Isolation) -> None:
    """An API that prints its password and dies at start does not bring it into the error."""
    api = directory / "app" / "api.py"
    api.write_text('import os, sys\nprint("mine:", os.environ["DB_PASSWORD"], flush=True)\nsys.exit(1)\n')
    with pytest.raises(ReplicaError) as caught:
        open_or_skip(tiny(directory), isolation)
    assert "mine: [masked]" in str(caught.value)


def test_unknown_version_names_those_there_are() -> None:
    """A PostgreSQL that no wheel holds is an error that says which ones do."""
    gateway = tiny().model_copy(update={"postgres": tiny().postgres.model_copy(update={"version": 9})})
    with pytest.raises(ReplicaError, match=r"expected the programs of PostgreSQL 9 .* holds 16 and 18"):
        start(gateway)


def test_missing_command_is_named() -> None:
    """A gateway.toml without a worker can't become a replica."""
    with pytest.raises(ReplicaError, match=r"expected \[replica.services.worker\] with a command"):
        start(tiny(services={"api": {"command": ("python", "app/api.py"), "port": 3000}}))


def test_refused_namespaces_fall_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kernel refuses namespaces `auto` takes plain processes, and `namespaces` says why not."""
    from rehearsal.replica.processes import box  # noqa: PLC0415

    monkeypatch.setattr(box, "_NAMESPACES", ("sh", "-c", "echo unshare failed: Operation not permitted >&2; exit 1"))
    with pytest.raises(ReplicaError, match=r"expected the kernel to allow namespaces .* Operation not permitted"):
        start(tiny(), "namespaces")
    with start(tiny(), "auto") as replica:
        assert replica.isolation == "plain"


@pytest.mark.parametrize("isolation", ARRANGEMENTS)
def test_gateway_larger_than_its_disk(directory: Path, isolation: Isolation) -> None:
    """A gateway directory that does not fit the replica's disk is a sentence that names the setting."""
    others = psutil.Process().children()
    if isolation == "plain":
        (directory / "secret").mkdir()
        (directory / "secret" / "link").symlink_to("nowhere")
        (directory / "pipe").unlink(missing_ok=True)
        os.mkfifo(directory / "pipe")
    else:
        (directory / "large").write_bytes(b"x" * (20 << 20))
    with pytest.raises(ReplicaError, match=r"expected to copy .* MiB, got: .*replica.disk_mib in gateway.toml larger"):
        open_or_skip(tiny(directory, disk_mib=16), isolation)
    assert psutil.Process().children() == others
