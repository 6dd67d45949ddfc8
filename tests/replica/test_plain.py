"""The plain arrangement: what it replaces, and what it refuses to run."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.replica.processes import addresses, launch
from rehearsal.replica.processes.addresses import Addresses
from rehearsal.replica.processes.replica import ProcessReplica
from tests.replica.conftest import tiny


def test_missing_isolation_is_listed(plain: ProcessReplica) -> None:
    """The run can say what this arrangement does not keep apart."""
    assert plain.isolation == "plain"
    assert len(plain.missing_isolation) == 5
    assert plain.name == "replica of tiny (processes, plain)"


def test_addresses_of_the_runbook_are_replaced(plain: ProcessReplica) -> None:
    """Commands written for the runbook's ports reach this replica's, in the shell and in the gateway's scripts."""
    for form in ("http://localhost/health/readyz", "https://localhost:443/health/readyz", "localhost/health/readyz"):
        run = plain.run_script(f"curl -s -o /dev/null -w '%{{http_code}}' {form}", timeout=10)
        assert run.stdout == "200", form
    run = plain.run_script("export PGPASSWORD=$DB_PASSWORD DB_PORT=5432; ./scripts/where.sh", timeout=10)
    assert run.stdout.split() == [f"127.0.0.1:{plain.blueprint.ports.postgres}", "1"]
    assert plain.run_script("docker-compose exec -T redis redis-cli -p 6379 ping", timeout=10).stdout == "PONG\n"


@pytest.mark.parametrize(
    "script",
    [
        "touch /srv/x",
        "find /var/lib -delete",
        "cat < /etc/passwd",
        "cd / && ls",
        "cd .. && ls",
        "rm -rf ../other",
        "ls ~/x",
        "rm -rf '/home/x'",
        "X=/root/y; ls $X",
        "cp redis/redis.conf /opt/",
        "tar -C/mnt -xf a.tar",
        "cat backups/../../../etc/passwd",
        "./scripts/far.sh",
        "bash scripts/far.sh now",
    ],
)
def test_paths_of_the_machine_are_not_run(plain: ProcessReplica, script: str) -> None:
    """A script that names a path outside the gateway directory is not run, and the path is named."""
    with pytest.raises(NotOnThisTargetError, match=r"not run: .* names .*the machine's own"):
        plain.run_script(script, timeout=10)


@pytest.mark.parametrize(
    "script",
    [
        "ls >/dev/null 2>&1",
        "/bin/echo x",
        "grep -E 'a/b' redis/redis.conf; true",
        "ls ./nginx/",
        "touch /tmp/x && rm /tmp/x",
        "ls /var/log",
        "# touch /etc/x\ntrue",
        "curl -s http://localhost/health/readyz -o /dev/null",
    ],
)
def test_harmless_paths_are_run(plain: ProcessReplica, script: str) -> None:
    """Programs, /dev/null, and the folders that this replica has of its own are no reason to refuse."""
    assert plain.run_script(script, timeout=10).exit_code == 0


def test_folders_of_the_runbook_are_the_replicas(plain: ProcessReplica) -> None:
    """/var/log and /tmp in a command are folders of the replica, and nothing lands in the machine's."""
    plain.run_script("echo x > /var/log/email-gateway-plain-test.log; echo x > /tmp/plain-test-file", timeout=10)
    assert plain.read_file("/var/log/email-gateway-plain-test.log") == b"x\n"
    assert not Path("/var/log/email-gateway-plain-test.log").exists()
    assert not Path("/tmp/plain-test-file").exists()  # noqa: S108 - that it is not there


def test_file_of_the_machine_is_not_read(plain: ProcessReplica) -> None:
    """A file outside the replica's folder is not this replica's."""
    for path in ("/etc/passwd", "../../../../etc/passwd"):
        with pytest.raises(NotOnThisTargetError, match="lies outside the replica"):
            plain.read_file(path)


def test_programs_about_the_machine_are_not_run(plain: ProcessReplica) -> None:
    """What acts on the whole machine, or speaks of it, is refused and remembered."""
    for script in ("systemctl restart nginx", "sudo ls", "free -h", "df -h", "pkill postgres"):
        run = plain.run_script(script, timeout=10)
        assert run.exit_code == 125
        assert "was not run" in run.stderr
        assert plain.unsupported_commands()[-1] == script


def test_taken_port_is_replaced(monkeypatch: pytest.MonkeyPatch, plain: ProcessReplica) -> None:
    """A port that somebody took in between is no failure: others are chosen."""
    taken, chosen = plain.blueprint.ports, addresses.free
    tries: list[Addresses] = []

    def first_taken(gateway: object) -> Addresses:
        tries.append(taken if not tries else chosen(gateway))  # type: ignore[arg-type]
        return tries[-1]

    monkeypatch.setattr(addresses, "free", first_taken)
    with launch.start(tiny(), "plain") as second:
        assert len(tries) >= 2
        assert second.blueprint.ports != taken
        with second.http() as client:
            assert client.get("/health/readyz").status_code == 200
