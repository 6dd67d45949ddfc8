from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.gateway.procedure import run_commands
from rehearsal.live import open_live
from rehearsal.live.terminal import without_terminal
from rehearsal.runbook.model import Command
from tests.live.conftest import MakeGateway
from tests.live.test_kinds import put_first

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
