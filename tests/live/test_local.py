from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import RefusedError, TargetError
from rehearsal.live import LiveTarget, expand, open_live

_DOCKER = Path(__file__).with_name("docker.sh")


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveTarget]:
    """This machine, with an empty gateway directory, and a docker that does not depend on whether an engine runs."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "docker").write_text(_DOCKER.read_text())
    (programs / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    gateway = Gateway.model_validate(
        {
            "directory": tmp_path,
            "name": "g",
            "live": {
                "directory": str(tmp_path),
                "read_only": ["cat note", "sleep 60"],
                "project": "none-of-this-machine",
            },
        }
    )
    with open_live("local://", gateway) as target:
        yield target


def test_local_runs_declared_script_in_the_gateway_directory(target: LiveTarget) -> None:
    """A script that gateway.toml declares runs where the gateway is, and its words come back alone."""
    Path(target.gateway.live.directory, "note").write_text("olá\n")
    run = target.run_script("cat note", timeout=20)
    assert (run.exit_code, run.stdout, run.stderr) == (0, "olá\n", "")
    assert target.commands == 1


def test_local_refuses_what_is_not_declared(target: LiveTarget) -> None:
    """A script that removes a file is refused before anything runs."""
    note = Path(target.gateway.live.directory, "note")
    note.write_text("olá\n")
    with pytest.raises(RefusedError, match=r"live\.read_only"):
        target.run_script("rm note", timeout=20)
    assert note.exists()
    assert target.commands == 0


def test_local_ends_a_script_in_time(target: LiveTarget) -> None:
    """A script that outlives its time limit is ended, and says so by having no exit code."""
    run = target.run_script("sleep 60", timeout=1)
    assert run.exit_code is None
    assert run.seconds < 30


def test_local_reads_a_file(target: LiveTarget) -> None:
    """A file comes as its bytes, up to a limit, and one that is missing is an error with its name."""
    Path(target.gateway.live.directory, "note").write_bytes(b"\x00\xffab")
    assert target.read_file("note", 3) == b"\x00\xffa"
    with pytest.raises(TargetError, match="missing"):
        target.read_file("missing")


def test_local_measures_the_machine(target: LiveTarget) -> None:
    """CPU, memory and the disk of / come as percentages."""
    usage = target.resources(0.1)
    assert 0 <= usage.cpu_percent <= 100
    assert 0 < usage.memory_percent <= 100
    assert "/" in [disk.mount for disk in usage.disks]


@pytest.mark.parametrize("spec", ["gw1", "telnet://gw1", "ssh://u:secret@gw1", "ssh://-oProxyCommand=x", "ssh://"])
def test_wrong_spec_is_one_sentence(spec: str, tmp_path: Path) -> None:
    """What names no host that can be reached is an error that repeats no password."""
    with pytest.raises(TargetError) as error:
        open_live(spec, Gateway(directory=tmp_path, name="g"))
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)


def test_expand_keeps_each_host_once() -> None:
    """Several specs are several hosts, in the order in which they were given."""
    assert expand(["ssh://b", "local://", "ssh://b"]) == ["ssh://b", "local://"]


def test_missing_gateway_directory_is_said(tmp_path: Path) -> None:
    """Where the host has no such folder, nothing has failed there: it is said which key names the folder."""
    live = {"directory": str(tmp_path / "none"), "read_only": ["true"]}
    gateway = Gateway.model_validate({"directory": tmp_path, "name": "g", "live": live})
    with open_live("local://", gateway) as target:
        for ask in (target.services, lambda: target.run_script("true", timeout=20)):
            with pytest.raises(TargetError, match=r"/none on local://, got: No such file .*; mend live\.directory"):
                ask()
