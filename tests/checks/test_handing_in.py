"""Sabotage of how fast mails are taken, and of how many."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.monitoring.test_handing_in import test_mails_are_taken_in_time as taken_in_time
from checks.monitoring.test_handing_in import test_stores_have_room_for_many_at_once as room_for_many
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

AT = "    async def submit(self, request: Request) -> Response:\n"


@pytest.mark.parametrize(
    ("limits", "outcome"),
    [("> 500ms | > 2s", Outcome.WARNING), ("> 200ms | > 500ms", Outcome.CRITICAL), ("> 60s | > 90s", Outcome.OK)],
)
def test_slow_answer_is_seen(limits: str, outcome: Outcome, tmp_path: Path) -> None:
    """An API that takes mails slowly is seen, however fast its health endpoints are, by the table's own limits."""
    slow = ("app/api.py", AT, f"{AT}        await asyncio.sleep(0.6)\n")
    table = ("RUNBOOK.md", "| Latência API | > 500ms | > 2s |", f"| Latência API | {limits} |")
    few = ("gateway.toml", "latency_requests = 20", "latency_requests = 3")
    with sabotaged(tmp_path, slow, table, few) as judge:
        seen = judge(taken_in_time)
    assert seen.outcome is outcome, seen.message
    assert "median of 3 mails" in seen.message


def test_mail_that_is_refused_is_unknown(tmp_path: Path) -> None:
    """How long a refusal takes says nothing."""
    body = ("gateway.toml", '# submit_body = { to = "{to}", subject', 'submit_body = { nobody = "{to}", subject')
    with sabotaged(tmp_path, body) as judge:
        seen = judge(taken_in_time)
    assert seen.outcome is Outcome.UNKNOWN, seen.message
    assert "to take a mail, got 4" in seen.message


def test_missing_row_is_unknown(judge: Judge, tmp_path: Path) -> None:
    """Without the table's row nothing is known of what was promised."""
    seen = judge.reading(tmp_path, ("| Latência API |", "| Outra coisa |"))(taken_in_time)
    assert seen.outcome is Outcome.UNKNOWN, seen.message


_STORES = "services:\n  postgres:\n    image: postgres:17\n    command: postgres -c max_connections={}\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "outcome", "words"),
    [
        ("docker-compose.yml", "", _STORES.format(10), Outcome.CRITICAL, "PostgreSQL refused"),
        ("docker-compose.yml", "", _STORES.format(40), Outcome.OK, "202 (32)"),
        ("nginx/nginx.conf", "zone=emails burst=100", "zone=emails burst=5", Outcome.NOT_APPLICABLE, "were let in"),
    ],
    ids=["few connections", "enough", "limited"],
)
def test_burst_is_judged_by_the_stores(
    file: str, old: str, new: str, outcome: Outcome, words: str, tmp_path: Path
) -> None:
    """A store without a connection left is critical; where nginx lets few in nothing was seen of the stores."""
    with sabotaged(tmp_path, (file, old, new)) as judge:
        seen = judge(room_for_many)
    assert seen.outcome is outcome, seen.message
    said = [finding.message for finding in seen.record.findings] or [seen.message]
    assert any(words in message for message in said), said


def test_redis_without_room_is_seen(tmp_path: Path) -> None:
    """A Redis that turns clients away because it has its number is critical, though each mail comes through later."""
    one_each = (
        f"{AT}        await make_redis(Settings.from_environment(), 2).ping()\n        await asyncio.sleep(0.3)\n"
    )
    few = ("redis/redis.conf", "maxmemory-policy", "maxclients 16\nmaxmemory-policy")
    with sabotaged(tmp_path, ("app/api.py", AT, one_each), few) as judge:
        seen = judge(room_for_many)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert any("Redis refused" in finding.message for finding in seen.record.findings), seen.message
