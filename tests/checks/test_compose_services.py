"""Sabotage of how a Compose file looks after its services: health checks, logs, what API and worker share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checks.document import test_compose as checked
from rehearsal.results.model import Outcome
from tests.checks.composed import STACK, composed
from tests.checks.judge import Judge

BLIND = [
    "test: [CMD, 'true']",
    "test: [CMD-SHELL, 'curl -s http://localhost:8000/health/readyz']",
    "test: 'curl -fsS http://localhost:8000/health || exit 0'",
    "test: [CMD-SHELL, 'curl -s localhost:8000 || exit 1']",
    "test: echo fine",
    "test: [CMD, python, -c, 'import sys']",
]
SEEING = [
    "test: [CMD-SHELL, 'curl -fsS http://localhost:8000/health/readyz || exit 1']",
    "test: [CMD, curl, --fail, http://localhost:8000/health]",
    "test: [CMD-SHELL, 'curl -s localhost:8000/health | grep -q ok']",
    "test: [CMD-SHELL, 'test $(curl -s -o /dev/null -w %{http_code} localhost:8000/health) = 200']",
    "test: [CMD, wget, -q, --spider, 'http://localhost:8000/health']",
    "test: [CMD-SHELL, 'pg_isready -U postgres']",
    "test: [CMD, python, -c, 'import urllib.request as u; u.urlopen(\"http://127.0.0.1:8000\")']",
]


def _with_health(reader: Judge, folder: Path, test: str) -> Judge:
    return composed(reader, folder, "build: ., restart: always", f"build: ., healthcheck: {{ {test} }}")


@pytest.mark.parametrize("test", BLIND)
def test_health_check_that_can_not_fail_is_seen(reader: Judge, tmp_path: Path, test: str) -> None:
    """One that says healthy whatever happens, or takes an error's page for an answer, is a warning."""
    seen = _with_health(reader, tmp_path, test)(checked.test_health_checks_of_compose_file_can_fail)
    assert seen.outcome is Outcome.WARNING, seen.message
    assert "api is healthy whatever happens" in seen.message


@pytest.mark.parametrize("test", SEEING)
def test_health_check_that_can_fail_is_fine(reader: Judge, tmp_path: Path, test: str) -> None:
    """One that fails on a bad answer, in whatever way, is fine."""
    seen = _with_health(reader, tmp_path, test)(checked.test_health_checks_of_compose_file_can_fail)
    assert seen.outcome is Outcome.OK, seen.message


def test_no_health_check_is_none_to_judge(reader: Judge, tmp_path: Path) -> None:
    """A Compose file without a health check, or that turns an image's own off, has none that is blind."""
    for test in ("disable: true", "test: [NONE]"):
        seen = _with_health(reader, tmp_path, test)(checked.test_health_checks_of_compose_file_can_fail)
        assert seen.outcome is Outcome.NOT_APPLICABLE, seen.message


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        ("postgres -c log_statement=all", Outcome.WARNING),
        ("[postgres, -c, log_min_duration_statement=0]", Outcome.WARNING),
        ("postgres -c log_statement=ddl -c log_min_duration_statement=500", Outcome.OK),
    ],
)
def test_log_of_what_is_stored_is_told(reader: Judge, tmp_path: Path, command: str, outcome: Outcome) -> None:
    """A PostgreSQL that logs each statement has the text of all mails in its log; one that logs slow ones has not."""
    seen = composed(reader, tmp_path, "db: {", f"db: {{command: {command}, ")(
        checked.test_compose_file_gives_what_containers_lack
    )
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or "stands in its log" in seen.message


@pytest.mark.parametrize(
    ("driver", "outcome"),
    [("none", Outcome.WARNING), ("local", Outcome.WARNING), ("journald", Outcome.OK), ("json-file", Outcome.OK)],
)
def test_log_that_nobody_keeps_is_told(reader: Judge, tmp_path: Path, driver: str, outcome: Outcome) -> None:
    """A service without a log is told, and is no service whose log has an end; one that Docker ends is."""
    seen = composed(reader, tmp_path, "redis:\n", f"redis:\n    logging: {{driver: {driver}}}\n")(
        checked.test_compose_file_gives_what_containers_lack
    )
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or ("thrown away" in seen.message) is (driver == "none"), seen.message
    assert ("which other services have" in seen.message) is (driver == "local"), seen.message


@pytest.mark.parametrize(
    ("sentence", "outcome"),
    [
        ("O Docker limita os seus a 5 arquivos de 20 MB.", Outcome.WARNING),
        ("Container logs are rotated by Docker.", Outcome.WARNING),
        ("O Docker guarda os seus.", Outcome.OK),
        ("O container da API tem um limite de 512 MB de memória.", Outcome.OK),
    ],
)
def test_limits_of_logs_that_the_document_promises(
    reader: Judge, tmp_path: Path, sentence: str, outcome: Outcome
) -> None:
    """Who promises that Docker's logs end, and gives no service a limit, is told; who promises nothing is not."""
    changed = reader.reading(tmp_path, ("### Logs Importantes\n", f"### Logs Importantes\n\n{sentence}\n"))
    seen = composed(changed, tmp_path, "", "")(checked.test_compose_file_gives_what_containers_lack)
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or "the document promises it" in seen.message


