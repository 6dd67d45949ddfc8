from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from rehearsal.gateway.target import TargetError
from rehearsal.live import open_live
from tests.live.conftest import MakeGateway
from tests.live.sshd import Sshd, proxy, sshd


def test_ssh_asks_the_stack_in_one_command(host: Sshd, gateway: MakeGateway) -> None:
    """The state of five services and their logs cost one command, the host's resources another."""
    with open_live(host.spec, gateway()) as target:
        states = target.services()
        assert [(state.name, state.running, state.healthy, state.restarts) for state in states] == [
            (name, True, True, 3) for name in ("nginx", "api", "worker", "postgres", "redis")
        ]
        assert target.logs("api", 2).splitlines() == ["id-api said 3", "id-api complained"]
        assert target.commands == 1
        disks = {disk.mount: disk for disk in target.resources(0.1).disks}
        assert (disks["/data"].used_percent, disks["/data"].inodes_percent) == (75, 10)
        assert "/" in disks
        assert target.commands == 2
        assert target.name == host.spec
        assert not target.is_replica


def test_ssh_sees_a_stopped_service(host: Sshd, gateway: MakeGateway, tmp_path: Path) -> None:
    """A container that has exited is not running, in docker's own words."""
    (tmp_path / "stopped-worker").touch()
    with open_live(host.spec, gateway()) as target:
        worker = next(state for state in target.services() if state.name == "worker")
        assert (worker.running, worker.detail) == (False, "Exited (1) 3 minutes ago")


def test_ssh_without_docker_permission_is_unknown(host: Sshd, gateway: MakeGateway, tmp_path: Path) -> None:
    """A stack that could not be seen is an error in docker's own words, never a state."""
    (tmp_path / "refused").touch()
    with open_live(host.spec, gateway()) as target:
        for ask in (target.services, lambda: target.logs("api", 1), lambda: target.resources(0.1)):
            with pytest.raises(TargetError, match="permission denied"):
                ask()


def test_ssh_keeps_secrets_out_of_sight(host: Sshd, gateway: MakeGateway) -> None:
    """What the environment of a script holds is in no list of processes, here or there."""
    lists = "ps -eo args"
    with open_live(host.spec, gateway(live={"read_only": [lists, 'echo "$SECRET"']})) as target:
        run = target.run_script(lists, timeout=20, environment={"SECRET": "sentinel-4711"})
        assert "bash" in run.stdout
        assert "sentinel-4711" not in run.stdout
        assert target.run_script('echo "$SECRET"', timeout=20, environment={"SECRET": "it's"}).stdout == "it's\n"


def test_ssh_greetings_do_not_spoil_answers(gateway: MakeGateway, tmp_path: Path) -> None:
    """A banner, and a login shell that prints, stand outside of what a command said."""
    (tmp_path / "banner").write_text("NO TRESPASSING\n")
    greet = tmp_path / "greet"
    greet.write_text(
        '#!/bin/sh\necho hello; echo hello >&2; eval "$SSH_ORIGINAL_COMMAND"; code=$?; echo bye; exit $code\n'
    )
    greet.chmod(0o755)
    with sshd(more=f"Banner {tmp_path}/banner\nForceCommand {greet}\n") as host:
        read_only = ["echo yes; echo no >&2; exit 3"]
        with open_live(host.spec, gateway(config=host.config, live={"read_only": read_only})) as target:
            run = target.run_script(read_only[0], timeout=20)
    assert (run.exit_code, run.stdout, run.stderr) == (3, "yes\n", "no\n")


def test_ssh_ends_a_command_on_the_host_too(host: Sshd, gateway: MakeGateway) -> None:
    """A command that outlives its time limit is gone on the host when it is given up here."""
    script = "sleep 4242"
    with open_live(host.spec, gateway(live={"read_only": [script]})) as target:
        run = target.run_script(script, timeout=1)
    assert run.exit_code is None
    assert not _running(*script.split())


WRONG = {
    "key": ({"key": "stranger"}, "no key was accepted"),
    "host-key": ({"known": "unknown"}, "key is unknown or has changed"),
    "missing-key": ({"key": "none"}, "no key was accepted"),
}


@pytest.mark.parametrize("wrong", [pytest.param(value, id=name) for name, value in WRONG.items()])
def test_ssh_that_is_refused_says_why(wrong: tuple[dict[str, str], str], host: Sshd, gateway: MakeGateway) -> None:
    """A wrong key or an unknown host is one sentence with what to do, and no connection stays."""
    config = host.client("wrong", port=host.port, **wrong[0])
    with pytest.raises(TargetError, match=wrong[1]) as error:
        open_live(host.spec, gateway(config=config))
    assert "\n" not in str(error.value)
    assert host.spec in str(error.value)


