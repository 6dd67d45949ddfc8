"""What every arrangement of the process replica offers, seen through the Protocol."""

from __future__ import annotations

import psycopg
import pytest

from rehearsal.gateway.description import SERVICES
from rehearsal.gateway.target import NotOnThisTargetError, RefusedError, TargetError
from rehearsal.gateway.wait import wait_until
from rehearsal.replica import token
from rehearsal.replica.protocol import Replica


def test_replica_ready(every: Replica) -> None:
    """When `start` returns, the gateway answers through nginx, on both ports, and every service runs."""
    target: Replica = every
    with target.http() as client:
        assert client.get("/health/readyz").status_code == 200
        assert client.get("https://localhost/health/healthz").status_code == 200
        assert client.get("/nothing").status_code == 404
    states = target.services()
    assert [state.name for state in states] == list(SERVICES)
    assert all(state.running and state.restarts == 0 for state in states)
    assert {state.name for state in states if state.healthy} >= {"nginx", "postgres", "redis"}
    assert not [state.name for state in states if state.healthy is False]


def test_schema_migrated_in_order(every: Replica) -> None:
    """The empty database was brought to the schema of migrations/*.sql, in the order of their names."""
    with every.postgres() as connection:
        connection.execute("INSERT INTO notes (text) VALUES ('a')")
        row = connection.execute("SELECT text, at IS NOT NULL FROM notes").fetchone()
        connection.execute("DELETE FROM notes")
    assert row == ("a", True)


def test_password_is_needed_over_tcp(every: Replica) -> None:
    """The operator's environment holds the password of this replica, and PostgreSQL takes no other over TCP."""
    with_it = 'PGPASSWORD=$DB_PASSWORD psql -h $DB_HOST -p $DB_PORT -U $DB_USER -d $DB_NAME -Atc "SELECT 7"'
    run = every.run_script(with_it, timeout=10)
    assert (run.stdout, run.exit_code) == ("7\n", 0)
    other = every.run_script(with_it.replace("$DB_PASSWORD", "wrong"), timeout=10)
    assert other.exit_code == 2
    assert "password authentication failed" in other.stderr


def test_any_letters_go_into_a_database_of_no_encoding(every: Replica) -> None:
    """A restore may leave a database in SQL_ASCII: what stands in it is read and written all the same."""
    with every.postgres("postgres") as connection:
        connection.execute("CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'")
    with every.postgres("plain") as connection:
        assert connection.execute("SELECT %s::text", ("ação 日本",)).fetchone() == ("ação 日本",)
    with every.postgres("postgres") as connection:
        connection.execute("DROP DATABASE plain")


def test_redis_answers_bytes(every: Replica) -> None:
    """The client writes to and reads from the replica's Redis."""
    with every.redis() as client:
        client.set("word", "ação")
        assert client.get("word") == "ação".encode()
        client.delete("word")


def test_statement_time_limit(every: Replica) -> None:
    """A connection carries the statement time limit of gateway.toml."""
    with every.postgres() as connection:
        row = connection.execute("SHOW statement_timeout").fetchone()
    assert row == ("30s",)


def test_mail_reaches_sink_whole(every: Replica) -> None:
    """A mail that the worker sends is in the sink, with its headers, its dots and its letters."""
    with every.redis() as client:
        client.rpush("words", "hola")
    mails = wait_until(every.mails, what="the mail of the word", timeout=10)
    assert [(mail.subject, mail.recipients) for mail in mails] == [("hola", ("reader@example.org",))]
    assert mails[0].sender == "tiny@example.org"
    assert mails[0].headers["X-Outbox-Id"] == "hola"
    assert mails[0].body.splitlines() == ["línea", ".", "..dots"]


def test_mail_server_is_stopped_and_frozen_as_a_service_is(every: Replica) -> None:
    """The sink, which is no part of the gateway, can be away, too; afterwards it has what it had and takes more."""
    before = len(every.mails())
    every.stop("smtp")
    every.start("smtp")
    every.pause("smtp")
    every.resume("smtp")
    with every.redis() as client:
        client.rpush("words", "back")
    mails = wait_until(every.mails, lambda found: len(found) > before, what="the mail after that", timeout=10)
    assert mails[-1].subject == "back"


def test_logs_are_the_last_lines(every: Replica) -> None:
    """A service's log gives as many last lines as asked for, oldest first."""
    with every.http() as client:
        for path in ("/one", "/two"):
            client.get(path)

    def own() -> list[str]:
        # A container is probed now and then, and that is logged between these two.
        asked = [line.split('"')[1] for line in every.logs("nginx", 20).splitlines()]
        return [request for request in asked if "readyz" not in request][-2:]

    wait_until(own, lambda seen: seen[-1:] == ["GET /two HTTP/1.1"], what="the last request in the log", timeout=10)
    assert own() == ["GET /one HTTP/1.1", "GET /two HTTP/1.1"]
    assert len(every.logs("nginx", 2).splitlines()) == len(every.logs("nginx", 1).splitlines()) + 1 == 2
    assert every.logs("nginx", 0) == ""
    assert "ready to accept connections" in every.logs("postgres", 50)
    with pytest.raises(TargetError, match="no such service"):
        every.logs("nobody", 1)


def test_log_of_fresh_replica_free_of_errors(every: Replica) -> None:
    """Bringing a replica up leaves no error of its own in PostgreSQL's log, which a daily check reads."""
    log = every.logs("postgres", 1000)
    assert "ready to accept connections" in log
    assert "FATAL:  the database system is starting up" not in log