DIFFERENT = {
    "a queue": ("QUEUE_NAME: mails", "QUEUE_NAME: mail", Outcome.CRITICAL),
    "a prefix": ("BULL_PREFIX: bull", "BULL_PREFIX: bulls", Outcome.CRITICAL),
    "a database": ("MAIL_DB_NAME: gateway", "MAIL_DB_NAME: postgres", Outcome.CRITICAL),
    "a database in a URL": (
        "DATABASE_URL: postgres://a@db/gw",
        "DATABASE_URL: postgres://w@pooler:6432/old",
        Outcome.CRITICAL,
    ),
    "a Redis": ("REDIS_URL: redis://redis/0", "REDIS_URL: redis://redis/1", Outcome.CRITICAL),
    "who asks": ("DATABASE_URL: postgres://a@db/gw", "DATABASE_URL: postgres://w@pooler:6432/gw", Outcome.OK),
    "a pooler": ("DB_HOST: db", "DB_HOST: pooler", Outcome.NOT_APPLICABLE),
    "a server": ("DATABASE_URL: postgres://a@db/gw", "DATABASE_URL: postgres://a@db-old/gw", Outcome.CRITICAL),
    "names of one": ("DB_HOST: db", "DB_HOST: pg-main", Outcome.NOT_APPLICABLE),
    "a host": ("DB_HOST: db", "DB_HOST: db-old", Outcome.CRITICAL),
    "a server elsewhere": ("DB_HOST: pg.example.net", "DB_HOST: pg-rw.example.net", Outcome.NOT_APPLICABLE),
    "no address": ("DATABASE_URL: 'postgres://[x'", "DATABASE_URL: 'postgres://[x'", Outcome.OK),
    "a queue that one knows by itself": ("PORT: 8000", "QUEUE_NAME: email_send", Outcome.CRITICAL),
    "a prefix that one knows by itself": ("BULL_PREFIX: mails", "PORT: 8000", Outcome.CRITICAL),
    "the queue that the other has by itself": ("PORT: 8000", "QUEUE_NAME: email-send", Outcome.OK),
    "a queue of dead letters": ("PORT: 8000", "DEAD_LETTER_QUEUE: email-dead", Outcome.NOT_APPLICABLE),
    "whether there is one": ("PORT: 8000", "QUEUE: 'true'", Outcome.NOT_APPLICABLE),
    "a queue that a file names": ("PORT: 8000", "QUEUE_NAME: '${QUEUE}'", Outcome.NOT_APPLICABLE),
    "how many": ("DB_POOL_SIZE: 5", "DB_POOL_SIZE: 20", Outcome.NOT_APPLICABLE),
    "users": ("DB_USER: api", "DB_USER: worker", Outcome.NOT_APPLICABLE),
    "no URL": ("REDIS_URL: 'redis://[x'", "REDIS_URL: 'redis://[x'", Outcome.OK),
}


@pytest.mark.parametrize(("one", "other", "outcome"), DIFFERENT.values(), ids=DIFFERENT)
def test_api_and_worker_that_differ_are_seen(
    reader: Judge, tmp_path: Path, one: str, other: str, outcome: Outcome
) -> None:
    """Another database, Redis or queue is critical; users, pools and a pooler of one's own are not."""
    text = STACK.replace("api: {build: .", f"api: {{environment: {{ {one} }}, build: .")
    text = text.replace("db: {", "db: {container_name: pg-main, ")
    text = text.replace("worker: {build: .", f"worker: {{environment: {{ {other} }}, build: .")
    (tmp_path / "docker-compose.yml").write_text(text)
    judge = replace(reader, gateway=reader.gateway.model_copy(update={"directory": tmp_path}))
    seen = judge(checked.test_compose_file_gives_api_and_worker_the_same)
    assert seen.outcome is outcome, seen.message
    assert outcome is not Outcome.CRITICAL or "the other never sees" in seen.message


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ("DATABASE_URL: postgresql://a@db:5432/mails", Outcome.OK),
        ("DATABASE_URL: 'postgresql+asyncpg://a@db/mails?sslmode=disable'", Outcome.OK),
        ("DATABASE_URL: postgresql://a@db:5432/mails_test", Outcome.CRITICAL),
        ("DB_NAME: postgres", Outcome.CRITICAL),
        ("DB_NAME: mails, AUDIT_DB_NAME: audit", Outcome.OK),
        ("DB_NAME: '${DB_NAME}'", Outcome.NOT_APPLICABLE),
        ("DATABASE_URL: 'postgresql://a@db/${DB_NAME}'", Outcome.NOT_APPLICABLE),
        ("DB_HOST: db", Outcome.NOT_APPLICABLE),
        ("DATABASE_URL: 'postgres://[x'", Outcome.NOT_APPLICABLE),
    ],
)
def test_database_that_is_not_backed_up_is_seen(reader: Judge, tmp_path: Path, given: str, outcome: Outcome) -> None:
    """An API that keeps its mails in another database than gateway.toml names is critical; one beside it is not."""
    text = STACK.replace("api: {build: .", f"api: {{environment: {{ {given} }}, build: .")
    (tmp_path / "docker-compose.yml").write_text(text)
    postgres = type(reader.gateway.postgres)(database="mails")
    judge = replace(reader, gateway=reader.gateway.model_copy(update={"directory": tmp_path, "postgres": postgres}))
    seen = judge(checked.test_compose_file_gives_the_database_of_the_backups)
    assert seen.outcome is outcome, seen.message
