from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.queue import look
from rehearsal.gateway.stores import ask_postgres, write_to_redis
from rehearsal.gateway.target import NoAnswerError, TargetError
from rehearsal.gateway.versions import versions_of
from rehearsal.live import LiveTarget, open_live
from rehearsal.replica.processes.launch import start
from rehearsal.replica.processes.replica import ProcessReplica
from rehearsal.runbook import procedure, read_runbook
from tests.live.sshd import Sshd, proxy
from tests.replica.conftest import tiny

RUNBOOK = Path(__file__).parents[2] / "gateway" / "RUNBOOK.md"
HALF_A_ROUND_TRIP = 0.01


@dataclass(frozen=True)
class Live:
    """Real servers on ports of loopback, and how a gateway.toml names them."""

    replica: ProcessReplica
    host: Sshd
    parts: dict[str, object]

    def gateway(self, folder: Path, port: int, **parts: dict[str, object]) -> Gateway:
        """Describe the gateway behind an ssh port."""
        (folder / "ca.pem").write_text(self.replica.blueprint.certificate.certificate)
        live = {"directory": str(folder), "ssh_config": self.host.client("through", port=port)}
        described = {"directory": folder, "name": "g", "live": live, **self.parts}
        return Gateway.model_validate(described | parts)

    def spec(self, port: int) -> str:
        """Name the host behind another port."""
        return self.host.spec.replace(str(self.host.port), str(port))


@pytest.fixture(scope="module")
def live(host: Sshd) -> Iterator[Live]:
    """A gateway that runs behind the sshd."""
    with start(tiny(), "plain") as replica:
        ports, secrets = replica.blueprint.ports, replica.blueprint.secrets
        parts: dict[str, object] = {
            "http": {
                "url": f"http://localhost:{ports.web[80]}",
                "https_url": f"https://localhost:{ports.web[443]}",
                "ca_file": "ca.pem",
            },
            "postgres": {"port": ports.postgres, "password": {"env": "LIVE_POSTGRES"}},
            "redis": {"port": ports.redis, "password": {"env": "LIVE_REDIS"} if secrets.redis else None},
        }
        with replica.redis() as client:
            client.hset("bull:email-send:meta", "version", "bullmq:5")
        yield Live(replica, host, parts)


@pytest.fixture
def target(live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveTarget]:
    """That gateway, through an SSH connection with a round trip of 20 ms."""
    secrets = live.replica.blueprint.secrets
    monkeypatch.setenv("LIVE_POSTGRES", secrets.postgres)
    monkeypatch.setenv("LIVE_REDIS", secrets.redis)
    with (
        proxy(live.host.port, HALF_A_ROUND_TRIP) as way,
        open_live(live.spec(way.port), live.gateway(tmp_path, way.port)) as target,
    ):
        yield target


def test_gateway_answers_through_ssh(target: LiveTarget) -> None:
    """HTTP, HTTPS with its certificate, PostgreSQL, Redis and the queue answer through one connection, no command."""
    versions = versions_of(target, target.gateway.http)
    assert "not seen" not in versions.values(), versions
    with Http(target, target.gateway.http) as http:
        for base in (target.gateway.http.url, target.gateway.http.https_url):
            assert http.get(base + "/health/healthz").status == 200
    look(target, target.gateway.queue)
    assert target.commands == 0


def test_https_of_a_stranger_is_not_trusted(live: Live, tmp_path: Path) -> None:
    """Through SSH, too, a certificate that nobody vouches for is no answer."""
    http = {"url": "http://localhost", "https_url": f"https://localhost:{live.replica.blueprint.ports.web[443]}"}
    gateway = live.gateway(tmp_path, live.host.port, http=dict(http))
    with open_live(live.host.spec, gateway) as target, Http(target, gateway.http) as asked:
        with pytest.raises(NoAnswerError, match="CERTIFICATE_VERIFY_FAILED"):
            asked.get(gateway.http.https_url + "/health/healthz")
        with pytest.raises(NoAnswerError, match="no host of the gateway"):
            asked.get("http://elsewhere/")


def test_postgres_session_only_reads(target: LiveTarget) -> None:
    """A live session writes nothing, and is not mistaken for a server that takes no writes."""
    with target.postgres() as connection, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute("CREATE TABLE written (x int)")
    assert not ask_postgres(target).read_only


def test_postgres_that_takes_no_writes_is_seen(live: Live, target: LiveTarget) -> None:
    """A server that is read-only by itself is told from our own session."""
    with live.replica.postgres() as connection:
        connection.execute("ALTER DATABASE email_gateway SET default_transaction_read_only = on")
        try:
            assert ask_postgres(target).read_only
        finally:
            connection.execute("SET default_transaction_read_only = off")
            connection.execute("ALTER DATABASE email_gateway RESET default_transaction_read_only")


def test_port_where_nobody_listens_is_no_answer(live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stopped server is no answer of it, not a broken host."""
    monkeypatch.setenv("LIVE_POSTGRES", "x")
    gateway = live.gateway(tmp_path, live.host.port, postgres={"port": 1}, redis={"port": 1})
    with open_live(live.host.spec, gateway) as target:
        for ask in (ask_postgres, write_to_redis):
            with pytest.raises(TargetError):
                ask(target)
        assert target.run_script("true", timeout=20).ok


def daily(target: LiveTarget) -> None:
    """Ask all that a daily run asks of one host."""
    runbook = read_runbook(RUNBOOK)
    versions_of(target, target.gateway.http)
    for service in ("nginx", "api", "worker", "postgres", "redis"):
        target.services()
        target.logs(service, 100)
    target.resources(0.5)
    with Http(target, target.gateway.http) as http:
        http.latencies(target.gateway.http.liveness, 20)
    for base in (target.gateway.http.url, target.gateway.http.https_url):
        for path in (target.gateway.http.liveness, target.gateway.http.readiness):
            with Http(target, target.gateway.http) as http:
                http.get(base + path)
    ask_postgres(target)
    write_to_redis(target)
    for _ in range(2):
        look(target, target.gateway.queue)
    for heading in ("Status dos Serviços", "Monitoramento de Recursos", "Verificação de Conectividade"):
        run_commands(target, procedure(runbook, heading).commands, timeout=60)


def test_daily_run_costs_few_commands(target: LiveTarget) -> None:
    """A daily run asks a host for at most 12 commands, because each of them is a round trip and a line in its log."""
    daily(target)
    assert 0 < target.commands <= 12
