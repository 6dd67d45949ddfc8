"""What a check found, and on what evidence. Plain values that survive JSON and a process boundary."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended. Only `OK` is green."""

    OK = "ok"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"
    WAIVED = "waived"
    NOT_APPLICABLE = "not_applicable"

    @property
    def severity(self) -> int:
        """Order in which outcomes are shown, worst highest."""
        return _SEVERITY[self]

    @property
    def fails(self) -> bool:
        """Tell whether a run with this outcome has exit status 1."""
        return self in (Outcome.CRITICAL, Outcome.UNKNOWN)


_SEVERITY = {
    Outcome.OK: 0,
    Outcome.NOT_APPLICABLE: 1,
    Outcome.WAIVED: 2,
    Outcome.WARNING: 3,
    Outcome.UNKNOWN: 4,
    Outcome.CRITICAL: 5,
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure held against its limits."""

    name: str
    """The metric in the words of its source, with what it was measured on: `Disco /data`."""
    value: float
    unit: str
    warning: float | None
    """The warning limit in the same unit; None where there is no such level."""
    critical: float | None
    source: str
    """Where the limits stand: `RUNBOOK.md:74` or `gateway.toml objectives.rto_hours`."""
    outcome: Outcome
    operator: str = ">"
    """The side of the limits that is wrong: `>` or `<`."""


@dataclass(frozen=True, slots=True)
class CommandEvidence:
    """A command that was run, and what came of it. Output is redacted and cut in the middle when long."""

    command: str
    exit_code: int | None
    """None where it was ended by its time limit, or never started."""
    stdout: str
    stderr: str
    seconds: float
    source: str = ""
    """The runbook line that it was taken from, such as `RUNBOOK.md:120`; empty where it is the check's own."""
    pipe_status: tuple[int, ...] = ()
    """Exit codes of the parts of a pipe, where known."""


@dataclass(frozen=True, slots=True)
class DifferenceEvidence:
    """One difference between two snapshots, in a sentence."""

    where: str
    """Such as `table public.email_outbox` or `key bull:email-send:12`."""
    expected: str
    observed: str


@dataclass(frozen=True, slots=True)
class Observation:
    """Something that was looked at and found to be as it should: `PostgreSQL answered SELECT current_database()`."""

    text: str


Evidence = CommandEvidence | DifferenceEvidence | Observation


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has to say that is not `ok`."""

    outcome: Outcome
    message: str
    """One sentence: what was expected, what was found, where."""
    action: str = ""
    """What to do next, from the runbook where it says; else empty."""
    source: str = ""
    """The runbook heading and line that is wrong or that applies: `Restaurar Redis (RUNBOOK.md:143)`; else empty."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """An excuse for a critical or a warning, from gateway.toml."""

    check: str
    """A node id, or the part of it from its file name on."""
    reason: str
    approver: str
    expires: date
    """The last day on which it counts."""


@dataclass(frozen=True, slots=True)
class Result:
    """One check on one target."""

    node_id: str
    title: str
    """The check's docstring: the property and why it matters."""
    section: str
    """The runbook heading that it verifies."""
    section_line: int | None
    outcome: Outcome
    message: str
    """The worst finding in a sentence; for `ok` what was seen; for `not_applicable` the reason."""
    action: str
    findings: tuple[Finding, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    waiver: Waiver | None = None
    started: datetime | None = None
    seconds: float = 0.0
    markers: tuple[str, ...] = ()
    target: str = ""
    """Name of the host or replica that it is about; empty where it is about none, such as the document itself."""
    lines: tuple[int, ...] = ()
    """Lines of the runbook that it has held against what it observed."""
    contact: str = ""
    """Whom the runbook names for what was found; empty where nothing was, or nobody is named."""


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """One host or replica of a run, and what was found on it."""

    name: str
    """As in `Result.target`."""
    is_replica: bool
    replica_kind: str = ""
    isolation: str = ""
    missing_isolation: tuple[str, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    """Number of results by outcome; empty where nothing was verified on it."""


@dataclass(frozen=True, slots=True)
class CoveredLine:
    """One command, table row, numbered step or item of a section, and the checks of this run that looked at it."""

    what: str
    """`command`, `row`, `step` or `item`."""
    text: str
    line: int
    checks: tuple[str, ...]
    """Node ids that held it against what they observed, with an outcome other than `unknown` or `not_applicable`."""
    claimed_by: tuple[str, ...] = ()
    """Node ids that looked at it and ended in one of those."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """One section of the runbook and the checks of this run that verified it."""

    heading: str
    line: int
    level: int
    checks: tuple[str, ...]
    """Node ids that ran in this run with an outcome other than `unknown` or `not_applicable`."""
    claimed_by: tuple[str, ...] = ()
    """Node ids that claim the section but did not see it in this run."""
    items: tuple[CoveredLine, ...] = ()
    """What stands directly under it, in the order of the document."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What was tested, against what, when, by whom."""

    run_id: str
    started: datetime
    finished: datetime
    target: str
    """As a person says it: `replica of reference (processes, namespaces)`, `ssh://operator@gw1`, `50 hosts`."""
    is_replica: bool
    """True where nothing but replicas was looked at."""
    replica_kind: str
    """`processes` or `containers`; empty on a live host."""
    isolation: str
    """`namespaces` or `plain`; empty on a live host."""
    missing_isolation: tuple[str, ...]
    versions: dict[str, str]
    """`rehearsal`, `python`, `postgres`, `redis`, `nginx` … as reported by the parts themselves."""
    runbook_title: str
    runbook_version: str
    runbook_path: str
    runbook_sha256: str
    gateway: str
    user: str
    host: str
    command_line: str
    exit_status: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    """Effective values of gateway.toml, secrets left out."""
    notes: tuple[str, ...] = ()
    """What a reader must know about the run: interrupted, not run, waivers that have expired."""
    targets: tuple[TargetInfo, ...] = ()
    """Every host and replica, those that were asked for first."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """A whole run: what results.json holds."""

    run: RunInfo
    results: tuple[Result, ...]
    coverage: tuple[Coverage, ...]
