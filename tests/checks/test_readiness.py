"""Sabotage of the health endpoints: they say yes, or the other one's answer, whatever is down."""

from dataclasses import replace
from pathlib import Path

import pytest

from checks.monitoring.test_readiness import test_commands_tell_what_is_down as commands_tell
from checks.monitoring.test_readiness import test_health_tells_what_is_down as health_tells
from rehearsal.gateway.description import Gateway
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from rehearsal.runbook import read_runbook
from tests.checks.conftest import REFERENCE
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

SERVICES = {"postgres": True, "redis": True, "api": False}


@pytest.fixture
def gateway(reference: Gateway) -> Gateway:
    """The reference gateway, waited for less long."""
    return reference.model_copy(update={"replica": reference.replica.model_copy(update={"ready_timeout_seconds": 10})})


def _with_nginx(replica: Replica, line: str) -> None:
    changed = replica.run_script(
        rf"""sed -i 's#proxy_pass http://api/v1/health/;#{line}#' nginx/nginx.conf
        grep -qF '{line}' nginx/nginx.conf && docker-compose restart nginx""",
        timeout=30,
    )
    assert changed.exit_code == 0, changed.stderr


@pytest.mark.parametrize(("service", "lives"), SERVICES.items())
def test_health_of_the_reference_is_ok(service: str, *, lives: bool, judge: Judge) -> None:
    """The reference's endpoints tell what is down, and both were asked."""
    seen = judge(health_tells, service=service, lives=lives)
    assert seen.outcome is Outcome.OK, seen.message
    assert len(seen.record.evidence) == 2


def test_success_without_words_is_one(tmp_path: Path) -> None:
    """A liveness that answers 204 says as much as one that answers 200."""
    silent = ("app/api.py", 'return JSONResponse({"status": "ok"})', "return Response(status_code=204)")
    with sabotaged(tmp_path, silent) as judge:
        seen = judge(health_tells, service="redis", lives=True)
    assert seen.outcome is Outcome.OK, seen.message


def test_password_in_an_answer_is_seen(tmp_path: Path) -> None:
    """A readiness that explains itself with the address of its database opens it to whoever asks."""
    tells = '"unavailable"} | parts | {"why": __import__("os").environ["DB_PASSWORD"]}'
    with sabotaged(tmp_path, ("app/api.py", '"unavailable"} | parts', tells)) as judge:
        seen = judge(health_tells, service="postgres", lives=True)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "tells whoever asks a password" in seen.message
    assert not any(secret in seen.message for secret in judge.replica.secrets if secret)


@pytest.mark.parametrize(("service", "lives"), SERVICES.items())
def test_static_health_is_seen(service: str, *, lives: bool, replica: Replica, judge: Judge) -> None:
    """An nginx that answers health questions by itself is critical, whatever is down."""
    _with_nginx(replica, "return 200;")
    seen = judge(health_tells, service=service, lives=lives)
    assert seen.outcome is Outcome.CRITICAL
    assert f"with {service} stopped" in seen.message
    assert "RUNBOOK.md" in seen.action


@pytest.mark.parametrize("store", ["postgres", "redis"])
def test_readiness_that_asks_nobody_is_seen(store: str, replica: Replica, judge: Judge) -> None:
    """A readiness that is only the liveness under another name is critical."""
    _with_nginx(replica, "rewrite . /v1/health/healthz break; proxy_pass http://api;")
    seen = judge(health_tells, service=store, lives=True)
    assert seen.outcome is Outcome.CRITICAL
    assert "/health/readyz" in seen.message


def test_readiness_that_hangs_is_told(tmp_path: Path) -> None:
    """A readiness that waits for a store which is down, instead of saying so, is a warning."""
    waits = (
        'ready = set(parts.values()) == {"ok"}\n',
        'ready = set(parts.values()) == {"ok"}\n        ready or await asyncio.sleep(60)\n',
    )
    with sabotaged(
        tmp_path,
        ("app/api.py", *waits),
        ("gateway.toml", "timeout_seconds = 5\nlatency", "timeout_seconds = 2\nlatency"),
    ) as judge:
        seen = judge(health_tells, service="redis", lives=True)
    assert seen.outcome is Outcome.WARNING, seen.message
    assert "gives no answer within 2 s" in seen.message


