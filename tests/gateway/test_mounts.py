"""Which folder Redis sees as /data, as a team's Compose file and gateway.toml say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.mounts import redis_folder

_REDIS = (
    "services:\n  api:\n    image: team/api\n    volumes: [./uploads:/data]\n  {name}:\n    image: {image}\n{volumes}"
)


def _gateway(folder: Path, text: str, **parts: object) -> Gateway:
    (folder / "docker-compose.yml").write_text(text)
    return Gateway.model_validate({"directory": folder, "name": "team", **parts})


@pytest.mark.parametrize(
    ("volumes", "found"),
    [
        ("    volumes:\n      - ./data/redis:/data\n", "data/redis"),
        ('    volumes: ["./redis/redis.conf:/etc/redis.conf:ro", "./data/redis:/data:rw"]\n', "data/redis"),
        ("    volumes:\n      - type: bind\n        source: ./state/queue\n        target: /data\n", "state/queue"),
        ("    volumes:\n      - /opt/gw/data/redis:/data\n", "data/redis"),
        ("    volumes:\n      - /srv/redis:/data\n", "redis-data"),
        ("    volumes:\n      - ../redis:/data\n", "redis-data"),
        ("    volumes:\n      - redis-data:/data\n", "redis-data"),
        ("    volumes:\n      - ./data/redis:/data/backups\n", "redis-data"),
        ("", "redis-data"),
    ],
)
@pytest.mark.parametrize(("name", "image"), [("redis", "team/queue:1"), ("queue", "docker.io/library/redis:7-alpine")])
def test_compose_file_says_it(volumes: str, found: str, name: str, image: str, tmp_path: Path) -> None:
    """The service of Redis is asked, however it writes its volume, and no other."""
    text = _REDIS.format(name=name, image=image, volumes=volumes)
    assert str(redis_folder(_gateway(tmp_path, text, live={"directory": "/opt/gw"}))) == found


def test_gateway_toml_says_it_first(tmp_path: Path) -> None:
    """What is said beats what is read, and there may be nothing to read."""
    text = _REDIS.format(name="redis", image="redis:7", volumes="    volumes:\n      - ./data/redis:/data\n")
    assert str(redis_folder(_gateway(tmp_path, text, redis={"data": "var/redis"}))) == "var/redis"
    (tmp_path / "docker-compose.yml").unlink()
    assert str(redis_folder(Gateway(directory=tmp_path, name="team"))) == "redis-data"


@pytest.mark.parametrize("path", ["/var/lib/redis", "../redis", "data/../../redis"])
def test_folder_of_the_machine_is_refused(path: str, tmp_path: Path) -> None:
    """A drill deletes what is in there: it lies in the gateway directory."""
    with pytest.raises(ValueError, match="data"):
        _gateway(tmp_path, "", redis={"data": path})
