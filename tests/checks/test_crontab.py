"""Sabotage of what the document leaves to cron."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from checks.document.test_crontab import test_cron_finds_its_scripts as finds_its_scripts
from checks.document.test_crontab import test_cron_takes_the_crontab as taken
from checks.document.test_crontab import test_crontab_holds_no_password as holds_no_password
from checks.document.test_crontab import test_crontab_runs_what_is_promised as runs_what_is_promised
from rehearsal.gateway.description import Gateway
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

BLOCK = "```bash\n./scripts/tidy.sh logs 30\n```\n"
HERE = "## Manutenção Preventiva\n"
ENTRY = "15 4 * * 0 cd /opt/email-gateway && ./scripts/tidy.sh {}\n"


@pytest.mark.parametrize(
    ("said", "entry", "outcome"),
    [
        ("O cron faz isto aos domingos às 04:15.", ENTRY.format("logs 30"), Outcome.OK),
        ("O cron faz isto aos domingos às 04:15.", "", Outcome.WARNING),
        ("Weekly, by cron.", ENTRY.format("images"), Outcome.WARNING),
        ("O cron não faz isto: faça-o toda semana.", "", Outcome.NOT_APPLICABLE),
        ("Toda semana, por quem opera.", "", Outcome.NOT_APPLICABLE),
        ("O cron faz isto aos domingos às 04:30.", ENTRY.format("logs 30"), Outcome.WARNING),
        ("O cron faz isto às segundas.", ENTRY.format("logs 30"), Outcome.WARNING),
        ("O cron faz isto toda semana.", ENTRY.format("logs 30"), Outcome.OK),
        ("O cron faz isto às 4h15, toda semana.", ENTRY.format("logs 30"), Outcome.OK),
    ],
    ids=[
        *("kept", "no entry", "for something else", "not by cron", "by a person"),
        *("at another hour", "on another day", "at no hour", "at its hour"),
    ],
)
def test_what_is_left_to_cron(said: str, entry: str, outcome: Outcome, reader: Judge, tmp_path: Path) -> None:
    """A run that is promised and stands in no entry is a warning; what a person does is no matter of the crontab."""
    assert HERE in reader.runbook.text
    judge = reader.reading(tmp_path, (HERE, f"{HERE}\n{said}\n\n{BLOCK}\n"))
    seen = replace(judge, gateway=_with_entry(reader.gateway, tmp_path, entry))(runs_what_is_promised)
    assert seen.outcome is outcome, seen.message


@pytest.mark.parametrize(("when", "outcome"), [("15 4 * * 0", Outcome.OK), ("15 4 1 * *", Outcome.WARNING)])
def test_comment_that_leaves_a_command_to_cron(when: str, outcome: Outcome, reader: Judge, tmp_path: Path) -> None:
    """What a comment says of the command below it is as much of a promise."""
    block = BLOCK.replace("./scripts", "# Arrumar os logs (cron, domingo 04:15)\n./scripts")
    judge = reader.reading(tmp_path, (HERE, f"{HERE}\n{block}\n"))
    entry = ENTRY.format("logs 30").replace("15 4 * * 0", when)
    seen = replace(judge, gateway=_with_entry(reader.gateway, tmp_path, entry))(runs_what_is_promised)
    assert seen.outcome is outcome, seen.message


@pytest.mark.parametrize(
    ("entry", "outcome"),
    [
        ("0 1 * * * DB_PASSWORD=hunter2 ./scripts/x.sh\n", Outcome.WARNING),
        ("PGPASSWORD=hunter2\n0 1 * * * ./scripts/x.sh\n", Outcome.WARNING),
        ('0 1 * * * DB_PASSWORD="$(cat secret)" ./scripts/x.sh\n', Outcome.OK),
        ("0 1 * * * DB_PASSWORD=$PW PASSWORD_FILE=./secret ./scripts/x.sh\n", Outcome.OK),
    ],
    ids=["in an entry", "above it", "from a file", "from a variable"],
)
def test_password_in_the_crontab(entry: str, outcome: Outcome, reader: Judge, tmp_path: Path) -> None:
    """A password that is written there is told by its name; where it comes from elsewhere nothing is said."""
    seen = replace(reader, gateway=_with_entry(reader.gateway, tmp_path, entry))(holds_no_password)
    assert seen.outcome is outcome, seen.message
    assert "hunter2" not in seen.message


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        (lambda content: content, Outcome.OK, "entries"),
        (lambda content: content.rstrip(b"\n"), Outcome.CRITICAL, "does not end with a newline"),
        (lambda content: content.replace(b"\n", b"\r\n"), Outcome.CRITICAL, "as those of Windows do"),
    ],
    ids=["as it is", "no newline", "of Windows"],
)
def test_crontab_that_cron_does_not_take(
    change: Callable[[bytes], bytes], outcome: Outcome, words: str, reader: Judge, tmp_path: Path
) -> None:
    """A file that cron passes over, or whose lines it misreads, makes no backup: critical."""
    gateway = _with_entry(reader.gateway, tmp_path, "")
    table = tmp_path / "crontab"
    table.write_bytes(change(table.read_bytes()))
    seen = replace(reader, gateway=gateway)(taken)
    assert seen.outcome is outcome, seen.message
    assert words in seen.message


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("`crontab cron/email-gateway`", Outcome.OK),
        ("`crontab cron/gateway`", Outcome.CRITICAL),
        ("`sudo crontab -u mail /opt/email-gateway/cron/gateway`", Outcome.CRITICAL),
        ("`crontab -l > mine; vi mine; crontab mine`", Outcome.OK),
        ("`crontab /tmp/mine`", Outcome.OK),
        ("o crontab mostra `crontab -l`", Outcome.OK),
    ],
)
def test_crontab_that_is_not_there(said: str, outcome: Outcome, reader: Judge, tmp_path: Path) -> None:
    """A document that has another file installed than there is leaves cron without an entry: critical."""
    seen = reader.reading(tmp_path, ("`crontab cron/email-gateway`", said))(taken)
    assert seen.outcome is outcome, seen.message
    assert outcome is Outcome.OK or "is not there" in seen.message


def _with_entry(gateway: Gateway, folder: Path, entry: str) -> Gateway:
    assert gateway.schedule.crontab
    (folder / "crontab").write_text((gateway.directory / gateway.schedule.crontab).read_text() + entry)
    schedule = gateway.schedule.model_copy(update={"crontab": folder / "crontab"})
    return gateway.model_copy(update={"schedule": schedule})


@pytest.mark.parametrize(
    ("command", "outcome"),
    [
        ("cd /opt && ./scripts/monitor-backups.sh", Outcome.CRITICAL),
        ("./scripts/monitor-backups.sh", Outcome.CRITICAL),
        ("/opt/email-gateway/monitor-backups.sh", Outcome.CRITICAL),
        ("cd /opt/email-gateway && ./scripts/monitor-bakups.sh", Outcome.CRITICAL),
        ("cd /opt/email-gateway && ./scripts/monitor-bakups.sh > /dev/null 2>&1", Outcome.CRITICAL),
        ("cd /opt/email-gateway/scripts && ./monitor-backups.sh", Outcome.OK),
        ("cd /opt/email-gateway && cd scripts && ../scripts/monitor-backups.sh", Outcome.OK),
        ("/usr/local/bin/somebody-elses.sh", Outcome.OK),
        ("cd /opt/email-gateway && test -x ./scripts/not-yet.sh && ./scripts/not-yet.sh", Outcome.OK),
    ],
)
def test_script_where_cron_starts_it(command: str, outcome: Outcome, tmp_path: Path) -> None:
    """A script that the entry's folder does not have is critical; one found by a long way, or not ours, is not."""
    entry = f"30 6 * * * {command}\n0 2 * * *"
    with sabotaged(tmp_path, ("cron/email-gateway", "0 2 * * *", entry)) as judge:
        seen = judge(finds_its_scripts)
    assert seen.outcome is outcome, seen.message
