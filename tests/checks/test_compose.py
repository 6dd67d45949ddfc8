"""Sabotage of the Compose of a host, and of what the Compose file gives its containers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import pytest

from checks.document import test_compose as checked
from rehearsal.gateway.target import CommandRun
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from rehearsal.runbook import read_runbook
from tests.checks.composed import STACK, composed
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
    "the engine's socket": (
        "worker: {build: .,",
        'worker: {build: ., volumes: ["/var/run/docker.sock:/var/run/docker.sock"],',
        Outcome.WARNING,
        "owns the host",
    ),
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
    "a password where nobody sets one": (
        'image: "postgres:16"',
        'image: "postgres:16", environment: {POSTGRES_PASSWORD: "${DB_PW:-postgres}"}',
        Outcome.WARNING,
        "POSTGRES_PASSWORD of db",
    ),
    "no password at all": (
        'image: "postgres:16"',
        'image: "postgres:16", environment: {POSTGRES_HOST_AUTH_METHOD: trust}',
        Outcome.WARNING,
        "db lets in whoever asks",
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
        'image: "postgres:16", environment: {PGPASSWORD: "${PW:?}", TOKEN: "${T:-}", KEY_FILE: /k, TOKEN_TTL: "60"}',
    ),
    "one port of no number": ('"127.0.0.1:5432:5432"', "5432"),
}


@pytest.mark.parametrize(("old", "new", "outcome", "words"), FAULTS.values(), ids=FAULTS)
def test_what_containers_lack_is_seen(
    reader: Judge, tmp_path: Path, old: str, new: str, outcome: Outcome, words: str
) -> None:
    """Data in no volume is critical, as is a store without a password; open doors and no restart are warnings."""
    seen = composed(reader, tmp_path, old, new)(checked.test_compose_file_gives_what_containers_lack)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message


_CONF = "/usr/local/etc/redis/redis.conf"
_SHOWN = f"volumes: [./redis/redis.conf:{_CONF}:ro, "


@pytest.mark.parametrize(
    ("more", "command", "outcome"),
    [
        (_SHOWN, "redis-server", Outcome.WARNING),
        (_SHOWN, f"redis-server {_CONF}", Outcome.OK),
        ("volumes: [", "redis-server", Outcome.OK),
    ],
    ids=["shown and not named", "shown and named", "not shown"],
)
def test_settings_that_redis_never_reads(
    reader: Judge, tmp_path: Path, more: str, command: str, outcome: Outcome
) -> None:
    """A Redis that is shown a file of settings and started without it keeps other things than that says."""
    old = STACK[STACK.index(f"redis-server {_CONF}") : STACK.index("{type: bind, source: ./redis-data")]
    new = old.replace(f"redis-server {_CONF}", command).replace("volumes: [", more)
    seen = composed(reader, tmp_path, old, new)(checked.test_compose_file_gives_what_containers_lack)
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or f"redis never reads {_CONF}" in seen.message


@pytest.mark.parametrize(("old", "new"), FINE.values(), ids=FINE)
def test_other_safe_file_is_not_accused(reader: Judge, tmp_path: Path, old: str, new: str) -> None:
    """A file that does it in another way is fine, and a gateway may have none."""
    seen = composed(reader, tmp_path, old, new)(checked.test_compose_file_gives_what_containers_lack)
    assert seen.outcome is Outcome.OK, seen.message
    (tmp_path / "docker-compose.yml").unlink()
    none = replace(reader, gateway=reader.gateway.model_copy(update={"directory": tmp_path}))
    assert none(checked.test_compose_file_gives_what_containers_lack).outcome is Outcome.NOT_APPLICABLE


_VOLUME = "{type: bind, source: ./redis-data, target: /data}"
_BOTH = 'ports: ["80:80", "443:443"]'
_NOBODY = "nginx publishes no port 80"


@pytest.mark.parametrize(
    ("old", "new", "script", "outcome", "words"),
    [
        (_VOLUME, _VOLUME, "tar -C ./redis-data .", Outcome.OK, ""),
        (_VOLUME, "queue:/data", "tar -C ./redis-data .", Outcome.CRITICAL, "keeps /data in the volume queue"),
        (_VOLUME, "queue:/data", 'cp "$ROOT/redis-data/dump.rdb" .', Outcome.CRITICAL, "in ./redis-data"),
        (_VOLUME, "queue:/data", "docker run -v redis-data:/data x", Outcome.OK, ""),
        (_VOLUME, "./queue:/data", "tar -C ./queue .", Outcome.OK, ""),
        (_BOTH, 'ports: ["443:443"]', "", Outcome.WARNING, _NOBODY),
        (_BOTH, 'ports: [{target: 80, published: 8080}, "0.0.0.0:443:443"]', "", Outcome.WARNING, _NOBODY),
        (_BOTH, 'ports: ["8080:80", "8443:443"]', "", Outcome.OK, ""),
        (_BOTH, 'ports: ["${HTTP_PORT:-80}:80", "443:443"]', "", Outcome.OK, ""),
        (_BOTH, "network_mode: host", "", Outcome.OK, ""),
        (_BOTH, 'ports: ["127.0.0.1:80:80", "443:443"]', "", Outcome.OK, ""),
    ],
)
def test_things_elsewhere_are_seen(
    old: str, new: str, script: str, outcome: Outcome, words: str, reader: Judge, tmp_path: Path
) -> None:
    """Files in a volume and a port that nobody publishes, where commands look for them on the host."""
    (tmp_path / "save.sh").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "RUNBOOK.md").write_text("# R\n\n## S\n\n```bash\ncurl -fs http://localhost/health\n```\n")
    runbook = read_runbook(tmp_path / "RUNBOOK.md")
    seen = composed(reader, tmp_path, old, new)(
        checked.test_compose_file_has_things_where_commands_look, runbook=runbook
    )
    assert (seen.outcome, words in seen.message) == (outcome, True), seen.message


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        ("docker-compose restart db", Outcome.OK),
        ("docker-compose restart postgres", Outcome.CRITICAL),
        ("docker compose logs --tail 100 api postgres", Outcome.CRITICAL),
        ("docker compose exec -T db psql -U postgres -d postgres", Outcome.OK),
        ("docker compose exec -T -u postgres db psql", Outcome.OK),
        ("docker compose exec postgres psql", Outcome.CRITICAL),
        ("docker compose -f other.yml restart postgres", Outcome.OK),
        ("docker restart postgres", Outcome.OK),
        ("docker compose stop db; echo postgres", Outcome.OK),
    ],
)
def test_service_that_the_file_has_not_is_seen(command: str, outcome: Outcome, reader: Judge, tmp_path: Path) -> None:
    """A command that names a service as nobody calls it here fails when it is needed, though a replica takes it."""
    (tmp_path / "RUNBOOK.md").write_text(f"# R\n\n## S\n\n```bash\n{command}\n```\n")
    seen = composed(reader, tmp_path, "", "")(
        checked.test_compose_file_has_things_where_commands_look, runbook=read_runbook(tmp_path / "RUNBOOK.md")
    )
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or "there it is db" in seen.message
