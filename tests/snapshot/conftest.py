"""Servers for the tests of snapshots; those of contents and damage take them, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from tests.snapshot import servers


@pytest.fixture(scope="session", params=[16, 18], ids=["pg16", "pg18"])
def postgres(request: pytest.FixtureRequest) -> Iterator[servers.Postgres]:
    """Run a PostgreSQL of each version that the wheels hold."""
    with servers.postgres(request.param) as server:
        yield server


@pytest.fixture
def redis_server() -> Iterator[servers.Redis]:
    """Offer a server that is not yet running, on an empty folder."""
    with servers.redis_folder() as server:
        yield server


@pytest.fixture(scope="session")
def _shared_redis() -> Iterator[redis.Redis]:
    with servers.redis_folder() as server, server.run() as client:
        yield client


@pytest.fixture
def client(_shared_redis: redis.Redis) -> redis.Redis:
    """Return a client of an empty server."""
    _shared_redis.flushall()
    return _shared_redis
