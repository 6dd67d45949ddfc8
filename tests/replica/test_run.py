"""`docker run` and `docker-compose run` inside a process replica."""

from __future__ import annotations

import pytest

from rehearsal.replica.processes.replica import ProcessReplica
from tests.replica.test_standins import COMPOSES, run


@pytest.mark.parametrize("compose", COMPOSES)
def test_compose_run_needs_no_running_service(fresh: ProcessReplica, compose: str) -> None:
    """A command of a service runs with its variables while the service is down, with input, output and status."""
    script = f"""
        {compose} stop redis
        echo in | {compose} run --rm -T -e WORD=x redis sh -c 'cat; echo $WORD $REHEARSAL_REDIS_PORT; exit 7'
    """
    seen = run(fresh, script)
    assert seen.stdout.split()[:2] == ["in", "x"]
    assert seen.exit_code == 7
    assert not fresh.unsupported_commands()


def test_docker_run_on_the_data_of_redis(fresh: ProcessReplica) -> None:
    """The usual way to change a volume with a small image: the folder of the host and a named volume are the same."""
    seen = run(
        fresh,
        """
        docker-compose stop redis
        touch redis-data/old
        docker run --rm -v "$PWD/redis-data:/data" alpine:3 sh -c 'rm /data/old && touch /data/new'
        docker run --rm -v tiny_redis-data:/data alpine ls /data/new
        ls redis-data
        """,
    )
    assert seen.ok, seen.stderr
    assert "new" in seen.stdout.split()
    assert "old" not in seen.stdout.split()


def test_docker_run_with_a_folder_of_its_own(sandboxed: ProcessReplica) -> None:
    """A folder is seen where the container has it, and the place is gone afterwards."""
    seen = run(
        sandboxed,
        """
        mkdir -p backups && echo saved > backups/file
        docker run --rm --volumes-from tiny-redis-1 -v ./backups:/backup busybox cat /backup/file
        test ! -e /backup
        """,
    )
    assert (seen.stdout, seen.exit_code) == ("saved\n", 0), seen.stderr


@pytest.mark.parametrize(
    "script",
    [
        "docker run -d --name other redis:7",
        "docker-compose run -d redis redis-server",
        "docker run --rm -v ./backups:/etc alpine ls",
        "docker run --rm -v somewhere:/else alpine ls",
        "docker run --rm alpine program-of-another-image",
    ],
)
def test_what_processes_cannot_show_is_said(sandboxed: ProcessReplica, script: str) -> None:
    """What stays in the background, hides a folder or is no program here is not run, and remembered."""
    before = len(sandboxed.unsupported_commands())
    seen = run(sandboxed, script)
    assert (seen.exit_code, "has no meaning in a replica of plain processes" in seen.stderr) == (125, True)
    assert len(sandboxed.unsupported_commands()) == before + 1
