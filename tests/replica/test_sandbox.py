"""What the sandbox keeps apart: each test tries to get out, or to see the machine."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path

import httpx
import psycopg
import pytest

from rehearsal.gateway.target import RefusedError, TargetError
from rehearsal.replica import token
from rehearsal.replica.processes.launch import start
from rehearsal.replica.processes.replica import ProcessReplica
from tests.replica.conftest import open_or_skip, tiny


def out(replica: ProcessReplica, script: str) -> str:
    """Return what a script says."""
    run = replica.run_script(script, timeout=30)
    return run.stdout + run.stderr


def test_no_folder_of_the_machine_visible(sandboxed: ProcessReplica) -> None:
    """Homes, run-time folders and temporary files of the machine are not there; a positive control is."""
    with tempfile.NamedTemporaryFile(dir=tempfile.gettempdir(), prefix="visible-") as file:
        assert Path(file.name).exists()
        assert "No such file" in out(sandboxed, f"ls {file.name}")
    seen = out(
        sandboxed, "ls -A /home /srv /var /media /mnt /boot /sys 2>/dev/null; ls /root/.ssh /var/run/docker.sock /old"
    )
    assert "operator" in seen
    assert "reference" not in seen
    assert seen.count("No such file") == 3


def test_no_way_out(sandboxed: ProcessReplica) -> None:
    """A connection to any address but the loopback fails at once, because there is no route."""
    began = time.monotonic()
    run = sandboxed.run_script("(exec 3<>/dev/tcp/192.0.2.1/80); tail -n +3 /proc/net/dev", timeout=30)
    assert "Network is unreachable" in run.stderr
    assert [line.split(":")[0].strip() for line in run.stdout.splitlines()] == ["lo"]
    assert time.monotonic() - began < 5


def test_ports_of_the_runbook_are_its_own(sandboxed: ProcessReplica) -> None:
    """Servers listen on 80, 443, 5432 and 6379 inside, and on no port of the machine."""
    with open_or_skip(tiny(), "namespaces") as second:
        for replica in (sandboxed, second):
            assert out(replica, "curl -s -o /dev/null -w '%{http_code}' http://localhost/health/readyz") == "200"
            assert out(replica, "docker-compose exec -T redis redis-cli get rehearsal:token").strip() == replica.token
        assert sandboxed.token != second.token


def test_machine_survives_removal_of_everything() -> None:
    """`rm -rf` of system folders inside a sandbox leaves the machine's untouched."""
    watched = [Path(shutil.which("bash") or ""), Path("/etc/passwd"), Path("/usr/bin/env")]
    before = [path.stat().st_ino for path in watched]
    with open_or_skip(tiny(), "namespaces") as doomed:
        seen = out(doomed, "rm -rf --no-preserve-root /usr /etc /opt /var /home 2>&1 | tail -1; ls /etc/passwd")
    assert "No such file or directory" in seen or "Read-only" in seen
    assert [path.stat().st_ino for path in watched] == before


@pytest.mark.parametrize(
    "attempt",
    [
        "echo 1 > /proc/sys/net/ipv4/ip_forward",
        "echo h > /proc/sysrq-trigger",
        "mount -t tmpfs none /mnt",
        "mount -o remount,rw /proc/sys",
        "umount /proc/sys",
        "umount -l /usr/bin",
        "mount -o remount,rw,bind /usr/bin",
        "touch /usr/bin/planted",
        "mknod /tmp/disk b 8 0",
        "unshare --user --map-root-user --mount sh -c 'mount -o remount,rw,bind /usr/bin'",
        "unshare --user --map-root-user --mount sh -c 'umount /proc/sys'",
        "unshare --user --map-root-user --mount --pid --fork sh -c 'mount -t proc proc /mnt'",
        "kill -9 1; [ ! -e /proc/1 ]",
        "cat /proc/1/environ > /dev/null",
        "hostname elsewhere",
    ],
)
def test_attempts_to_break_out_fail(sandboxed: ProcessReplica, attempt: str) -> None:
    """What would change the machine, or the walls, is refused by the kernel."""
    run = sandboxed.run_script(f"mkdir -p /mnt; {attempt}", timeout=10)
    assert run.exit_code != 0, run.stdout


def test_supervisor_survives_the_killing_of_everything() -> None:
    """After `kill -9 -1` the services come back by their restart policy."""
    with open_or_skip(tiny(), "namespaces") as replica:
        replica.run_script("kill -9 -1", timeout=10)
        deadline = time.monotonic() + 15
        while not all(state.restarts for state in replica.services()) and time.monotonic() < deadline:
            time.sleep(0.05)
        replica.start("redis")
        replica.start("postgres")
        token.verify(replica)


