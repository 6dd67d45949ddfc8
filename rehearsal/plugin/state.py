"""What a run knows of itself, from its options to its last result."""

from __future__ import annotations

import getpass
import platform
import shlex
import socket
import sys
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

import pytest

import rehearsal
from rehearsal.gateway.description import Gateway
from rehearsal.plugin.hosts import REPLICA
from rehearsal.plugin.record import Record
from rehearsal.reports.words import Language
from rehearsal.results.model import Result, RunInfo, TargetInfo, Waiver
from rehearsal.results.redaction import Redactor
from rehearsal.results.targets import counted, in_words, looked_at
from rehearsal.runbook import Runbook


class Postponed(TypedDict):
    """A check that is judged at the end of the run, as a worker of pytest-xdist can tell its controller."""

    node_id: str
    module: str
    function: str
    headings: list[str]
    rhythms: list[str]


@dataclass
class RunState:
    """One run on one gateway."""

    gateway: Gateway
    runbook: Runbook
    directory: Path | None
    """Where the report lands; None in a worker of pytest-xdist."""
    language: Language
    specs: tuple[str, ...]
    """What is looked at: hosts as `--hosts` names them, or `replica`."""
    targets: dict[str, TargetInfo] = field(default_factory=dict)
    """What is known of each of them, and of the replica of the drills."""
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    run_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    secrets: set[str] = field(default_factory=set)
    found: int = 0
    """Checks that were found, selected or not."""
    no_replica: str = ""
    """Why a whole replica could not be started, once one could not."""
    results: dict[str, Result] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    notes: list[str] = field(default_factory=list)
    postponed: list[Postponed] = field(default_factory=list)
    """Checks that take what all others have seen."""

    def keep_secret(self, values: Iterable[str]) -> None:
        """Mask these values in everything that this run writes."""
        self.secrets.update(value for value in values if value)

    def target(self, spec: str) -> TargetInfo:
        """Return what is known of a target; of one that was never opened, its name."""
        is_replica = spec == REPLICA
        return self.targets.setdefault(
            spec, TargetInfo(f"replica of {self.gateway.name}" if is_replica else spec, is_replica)
        )

    @property
    def redactor(self) -> Redactor:
        """Masks what this run must keep secret."""
        return Redactor(self.secrets)

    def info(self, exit_status: int) -> RunInfo:
        """Describe the run as it stands now."""
        targets = counted(tuple(self.targets.values()), tuple(self.results.values()))
        shown = looked_at(targets)
        one = shown[0] if len(shown) == 1 else TargetInfo(in_words(shown), all(target.is_replica for target in shown))
        return RunInfo(
            run_id=self.run_id,
            started=self.started,
            finished=datetime.now(UTC),
            target=one.name,
            is_replica=one.is_replica,
            replica_kind=one.replica_kind,
            isolation=one.isolation,
            missing_isolation=one.missing_isolation,
            versions={
                "rehearsal": rehearsal.__version__,
                "python": platform.python_version(),
                "pytest": pytest.__version__,
            }
            | one.versions,
            runbook_title=self.runbook.title,
            runbook_version=self.runbook.version,
            runbook_path=self.runbook.path.name,
            runbook_sha256=self.runbook.sha256,
            gateway=self.gateway.name,
            user=_user(),
            host=socket.gethostname(),
            command_line=shlex.join(["pytest", *sys.argv[1:]]),
            exit_status=exit_status,
            settings=_flat(self.gateway.model_dump(mode="json", exclude={"directory", "waivers"})),
            notes=tuple(self.notes),
            targets=targets,
        )


STATE = pytest.StashKey[RunState]()
RECORD = pytest.StashKey[Record]()


def record_of(item: pytest.Item, state: RunState) -> Record:
    """Return the record of one check, made when it is first asked for."""
    return item.stash.setdefault(RECORD, Record(state.runbook.path))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "a user without a name"


def _flat(values: object, prefix: str = "") -> dict[str, str]:
    if isinstance(values, dict):
        return {
            key: text
            for name, value in values.items()
            for key, text in _flat(value, f"{prefix}.{name}" if prefix else str(name)).items()
        }
    return {prefix: str(values)}
