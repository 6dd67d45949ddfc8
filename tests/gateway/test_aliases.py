"""What a team calls its services, as its Compose file and gateway.toml say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.gateway.aliases import Called, aliases, called, with_one_image
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


MAILMAN = """\
services:
  api:
    image: team/mailer
    command: python src/server.py
  carteiro:
    image: team/mailer
    container_name: mailer-carteiro
    command: sh -c "python src/migrate.py && exec python src/mailman.py --queue out"
  relay:
    image: team/mailer
    command: python src/mailman.pyc
"""


def test_service_is_known_by_its_program(tmp_path: Path) -> None:
    """A worker of any name is the one that runs what gateway.toml gives a replica for its worker."""
    worker = {"command": ("python", "src/mailman.py")}
    one = _gateway(tmp_path, MAILMAN, replica={"services": {"worker": worker}})
    assert called(one) == {"worker": Called("carteiro", "mailer-carteiro")}
    assert with_one_image(one) == ("worker", "api")
    two = MAILMAN.replace("mailman.pyc", "mailman.py")
    assert called(_gateway(tmp_path, two, replica={"services": {"worker": worker}})) == {}


def test_name_on_the_host_finds_the_service_of_the_file(tmp_path: Path) -> None:
    """With `live.services` alone its container and its image are known as well."""
    one = _gateway(tmp_path, MAILMAN, live={"services": {"worker": "carteiro"}})
    assert called(one) == {"worker": Called("carteiro", "mailer-carteiro")}
    assert with_one_image(one) == ("worker", "api")


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
