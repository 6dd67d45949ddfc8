"""Sabotage of what monitors say of services that are down, and of who hears of an alarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks.monitoring import test_monitor_scripts as checked
from rehearsal.results.model import Outcome
from tests.checks.conftest import REFERENCE
from tests.checks.judge import Verdict
from tests.checks.sabotaged import Change, sabotaged

SYSTEM = "scripts/monitor-system.sh"
RUN = "\n*/5 * * * * cd /opt/email-gateway && {}\n"


def _with_cron(tmp_path: Path, line: str, *more: Change) -> Verdict:
    cron = REFERENCE / "cron/email-gateway"
    added = ("cron/email-gateway", cron.read_text(), cron.read_text() + RUN.format(line))
    with sabotaged(tmp_path, added, *more) as judge:
        return judge(checked.test_alarm_is_heard)


HEADING = "### Scripts de Monitoramento\n"
PROMISE = ("RUNBOOK.md", HEADING, f"{HEADING}\nO cron manda um e-mail acima dos limites.\n")
MAILS = 'out="$(./scripts/monitor-system.sh --strict)" || echo "$out"'
LOGS = "./scripts/monitor-system.sh >> ./logs/system.log 2>&1"


@pytest.mark.parametrize(
    ("line", "promised", "outcome"),
    [
        (MAILS, True, Outcome.OK),
        (LOGS, False, Outcome.OK),
        (LOGS, True, Outcome.WARNING),
        ("./scripts/monitor-system.sh >/dev/null 2>&1", True, Outcome.WARNING),
        (MAILS.replace(" --strict", ""), True, Outcome.WARNING),
        ("true", False, Outcome.NOT_APPLICABLE),
    ],
    ids=["mails", "logs", "logs only", "silent", "status lost", "nobody runs it"],
)
def test_alarm_that_nobody_hears_is_seen(line: str, promised: bool, outcome: Outcome, tmp_path: Path) -> None:  # noqa: FBT001
    """What cron neither mails nor writes to a log that is read is told; a promise of mail is no log."""
    seen = _with_cron(tmp_path, line, *([PROMISE] if promised else []))
    assert seen.outcome is outcome, seen.message
    assert outcome is not Outcome.WARNING or "nobody hears of it" in seen.message


@pytest.mark.parametrize(
    ("measures", "outcome"),
    [
        ('curl -sko /dev/null -w "latência %{time_total}\\n" "$URL"', Outcome.CRITICAL),
        ('curl -sko /dev/null -w "latência %{time_total}\\n" "$URL" | tee -a ./logs/system.log', Outcome.CRITICAL),
        ('curl -fsko /dev/null -w "latência %{time_total}\\n" "$URL" || exit 2', Outcome.OK),
        ('curl -sko /dev/null -w "API %{time_total} " "$URL"; curl -fsko /dev/null "$URL" && echo ok', Outcome.OK),
        ("true", Outcome.NOT_APPLICABLE),
    ],
    ids=["any answer will do", "and is logged", "fails", "says so", "of nothing"],
)
def test_dead_api_behind_a_fast_answer(measures: str, outcome: Outcome, tmp_path: Path) -> None:
    """A monitor that takes nginx' 502 for a fast API is critical; one that does not measure the API is not asked."""
    url = "URL=http://localhost/health/readyz"
    with sabotaged(tmp_path, (SYSTEM, "cpu\nmemory\n", f"{url}\n{measures}\ncpu\nmemory\n")) as judge:
        seen = judge(checked.test_monitor_sees_a_dead_api)
    assert seen.outcome is outcome, seen.message


_READY = "docker-compose exec -T postgres pg_isready -q -U postgres"
_ASKS = f"if {_READY}; then verdict 0 'PostgreSQL responde'; else {{}}; fi\nfinish\n"


@pytest.mark.parametrize(
    ("lines", "outcome", "words"),
    [
        ("finish\n", Outcome.NOT_APPLICABLE, "no script of the list"),
        (_ASKS.format("verdict 2 'PostgreSQL parou'"), Outcome.OK, "tells when it is stopped"),
        (_ASKS.format("verdict 0 'PostgreSQL parou'"), Outcome.CRITICAL, "exits 0 when it is stopped"),
        ("verdict 0 'PostgreSQL responde'\nfinish\n", Outcome.WARNING, "says the same"),
    ],
    ids=["says nothing of it", "tells", "quietly", "without asking"],
)
def test_monitor_that_is_quiet_of_a_dead_database_is_seen(
    lines: str, outcome: Outcome, words: str, tmp_path: Path
) -> None:
    """A monitor that calls a stopped PostgreSQL well, or by a status that means well, is told."""
    with sabotaged(tmp_path, ("scripts/monitor-redis.sh", "finish\n", lines)) as judge:
        seen = judge(checked.test_monitors_tell_of_a_dead_database)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message
