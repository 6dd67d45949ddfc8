"""The crontab: it runs what the document says it runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.drills.cron_paths import is_not_there, run_lost
from rehearsal.drills.promised_runs import promised_runs
from rehearsal.gateway.crontab import entries_of, installed_in_vain, unread
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import DOCUMENT, Runbook
from rehearsal.runbook.model import Place


@pytest.mark.weekly
@pytest.mark.section(DOCUMENT)
def test_cron_takes_the_crontab(gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """The crontab is one that cron takes, because of a file that it passes over nothing ever runs."""
    entries, table = entries_of(gateway), _table(gateway)
    for line, name in installed_in_vain(runbook.text, gateway):
        evidence.critical(f"`crontab {name}` installs a file that is not there", source=f"{runbook.path.name}:{line}")
    if why := unread(gateway.directory / table):
        evidence.critical(f"{table}: {why}")
    else:
        evidence.saw(f"{table}: {len(entries)} entries, each line ended as cron wants it")


@pytest.mark.weekly
@pytest.mark.section(DOCUMENT)
def test_crontab_holds_no_password(gateway: Gateway, evidence: Record) -> None:
    """No password stands in the crontab, because its lines stand in logs, mails and the list of processes."""
    entries, table = entries_of(gateway), _table(gateway)
    for entry in entries:
        if named := entry.secret:
            evidence.warning(
                f"{table}:{entry.line}: a password stands in the entry or above it: {named}",
                action="read it from a file of mode 600 (schedule.environment_file)",
            )
    evidence.saw(f"{table}: {len(entries)} entries were read")


@pytest.mark.weekly
@pytest.mark.section(DOCUMENT)
def test_crontab_runs_what_is_promised(gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """What a section says cron does stands in the crontab, because what nobody runs does not happen."""
    promised, table = list(promised_runs(runbook)), gateway.schedule.crontab
    if table is None or not promised:
        why = "gateway.toml names no crontab" if promised else "no section with a script says when cron runs it"
        raise NotOnThisTargetError(why)
    for one in promised:
        source = evidence.source(Place(one.section.line, one.section.heading))
        kept = one.kept_by(entries_of(gateway))
        if not kept:
            evidence.warning(
                f"expected an entry of {table} that runs `{one.scripts[0].text}`, found none: “{one.sentence}”",
                source=source,
            )
        elif other := one.misses(kept[0]) if len(kept) == 1 else "":
            evidence.warning(f"{table}:{kept[0].line} is due on {other}; the document: “{one.sentence}”", source=source)
        else:
            evidence.saw(f"{table}:{kept[0].line} runs `{kept[0].command}`, as '{one.section.heading}' says")


@pytest.mark.drill
@pytest.mark.section(DOCUMENT)
def test_cron_finds_its_scripts(replica: Replica, gateway: Gateway, evidence: Record) -> None:
    """An entry finds the script that it names where cron starts it, because what is not found never runs."""
    table = _table(gateway)
    for entry, name, run in run_lost(replica, gateway):
        evidence.ran(run)
        if is_not_there(run, name):
            evidence.critical(f"{table}:{entry.line}: run as cron does, `{entry.command}` {run.ending}")
    evidence.saw(f"{table}: the gateway's scripts in {len(entries_of(gateway))} entries were looked for")


def _table(gateway: Gateway) -> Path:
    if gateway.schedule.crontab is None:
        raise NotOnThisTargetError("gateway.toml names no crontab")
    return gateway.schedule.crontab
