"""A Compose file of a gateway, and copies of it with one change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.checks.judge import Judge

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


def composed(reader: Judge, folder: Path, old: str, new: str) -> Judge:
    """Return a judge of a gateway directory with that file, in which one thing is replaced."""
    assert old in STACK
    (folder / "docker-compose.yml").write_text(STACK.replace(old, new, 1))
    return replace(reader, gateway=reader.gateway.model_copy(update={"directory": folder}))
