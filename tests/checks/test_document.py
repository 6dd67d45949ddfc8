"""Sabotage of the document itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from checks.document import test_document as checked
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge, Verdict

TODAY = date(2026, 12, 1)
REVIEW = "**Próxima revisão:** 2027-02-16"
LAST = "**Última revisão:** 2026-11-16"
VERSION = "> **Versão:** 2.0.0  \n"


def judged(reader: Judge, check: Callable[..., None]) -> Verdict:
    """Judge a check of the document on a day of its own."""
    dated = "today" in check.__annotations__
    return reader(check, today=TODAY) if dated else reader(check)


ALL = [
    checked.test_review_is_not_overdue,
    checked.test_dates_are_possible,
    checked.test_version_is_named,
    checked.test_links_lead_somewhere,
    checked.test_nothing_is_left_to_be_written,
    checked.test_all_of_it_can_be_read,
    checked.test_programs_are_maintained,
    checked.test_objectives_agree,
    checked.test_commands_leave_redis_to_others,
    checked.test_commands_get_the_terminal_that_they_ask_for,
    checked.test_no_step_destroys_the_database,
    checked.test_jobs_are_asked_for_where_they_are,
]


@pytest.mark.parametrize("check", ALL)
def test_reference_is_fine(reader: Judge, check: Callable[..., None]) -> None:
    """The reference runbook is current, finished and without contradictions."""
    seen = judged(reader, check)
    assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.parametrize(
    ("check", "old", "new", "outcome", "words"),
    [
        pytest.param(ALL[0], REVIEW, "**Próxima revisão:** 2026-11-30", "warning", "1 days ago", id="overdue"),
        pytest.param(ALL[0], REVIEW, "", "warning", "next review", id="no review"),
        pytest.param(
            ALL[0], REVIEW, "**Próxima revisão:** em breve", "unknown", "Próxima revisão", id="review is nonsense"
        ),
        pytest.param(ALL[1], LAST, "**Última revisão:** 2026-12-02", "critical", "before today", id="future review"),
        pytest.param(ALL[1], LAST, "**Última revisão:** 16 de março", "unknown", "RUNBOOK.md:", id="no date"),
        pytest.param(ALL[1], LAST, f"{LAST}\n{LAST}", "unknown", "RUNBOOK.md:", id="date doubled"),
        pytest.param(ALL[1], REVIEW, "**Próxima revisão:** 2026-11-15", "critical", "after the last", id="order"),
        pytest.param(ALL[1], "2026-11-16  \n", "2026-12-02  \n", "critical", "last update", id="future update"),
        pytest.param(ALL[2], VERSION, "", "warning", "version", id="no version"),
        pytest.param(ALL[2], VERSION, "> **Versão:** [versão]  \n", "unknown", "version", id="version is nonsense"),
        pytest.param(
            ALL[3], "(#restaurar-redis)", "(#restaurar-o-redis)", "critical", "#restaurar-o-redis", id="anchor"
        ),
        pytest.param(ALL[3], "(#restaurar-redis)", "(restore.md)", "critical", "restore.md", id="file"),
        pytest.param(ALL[3], "(#restaurar-redis)", "()", "critical", "nothing", id="empty link"),
        pytest.param(ALL[4], "# Restaurar (leia", "# TODO conferir\n# Restaurar (leia", "warning", "TODO", id="to do"),
        pytest.param(ALL[4], "Restaure só", "FIXME Restaure só", "warning", "FIXME", id="fix me"),
        pytest.param(ALL[4], "Restaure só", "XXX: Restaure só", "warning", "XXX", id="three letters"),
        pytest.param(ALL[5], "send:failed\n```\n", "send:failed\n", "critical", "the block", id="open block"),
        pytest.param(ALL[5], "PONG\n```\n", "PONG\n", "critical", "the next one", id="swallowed block"),
        pytest.param(ALL[5], "> 85%", "muita", "unknown", "muita", id="row is nonsense"),
        pytest.param(ALL[6], "certbot certonly", "./certbot-auto certonly", "warning", "January 2021", id="certbot"),
        pytest.param(ALL[6], "df -h`", "sudo apt-key list`", "warning", "apt-key", id="apt-key"),
        pytest.param(ALL[8], "redis-cli INFO", 'redis-cli KEYS "bull:*"', "warning", "answers nobody", id="KEYS"),
        pytest.param(ALL[9], "df -h`", "zcat a.gz | docker exec -it pg psql`", "critical", "not a TTY", id="pipe"),
        pytest.param(ALL[9], "df -h`", "docker exec -ti pg psql < a.sql`", "critical", "not a TTY", id="fed by a file"),
        pytest.param(ALL[9], "df -h`", "docker exec -t pg pg_dump x > x.sql`", "critical", "CR LF", id="kept"),
        pytest.param(ALL[9], "df -h`", "docker exec -t pg pg_dump x | gzip > x.gz`", "critical", "CR LF", id="packed"),
        pytest.param(ALL[9], "df -h`", "cat a | docker compose exec pg psql`", "warning", "not a TTY", id="compose"),
        pytest.param(ALL[10], "df -h`", "rm -rf data/pg_wal/*`", "critical", "pg_wal", id="log of PostgreSQL"),
        pytest.param(
            ALL[11],
            "ZCARD bull:email-send:failed",
            "LLEN bull:email-send:failed",
            "critical",
            "WRONGTYPE",
            id="failed jobs in a list",
        ),
        pytest.param(ALL[11], "df -h`", "redis-cli zcard 'bull:email-send:wait'`", "critical", "WRONGTYPE", id="a set"),
        pytest.param(ALL[7], "4 horas (RTO)", "8 horas (RTO)", "critical", "rto_hours", id="RTO"),
        pytest.param(ALL[7], "4 horas (RTO)", "RTO: 30 minutos", "critical", "found 0.5", id="RTO in minutes"),
    ],
)
def test_sabotage_is_seen(
    reader: Judge, tmp_path: Path, check: Callable[..., None], old: str, new: str, outcome: str, words: str
) -> None:
    """Each defect is found, and named."""
    seen = judged(reader.reading(tmp_path, (old, new)), check)
    assert seen.outcome.value == outcome, seen.message
    assert words in seen.message


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        pytest.param(ALL[0], REVIEW, "**Próxima revisão:** 01/12/2026", id="due today"),
        pytest.param(ALL[3], "(#restaurar-redis)", "(https://example.com/x#y)", id="elsewhere"),
        pytest.param(ALL[3], "(#restaurar-redis)", "(mailto:a@example.com)", id="mail"),
        pytest.param(ALL[4], "Restaure só", "Em TODO o caso, restaure só", id="a word of Portuguese"),
        pytest.param(ALL[4], "df -h`", "mktemp /tmp/gw.XXXXXX`", id="a template of mktemp"),
        pytest.param(ALL[6], "df -h`", "grep -r certbot-auto /etc/cron.d`", id="named and not called"),
        pytest.param(ALL[8], "redis-cli INFO", "redis-cli GET api:keys", id="a key of that name"),
        pytest.param(ALL[9], "df -h`", "zcat a.gz | docker exec -i pg psql -t`", id="a pipe without a terminal"),
        pytest.param(ALL[9], "df -h`", "docker compose exec pg pg_dump x > x.sql`", id="Compose looks where it writes"),
        pytest.param(ALL[9], "df -h`", "docker exec -it pg psql -c 'SELECT 1 < 2'`", id="a sign in quotes"),
        pytest.param(ALL[9], "df -h`", "docker exec -it pg psql 2> errors`", id="errors only"),
        pytest.param(ALL[9], "df -h`", "docker exec -it redis redis-cli INFO | grep used`", id="read by a search"),
        pytest.param(ALL[9], "df -h`", "docker exec -it api true > /dev/null 2>&1`", id="thrown away"),
        pytest.param(ALL[10], "df -h`", "df -h`; nunca apagar pg_wal", id="a warning of it"),
        pytest.param(ALL[11], "df -h`", "redis-cli LLEN bull:email:send:waiting`", id="no state of BullMQ"),
        pytest.param(ALL[11], "df -h`", "redis-cli GET app:login:failed`", id="a key of others"),
        pytest.param(ALL[7], "4 horas (RTO)", "RTO de 240 minutos", id="in minutes"),
        pytest.param(ALL[7], "em 4 horas (RTO), perder no máximo 24 horas de dados (RPO)", "logo", id="no objectives"),
    ],
)
def test_healthy_variants(reader: Judge, tmp_path: Path, check: Callable[..., None], old: str, new: str) -> None:
    """What is written in another way is not accused."""
    seen = judged(reader.reading(tmp_path, (old, new)), check)
    assert seen.outcome is Outcome.OK, seen.message
