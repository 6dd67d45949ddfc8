"""The servers of tests/snapshot."""

from tests.snapshot.conftest import _shared_redis, client, postgres, redis_server

__all__ = ["_shared_redis", "client", "postgres", "redis_server"]
