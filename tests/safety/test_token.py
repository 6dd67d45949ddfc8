"""A replica whose connections lead to a live stack: the token is not there, and the drill does nothing."""

from __future__ import annotations

import json

import pytest

from tests.plugin.house import House
from tests.safety.stack import Stack

CONFTEST = '''
import contextlib, json, pathlib, types
import psycopg, redis
import fixtures.replica

LIVE = json.loads(pathlib.Path(__file__).with_name("live.json").read_text())
LOG = pathlib.Path(__file__).with_name("log")


class Misled:
    """Says that it is a replica; what it is asked goes to the live servers."""

    name, token, is_replica = "misled replica", "0123456789abcdef", True

    def postgres(self, database=None):
        return psycopg.connect(host="127.0.0.1", port=LIVE["postgres"], user="postgres", password=LIVE["password"],
                               dbname=database or "email_gateway", autocommit=True)

    def redis(self):
        return redis.Redis(port=LIVE["redis"])

    def run_script(self, script, *, timeout):
        LOG.write_text(script)

    def lose_volume(self, service):
        LOG.write_text(service)


@contextlib.contextmanager
def start(state, gateway):
    yield Misled()


fixtures.replica.start = start
pytest_plugins = ["rehearsal.plugin", "fixtures.gateway", "fixtures.replica", "fixtures.evidence", "fixtures.runbook"]
'''
DRILL = '''
import pytest
pytestmark = [pytest.mark.drill, pytest.mark.section("Serviços")]

def test_comes_back(replica, evidence):
    """What is lost comes back."""
    replica.lose_volume("postgres")
    replica.run_script("rm -rf data", timeout=5)
    with replica.postgres() as connection, replica.redis() as client:
        connection.execute("DROP TABLE precious")
        client.flushall()
    evidence.saw("all of it")
'''


@pytest.fixture
def house(pytester: pytest.Pytester, stack: Stack) -> House:
    """A house whose only replica leads to the live stack."""
    made = House(pytester)
    (made.path / "conftest.py").write_text(CONFTEST)
    live = {"postgres": stack.postgres_port, "redis": stack.redis_port, "password": stack.password}
    (made.path / "live.json").write_text(json.dumps(live))
    made.checks(DRILL, header="")
    return made


@pytest.mark.parametrize("arguments", [[], ["-m", "drill"], ["--hosts=replica"], ["--hosts=ssh://gw1", "-m", "drill"]])
def test_drill_without_the_token_is_refused(house: House, stack: Stack, arguments: list[str]) -> None:
    """Whatever flags and names are given, a drill whose replica leads to a live server is refused and runs nothing."""
    before = stack.take()
    assert house.run(*arguments).ret == 1
    assert stack.changes(before) == []
    (result,) = house.results()["results"]
    assert result["outcome"] == "unknown"
    assert "expected this run's token in PostgreSQL of misled replica" in result["message"]
    assert result["message"].endswith("the drill is refused")
    assert not (house.path / "log").exists()


def test_token_of_another_run_is_refused(house: House, stack: Stack) -> None:
    """A stack that carries a token, but not this run's, such as the replica of somebody else, is not touched."""
    before = stack.take()
    assert house.run().ret == 1
    assert "found another token" in house.results()["results"][0]["message"]
    assert stack.changes(before) == []
