"""A gateway whose services have other names: its commands, its nginx and its scripts use them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.replica.protocol import Replica
from tests.replica.conftest import KINDS, of_kind, tiny_composed

COMPOSE = """\
services:
  db:
    image: postgres:17
    container_name: tiny-database
  email-api:
    build: .
  email-worker:
    build: .
"""


def _open(kind: str, folder: Path) -> Replica:
    tiny_composed(folder, COMPOSE)
    settings = folder / "nginx" / "nginx.conf"
    text = settings.read_text()
    assert "//api:" in text or "server api:" in text
    settings.write_text(text.replace("//api:", "//email-api:").replace("server api:", "server email-api:"))
    return of_kind(kind, folder)


@pytest.mark.parametrize("kind", KINDS)
def test_services_are_known_by_the_teams_names(kind: str, tmp_path: Path) -> None:
    """Nginx finds its API, and Docker's commands know each service by either name, and no other."""
    with _open(kind, tmp_path / "gateway") as replica:
        for name in ("db", "postgres"):
            run = replica.run_script(f"docker-compose exec -T {name} psql -U postgres -Atc 'SELECT 7'", timeout=60)
            assert run.stdout == "7\n", run.stderr
        for name in ("tiny-database", "tiny-db-1", "tiny-postgres-1"):
            run = replica.run_script(f"docker exec {name} psql -U postgres -Atc 'SELECT 7'", timeout=60)
            assert run.stdout == "7\n", (name, run.stderr)
        assert replica.run_script("docker-compose restart email-worker", timeout=60).ok
        assert replica.run_script("docker compose logs --tail=5 email-api", timeout=60).ok
        assert not replica.run_script("docker-compose exec -T database true", timeout=60).ok
        assert not replica.run_script("docker exec other-db true", timeout=60).ok


@pytest.mark.parametrize("kind", ["namespaces", "plain"])
def test_services_are_shown_by_the_teams_names(kind: str, tmp_path: Path) -> None:
    """What looks for a name of its own in the output of Docker finds it."""
    with _open(kind, tmp_path / "gateway") as replica:
        services = replica.run_script("docker-compose ps --services | sort", timeout=30).stdout.split()
        assert services == ["db", "email-api", "email-worker", "nginx", "redis"]
        names = replica.run_script("docker ps --format '{{.Names}}' | sort", timeout=30).stdout.split()
        assert {"tiny-database", "tiny-email-api-1", "tiny-redis-1"} <= set(names)
