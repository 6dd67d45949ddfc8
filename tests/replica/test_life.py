"""Stopping, breaking and starting the services of a process replica."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import pytest
import redis

from rehearsal.gateway.target import NotOnThisTargetError, ServiceState
from rehearsal.replica import token
from rehearsal.replica.protocol import Replica, ReplicaError


def state(replica: Replica, name: str) -> ServiceState:
    """Return the state of one service."""
    return next(one for one in replica.services() if one.name == name)


def eventually(look: Callable[[], bool], seconds: float = 30) -> bool:
    """Look until it was true once, for some seconds: what is seen between two starts is gone at the next look."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.02)
    return False


def status(replica: Replica) -> int:
    """Return what readiness answers; 0 where nothing does."""
    try:
        with replica.http() as client:
            return client.get("/health/readyz").status_code
    except httpx.HTTPError:
        return 0


def test_stop_and_start(each: Replica) -> None:
    """A stopped service stays down until it is started, and then it answers."""
    each.stop("api")
    assert not state(each, "api").running
    # 0 where its address is in nobody's hands now: then nginx waits longer than a client does.
    assert status(each) in (502, 0)
    each.start("api")
    assert state(each, "api").running
    assert status(each) == 200
    assert state(each, "api").restarts == 0


def test_kill_is_a_crash(each: Replica) -> None:
    """After SIGKILL the restart policy brings a service back, and the restart is counted; data is still there."""
    with each.redis() as client:
        client.set("kept", "1")
    for service in ("worker", "postgres", "redis", "nginx"):
        each.kill(service)
    crashed = {"postgres", "redis", "nginx", "worker"}
    assert eventually(lambda: {one.name for one in each.services() if one.restarts} == crashed)
    assert eventually(lambda: status(each) == 200)
    # A server that recovers from its crash answers nobody yet.
    assert eventually(lambda: all(state(each, store).healthy is True for store in ("postgres", "redis")))
    with each.redis() as client:
        assert client.get("kept") == b"1"
    token.verify(each)


def test_restart_loop_is_visible(each: Replica) -> None:
    """A service that can't start is restarted with growing pauses, and says so."""
    each.run_script("echo 'raise SystemExit(7)' > app/worker.py", timeout=10)
    each.kill("worker")
    assert eventually(lambda: state(each, "worker").restarts >= 2)
    assert eventually(lambda: "(7)" in state(each, "worker").detail)
    with pytest.raises(ReplicaError, match=r"expected worker .* (ended with exit 7|again \d+ times)"):
        each.start("worker")


def test_pause_freezes_and_resume_thaws(each: Replica) -> None:
    """A paused service keeps its connections and answers nothing; resumed, it goes on."""
    with each.postgres() as connection:
        each.pause("postgres")
        assert state(each, "postgres").detail.endswith("(Paused)")
        assert state(each, "postgres").healthy is False
        run = each.run_script("docker-compose exec -T postgres true", timeout=10)
        assert run.exit_code == 1
        assert "is paused" in run.stderr
        each.resume("postgres")
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert eventually(lambda: state(each, "postgres").healthy is True)


def test_paused_redis_times_out(each: Replica) -> None:
    """A client of a frozen Redis hears nothing and gives up at its own time limit."""
    each.pause("redis")
    with each.redis() as client:
        client.connection_pool.connection_kwargs["socket_timeout"] = 0.3
        with pytest.raises(redis.TimeoutError):
            client.ping()
    each.resume("redis")


def test_stop_of_paused_service(each: Replica) -> None:
    """A paused service can be stopped, and is then down."""
    each.pause("api")
    each.stop("api")
    assert not state(each, "api").running


def test_stopped_stores_keep_their_data(each: Replica) -> None:
    """A volume survives its service: what was written is there when a stopped store is started again."""
    with each.postgres() as connection, each.redis() as client:
        connection.execute("INSERT INTO notes (text) VALUES ('kept')")
        client.set("kept", "1")
    for service in ("postgres", "redis"):
        each.stop(service)
        each.start(service)
    with each.postgres() as connection, each.redis() as client:
        assert connection.execute("SELECT text FROM notes").fetchall() == [("kept",)]
        assert client.get("kept") == b"1"
    token.verify(each)


def test_cut_service_runs_and_is_not_reached(each: Replica) -> None:
    """A service that is cut off runs, is not reached until its network is mended, and has lost nothing."""
    with each.redis() as client:
        client.set("kept", "1")
    try:
        each.cut("redis")
    except NotOnThisTargetError as error:
        assert each.kind == "processes", error  # noqa: PT017  which kinds may say so is what is tested
        return
    assert state(each, "redis").running
    assert eventually(lambda: status(each) != 200)
    with pytest.raises((redis.RedisError, OSError)), each.redis() as client:
        client.ping()
    each.mend("redis")
    assert eventually(lambda: status(each) == 200, 20)
    with each.redis() as client:
        assert client.get("kept") == b"1"
    assert state(each, "redis").restarts == 0


def test_two_side_by_side(each: Replica, another: Replica) -> None:
    """Two replicas of a kind have their own stores and tokens, and what ends in one goes on in the other."""
    with each.redis() as client, another.redis() as other:
        client.set("mine", "1")
        assert other.get("mine") is None
    each.stop("redis")
    assert state(another, "redis").running
    assert status(another) == 200
    assert each.token != another.token
    token.verify(another)


def test_lost_postgres_volume_is_fresh(each: Replica) -> None:
    """After the loss the database is there, empty, with the same password, and the token is planted again."""
    with each.postgres() as connection:
        connection.execute("INSERT INTO notes (text) VALUES ('gone soon')")
    each.lose_volume("postgres")
    with each.postgres() as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)
    run = each.run_script(
        'PGPASSWORD=$DB_PASSWORD psql -h $DB_HOST -p $DB_PORT -U $DB_USER -d $DB_NAME -c ""', timeout=10
    )
    assert run.exit_code == 0
    token.verify(each)


def test_lost_redis_volume_is_fresh(each: Replica) -> None:
    """After the loss Redis runs, and holds the token and nothing else."""
    with each.redis() as client:
        client.set("gone", "soon")
    each.lose_volume("redis")
    with each.redis() as client:
        keys = client.keys("*")
    assert keys == [token.KEY.encode()]
    token.verify(each)


def test_only_stores_can_be_lost(every: Replica) -> None:
    """Losing the data of a service that has none is one sentence."""
    with pytest.raises(ReplicaError, match="expected postgres or redis, whose data can be lost, got 'nginx'"):
        every.lose_volume("nginx")


def test_unknown_service_is_one_sentence(every: Replica) -> None:
    """A service that there is not is named."""
    with pytest.raises(ReplicaError, match=r"expected to stop mailer of replica of tiny .* no such service: mailer"):
        every.stop("mailer")
