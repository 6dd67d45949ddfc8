"""The table `[live]` of gateway.toml: how a live host is reached."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, PositiveFloat


class LivePart(BaseModel):
    """How a live host is reached, and what may run there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    directory: str = "."
    """The gateway directory on the host; a relative one is under the folder that a login starts in."""
    reach: Literal["ssh", "direct"] = "ssh"
    """HTTP, PostgreSQL and Redis: through the SSH connection that commands take, or from here."""
    connect_timeout_seconds: PositiveFloat = 10
    command_timeout_seconds: PositiveFloat = 30
    """Of what Rehearsal itself asks of a host; a check's own commands bring theirs."""
    read_only: tuple[str, ...] = ()
    """Commands, as the runbook writes them, that only read although they are no common tool."""
    project: str = ""
    """The Compose project; empty for the one that was started in `directory`, or the only one of the host."""
    ssh_config: Path | None = None
    identity_file: Path | None = None
