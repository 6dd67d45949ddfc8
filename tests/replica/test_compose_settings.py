"""A gateway whose Compose file gives PostgreSQL, API and worker settings: a replica has them, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.gateway.compose_numbers import environment_of
from rehearsal.gateway.postgres_settings import postgres_limits
from tests.replica.conftest import KINDS, of_kind, tiny, tiny_composed

_COMPOSE = """\
services:
  postgres:
    image: postgres:17
    command: postgres -c config_file=/etc/postgresql/own.conf -c max_connections=31 --lock-timeout=5s -c port=99
    volumes: [./config:/etc/postgresql:ro]
  api:
    environment: {RETRY_MS: "250", POOL: "${POOL_SIZE:-6}", HTTP_PORT: "80", ADMIN_PIN: "1234", LEVEL: info, SIX: $SIX}
  worker:
    env_file: [worker.env, {path: none.env, required: false}]
    environment: [CONCURRENCY=4]
"""


def _folder(tmp_path: Path) -> Path:
    folder = tiny_composed(tmp_path / "gateway", _COMPOSE)
    (folder / "config").mkdir()
    own = "max_connections = 50\nstatement_timeout = '45s' # of all\n#lock_timeout = 1s\nshared_buffers = 8GB\n"
    (folder / "config" / "own.conf").write_text(own)
    (folder / "worker.env").write_text("CONCURRENCY=2\nBATCH=10\n")
    (folder / ".env.example").write_text("POOL_SIZE=\nSIX=6\n")
    return folder


def test_settings_of_the_compose_file_are_read(tmp_path: Path) -> None:
    """Limits and numbers, not addresses, memory and secrets; what is said last counts, gateway.toml's before all."""
    gateway = tiny(_folder(tmp_path))
    limits = postgres_limits(gateway)
    assert limits == ("-c", "max_connections=31", "-c", "statement_timeout=45s", "-c", "lock_timeout=5s")
    assert environment_of(gateway, "api") == {"RETRY_MS": "250", "POOL": "6", "SIX": "6"}
    assert environment_of(gateway, "worker") == {"CONCURRENCY": "4", "BATCH": "10"}
    part = gateway.replica.services["worker"].model_copy(update={"environment": {"BATCH": "1"}})
    services = {**gateway.replica.services, "worker": part}
    replica = gateway.replica.model_copy(update={"services": services})
    assert environment_of(gateway.model_copy(update={"replica": replica}), "worker")["BATCH"] == "1"


@pytest.mark.parametrize("kind", KINDS)
def test_replica_has_the_settings_of_the_compose_file(kind: str, tmp_path: Path) -> None:
    """Asked of the running server, and of a running service's own environment."""
    with of_kind(kind, _folder(tmp_path)) as replica:
        with replica.postgres() as connection:
            found = [connection.execute(show).fetchone() for show in ("SHOW max_connections", "SHOW lock_timeout")]
        assert found == [("31",), ("5s",)]
        run = replica.run_script("docker-compose exec -T worker sh -c 'echo $CONCURRENCY $BATCH'", timeout=60)
        assert run.stdout == "4 10\n", run.stderr
