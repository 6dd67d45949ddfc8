"""Sabotage of "Verificação de Conectividade"."""

from collections.abc import Callable
from pathlib import Path

import pytest

from checks.monitoring import test_connectivity as checked
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

SCHEMES = ("http", "https")
ENDPOINTS = ("liveness", "readiness")


def _health(judge: Judge) -> dict[tuple[str, str], Outcome]:
    return {
        (scheme, endpoint): judge(checked.test_health_endpoint, scheme=scheme, endpoint=endpoint).outcome
        for scheme in SCHEMES
        for endpoint in ENDPOINTS
    }


def test_healthy_gateway_is_ok(judge: Judge) -> None:
    """On a healthy replica every question is answered well."""
    assert set(_health(judge).values()) == {Outcome.OK}
    assert judge(checked.test_postgres_answers).outcome is Outcome.OK
    assert judge(checked.test_redis_takes_a_write).outcome is Outcome.OK


@pytest.mark.parametrize("service", ["nginx", "api"])
def test_api_out_of_reach_is_seen(service: str, replica: Replica, judge: Judge) -> None:
    """Without nginx or without the API every health endpoint is critical."""
    replica.stop(service)
    assert set(_health(judge).values()) == {Outcome.CRITICAL}


@pytest.mark.parametrize("service", ["postgres", "redis"])
def test_store_out_of_reach_is_seen(service: str, replica: Replica, judge: Judge) -> None:
    """Without a store the API lives and is not ready, and the store's own check is critical."""
    replica.stop(service)
    health = _health(judge)
    assert {health[scheme, "liveness"] for scheme in SCHEMES} == {Outcome.OK}
    assert {health[scheme, "readiness"] for scheme in SCHEMES} == {Outcome.CRITICAL}
    checks: dict[str, Callable[..., None]] = {
        "postgres": checked.test_postgres_answers,
        "redis": checked.test_redis_takes_a_write,
    }
    assert judge(checks[service]).outcome is Outcome.CRITICAL


def test_redirect_is_not_taken_for_health(replica: Replica, judge: Judge) -> None:
    """An nginx that answers health questions with a redirect is critical on that port."""
    changed = replica.run_script(
        r"""sed -i '0,/location[^{]*\/health[^{]*{/s//&\n return 301 https:\/\/$host$request_uri;/' nginx/nginx.conf
        grep -q 'return 301 https' nginx/nginx.conf && docker-compose restart nginx""",
        timeout=30,
    )
    assert changed.exit_code == 0, changed.stderr
    assert Outcome.CRITICAL in _health(judge).values()


def test_dropped_database_is_seen(replica: Replica, judge: Judge) -> None:
    """A server without the gateway's database is critical, though `pg_isready` is content."""
    with replica.postgres("postgres") as connection:
        connection.execute("DROP DATABASE email_gateway WITH (FORCE)")
    ready = replica.run_script("docker-compose exec -T postgres pg_isready -U postgres", timeout=30)
    assert ready.exit_code == 0
    assert judge(checked.test_postgres_answers).outcome is Outcome.CRITICAL


def test_empty_database_is_seen(replica: Replica, judge: Judge) -> None:
    """A database of the right name without a table is critical."""
    with replica.postgres("postgres") as connection:
        connection.execute("DROP DATABASE email_gateway WITH (FORCE)")
        connection.execute("CREATE DATABASE email_gateway")
    seen = judge(checked.test_postgres_answers)
    assert seen.outcome is Outcome.CRITICAL
    assert "0 tables" in seen.message


def test_read_only_database_is_seen(replica: Replica, judge: Judge) -> None:
    """A database that takes no writes is critical, though it answers."""
    with replica.postgres() as connection:
        connection.execute("ALTER DATABASE email_gateway SET default_transaction_read_only = on")
    assert judge(checked.test_postgres_answers).outcome is Outcome.CRITICAL


def test_redis_that_refuses_writes_is_seen(replica: Replica, judge: Judge) -> None:
    """A Redis without memory left for a write is critical, though it answers PING."""
    with replica.redis() as client:
        client.config_set("maxmemory", "1")
        assert client.ping()
    seen = judge(checked.test_redis_takes_a_write)
    assert seen.outcome is Outcome.CRITICAL
    assert "OOM" in seen.message or "maxmemory" in seen.message


