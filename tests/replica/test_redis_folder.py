"""A gateway whose Redis keeps its data elsewhere than in ./redis-data."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.replica.conftest import KINDS, of_kind, tiny_composed


@pytest.mark.parametrize("kind", KINDS)
def test_redis_keeps_its_data_where_the_team_says(kind: str, tmp_path: Path) -> None:
    """What Redis saves is found there, what is put there Redis loads, and nothing of the live one's came along."""
    folder = tiny_composed(
        tmp_path / "gateway",
        "services:\n  redis:\n    volumes:\n      - ./data/redis:/data\n"
        '  db:\n    image: postgres:16\n    volumes: ["./data/postgres:/var/lib/postgresql/data"]\n',
    )
    (folder / "data" / "redis").mkdir(parents=True)
    (folder / "data" / "redis" / "live.rdb").write_text("the live gateway's own")
    (folder / "data" / "postgres").mkdir()
    (folder / "data" / "postgres" / "PG_VERSION").write_text("the live gateway's own")
    (folder / "data" / "notes").write_text("a file beside")
    with of_kind(kind, folder) as replica:
        with replica.redis() as client:
            client.set("kept", "yes")
            client.save()
        assert "dump.rdb" in replica.run_script("ls data/redis", timeout=30).stdout
        assert replica.run_script("cat data/notes", timeout=30).stdout == "a file beside"
        assert not replica.run_script("ls data/redis/live.rdb", timeout=30).ok
        assert not replica.run_script("ls data/postgres", timeout=30).ok
        replica.stop("redis")
        replica.run_script("cp -a data/redis/. kept", timeout=30)
        replica.start("redis")
        replica.lose_volume("redis")
        with replica.redis() as client:
            assert client.get("kept") is None
        replica.stop("redis")
        put = replica.run_script("rm -rf data/redis/* && cp -a kept/. data/redis", timeout=30)
        assert put.ok, put.stderr
        replica.start("redis")
        with replica.redis() as client:
            assert client.get("kept") == b"yes"
