"""Headings and metrics in words that no list has."""

from __future__ import annotations

import pytest

from rehearsal.runbook.lookup import contacts, threshold
from rehearsal.runbook.model import Limit, RunbookError
from rehearsal.runbook.resembling import resembles, those_that_mean
from rehearsal.runbook.sections import section
from rehearsal.runbook.vocabulary import means
from tests.runbook.reading import read_text

DOCUMENT = """\
# Our runbook

## A. Alerts and their limits

| Signal | Unit | Warning above | Critical above | First move |
|---|---|---|---|---|
| CPU busy | % | 75 | 92 | Look |
| API response time, p95 | ms | > 400 | > 1500 | Look |

## B.1 Bringing the database back

```bash
./restore.sh
```

## C. Contacts

### Night shift

- Ana: 555
"""


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Are all services up?", "Service Status"),
        ("Saúde", "Connectivity Check"),
        ("Recursos e Fila", "Resource Monitoring"),
        ("Alerts and their limits", "Alerts and Thresholds"),
        ("Back up PostgreSQL by hand", "Backup Manual do PostgreSQL"),
        ("Restoring the database (PostgreSQL)", "Restore PostgreSQL"),
        ("Recuperando o Redis do zero", "Restaurar Redis"),
        ("The worker has stopped", "Worker Stopped"),
        ("O banco não responde", "Database Unavailable"),
        ("When the disk fills up", "Low Disk Space"),
        ("Deploying a new release", "Update Code"),
        ("Suspicion of an attack or of abuse", "Suspected Attack"),
        ("Certificado: validade", "Check Validity"),
        ("Vencimento do certificado", "Check Validity"),
        ("Trocar o certificado", "Renew Certificates"),
        ("Recursos da máquina", "Resource Monitoring"),
        ("Limpeza automática de logs", "Automatic Cleanup"),
        ("Voltar o banco", "Restore PostgreSQL"),
        ("Redis travado", "Redis Unavailable"),
        ("Memória estourando", "High Memory Usage"),
        ("Idade da mensagem mais antiga da fila", "Queue Age"),
        ("CPU busy", "CPU"),
        ("API response time, p95", "API Latency"),
    ],
)
def test_words_of_its_own(text: str, meaning: str) -> None:
    """A name with the words of a meaning most likely means it, and not another one."""
    assert resembles(text, meaning)
    others = {"Service Status", "Restore PostgreSQL", "Restore Redis", "Worker Stopped", "CPU", "Data Leak"}
    assert not [other for other in others if resembles(text, other) and not means(other, meaning)]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("Restore PostgreSQL and Redis", "Restore PostgreSQL"),
        ("Restore PostgreSQL", "Manual PostgreSQL Backup"),
        ("Database backups that ran automatically", "Manual PostgreSQL Backup"),
        ("Redis memory in use", "Memory"),
        ("Rate limits", "Alerts and Thresholds"),
        ("Log Cleanup", "Important Logs"),
        ("Anything else", "Worker Stopped"),
        ("Trocar o certificado vencido", "Check Validity"),
        ("Limpeza manual de logs e do cron", "Automatic Cleanup"),
        ("Worker Down", "Database Unavailable"),
    ],
)
def test_other_words(text: str, meaning: str) -> None:
    """What speaks of two things, of another one, or is known for something else, does not."""
    assert not resembles(text, meaning)


def test_certain_name_comes_first_and_two_likely_ones_are_none() -> None:
    """Nothing is guessed where a name says it, or where two might."""
    assert those_that_mean(["Worker Stopped", "Why the worker stopped"], "Worker Stopped") == {"Worker Stopped"}
    assert those_that_mean(["Why the worker stopped", "The worker is down again"], "Worker Stopped") == frozenset()
    assert those_that_mean(["Why the worker stopped"], "Worker Parado") == {"Why the worker stopped"}


def test_document_in_its_own_words() -> None:
    """Sections, rows, people are found; what nobody could know is still an error."""
    runbook = read_text(DOCUMENT)
    assert section(runbook, "Alerts and Thresholds").heading == "A. Alerts and their limits"
    assert threshold(runbook, "CPU").warning == Limit(">=", 75, "%")
    assert threshold(runbook, "API Latency").critical == Limit(">", 1500, "ms")
    assert section(runbook, "Restaurar PostgreSQL").heading == "B.1 Bringing the database back"
    assert [one.text for one in contacts(runbook)] == ["555"]
    with pytest.raises(RunbookError, match="expected a heading 'Data Leak'"):
        section(runbook, "Data Leak")
