"""A service may be started by a program of nvm, pyenv and the like, which lies in no folder of the system."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.replica.processes import visible
from tests.replica.conftest import ARRANGEMENTS, Isolation, open_or_skip, tiny


def _node(folder: Path) -> Path:
    """Make a runtime that is a python by another name, with what it needs beside its `bin`."""
    (folder / "bin").mkdir(parents=True)
    (folder / "lib").mkdir()
    (folder / "lib" / "word").write_text("from the runtime")
    program = folder / "bin" / "node-of-a-team"
    program.write_text('#!/bin/sh\ncat "$(dirname "$0")/../lib/word" >/dev/null && exec python "$@"\n')
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("isolation", ARRANGEMENTS)
def test_runtime_outside_of_the_system_is_there(
    isolation: Isolation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What starts a service on the machine starts it in a replica, wherever PATH has it."""
    program = _node(tmp_path / "versions" / "v20")
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    services = {
        "api": {"command": (program.name, "app/api.py"), "port": 3000},
        "worker": {"command": (program.name, "app/worker.py")},
    }
    with open_or_skip(tiny(services=services), isolation) as replica:
        assert replica.run_script(f"command -v {program.name}", timeout=30).ok


def test_home_is_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program in ~/bin or ~/.local/bin brings its own folder, and nothing else of the home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for place in ("bin", ".local/bin"):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        (folder / "tool").write_text("#!/bin/sh\n")
        (folder / "tool").chmod(0o755)
        monkeypatch.setenv("PATH", str(folder))
        services = {
            "api": {"command": ("tool",), "port": 3000},
            "worker": {"command": ("python", "app/worker.py")},
        }
        gateway = tiny(services=services)
        assert visible.runtimes(gateway) == (folder,)
        assert [visible.installation(one) for one in visible.runtimes(gateway)] == [folder]


def test_programs_of_the_system_need_nothing(tmp_path: Path) -> None:
    """What lies in /usr is shown anyway, and what the gateway directory brings is copied with it."""
    services = {
        "api": {"command": ("sh", "start"), "port": 3000},
        "worker": {"command": ("./no-such-tool",)},
    }
    assert visible.runtimes(tiny(services=services)) == ()
    assert visible.runtimes(tiny(tmp_path, services=services)) == ()