def test_disk_is_really_full_and_the_machine_is_not() -> None:
    """A disk of the given size fills up: writing fails, PostgreSQL says why, and the machine's space is untouched."""
    with open_or_skip(tiny(), "namespaces") as replica:
        assert "256M" in out(replica, "df -h /")
        # Of memory, not of the machine's disk, whose room others use at the same time.
        assert out(replica, "stat -f -c %T .").strip() == "tmpfs"
        seen = out(replica, "dd if=/dev/zero of=ballast bs=1M 2>&1; df --output=pcent / | tail -1")
        assert "No space left on device" in seen
        assert seen.split()[-1] == "100%"
        assert replica.resources(0.1).disks[0].used_percent > 99
        with pytest.raises(psycopg.Error), replica.postgres() as connection:
            connection.execute("CREATE TABLE big AS SELECT repeat('x', 1000) FROM generate_series(1, 50000)")
        assert "No space left on device" in replica.logs("postgres", 50)
        out(replica, "rm ballast")
        assert replica.resources(0.1).disks[0].used_percent < 90


def test_df_speaks_of_the_replica(sandboxed: ProcessReplica) -> None:
    """Plain `df`, in the forms that monitor scripts use, has one line: the replica's disk."""
    for form in ("df", "df -h", "df -P", "df -h -x tmpfs", "df -B 1M", "df --exclude-type=tmpfs -H"):
        lines = out(sandboxed, form).splitlines()
        assert len(lines) == 2, form
        assert lines[1].split()[0] == "/dev/replica"
        assert lines[1].split()[-1] == "/"


def test_memory_and_processors_are_those_given(sandboxed: ProcessReplica) -> None:
    """`free`, /proc/meminfo, /proc/stat and `nproc` speak of the memory and the processors of the replica."""
    assert out(sandboxed, "free -m | awk '/Mem/ {print $2}'").strip() == "512"
    used = int(out(sandboxed, "free -k | awk '/Mem/ {print $3}'"))
    assert 10_000 < used < 512 * 1024
    assert int(out(sandboxed, "nproc")) == min(2, len(os.sched_getaffinity(0)))
    assert out(sandboxed, "grep -c ^cpu[0-9] /proc/stat").strip() == "2"
    assert len(out(sandboxed, "cat /proc/loadavg").split()) == 5


def test_stat_counts_what_the_replica_burns(sandboxed: ProcessReplica) -> None:
    """/proc/stat, which monitor scripts take the difference of, moves with the replica's own work, and never back."""
    read = "awk '/^cpu / {print $2, $5}' /proc/stat"
    script = f"{read}; (timeout 1 sh -c 'while :; do :; done'); sleep 0.7; {read}"
    busy, idle, busy_after, idle_after = map(int, out(sandboxed, script).split())
    assert busy_after - busy > 10
    assert idle_after >= idle


def test_http_client_reaches_nothing_else(sandboxed: ProcessReplica) -> None:
    """The run's own client can't leave the replica, and trusts no other certificate."""
    with sandboxed.http() as client, pytest.raises(httpx.ConnectError, match="no way out"):
        client.get("http://192.0.2.1/")
    with sandboxed.http() as client, pytest.raises(httpx.ConnectError, match="refused"):
        client.get("http://localhost:8099/")


def test_socket_that_leads_out_is_refused() -> None:
    """A socket replaced from inside by a link to a server of the machine is not taken for the replica's."""
    with open_or_skip(tiny(), "namespaces") as replica, start(tiny(), "plain") as other:
        path = f"{other.box.view}/run/postgresql/.s.PGSQL.{other.blueprint.ports.postgres}"
        replica.run_script(f"ln -sf {path} /run/postgresql/.s.PGSQL.5432", timeout=10)
        with pytest.raises(RefusedError, match="expected a PostgreSQL of this replica"):
            replica.postgres("postgres")
        with pytest.raises(RefusedError):
            token.verify(replica)


def test_false_supervisor_is_not_asked() -> None:
    """Another socket in the place of the supervisor's is found out before anything is asked there."""
    with open_or_skip(tiny(), "namespaces") as replica:
        listen = "import socket, time; s = socket.socket(socket.AF_UNIX); s.bind('control'); s.listen(); time.sleep(60)"
        script = f'cd /run/rehearsal && rm control && (python3 -c "{listen}" &) ; sleep 1'
        assert replica.run_script(script, timeout=10).exit_code == 0
        with pytest.raises(TargetError, match="at the replica's control socket, found"):
            replica.services()


def test_carrier_of_a_script_is_sealed(sandboxed: ProcessReplica) -> None:
    """What carries a script takes no byte more, for it is memory of the machine; the pipe beside it does."""
    run = sandboxed.run_script("for n in /dev/fd/1??; do echo x >> $n && echo written $n; done; true", timeout=10)
    assert "Operation not permitted" in run.stderr
    assert run.stdout == "written /dev/fd/101\n"


def test_links_inside_do_not_lead_the_run_out(sandboxed: ProcessReplica) -> None:
    """A file is read as those inside see it: a link to a file of the machine finds nothing."""
    with tempfile.NamedTemporaryFile(prefix="outside-") as file:
        file.write(b"of the machine")
        file.flush()
        sandboxed.run_script(f"ln -sf {file.name} leads-out", timeout=10)
        with pytest.raises(Exception, match="No such file"):
            sandboxed.read_file("leads-out")
