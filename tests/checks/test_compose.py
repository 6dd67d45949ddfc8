"""Sabotage of the Compose that a document asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from checks.document import test_compose as checked
from rehearsal.gateway.target import CommandRun
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge


@dataclass
class Host:
    """A host that has these versions, and nothing else."""

    old: str
    new: str
    is_replica: bool = False
    name: str = "ssh://operator@gw1"

    def run_script(self, script: str, *, timeout: float) -> CommandRun:
        """Answer for the program that is asked."""
        assert timeout > 0
        version = self.old if script.startswith("docker-compose") else self.new
        return CommandRun(script, 0 if version else 127, version, "" if version else "command not found", 0.1)


@pytest.mark.parametrize(
    ("old", "new", "outcome", "words"),
    [
        ("2.26.1\n", "2.26.1\n", Outcome.OK, "2.26.1"),
        ("v5.0.2\n", "", Outcome.OK, "5.0.2"),
        ("1.29.2\n", "", Outcome.WARNING, "July 2023"),
        ("1.29.2\n", "2.26.1\n", Outcome.WARNING, "July 2023"),
        ("", "2.26.1\n", Outcome.WARNING, "does not have"),
        ("", "", Outcome.UNKNOWN, "neither"),
    ],
)
def test_what_a_host_has(reader: Judge, old: str, new: str, outcome: Outcome, words: str) -> None:
    """Version 1 is a warning, as is a host that knows only `docker compose`; Compose 2 under the old name is fine."""
    seen = replace(reader, replica=cast("Replica", Host(old, new)))(checked.test_compose_is_maintained)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message


def test_replica_and_other_documents_are_not_asked(reader: Judge, tmp_path: Path) -> None:
    """A replica has no Compose of the host's, and a document that says `docker compose` asks for no other."""
    replica = replace(reader, replica=cast("Replica", Host("1.29.2", "", is_replica=True)))
    assert replica(checked.test_compose_is_maintained).outcome is Outcome.NOT_APPLICABLE
    changed = reader.reading(tmp_path, ("docker-compose", "docker compose"))
    host = replace(changed, replica=cast("Replica", Host("1.29.2", "")))
    assert host(checked.test_compose_is_maintained).outcome is Outcome.NOT_APPLICABLE


