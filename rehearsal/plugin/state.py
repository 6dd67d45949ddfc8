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

import pytest

import rehearsal
from rehearsal.gateway.description import Gateway
from rehearsal.plugin.record import Record
from rehearsal.reports.words import Language
from rehearsal.results.model import Result, RunInfo, Waiver
from rehearsal.results.redaction import Redactor
from rehearsal.runbook import Runbook


@dataclass
class TargetFacts:
    """What the report says of the target."""

    name: str
    is_replica: bool = True
    replica_kind: str = ""
    isolation: str = ""
    missing_isolation: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)


@dataclass
class RunState:
    """One run on one gateway."""

    gateway: Gateway
    runbook: Runbook
    directory: Path | None
    """Where the report lands; None in a worker of pytest-xdist."""
    language: Language
    target: TargetFacts
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    run_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    secrets: set[str] = field(default_factory=set)
    found: int = 0
    """Checks that were found, selected or not."""
    no_replica: str = ""
    """Why a replica could not be started, once one could not."""
    results: dict[str, Result] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    notes: list[str] = field(default_factory=list)

    def keep_secret(self, values: Iterable[str]) -> None:
        """Mask these values in everything that this run writes."""
        self.secrets.update(value for value in values if value)

    @property
    def redactor(self) -> Redactor:
        """Masks what this run must keep secret."""
        return Redactor(self.secrets)

    def info(self, exit_status: int) -> RunInfo:
        """Describe the run as it stands now."""
        return RunInfo(
            run_id=self.run_id,
            started=self.started,
            finished=datetime.now(UTC),
            target=self.target.name,
            is_replica=self.target.is_replica,
            replica_kind=self.target.replica_kind,
            isolation=self.target.isolation,
            missing_isolation=self.target.missing_isolation,
            versions={
                "rehearsal": rehearsal.__version__,
                "python": platform.python_version(),
                "pytest": pytest.__version__,
            }
            | self.target.versions,
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