def test_hung_store_is_seen_in_time(replica: Replica, judge: Judge) -> None:
    """A frozen Redis is critical within its time limit, not a hang."""
    replica.pause("redis")
    seen = judge(checked.test_redis_takes_a_write)
    replica.resume("redis")
    assert seen.outcome is Outcome.CRITICAL


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({"appendonly": "no", "save": ""}, "writes nothing to disk", id="nothing on disk"),
        pytest.param({"maxmemory": "64mb", "maxmemory-policy": "allkeys-lru"}, "noeviction", id="evicts"),
    ],
)
def test_forgetful_redis_is_seen(settings: dict[str, str], words: str, replica: Replica, judge: Judge) -> None:
    """A Redis that takes writes and may forget them is critical, and the reference's own is ok."""
    assert judge(checked.test_redis_keeps_what_it_takes).outcome is Outcome.OK
    with replica.redis() as client:
        for name, value in settings.items():
            client.config_set(name, value)
    seen = judge(checked.test_redis_keeps_what_it_takes)
    assert seen.outcome is Outcome.CRITICAL
    assert words in seen.message


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        pytest.param({"appendonly": "no"}, "no append-only log", id="RDB only"),
        pytest.param({"appendfsync": "no"}, "appendfsync no", id="never synced"),
        pytest.param({"aof-load-truncated": "no"}, "after a crash", id="no start after a crash"),
        pytest.param({"no-appendfsync-on-rewrite": "yes"}, "while it rewrites", id="not synced beside a rewrite"),
        pytest.param({"auto-aof-rewrite-percentage": "0"}, "fills the disk", id="a log that only grows"),
    ],
)
def test_redis_that_a_crash_robs_is_seen(settings: dict[str, str], words: str, replica: Replica, judge: Judge) -> None:
    """A Redis that writes to disk, and of which a crash takes minutes, is a warning."""
    with replica.redis() as client:
        for name, value in settings.items():
            client.config_set(name, value)
    seen = judge(checked.test_redis_keeps_what_it_takes)
    assert seen.outcome is Outcome.WARNING
    assert words in seen.message


ANSWERS = {
    "the same for every path": ('{"status": "ok"}', '200 \'{"status": "ok"}\'', "has the same answer"),
    "nothing for every path": ("", "200", "has the same answer"),
    "an error page": ("<!DOCTYPE html><html><body>Bad Gateway</body></html>", "404", "HTML"),
    "a part that is down": ('{"status": "ready", "checks": {"redis": "down"}}', "404", "checks.redis"),
    "a part that says no": ('{"ok": false}', "404", "ok = false"),
}


@pytest.mark.parametrize(("body", "elsewhere", "words"), ANSWERS.values(), ids=ANSWERS)
def test_200_that_is_no_health_is_seen(body: str, elsewhere: str, words: str, replica: Replica, judge: Judge) -> None:
    """An answer of 200 that says nothing of the API, or says that it is not well, is critical."""
    _answer_health(replica, f"200 '{body}'", elsewhere)
    seen = judge(checked.test_health_endpoint, scheme="http", endpoint="readiness")
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert words in seen.message


HEALTHY = {
    "a word": ("200 'OK'", "404"),
    "nothing": ("204", "404"),
    "a page for other paths": (
        '200 \'{"status": "UP", "last_error": "down", "maintenance": false}\'',
        "200 '<html>hello'",
    ),
    "a redirect for other paths": ('200 \'{"status": "pass"}\'', "301 https://localhost/"),
}


@pytest.mark.parametrize(("health", "elsewhere"), HEALTHY.values(), ids=HEALTHY)
def test_health_in_other_words_is_ok(health: str, elsewhere: str, replica: Replica, judge: Judge) -> None:
    """A health endpoint that says it otherwise is not accused."""
    _answer_health(replica, health, elsewhere)
    seen = judge(checked.test_health_endpoint, scheme="http", endpoint="readiness")
    assert seen.outcome is Outcome.OK, seen.message


