"""What one check saw: it is handed to the check as `evidence` and becomes its result."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import psycopg
import redis

from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import CommandRun, NoAnswerError
from rehearsal.results.judge import measure, sentence
from rehearsal.results.model import (
    CommandEvidence,
    DifferenceEvidence,
    Evidence,
    Finding,
    Measurement,
    Observation,
    Outcome,
)
from rehearsal.runbook.model import Place, Threshold
from rehearsal.snapshot import Difference


@dataclass
class Record:
    """Observations, measurements and findings of one check, in the order in which they were made.

    A check that records nothing is `unknown`: what was not seen is never green.
    """

    runbook_path: Path
    findings: list[Finding] = field(default_factory=list)
    measurements: list[Measurement] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    lines: set[int] = field(default_factory=set)
    """Lines of the runbook whose promise was looked at: commands that were run, rows, steps and items that were held
    against what was observed."""

    def covers(self, *lines: int) -> None:
        """Note lines of the runbook that this check has held against what it observed, whatever came of it."""
        self.lines.update(lines)

    def apart(self) -> Record:
        """Return a new record by the same runbook, for what another check says and this one judges."""
        return Record(self.runbook_path)

    def saw(self, text: str) -> None:
        """Record something that was looked at and found to be as it should."""
        self.evidence.append(Observation(text))

    def source(self, place: Place) -> str:
        """Name a place of the runbook: `Restaurar Redis (RUNBOOK.md:143)`."""
        return f"{place.heading} ({self.runbook_path.name}:{place.line})"

    def threshold(
        self, row: Threshold, value: float, where: str = "", because: str = "", *, covers: bool = True
    ) -> Outcome:
        """Hold a value, in the unit of the row's limits, against a row of the runbook's table.

        `because` is added to a finding: who or what is behind the value. Not `covers`: the row is not about this alone.
        """
        if covers:
            self.covers(row.place.line)
        measured = measure(
            f"{row.metric} {where}".strip(),
            value,
            row.warning.unit,
            row.warning.value,
            row.critical.value,
            f"{self.runbook_path.name}:{row.place.line}",
            row.warning.operator,
        )
        return self._measured(measured, row.action, self.source(row.place), because)

    def objective(self, name: str, value: float, unit: str, limit: float, key: str) -> Outcome:
        """Hold a value against an objective of gateway.toml: `key` is its place there."""
        measured = measure(name, value, unit, None, limit, f"gateway.toml {key}")
        return self._measured(measured, "", "")

    def count(self, name: str, value: float) -> None:
        """Keep a figure that has no limit of its own, for the next run to compare with."""
        self.measurements.append(measure(name, value, "", None, None, "counted by the stack"))

    def take_back(self, name: str) -> float:
        """Forget a measurement that is about to be made again, and return its value; -inf where there is none."""
        values = [one.value for one in self.measurements if one.name == name]
        self.measurements = [one for one in self.measurements if one.name != name]
        return max(values, default=-math.inf)

    def ran(self, run: CommandRun) -> None:
        """Keep a command and what came of it."""
        source = f"{self.runbook_path.name}:{run.line}" if run.line else ""
        if run.line and not run.refused and not run.never_ran:
            self.covers(run.line)
        self.evidence.append(
            CommandEvidence(run.command, run.exit_code, run.stdout, run.stderr, run.seconds, source, run.pipe_status)
        )

    def ran_all(self, run: ProcedureRun) -> None:
        """Keep each command of a procedure."""
        for command in run.commands:
            self.ran(command)

    @contextmanager
    def demanding(self, action: str) -> Iterator[None]:
        """Inside the block a service that does not answer is the finding itself, and `action` what to do.

        What is asked and what is judged both belong inside: after it nothing is certain to have been answered.
        """
        try:
            yield
        except (NoAnswerError, psycopg.OperationalError, redis.RedisError, httpx.TransportError) as error:
            self.critical(" ".join(str(error).split()) or type(error).__name__, action=action)

    def at(self, place: Place, line: int | None) -> str:
        """Name a line below a heading of the runbook."""
        return self.source(replace(place, line=line or place.line))

    def differs(self, differences: Iterable[Difference]) -> None:
        """Keep differences between two snapshots."""
        self.evidence += [DifferenceEvidence(one.where, one.expected, one.observed) for one in differences]

    def critical(self, message: str, *, action: str = "", source: str = "") -> None:
        """Record that a promise is broken."""
        self.findings.append(Finding(Outcome.CRITICAL, message, action, source))

    def warning(self, message: str, *, action: str = "", source: str = "") -> None:
        """Record what is not yet broken."""
        self.findings.append(Finding(Outcome.WARNING, message, action, source))

    def unknown(self, message: str, *, action: str = "", source: str = "") -> None:
        """Record that something could not be verified, and why."""
        self.findings.append(Finding(Outcome.UNKNOWN, message, action, source))

    def _measured(self, measured: Measurement, action: str, source: str, because: str = "") -> Outcome:
        self.measurements.append(measured)
        if measured.outcome is not Outcome.OK:
            said = f"{sentence(measured)}; {because}" if because else sentence(measured)
            self.findings.append(Finding(measured.outcome, said, action, source))
        return measured.outcome
