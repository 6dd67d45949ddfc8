"""Stopping, breaking and starting the services of a process replica."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest
import redis

from rehearsal.gateway.target import ServiceState
from rehearsal.replica import token
from rehearsal.replica.processes.replica import ProcessReplica
from rehearsal.replica.protocol import ReplicaError


def state(replica: ProcessReplica, name: str) -> ServiceState:
    """Return the state of one service."""
    return next(one for one in replica.services() if one.name == name)


def eventually(look: Callable[[], bool], seconds: float = 10) -> bool:
    """Look until it is true, for some seconds."""
    deadline = time.monotonic() + seconds
    while not look() and time.monotonic() < deadline:
        time.sleep(0.02)
    return look()


def status(replica: ProcessReplica) -> int:
    """Return what readiness answers; 0 where nothing does."""
    try:
        with replica.http() as client:
            return client.get("/health/readyz").status_code
    except httpx.HTTPError:
        return 0


def test_stop_and_start(fresh: ProcessReplica) -> None:
    """A stopped service stays down until it is started, and then it answers."""
    fresh.stop("api")
    assert not state(fresh, "api").running
    assert status(fresh) == 502
    fresh.start("api")
    assert state(fresh, "api").running
    assert status(fresh) == 200
    assert state(fresh, "api").restarts == 0


def test_kill_is_a_crash(fresh: ProcessReplica) -> None:
    """After SIGKILL the restart policy brings a service back, and the restart is counted; data is still there."""
    with fresh.redis() as client:
        client.set("kept", "1")
    for service in ("postgres", "redis", "nginx", "worker"):
        fresh.kill(service)
    crashed = {"postgres", "redis", "nginx", "worker"}
    assert eventually(lambda: {one.name for one in fresh.services() if one.restarts == 1} == crashed)
    assert eventually(lambda: status(fresh) == 200)
    assert eventually(lambda: state(fresh, "redis").healthy is True)
    with fresh.redis() as client:
        assert client.get("kept") == b"1"
    token.verify(fresh)


def test_restart_loop_is_visible(fresh: ProcessReplica) -> None:
    """A service that can't start is restarted with growing pauses, and says so."""
    fresh.run_script("echo 'raise SystemExit(7)' > app/worker.py", timeout=10)
    fresh.kill("worker")
    assert eventually(lambda: state(fresh, "worker").restarts >= 2)
    assert eventually(lambda: "(7)" in state(fresh, "worker").detail)
    with pytest.raises(ReplicaError, match=r"expected worker .* ended with exit 7"):
        fresh.start("worker")


def test_pause_freezes_and_resume_thaws(fresh: ProcessReplica) -> None:
    """A paused service keeps its connections and answers nothing; resumed, it goes on."""
    with fresh.postgres() as connection:
        fresh.pause("postgres")
        assert state(fresh, "postgres").detail.endswith("(Paused)")
        assert state(fresh, "postgres").healthy is False
        run = fresh.run_script("docker-compose exec -T postgres true", timeout=10)
        assert run.exit_code == 1
        assert "is paused" in run.stderr
        fresh.resume("postgres")
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert state(fresh, "postgres").healthy is True


def test_paused_redis_times_out(fresh: ProcessReplica) -> None:
    """A client of a frozen Redis hears nothing and gives up at its own time limit."""
    fresh.pause("redis")
    with fresh.redis() as client:
        client.connection_pool.connection_kwargs["socket_timeout"] = 0.3
        with pytest.raises(redis.TimeoutError):
            client.ping()
    fresh.resume("redis")


def test_stop_of_paused_service(fresh: ProcessReplica) -> None:
    """A paused service can be stopped, and is then down."""
    fresh.pause("api")
    fresh.stop("api")
    assert not state(fresh, "api").running


def test_lost_postgres_volume_is_fresh(fresh: ProcessReplica) -> None:
    """After the loss the database is there, empty, with the same password, and the token is planted again."""
    with fresh.postgres() as connection:
        connection.execute("INSERT INTO notes (text) VALUES ('gone soon')")
    fresh.lose_volume("postgres")
    with fresh.postgres() as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)
    run = fresh.run_script(
        'PGPASSWORD=$DB_PASSWORD psql -h $DB_HOST -p $DB_PORT -U $DB_USER -d $DB_NAME -c ""', timeout=10
    )
    assert run.exit_code == 0
    token.verify(fresh)


def test_lost_redis_volume_is_fresh(fresh: ProcessReplica) -> None:
    """After the loss Redis runs, and holds the token and nothing else."""
    with fresh.redis() as client:
        client.set("gone", "soon")
    fresh.lose_volume("redis")
    with fresh.redis() as client:
        keys = client.keys("*")
    assert keys == [token.KEY.encode()]
    token.verify(fresh)


def test_only_stores_can_be_lost(shared: ProcessReplica) -> None:
    """Losing the data of a service that has none is one sentence."""
    with pytest.raises(ReplicaError, match="expected postgres or redis, whose data can be lost, got 'nginx'"):
        shared.lose_volume("nginx")


def test_unknown_service_is_one_sentence(shared: ProcessReplica) -> None:
    """A service that there is not is named."""
    with pytest.raises(ReplicaError, match=r"expected to stop mailer of replica of tiny .* no such service: mailer"):
        shared.stop("mailer")
