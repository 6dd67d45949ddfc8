"""The table `[live]` of gateway.toml: how a live host is reached."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PositiveFloat, StringConstraints

ServiceName = Literal["nginx", "api", "worker", "postgres", "redis"]
HostName = Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9][\w.@:\\-]*)?$")]
UNIT = ".service"
_OF_THE_SYSTEM = frozenset(
    ("bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "sys", "tmp", "usr")
)


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
    def own_place(self) -> str:
        """Where the gateway lies on the host, if that is said and is no place that the system itself has."""
        parts = PurePosixPath(self.directory).parts
        absolute = len(parts) > 2 and parts[0] == "/" and ".." not in parts  # noqa: PLR2004  the root and a name
        return self.directory.rstrip("/") if absolute and parts[1] not in _OF_THE_SYSTEM else ""

    @property
    def names(self) -> dict[str, str]:
        """What services are called on the host, where that is said."""
        return {str(service): name for service, name in self.services.items()}
