"""What a team calls its services, as its Compose file and gateway.toml say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.gateway.aliases import Called, aliases, called
from rehearsal.gateway.description import Gateway

COMPOSE = """\
name: mailer
x-app: &app
  image: team/mailer:1

services:
  db:
    image: postgres:16-alpine
    container_name: mailer-db
  cache:
    image: docker.io/library/redis:7
  email-api:
    <<: *app
    command: node dist/api.js
  email-worker:
    <<: *app
    container_name: "the-worker"
  proxy:
    image: nginx:1.27
  mailpit:
    image: axllent/mailpit

volumes:
  worker-data: {}
"""


def _gateway(folder: Path, text: str, **parts: object) -> Gateway:
    (folder / "compose.yaml").write_text(text)
    return Gateway.model_validate({"directory": folder, "name": "team", **parts})


def test_compose_file_names_the_services(tmp_path: Path) -> None:
    """Stores and nginx are known by their images, API and worker by words of their names."""
    assert called(_gateway(tmp_path, COMPOSE)) == {
        "postgres": Called("db", "mailer-db"),
        "redis": Called("cache"),
        "api": Called("email-api"),
        "worker": Called("email-worker", "the-worker"),
        "nginx": Called("proxy"),
    }
    assert aliases(_gateway(tmp_path, COMPOSE)) == {
        "db": "postgres",
        "mailer-db": "postgres",
        "cache": "redis",
        "email-api": "api",
        "email-worker": "worker",
        "the-worker": "worker",
        "proxy": "nginx",
    }


def test_gateway_toml_says_it_first(tmp_path: Path) -> None:
    """What live.services says counts; a unit of systemd is no name that Docker knows."""
    services = {"postgres": "main-db", "api": "api.service", "redis": ""}
    found = called(_gateway(tmp_path, COMPOSE, live={"services": services}))
    assert found["postgres"] == Called("main-db")
    assert found["api"] == Called("email-api")
    assert found["redis"] == Called("cache")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "services: {}\n",
        "services:\n  postgres:\n    image: postgres\n  redis:\n    image: redis\n",
        "services:\n  api-one:\n    image: a\n  api-two:\n    image: a\n",
        "not: yaml: at all\n  \t{{{",
    ],
    ids=["empty", "no services", "our own names", "two of a kind", "nonsense"],
)
def test_what_is_not_sure_has_no_other_name(text: str, tmp_path: Path) -> None:
    """Of two that may be the API neither is taken for it, and a name that is ours already needs no other."""
    assert called(_gateway(tmp_path, text)) == {}