STACK = """\
services:
  db: {image: "postgres:16", restart: always, volumes: ["db:/var/lib/postgresql/data"], ports: ["127.0.0.1:5432:5432"]}
  redis:
    image: redis:7.4
    restart: unless-stopped
    command: redis-server /usr/local/etc/redis/redis.conf --requirepass $$REDIS_PASSWORD
    volumes: [{type: bind, source: ./redis-data, target: /data}]
  api: {build: ., restart: always, expose: [8000]}
  worker: {build: ., deploy: {restart_policy: {condition: any}}}
  nginx: {image: "nginx:1.27", restart: always, ports: ["80:80", "443:443"]}
volumes: {db: {}}
"""
FAULTS = {
    "no volume": (', volumes: ["db:/var/lib/postgresql/data"]', "", Outcome.CRITICAL, "db keeps"),
    "a volume without a name": ('"db:/var', '"/var', Outcome.CRITICAL, "db keeps"),
    "a volume above": ("postgresql/data", "postgresql", Outcome.CRITICAL, "db keeps"),
    "only in memory": ("type: bind, source: ./redis-data", "type: tmpfs", Outcome.CRITICAL, "redis keeps /data"),
    "another folder": ("redis.conf --", "redis.conf --dir /queue --", Outcome.CRITICAL, "redis keeps /queue"),
    "without fsync": (
        '"postgres:16",',
        '"postgres:16", command: postgres -c fsync=off,',
        Outcome.CRITICAL,
        "fsync=off",
    ),
    "a door to PostgreSQL": ('"127.0.0.1:5432:5432"', '"5432:5432"', Outcome.WARNING, "db listens"),
    "a door without a password": (
        "    command: redis-server /usr/local/etc/redis/redis.conf --requirepass $$REDIS_PASSWORD",
        "    ports: [{target: 6379, published: 6379}]",
        Outcome.CRITICAL,
        "without a password",
    ),
    "a door to the API": ("expose: [8000]", 'ports: ["0.0.0.0:8000:8000"]', Outcome.WARNING, "api listens"),
    "nobody starts it again": (
        "deploy: {restart_policy: {condition: any}}",
        "restart: 'no'",
        Outcome.WARNING,
        "worker",
    ),
    "not after a reboot": ("build: ., restart: always", "build: ., restart: 'on-failure:3'", Outcome.WARNING, "api"),
    "killed by a signal": (
        "build: ., restart: always",
        "stop_signal: SIGKILL, restart: always",
        Outcome.WARNING,
        "a kill",
    ),
    "killed soon": (
        "worker: {build: .,",
        "worker: {build: ., stop_grace_period: 1s,",
        Outcome.WARNING,
        "before it has ended what it began",
    ),
    "a password in the file": (
        'image: "postgres:16"',
        'image: "postgres:16", environment: {POSTGRES_PASSWORD: gateway2024}',
        Outcome.WARNING,
        "POSTGRES_PASSWORD of db",
    ),
    "a password in an address": (
        "worker: {build: .,",
        'worker: {build: ., environment: ["DATABASE_URL=postgres://gw:secret@db/gw"],',
        Outcome.WARNING,
        "DATABASE_URL of worker",
    ),
    "a password among arguments": (
        "--requirepass $$REDIS_PASSWORD",
        "--requirepass secret",
        Outcome.WARNING,
        "a password",
    ),
    "written late": (
        '"postgres:16",',
        '"postgres:16", command: [postgres, -c, synchronous_commit=off],',
        Outcome.WARNING,
        "confirms before it has written",
    ),
    "killed at once": ("worker: {build: .,", "worker: {build: ., stop_grace_period: 0s,", Outcome.WARNING, "a kill"),
    "more than its room": (
        "command: redis-server /usr/local/etc/redis/redis.conf",
        "mem_limit: 256m\n    command: redis-server /usr/local/etc/redis/redis.conf --maxmemory 512mb",
        Outcome.WARNING,
        "maxmemory 512mb in a container of 256m",
    ),
    "room for logs": (
        "build: ., restart: always",
        "logging: {options: {max-size: 10m}}, build: ., restart: always",
        Outcome.WARNING,
        "no `max-size`",
    ),
    "of no version": ("redis:7.4", "redis:latest", Outcome.WARNING, "of no version"),
    "no YAML": ("services:", "services: [", Outcome.UNKNOWN, "expected YAML"),
}
FINE = {
    "as it is": ("", ""),
    "a folder of its own": ("db:/var/lib/postgresql/data", "./state/db:/var/lib/postgresql/data:rw"),
    "PGDATA elsewhere": (
        'volumes: ["db:/var/lib/postgresql/data"]',
        'environment: [PGDATA=/pg/main], volumes: ["db:/pg"]',
    ),
    "PostgreSQL 18": (
        '"postgres:16", restart: always, volumes: ["db:/var/lib/postgresql/data"]',
        '"postgres:18", restart: always, volumes: ["db:/var/lib/postgresql"]',
    ),
    "another image": ("postgres:16", "${POSTGRES_IMAGE}"),
    "an address from the environment": ('"127.0.0.1:5432:5432"', '"${BIND:-127.0.0.1}:5432:5432"'),
    "room enough": (
        "command: redis-server /usr/local/etc/redis/redis.conf",
        "deploy: {resources: {limits: {memory: 1G}}}\n    command: redis-server /a.conf --maxmemory 512mb",
    ),
    "time to stop": ("build: ., restart: always", "build: ., stop_grace_period: 30s, restart: always"),
    "a minute to stop": ("build: ., restart: always", "build: ., stop_grace_period: 1m30s, restart: always"),
    "passwords from elsewhere": (
        'image: "postgres:16"',
        'image: "postgres:16", environment: {POSTGRES_PASSWORD: "${DB_PW}", API_KEY_FILE: /run/key, TOKEN_TTL: "60"}',
    ),
    "one port of no number": ('"127.0.0.1:5432:5432"', "5432"),
}


def _composed(reader: Judge, folder: Path, old: str, new: str) -> Judge:
    assert old in STACK
    (folder / "docker-compose.yml").write_text(STACK.replace(old, new, 1))
    return replace(reader, gateway=reader.gateway.model_copy(update={"directory": folder}))


@pytest.mark.parametrize(("old", "new", "outcome", "words"), FAULTS.values(), ids=FAULTS)
def test_what_containers_lack_is_seen(
    reader: Judge, tmp_path: Path, old: str, new: str, outcome: Outcome, words: str
) -> None:
    """Data in no volume is critical, as is a store without a password; open doors and no restart are warnings."""
    seen = _composed(reader, tmp_path, old, new)(checked.test_compose_file_gives_what_containers_lack)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message


@pytest.mark.parametrize(("old", "new"), FINE.values(), ids=FINE)
def test_other_safe_file_is_not_accused(reader: Judge, tmp_path: Path, old: str, new: str) -> None:
    """A file that does it in another way is fine, and a gateway may have none."""
    seen = _composed(reader, tmp_path, old, new)(checked.test_compose_file_gives_what_containers_lack)
    assert seen.outcome is Outcome.OK, seen.message
    (tmp_path / "docker-compose.yml").unlink()
    none = replace(reader, gateway=reader.gateway.model_copy(update={"directory": tmp_path}))
    assert none(checked.test_compose_file_gives_what_containers_lack).outcome is Outcome.NOT_APPLICABLE


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
    return _composed(reader, folder, "build: ., restart: always", f"build: ., healthcheck: {{ {test} }}")


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
    seen = _composed(reader, tmp_path, "db: {", f"db: {{command: {command}, ")(
        checked.test_compose_file_gives_what_containers_lack
    )
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or "stands in its log" in seen.message


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
    seen = _composed(changed, tmp_path, "", "")(checked.test_compose_file_gives_what_containers_lack)
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or "the document promises it" in seen.message