def test_docker_works_in_a_bare_environment(every: Replica) -> None:
    """Cron gives a command next to nothing; the stack is reached all the same."""
    ran = every.run_script('env -i "PATH=$PATH" docker-compose exec -T redis echo here', timeout=30)
    assert (ran.exit_code, ran.stdout.strip()) == (0, "here"), ran.ending


def test_checkers_of_redis_are_there(every: Replica) -> None:
    """An RDB is checked as on a host, by Redis' own program beside the server."""
    check = "docker-compose exec -T redis sh -c 'printf nonsense > /tmp/x.rdb; redis-check-rdb /tmp/x.rdb'"
    ran = every.run_script(check, timeout=30)
    assert ran.exit_code == 1, ran.ending
    assert "RDB" in ran.stdout + ran.stderr


def test_file_read_within_limit(every: Replica) -> None:
    """A file of the gateway directory is read, up to a limit; a missing one is named."""
    assert every.read_file("redis/redis.conf").startswith(b"bind ")
    assert every.read_file("redis/redis.conf", limit=4) == b"bind"
    with pytest.raises(TargetError, match="nothing-here"):
        every.read_file("nothing-here")


def test_resources_are_those_of_the_replica(every: Replica) -> None:
    """Processor, memory and disk are measured against what the replica was given, for each service too."""
    busy = every.run_script("while :; do :; done & sleep 0.2; kill $!", timeout=10)
    assert busy.exit_code == 0
    seen = every.resources(0.2)
    assert [usage.name for usage in seen.services] == list(SERVICES)
    assert all(usage.memory_bytes > 500_000 for usage in seen.services)
    assert 2 < seen.memory_percent < 80
    assert sum(usage.memory_bytes for usage in seen.services) < seen.memory_percent / 100 * (512 << 20)
    assert {disk.size_bytes for disk in seen.disks} == {256 << 20}
    assert 5 < seen.disks[0].used_percent < 90


def test_resources_see_a_busy_command(every: Replica) -> None:
    """What the operator's shell burns counts, too."""
    every.run_script("(while :; do :; done) >/dev/null 2>&1 & echo $! > tmp-burner", timeout=10)
    try:
        assert every.resources(1.0).cpu_percent > 5
    finally:
        every.run_script("kill $(cat tmp-burner); rm tmp-burner", timeout=10)


def test_token_planted_and_verified(every: Replica) -> None:
    """The token of this run stands in both stores, and another one is refused."""
    token.verify(every)
    with every.redis() as client:
        client.set(token.KEY, "another")
    with pytest.raises(RefusedError, match="found another token; the drill is refused"):
        token.verify(every)
    every.plant_token()
    token.verify(every)


def test_secrets_in_no_argv_and_no_log(every: Replica) -> None:
    """The replica's password stands in no command line of it and in no log."""
    assert len(every.secrets) >= 2
    shown = every.run_script("ps axww -o args", timeout=10).stdout
    assert "ps axww" in shown
    logs = "".join(every.logs(service, 10_000) for service in SERVICES)
    assert not [secret for secret in every.secrets if secret in shown + logs]


def test_connection_to_unknown_database_refused(every: Replica) -> None:
    """A database that is not there is psycopg's own error."""
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        every.postgres("nowhere")


def test_other_figures_are_shown_or_refused(every: Replica) -> None:
    """What is pretended stands in /proc until it is taken back; where /proc is the machine's, that is said."""
    read = "awk '/^MemTotal/ {t = $2} /^MemAvailable/ {a = $2} END {print int(100 * (t - a) / t + 0.5)}' /proc/meminfo"
    if every.isolation != "namespaces":
        with pytest.raises(NotOnThisTargetError, match="/proc"):
            every.pretend(70, 60)
        every.stop_pretending()
        return
    every.pretend(70, 60)
    assert every.run_script(read, timeout=10).stdout.strip() == "60"
    assert round(every.resources(0.1).cpu_percent) == 70
    ticks = "head -n 1 /proc/stat; sleep 0.3; head -n 1 /proc/stat"
    first, second = (
        list(map(int, line.split()[1:])) for line in every.run_script(ticks, timeout=10).stdout.splitlines()
    )
    spent = [after - before for before, after in zip(first, second, strict=True)]
    assert abs(100 * (1 - spent[3] / sum(spent)) - 70) < 2
    every.stop_pretending()
    wait_until(lambda: every.run_script(read, timeout=10).stdout.strip() != "60", what="its own figures", timeout=10)


def test_command_inside_a_service_lives_and_dies_with_it(each: Replica) -> None:
    """What `exec` starts is the service's own: its use counts there, and a restart of the service ends it."""
    hog = "docker-compose exec -T api sh -c ': sign-of-it; (head -c 90M /dev/zero; sleep 60) | tail' >/dev/null 2>&1 &"
    before = {one.name: one.memory_bytes for one in each.resources(0.1).services}["api"]
    each.run_script(hog, timeout=20)

    def grown() -> int:
        return {one.name: one.memory_bytes for one in each.resources(0.1).services}["api"] - before

    wait_until(grown, lambda size: size > 60 << 20, what="90 MiB in the API's service", timeout=20)
    assert each.run_script("docker-compose restart api", timeout=30).exit_code == 0
    wait_until(grown, lambda size: size < 30 << 20, what="the end of them", timeout=20)
