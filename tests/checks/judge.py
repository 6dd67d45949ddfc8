"""Runs one check on a replica in this process, as the plugin would, and says how it ended."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rehearsal.gateway.description import Gateway
from rehearsal.plugin.judging import finding_of, verdict
from rehearsal.plugin.record import Record
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from rehearsal.runbook import Runbook, read_runbook


@dataclass(frozen=True)
class Verdict:
    """How a check ended, and on what."""

    outcome: Outcome
    message: str
    action: str
    record: Record


@dataclass(frozen=True)
class Judge:
    """Calls checks with the fixtures that they ask for."""

    replica: Replica
    gateway: Gateway
    runbook: Runbook

    def __call__(self, check: Callable[..., None], **arguments: Any) -> Verdict:  # noqa: ANN401  a check's own parameters
        """Run a check; `arguments` are its parameters, and stand before the fixtures."""
        record = Record(self.runbook.path)
        known: dict[str, Callable[[], Any]] = {
            "evidence": lambda: record,
            "former": lambda: lambda _name: None,
            "gateway": lambda: self.gateway,
            "replica": lambda: self.replica,
            "resources": lambda: self.replica.resources(interval=0.5),
            "runbook": lambda: self.runbook,
            "target": lambda: self.replica,
        }
        wanted = [name for name in inspect.signature(check).parameters if name not in arguments]
        try:
            check(**{name: known[name]() for name in wanted}, **arguments)
        except Exception as error:  # noqa: BLE001  whatever ends a check is judged, as the plugin does
            record.findings.append(finding_of(error))
        return Verdict(*verdict(record), record)

    def reading(self, folder: Path, *changes: tuple[str, str]) -> Judge:
        """Return a judge that reads a changed runbook; each change must find what it replaces."""
        text = self.runbook.text
        for old, new in changes:
            assert old in text, f"the runbook does not hold {old!r}"
            text = text.replace(old, new)
        path = folder / "RUNBOOK.md"
        path.write_text(text)
        return replace(self, runbook=read_runbook(path))