def test_swapped_endpoints_are_seen(gateway: Gateway, judge: Judge) -> None:
    """Liveness and readiness that stand for each other are critical: an orchestrator would kill a healthy API."""
    http = gateway.http
    swapped = http.model_copy(update={"liveness": http.readiness, "readiness": http.liveness})
    other = replace(judge, gateway=gateway.model_copy(update={"http": swapped}))
    seen = other(health_tells, service="postgres", lives=True)
    assert seen.outcome is Outcome.CRITICAL
    assert len(seen.record.findings) == 2


@pytest.mark.parametrize("service", ["postgres", "redis", "api", "nginx"])
def test_commands_of_the_reference_tell(service: str, judge: Judge) -> None:
    """The reference's commands notice each service, and those that did are kept as evidence."""
    seen = judge(commands_tell, service=service)
    assert seen.outcome is Outcome.OK, seen.message
    assert seen.record.evidence


@pytest.mark.parametrize(
    ("service", "commands", "outcome"),
    [
        pytest.param("api", "curl -s -o /dev/null http://localhost/health/readyz; true", Outcome.CRITICAL, id="blind"),
        pytest.param("postgres", "psql --version", Outcome.CRITICAL, id="asks nobody"),
        pytest.param("redis", "date; docker-compose ps nginx", Outcome.WARNING, id="looks elsewhere"),
        pytest.param("postgres", "curl -sS http://localhost/health/readyz", Outcome.OK, id="another body"),
        pytest.param("nginx", "curl -s -o /dev/null http://localhost/", Outcome.OK, id="another status"),
    ],
)
def test_commands_that_tell_nothing_are_seen(
    service: str, commands: str, outcome: Outcome, gateway: Gateway, judge: Judge, tmp_path: Path
) -> None:
    """A block that says the same whether a service runs or not is critical; one that says it in any way is not."""
    text = (REFERENCE / "RUNBOOK.md").read_text()
    start = text.index("```bash\n", text.index("Verificação de Conectividade")) + 8
    (tmp_path / "RUNBOOK.md").write_text(f"{text[:start]}{commands}\n{text[text.index('```', start) :]}")
    short = gateway.model_copy(update={"replica": gateway.replica.model_copy(update={"ready_timeout_seconds": 4})})
    other = replace(judge, gateway=short, runbook=read_runbook(tmp_path / "RUNBOOK.md"))
    seen = other(commands_tell, service=service)
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or f"with {service} stopped each command" in seen.message


@pytest.mark.parametrize(
    ("label", "commands", "outcome"),
    [
        (
            "# A API alcança PostgreSQL e Redis",
            "curl -fsS --max-time 5 http://localhost/health/healthz",
            Outcome.WARNING,
        ),
        ("# A API vive", "curl -fsS --max-time 5 http://localhost/health/healthz", Outcome.OK),
        ("# O Redis", "HOST=localhost\ncurl -fsS --max-time 5 http://$HOST/health/readyz", Outcome.OK),
    ],
    ids=["another page", "of something else", "with a variable"],
)
def test_command_that_tells_nothing_of_what_is_named_above_it(
    label: str, commands: str, outcome: Outcome, gateway: Gateway, judge: Judge, tmp_path: Path
) -> None:
    """Though another command of the block tells, who reads the words above this one takes its answer for that."""
    old = "# A API alcança PostgreSQL e Redis\ncurl -fsS --max-time 5 http://localhost/health/readyz\n"
    short = gateway.model_copy(update={"replica": gateway.replica.model_copy(update={"ready_timeout_seconds": 4})})
    changed = replace(judge, gateway=short).reading(tmp_path, (old, f"{label}\n{commands}\n"))
    seen = changed(commands_tell, service="redis")
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or "the words above it name redis" in seen.message
