"""A gateway whose Compose file gives Redis settings on its command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.replica.conftest import KINDS, of_kind, tiny_composed


@pytest.mark.parametrize("kind", KINDS)
def test_redis_has_the_settings_of_the_command_line(kind: str, tmp_path: Path) -> None:
    """They come after redis.conf, as on the host; the password that stands there is the replica's own."""
    folder = tiny_composed(
        tmp_path / "gateway",
        "services:\n  redis:\n    image: redis:7\n    command: >\n      redis-server /usr/local/etc/redis/redis.conf"
        " --maxmemory 48mb --maxmemory-policy allkeys-lru --save 77 7 --appendonly no --requirepass of-the-host\n",
    )
    with of_kind(kind, folder) as replica, replica.redis() as client:
        found = {
            name: client.config_get(name)[name] for name in ("maxmemory", "maxmemory-policy", "save", "appendonly")
        }
        assert found == {
            "maxmemory": str(48 << 20),
            "maxmemory-policy": "allkeys-lru",
            "save": "77 7",
            "appendonly": "no",
        }
        replica.stop("redis")
        replica.start("redis")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "allkeys-lru"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("said", "policy"),
    [
        ("    command: redis-server --maxmemory-policy noeviction\n", "noeviction"),
        (
            "    command: redis-server /etc/queue.conf\n    volumes: [./config/queue.conf:/etc/queue.conf:ro]\n",
            "volatile-lru",
        ),
    ],
    ids=["none", "elsewhere"],
)
def test_redis_without_the_usual_file(kind: str, said: str, policy: str, tmp_path: Path) -> None:
    """A gateway may have its redis.conf elsewhere, or all of it on the command line."""
    folder = tiny_composed(tmp_path / "gateway", f"services:\n  redis:\n    image: redis:7\n{said}")
    shutil.rmtree(folder / "redis")
    (folder / "config").mkdir()
    (folder / "config" / "queue.conf").write_text("maxmemory-policy volatile-lru\n")
    with of_kind(kind, folder) as replica, replica.redis() as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": policy}


@pytest.mark.parametrize("kind", KINDS)
def test_stores_have_the_passwords_of_the_compose_file(kind: str, tmp_path: Path) -> None:
    """`docker-compose exec redis redis-cli` finds its password where the team has put it: the replica's own."""
    folder = tiny_composed(
        tmp_path / "gateway",
        "services:\n  redis:\n    environment: {REDISCLI_AUTH: '${CACHE_PASSWORD:?}', LEVEL: notice}\n"
        "  postgres:\n    environment:\n      - POSTGRES_HOST_AUTH_METHOD=trust\n      - PGPASSWORD=a-live-one\n",
    )
    with of_kind(kind, folder) as replica:
        run = replica.run_script("docker-compose exec -T redis sh -c 'echo $LEVEL; redis-cli PING'", timeout=60)
        assert run.stdout == "notice\nPONG\n", run.stderr
        script = """docker-compose exec -T postgres sh -c 'test "$PGPASSWORD" = "$POSTGRES_PASSWORD" && echo 7'"""
        assert replica.run_script(script, timeout=60).stdout == "7\n"
