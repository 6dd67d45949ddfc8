"""A person's patience with a service that is just starting, and none with what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from rehearsal.gateway.description import ReplicaPart
from rehearsal.gateway.patience import run_patiently
from rehearsal.gateway.procedure import what_is_wrong
from rehearsal.gateway.target import Target
from rehearsal.runbook.model import Command
from tests.target.shells import NEVER, asked, starting


@pytest.mark.parametrize(
    ("commands", "wrong", "times"),
    [
        (["docker-compose restart api", "curl -f there"], [False, False], 3),
        (["URL=here", "./scripts/deploy.sh", "curl -f $URL"], [False, False, False], 3),
        (["curl -f there"], [True], 1),
        (["docker-compose stop api", "curl -f there"], [False, True], 1),
        (["docker-compose start api", "curl -f -X POST there"], [False, True], 1),
        (["docker-compose start api", "curl -f there", "false"], [False, False, True], 3),
    ],
)
def test_who_asks_what_has_just_started_asks_again(
    commands: list[str], wrong: list[bool], times: int, tmp_path: Path
) -> None:
    """Only a question, and only behind something that starts; what changes anything is never done twice."""
    shell = starting(tmp_path, 3)
    written = [Command(text, "", line) for line, text in enumerate(commands)]
    seen = run_patiently(cast("Target", shell), written, ReplicaPart())
    assert [bool(what_is_wrong(run)) for run in seen.commands] == wrong
    assert asked(tmp_path) == times


def test_patience_ends(tmp_path: Path) -> None:
    """A service that does not come is told as it was found last."""
    shell = starting(tmp_path, NEVER)
    commands = [Command("docker-compose start api", "", 1), Command("curl -f there", "", 2)]
    seen = run_patiently(cast("Target", shell), commands, ReplicaPart(ready_timeout_seconds=1))
    assert what_is_wrong(seen.commands[1]).startswith("exited 22")
    assert asked(tmp_path) > 1
