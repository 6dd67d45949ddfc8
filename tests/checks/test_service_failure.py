"""Sabotage of "Falha de Serviço": of the gateway's code, and of the document's steps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.emergencies import test_service_failure as checked
from rehearsal.damage.services import HUNG, KILLED, STOPPED, Manner
from rehearsal.gateway.description import Gateway
from rehearsal.plugin.outages import rehearse_outages
from rehearsal.plugin.record import Record
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from rehearsal.runbook import Runbook
from tests.checks.judge import Judge, Verdict
from tests.checks.sabotaged import Change, sabotaged

DENIES: Change = (
    "app/api.py",
    "        found = await within(_ANSWER_SECONDS, self._read(outbox_id))\n",
    (
        "        try:\n            found = await within(_ANSWER_SECONDS, self._read(outbox_id))\n"
        "        except (psycopg.Error, TimeoutError):\n            found = None\n"
    ),
)
_SEND = "            attempt = await asyncio.to_thread(send, claimed.mail"
_SERVER = "self._settings.smtp_host, self._settings.smtp_port"
_TWICE = f"            await asyncio.to_thread(send, claimed.mail, {_SERVER})"


def outage(service: str, manner: Manner, judge: Judge) -> Verdict:
    """Judge one outage of one service."""

    def check(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
        restarted = "postgres" if service == "redis" else ""
        rehearse_outages(service, (manner,), replica, gateway, runbook, evidence, restarted=restarted)

    return judge(check)


@dataclass(frozen=True)
class Sabotage:
    """One change, the outage in which it shows, and what is said of it."""

    service: str
    manner: Manner
    change: Change
    words: str
    outcome: Outcome = Outcome.CRITICAL


SABOTAGES = {
    "an API that forgets idempotency keys": Sabotage(
        "api",
        KILLED,
        ("app/api.py", "key = read_key(request.headers)", "key = __import__('uuid').uuid4().hex"),
        "accepted twice under one idempotency key",
    ),
    "an API that accepts and stores nothing": Sabotage(
        "api",
        KILLED,
        (
            "app/api.py",
            "        if new:\n            await self._enqueue(str(outbox_id))\n",
            (
                "        if __import__('random').random() < 0.5:\n            outbox_id = __import__('uuid').uuid4()\n"
                "        else:\n            await self._enqueue(str(outbox_id))\n"
            ),
        ),
        "not on record",
    ),
    "an API that refuses and sends all the same": Sabotage(
        "api",
        KILLED,
        (
            "app/api.py",
            '        return JSONResponse({"id": str(outbox_id), "state": state}, 202 if new else 200)',
            (
                "        if __import__('random').random() < 0.4:\n            return JSONResponse({}, 422)\n"
                '        return JSONResponse({"id": str(outbox_id), "state": state}, 202 if new else 200)'
            ),
        ),
        "refused and delivered all the same",
    ),
    "a worker that sends each mail twice": Sabotage(
        "worker",
        KILLED,
        (
            "app/worker.py",
            _SEND,
            f"{_TWICE}\n{_SEND}",
        ),
        "delivered more than once",
    ),
    "a worker that calls a mail sent before it sends it": Sabotage(
        "worker",
        KILLED,
        (
            "app/worker.py",
            _SEND,
            (
                '            await mark_sent(conn, claimed.id, claimed.mail.message_id, datetime.now(UTC), "sent")\n'
                f"            await conn.commit()\n{_SEND}"
            ),
        ),
        "the API says sent",
    ),
    "no relay: what came while Redis was away has no job": Sabotage(
        "redis",
        STOPPED,
        ("app/relay.py", "        listed: set[str] | None = None\n", "        return\n"),
        "never delivered",
    ),
    "a relay that ends when PostgreSQL is restarted": Sabotage(
        "redis",
        STOPPED,
        ("app/worker.py", "except (psycopg.Error, RedisError) as reason:", "except RedisError as reason:"),
        "after postgres was restarted",
    ),
    "steps that restart another service": Sabotage(
        "api",
        STOPPED,
        (
            "RUNBOOK.md",
            "4. Reiniciar serviço: `docker-compose restart api`",
            "4. Reiniciar: `docker-compose restart nginx`",
        ),
        "after all",
    ),
    "steps that restart nothing": Sabotage(
        "postgres",
        HUNG,
        ("RUNBOOK.md", "4. Reiniciar: `docker-compose restart postgres`", "4. Reiniciar"),
        "after all",
    ),
    "a command for a container of another name": Sabotage(
        "api",
        KILLED,
        ("RUNBOOK.md", "docker-compose logs --tail=100 api`\n2. Ver o que", "docker logs gateway_api`\n2. Ver o que"),
        "while all was well",
    ),
    "an nginx that says yes for an API that is down": Sabotage(
        "api",
        STOPPED,
        (
            "nginx/nginx.conf",
            "            proxy_pass http://api;\n        }\n",
            (
                "            proxy_pass http://api;\n            error_page 502 504 = @later;\n        }\n"
                '        location @later {\n            return 202 \'{"state": "queued"}\';\n        }\n'
            ),
        ),
        "given no id",
    ),
    "the log of another service": Sabotage(
        "redis",
        STOPPED,
        ("RUNBOOK.md", "logs --tail=100 redis`\n3. Verificar mem", "logs --tail=100 worker`\n3. Verificar mem"),
        "shows the log of another service",
        Outcome.WARNING,
    ),
    "a command that does not end": Sabotage(
        "api",
        KILLED,
        ("RUNBOOK.md", "docker stats --no-stream`\n4. Reiniciar serviço", "docker stats api`\n4. Reiniciar serviço"),
        "does not end by itself",
        Outcome.WARNING,
    ),
    "an objective that nothing can meet": Sabotage(
        "api", STOPPED, ("gateway.toml", "rto_hours = 4", "rto_hours = 0.0000001"), "time to recovery"
    ),
    "a section that is gone": Sabotage(
        "redis",
        KILLED,
        ("RUNBOOK.md", "#### Redis Indisponível", "#### Outra coisa"),
        "expected a heading",
        Outcome.UNKNOWN,
    ),
}


@pytest.mark.parametrize("sabotage", SABOTAGES.values(), ids=SABOTAGES.keys())
def test_sabotage_shows_in_an_outage(sabotage: Sabotage, tmp_path: Path) -> None:
    """Whatever loses or doubles mails, or keeps the steps from recovering the service, is a finding that says so."""
    with sabotaged(tmp_path, sabotage.change) as judge:
        seen = outage(sabotage.service, sabotage.manner, judge)
    assert seen.outcome is sabotage.outcome, seen.message
    said = [finding.message for finding in seen.record.findings if finding.outcome is sabotage.outcome]
    assert any(sabotage.words in message for message in said), said


@pytest.mark.parametrize(
    ("service", "manner"),
    [("api", HUNG), ("worker", KILLED), ("redis", STOPPED)],
    ids=["api hung", "worker killed", "redis stopped"],
)
def test_outage_of_the_reference_is_ok(service: str, manner: Manner, judge: Judge) -> None:
    """The reference gateway's services come back, nothing is said against them, and its steps are covered."""
    seen = outage(service, manner, judge)
    assert seen.outcome is Outcome.OK, seen.message
    assert seen.record.measurements
    assert len(seen.record.lines) >= 4


@pytest.mark.parametrize(
    ("edits", "outcome", "words"),
    [([], Outcome.OK, "that it can't say"), ([DENIES], Outcome.CRITICAL, "hands it in again")],
    ids=["503", "404"],
)
def test_state_without_a_database(edits: list[Change], outcome: Outcome, words: str, tmp_path: Path) -> None:
    """An API that takes its own fault for an answer denies a mail that it has accepted: critical."""
    with sabotaged(tmp_path, *edits) as judge:
        seen = judge(checked.test_accepted_mail_is_not_denied)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message