def _answer_health(replica: Replica, health: str, elsewhere: str) -> None:
    """Have nginx itself answer health questions, and all other paths."""
    script = f"""python3 - <<'END'
import re
path = 'nginx/nginx.conf'
text = open(path).read()
text, one = re.subn(r'location /health/ {{', '''location /health/ {{ return {health};''', text)
text, two = re.subn(r"location / {{", '''location / {{ return {elsewhere};''', text)
assert one and two
open(path, 'w').write(text)
END
docker-compose restart nginx
curl -s -o /dev/null --retry 50 --retry-delay 1 --retry-connrefused http://localhost/"""
    run = replica.run_script(script, timeout=30)
    assert run.ok, run.stderr


def test_used_up_connections_are_seen(replica: Replica, judge: Judge) -> None:
    """A PostgreSQL that has no connection left for the gateway is critical, though a superuser still gets one."""
    healthy = judge(checked.test_postgres_has_connections_left)
    assert healthy.outcome is Outcome.OK, healthy.message
    with replica.postgres("postgres") as connection:
        connection.execute("ALTER DATABASE email_gateway CONNECTION LIMIT 1")
    seen = judge(checked.test_postgres_has_connections_left)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "no connection left" in seen.message


def test_connections_are_held_against_a_row_that_has_them(judge: Judge, tmp_path: Path) -> None:
    """Where the table has a row for connections, that is what they are held against."""
    row = "| Disco | > 80% | > 90% | Limpeza de logs |"
    changed = judge.reading(tmp_path, (row, f"{row}\n| Conexões PostgreSQL | > 0.1% | > 99% | Fechar |"))
    seen = changed(checked.test_postgres_has_connections_left)
    assert (seen.outcome, seen.action) == (Outcome.WARNING, "Fechar"), seen.message
    nonsense = judge.reading(tmp_path, (row, f"{row}\n| Conexões PostgreSQL | > 10s | > 99s | Fechar |"))
    assert nonsense(checked.test_postgres_has_connections_left).outcome is Outcome.UNKNOWN


def test_full_redis_is_seen(replica: Replica, judge: Judge) -> None:
    """A Redis near its limit of memory is over the table's level, and one that is clear of it is ok."""
    healthy = judge(checked.test_redis_has_memory_left)
    assert healthy.outcome is Outcome.OK, healthy.message
    with replica.redis() as client:
        client.config_set("maxmemory", str(int(client.info("memory")["used_memory"] * 1.02)))
    seen = judge(checked.test_redis_has_memory_left)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert seen.action


def test_redis_that_hides_failed_snapshots_is_seen(replica: Replica, judge: Judge) -> None:
    """A Redis that takes jobs though it can't write its RDB is a warning, where nothing else keeps them."""
    with replica.redis() as client:
        client.config_set("stop-writes-on-bgsave-error", "no")
        assert judge(checked.test_redis_keeps_what_it_takes).outcome is Outcome.OK
        client.config_set("appendonly", "no")
    seen = judge(checked.test_redis_keeps_what_it_takes)
    assert seen.outcome is Outcome.WARNING, seen.message
    assert any("stop-writes-on-bgsave-error" in finding.message for finding in seen.record.findings)


def test_log_that_is_configured_and_off_is_said(replica: Replica, judge: Judge) -> None:
    """A log that somebody has switched off at run time is named as that."""
    with replica.redis() as client:
        client.config_set("appendonly", "no")
    assert "though its configuration has appendonly yes" in judge(checked.test_redis_keeps_what_it_takes).message


def test_redis_that_does_not_tell_its_settings_is_not_accused(replica: Replica, judge: Judge) -> None:
    """A server that lets nobody ask for its settings, as a hardened one does, is judged by what it tells."""
    with replica.redis() as client:
        client.execute_command("ACL", "SETUSER", "default", "-config")
    seen = judge(checked.test_redis_keeps_what_it_takes)
    assert seen.outcome is Outcome.OK, seen.message


def test_redis_whose_queue_can_be_made_again(tmp_path: Path) -> None:
    """A team that names the table of the truth may do without an append-only log, and not without any RDB."""
    log = ("redis/redis.conf", "appendonly yes", "appendonly no")
    with sabotaged(tmp_path, log, ("gateway.toml", "# outbox = ", "outbox = ")) as judge:
        seen = judge(checked.test_redis_keeps_what_it_takes)
        assert seen.outcome is Outcome.OK, seen.message
        with judge.replica.redis() as client:
            client.config_set("save", "")
        assert judge(checked.test_redis_keeps_what_it_takes).outcome is Outcome.CRITICAL
