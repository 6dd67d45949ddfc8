"""What a check may ask of the place where a gateway runs. A check never knows which kind it got."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping, Sequence

    import httpx
    import psycopg
    import redis


_NAMES_AN_ERROR = re.compile(r"\b(error|fatal|failed|falha|denied|refused|not found|no such)\b", re.IGNORECASE)


class TargetError(Exception):
    """The target could not be asked (unreachable, missing tool, time limit): what depends on it is `unknown`."""


class NoAnswerError(TargetError):
    """A service was asked and refused, broke off, or kept silent past its time limit."""


class NotOnThisTargetError(Exception):
    """The target has no such part, and this is why: what depends on it is `not_applicable`."""


class RefusedError(Exception):
    """A command or drill that may not run on this target; nothing was run."""


@dataclass(frozen=True, slots=True)
class CommandRun:
    """One command as it ended."""

    command: str
    exit_code: int | None
    """None where its time limit ended it."""
    stdout: str
    """At most `rehearsal.gateway.shell.OUTPUT_LIMIT` characters; the middle is cut out of more."""
    stderr: str
    seconds: float
    pipe_status: tuple[int, ...] = ()
    line: int | None = None
    """The runbook line that it came from; None for a check's own."""
    refused: str = ""
    """Why it was not run on a live target; empty for whatever was run."""

    @property
    def ok(self) -> bool:
        """Tell whether the shell saw success, in every part of a pipe."""
        return self.exit_code == 0 and not any(self.pipe_status)

    @property
    def never_ran(self) -> bool:
        """Tell whether the shell had ended before it."""
        return self.exit_code is None and self.stderr.startswith("not run: ")

    @property
    def ending(self) -> str:
        """How it ended, in words: `exited 1 (pipe 0, 1): <last line of stderr that names an error>`."""
        if self.exit_code is None:
            return "was not run" if self.never_ran else "did not end in time"
        pipe = f" (pipe: {', '.join(map(str, self.pipe_status))})" if self.pipe_status else ""
        said = (self.stderr.strip() or self.stdout.strip()).splitlines()
        # psql and compilers point at the error in lines that follow it.
        named = [line for line in said if _NAMES_AN_ERROR.search(line)] or said
        return f"exited {self.exit_code}{pipe}" + (f": {named[-1].strip()[:300]}" if named else "")


@dataclass(frozen=True, slots=True)
class ServiceState:
    """One service of the stack."""

    name: str
    running: bool
    healthy: bool | None
    """None where the service declares no health probe."""
    restarts: int
    """Restarts since the service was created (by the stack itself, not by an operator)."""
    detail: str
    """The state in the stack's own words: `Up 3 seconds`, `Exit 1`, `paused`."""
    certain: bool = True
    """False where the target may have it under another name, so that not to find it proves nothing."""


@dataclass(frozen=True, slots=True)
class ServiceUsage:
    """Resources of one service, in the units of the machine (or of what the replica was given)."""

    name: str
    cpu_percent: float
    memory_percent: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class DiskUsage:
    """One file system that the gateway writes to."""

    mount: str
    used_percent: float
    inodes_percent: float
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Resources:
    """Use of CPU, memory and disk: of the host on a live target, of what the replica was given on a replica."""

    cpu_percent: float
    memory_percent: float
    disks: tuple[DiskUsage, ...]
    services: tuple[ServiceUsage, ...]


class Target(Protocol):
    """A live host or a replica."""

    @property
    def name(self) -> str:
        """As a person says it; stands in the first and last line of a run."""
        ...

    @property
    def is_replica(self) -> bool:
        """Tell whether this run made it."""
        ...

    def run_script(self, script: str, *, timeout: float, environment: Mapping[str, str] | None = None) -> CommandRun:
        """Run a bash script in the gateway directory, with /dev/null as its input.

        `timeout` in seconds; when it passes, everything that the script started is ended and `exit_code` is None.
        `environment` is added to the operator's; secrets go there, never into `script`.
        Raises TargetError when the target can't be reached.
        """
        ...

    def http(self, trusted: ssl.SSLContext | None = None) -> httpx.Client:
        """Return a new client whose base URL is the gateway's, through nginx, that checks certificates.

        With `trusted`, as that says instead: for a look at what a client would refuse.
        """
        ...

    def postgres(self, database: str | None = None, *, autocommit: bool = True) -> psycopg.Connection:
        """Return a new connection to the gateway's database (or another), with a statement time limit.

        Raises psycopg.OperationalError when it is refused.
        """
        ...

    def redis(self) -> redis.Redis:
        """Return a new client that answers bytes, with socket time limits."""
        ...

    def services(self) -> Sequence[ServiceState]:
        """Return the state of each service that gateway.toml names, in its order."""
        ...

    def logs(self, service: str, lines: int) -> str:
        """Return the last `lines` log lines of a service, oldest first."""
        ...

    def resources(self, interval: float) -> Resources:
        """Return the use of resources over `interval` seconds."""
        ...

    def read_file(self, path: str, limit: int = 1 << 20) -> bytes:
        """Return up to `limit` bytes of a file; relative paths are under the gateway directory."""
        ...
