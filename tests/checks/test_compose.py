"""Sabotage of the Compose that a document asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from checks.document import test_compose as checked
from rehearsal.gateway.target import CommandRun
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge


@dataclass
class Host:
    """A host that has these versions, and nothing else."""

    old: str
    new: str
    is_replica: bool = False
    name: str = "ssh://operator@gw1"

    def run_script(self, script: str, *, timeout: float) -> CommandRun:
        """Answer for the program that is asked."""
        assert timeout > 0
        version = self.old if script.startswith("docker-compose") else self.new
        return CommandRun(script, 0 if version else 127, version, "" if version else "command not found", 0.1)


@pytest.mark.parametrize(
    ("old", "new", "outcome", "words"),
    [
        ("2.26.1\n", "2.26.1\n", Outcome.OK, "2.26.1"),
        ("v5.0.2\n", "", Outcome.OK, "5.0.2"),
        ("1.29.2\n", "", Outcome.WARNING, "July 2023"),
        ("1.29.2\n", "2.26.1\n", Outcome.WARNING, "July 2023"),
        ("", "2.26.1\n", Outcome.WARNING, "does not have"),
        ("", "", Outcome.UNKNOWN, "neither"),
    ],
)
def test_what_a_host_has(reader: Judge, old: str, new: str, outcome: Outcome, words: str) -> None:
    """Version 1 is a warning, as is a host that knows only `docker compose`; Compose 2 under the old name is fine."""
    seen = replace(reader, replica=cast("Replica", Host(old, new)))(checked.test_compose_is_maintained)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message


def test_replica_and_other_documents_are_not_asked(reader: Judge, tmp_path: Path) -> None:
    """A replica has no Compose of the host's, and a document that says `docker compose` asks for no other."""
    replica = replace(reader, replica=cast("Replica", Host("1.29.2", "", is_replica=True)))
    assert replica(checked.test_compose_is_maintained).outcome is Outcome.NOT_APPLICABLE
    changed = reader.reading(tmp_path, ("docker-compose", "docker compose"))
    host = replace(changed, replica=cast("Replica", Host("1.29.2", "")))
    assert host(checked.test_compose_is_maintained).outcome is Outcome.NOT_APPLICABLE
