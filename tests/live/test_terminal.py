from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.gateway.procedure import run_commands, written_for_compose1
from rehearsal.live import open_live
from rehearsal.live.terminal import without_terminal
from rehearsal.runbook.model import Command
from tests.live.conftest import MakeGateway
from tests.live.test_kinds import put_first
from tests.live.test_names import DOCKER

TYPED = {
    "docker exec -it redis redis-cli ping": "docker exec -i redis redis-cli ping",
    "docker exec -u root -ti redis ls -t": "docker exec -u root -i redis ls -t",
    "docker exec --tty redis ls": "docker exec  redis ls",
    "docker-compose exec redis redis-cli ping": "docker-compose exec -T redis redis-cli ping",
    "docker compose -f a.yml exec -it redis ls | cat": "docker compose -f a.yml exec -T redis ls | cat",
    "docker-compose exec -u root -T redis ls": "docker-compose exec -u root -T redis ls",
    "docker logs -t api": "docker logs -t api",
}


@pytest.mark.parametrize("command", TYPED)
def test_no_terminal_is_asked_for(command: str) -> None:
    """What asks for a terminal is left out, and nothing else is changed."""
    assert without_terminal(command) == TYPED[command]


def test_command_for_a_terminal_works_without_one(
    gateway: MakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that works for whoever types it is not accused, and is reported as the runbook has it."""
    program = (
        '#!/bin/sh\ncase "$*" in *exec*-it*) echo "the input device is not a TTY" >&2; exit 1 ;; esac; echo PONG\n'
    )
    put_first(tmp_path, "docker", program, monkeypatch)
    text = "docker exec -it redis redis-cli ping"
    with open_live("local://", gateway()) as target:
        run = run_commands(target, [Command(text, "", 1, ())], timeout=20)
    assert [(one.command, one.stdout, one.exit_code) for one in run.commands] == [(text, "PONG\n", 0)]


@pytest.mark.parametrize("has_it", [True, False])
def test_compose_of_today_answers_for_that_of_old(
    *, has_it: bool, gateway: MakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no docker-compose, a command that says so runs as `docker compose`, and this is known."""
    docker = DOCKER.replace("case $1 in\n", 'case $1 in\ncompose) echo "plugin: $*" ;;\n')
    put_first(tmp_path, "docker", docker, monkeypatch)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    if has_it:
        put_first(tmp_path, "docker-compose", '#!/bin/sh\necho "old: $*"\n', monkeypatch)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    elif any((Path(folder) / "docker-compose").exists() for folder in ("/usr/bin", "/bin")):
        pytest.skip("this machine has docker-compose itself")
    command = Command("docker-compose ps", "", 1, ())
    with open_live("local://", gateway()) as target:
        (one,) = run_commands(target, [command], timeout=20).commands
        assert one.stdout == ("old: ps\n" if has_it else "plugin: compose ps\n")
        assert written_for_compose1(target, one.command) is not has_it
        assert not written_for_compose1(target, "docker compose ps; ./docker-compose ps")