def test_ssh_never_waits_for_a_password(gateway: MakeGateway) -> None:
    """A host that wants a password is an error, not a prompt."""
    with sshd(more="PubkeyAuthentication no\nMatch all\n  PasswordAuthentication yes\n") as host:
        config = host.config
        with pytest.raises(TargetError, match="password"):
            open_live(host.spec, gateway(config=config))


def test_ssh_to_nobody_says_so(host: Sshd, gateway: MakeGateway) -> None:
    """A port where nobody listens is unreachable at once."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(TargetError, match="no ssh server listens there"):
        open_live(f"ssh://127.0.0.1:{port}", gateway(config=host.client("nobody", port=port)))


def test_ssh_to_a_host_that_hangs_is_given_up(host: Sshd, gateway: MakeGateway) -> None:
    """A host that takes the connection and says nothing is unreachable when its time is over."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        with pytest.raises(TargetError, match=r"down|no answer"):
            open_live(
                f"ssh://127.0.0.1:{port}",
                gateway(config=host.client("hangs", port=port), live={"connect_timeout_seconds": 1}),
            )
        assert time.monotonic() - began < 10


def test_ssh_lost_in_mid_command_is_unknown(host: Sshd, gateway: MakeGateway) -> None:
    """A connection that breaks off under a command is an error that says so, and nothing reconnects quietly."""
    script = "touch started; sleep 60"
    with proxy(host.port) as way:
        settings = gateway(config=host.client("lost", port=way.port), live={"read_only": [script, "true"]})
        spec = host.spec.replace(str(host.port), str(way.port))
        with open_live(spec, settings) as target:
            started = Path(settings.live.directory, "started")

            def cut() -> None:
                while not started.exists():
                    time.sleep(0.01)
                way.break_off()

            cutter = threading.Thread(target=cut, daemon=True)
            cutter.start()
            with pytest.raises(TargetError, match="was lost in the middle of a command"):
                target.run_script(script, timeout=30)
            with pytest.raises(TargetError):
                target.run_script("true", timeout=5)


def test_ssh_to_a_host_that_freezes_is_given_up(host: Sshd, gateway: MakeGateway) -> None:
    """A host that goes silent under a connection ends a command by its time limit, or ssh's own, not never."""
    with proxy(host.port) as way:
        settings = gateway(config=host.client("freezes", port=way.port), live={"read_only": ["true"]})
        with open_live(host.spec.replace(str(host.port), str(way.port)), settings) as target:
            assert target.run_script("true", timeout=5).ok
            way.silent.set()
            began = time.monotonic()
            with pytest.raises(TargetError, match=r"hangs|lost"):
                target.run_script("true", timeout=1)
            assert time.monotonic() - began < 30


OPENS = """
import sys, time
from pathlib import Path
from rehearsal.gateway.description import Gateway
from rehearsal.live import open_live
spec, config, script = sys.argv[1:]
live = {"directory": "/", "ssh_config": config, "read_only": [script]}
target = open_live(spec, Gateway.model_validate({"directory": "/", "name": "g", "live": live}))
print("open", flush=True)
target.run_script(script, timeout=30)
"""


def test_ssh_of_a_killed_run_ends(host: Sshd) -> None:
    """When the run is killed in the middle of a command, ssh, its sockets and the command itself are gone."""
    script = "sleep 4243"
    with tempfile.TemporaryDirectory(prefix="rh-t-") as folder:
        run = subprocess.Popen(
            [sys.executable, "-c", OPENS, host.spec, str(host.config), script],
            stdout=subprocess.PIPE,
            env={**os.environ, "TMPDIR": folder},
        )
        with run:
            assert run.stdout
            assert run.stdout.readline() == b"open\n"
            assert list(Path(folder).iterdir())
            _until(lambda: bool(_running("sleep", "4243")))
            run.kill()
        _until(lambda: not list(Path(folder).iterdir()) and not _processes(folder))
    _until(lambda: not _running("sleep", "4243"))


def test_ssh_that_is_closed_leaves_nothing(host: Sshd, gateway: MakeGateway) -> None:
    """After close neither ssh nor its folder is left, and close may be called twice."""
    target = open_live(host.spec, gateway())
    ssh = [one for one in psutil.Process().children(recursive=True) if one.name() == "ssh"]
    assert ssh
    target.close()
    target.close()
    assert not [one for one in ssh if one.is_running()]
    with pytest.raises(TargetError):
        target.services()


def _running(*command: str) -> bool:
    return any(one.info["cmdline"] == [*command] for one in psutil.process_iter(["cmdline"]))


def _processes(word: str) -> list[int]:
    lines = {one.pid: " ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"])}
    return [pid for pid, line in lines.items() if word in line]


def _until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not reached():
        assert time.monotonic() < deadline, "not within 20 s"
        time.sleep(0.02)
