"""What is read from a team's Compose file, in whatever way it is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal.gateway.compose_file import ComposeFileError, Mount, mounts, read_services, services, words
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.redis_flags import asks_for_a_password, redis_conf, redis_settings


def _gateway(folder: Path, text: str) -> Gateway:
    (folder / "compose.yaml").write_text(text)
    return Gateway.model_validate({"directory": folder, "name": "team"})


HERE = """services:
  redis:
    image: redis:7
    command:
      - sh
      - -c
      - |
        exec redis-server - <<'CONF'
        include /usr/local/etc/redis/redis.conf
        requirepass $$REDIS_PASSWORD
        appendonly no
        CONF
"""


def test_settings_of_a_here_document_are_read(tmp_path: Path) -> None:
    """A team keeps its password out of all arguments, and its settings stand there with it."""
    gateway = _gateway(tmp_path, HERE)
    assert redis_settings(gateway) == ("appendonly no",)
    assert asks_for_a_password(gateway)


@pytest.mark.parametrize(
    ("text", "line"),
    [("services:\n  api: [\n", ":3"), ("services:\n\t- x\n", ":2"), ("- a\n", ""), ("services: none\n", ""), ("", "")],
)
def test_other_text_is_one_sentence(text: str, line: str, tmp_path: Path) -> None:
    """Its file, its line and what was expected; who can do without reads no services."""
    (tmp_path / "docker-compose.yml").write_text(text)
    with pytest.raises(ComposeFileError, match=rf"^docker-compose.yml{line}: expected") as raised:
        read_services(tmp_path)
    assert "\n" not in str(raised.value)
    assert services(tmp_path) == {}


def test_tags_and_merges_of_compose_are_read(tmp_path: Path) -> None:
    """`!reset`, `!override`, anchors and merges stand in real files."""
    (tmp_path / "compose.yml").write_text(
        "x-app: &app\n  restart: always\nservices:\n  api:\n    <<: *app\n    ports: !reset []\n"
        "    volumes: !override\n      - ./a:/b\n  empty:\n"
    )
    read = read_services(tmp_path)
    assert read["api"]["restart"] == "always"
    assert [*mounts(read["api"])] == [Mount("./a", "/b")]
    assert read["empty"] == {}


@pytest.mark.parametrize(
    ("volume", "mount"),
    [
        ("data:/data", Mount("data", "/data")),
        ("./data:/data/:ro", Mount("./data", "/data")),
        ("/data", Mount("", "/data")),
        ({"type": "volume", "source": "data", "target": "/data"}, Mount("data", "/data")),
        ({"type": "volume", "target": "/data"}, Mount("", "/data")),
    ],
)
def test_each_way_of_writing_a_volume(volume: object, mount: Mount) -> None:
    """Short and long, with a name and without one."""
    assert [*mounts({"volumes": [volume, {"type": "tmpfs", "target": "/data"}]})] == [mount]


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        (
            "redis-server --maxmemory-policy allkeys-lru --appendonly no",
            ['maxmemory-policy "allkeys-lru"', 'appendonly "no"'],
        ),
        ("redis-server /etc/redis.conf --save 60 1 --save 300 10", ['save "60" "1"', 'save "300" "10"']),
        (["redis-server", "--save", "", "--maxmemory", "64mb"], ['save ""', 'maxmemory "64mb"']),
        ("sh -c 'exec valkey-server /c --requirepass \"$$P\" --appendfsync no'", ['appendfsync "no"']),
        ("--appendonly yes", ['appendonly "yes"']),
        ("redis-server --port 6380 --dir /x --requirepass secret --daemonize yes", []),
        ("redis-server --maxmemory ${LIMIT}", []),
        ("redis-server 'unfinished", []),
        (None, []),
    ],
)
def test_settings_of_redis_on_its_command_line(command: object, lines: list[str], tmp_path: Path) -> None:
    """What says what is kept comes to a replica; addresses, folders and passwords are the replica's own."""
    text = f"services:\n  queue:\n    image: redis:7\n    command: {json.dumps(command)}\n"
    assert [*redis_settings(_gateway(tmp_path, text))] == lines


def test_password_of_redis(tmp_path: Path) -> None:
    """On the command line or in redis.conf."""
    text = "services:\n  redis:\n    command: {}\n"
    assert asks_for_a_password(_gateway(tmp_path, text.format("redis-server --requirepass $$P")))
    gateway = _gateway(tmp_path, text.format("redis-server"))
    assert not asks_for_a_password(gateway)
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "redis.conf").write_text("port 6379\nrequirepass x\n")
    assert asks_for_a_password(gateway)
    assert words({"command": "sh -c"}) == []


def test_redis_conf_that_is_named_and_missing_is_none(tmp_path: Path) -> None:
    """A file that the command line names and nobody shows is not made up; without a Redis there is none, either."""
    text = "services:\n  redis:\n    command: redis-server /etc/redis.conf\n"
    assert redis_conf(_gateway(tmp_path, text)) is None
    assert redis_conf(_gateway(tmp_path, "services:\n  api:\n    image: x\n")) is None
    assert redis_conf(_gateway(tmp_path, "services:\n  redis:\n    image: redis:7\n")) == "protected-mode no\n"
