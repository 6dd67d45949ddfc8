"""The table `[live]` of gateway.toml: how a live host is reached."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PositiveFloat, StringConstraints

ServiceName = Literal["nginx", "api", "worker", "postgres", "redis"]
HostName = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9][\w.@:\\-]*)?$")]
UNIT = ".service"


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
    services: dict[ServiceName, HostName] = {}
    """What a service is called on the host, where not by its own name: a Compose service, a container, a unit of
    systemd (`postgresql.service`); empty for one that is not on this host."""
    ssh_config: Path | None = None
    identity_file: Path | None = None

    @property
    def names(self) -> dict[str, str]:
        """What services are called on the host, where that is said."""
        return {str(service): name for service, name in self.services.items()}
