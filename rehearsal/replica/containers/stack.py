"""The containers of one replica, started through testcontainers."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from testcontainers.compose import DockerCompose

import rehearsal
from rehearsal.gateway.compose_numbers import environment_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.postgres_settings import postgres_limits
from rehearsal.gateway.redis_flags import redis_settings
from rehearsal.replica.containers.engine import Images
from rehearsal.replica.containers.override import variable
from rehearsal.replica.processes import environment as environments
from rehearsal.replica.processes.addresses import api_port, listening
from rehearsal.replica.protocol import ReplicaError

PACKAGE = Path(rehearsal.__file__).parent
COMPOSE_FILE = PACKAGE.parent / "docker-compose.test.yml"
_SECONDS = 120
_KEPT = ("PATH", "HOME", "DOCKER_HOST", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "XDG_RUNTIME_DIR")


class Stack(DockerCompose):
    """testcontainers' Compose, with an environment of its own and a time limit."""

    def __init__(self, folder: Path, override: Path, environment: Mapping[str, str]) -> None:
        super().__init__(context=folder, compose_file_name=[str(COMPOSE_FILE), str(override)], wait=False)
        self.environment = dict(environment)

    def create(self) -> None:
        """Make network, volumes and containers; none is started. Raises ReplicaError with Compose's last lines."""
        self._run_command([*self.compose_command_property, "up", "--no-start"])

    def _run_command(self, cmd: str | list[str], context: str | None = None) -> subprocess.CompletedProcess[bytes]:
        try:
            done = subprocess.run(
                cmd,
                capture_output=True,
                check=False,
                cwd=context or str(self.context),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                timeout=_SECONDS,
            )
        except subprocess.TimeoutExpired:
            msg = f"expected `docker compose` to end within {_SECONDS} s, it did not; see what the engine does"
            raise ReplicaError(msg) from None
        if done.returncode:
            said = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", done.stderr.decode(errors="replace")).strip().splitlines()
            words = " / ".join(line.strip() for line in said[-4:]) or "nothing"
            msg = f"expected `docker compose {cmd[-1] if isinstance(cmd, list) else cmd}` to succeed, it said: {words}"
            raise ReplicaError(msg)
        return done


def addresses(gateway: Gateway, secrets: Mapping[str, str], postgres: str, redis: str) -> dict[str, str]:
    """Return where the stores and the mail server are, by the names that one side knows the stores by."""
    return {
        **environments.named(gateway.postgres.password, secrets["postgres"]),
        **environments.named(gateway.redis.password, secrets["redis"]),
        "DB_HOST": postgres,
        "DB_PORT": str(gateway.postgres.port),
        "DB_USER": gateway.postgres.user,
        "DB_NAME": gateway.postgres.database,
        "DB_PASSWORD": secrets["postgres"],
        "REDIS_HOST": redis,
        "REDIS_PORT": str(gateway.redis.port),
        "REDIS_PASSWORD": secrets["redis"],
        "SMTP_HOST": "smtp",
        "SMTP_PORT": "1025",
    }


def environment(
    gateway: Gateway, images: Images, folder: Path, copy: Path, names: Mapping[str, str], secrets: Mapping[str, str]
) -> dict[str, str]:
    """Return what docker-compose.test.yml is filled in with. `names` are project and run."""
    given, postgres, redis = gateway.replica, gateway.postgres, gateway.redis
    web = listening(gateway) or [80]
    forward = [f"{port}:nginx:{port}" for port in web]
    forward += [f"{postgres.port}:postgres:{postgres.port}", f"{redis.port}:redis:{redis.port}"]
    values: dict[str, Any] = {
        "PROJECT": names["project"],
        "RUN": names["run"],
        "FOLDER": folder,
        "GATEWAY": copy,
        "PACKAGE": PACKAGE,
        "CPUS": given.cpus,
        "MEMORY_MIB": given.memory_mib,
        "DISK_MIB": given.disk_mib,
        "POSTGRES_PORT": postgres.port,
        "POSTGRES_USER": postgres.user,
        "POSTGRES_DATABASE": postgres.database,
        "POSTGRES_PASSWORD": secrets["postgres"],
        "REDIS_PORT": redis.port,
        "REDIS_PASSWORD": secrets["redis"],
        "POSTGRES_SETTINGS": shlex.join(postgres_limits(gateway)),
        "REDIS_SETTINGS": "\n".join(redis_settings(gateway)),
        "API_PORT": api_port(gateway),
        "HTTP_PORT": web[0],
        "FORWARD": " ".join(forward),
    }
    values |= {f"{name.upper()}_IMAGE": getattr(images, name) for name in images.__slots__}
    values["MIGRATE_COMMAND"] = shlex.join(given.migrate or ("true",))
    for name, part in given.services.items():
        values[f"{name.upper()}_COMMAND"] = shlex.join(part.command)
        values[f"{name.upper()}_DIRECTORY"] = part.directory
    known = addresses(gateway, secrets, "postgres", "redis") | {"PORT": str(api_port(gateway))}
    filled = {
        variable(name, key): value
        for name in given.services
        for key, value in environments.filled(environment_of(gateway, name), known).items()
    }
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {f"REHEARSAL_{name}": str(value) for name, value in values.items()} | filled
