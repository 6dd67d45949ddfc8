"""Section "Scripts de Monitoramento", and each script that the document names anywhere."""

from __future__ import annotations

import pytest

from rehearsal.drills.named_logs import fault_of_script, write_logs
from rehearsal.gateway.date_formats import doubtful_formats
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import has_no_meaning, what_is_wrong
from rehearsal.gateway.programs import scripts_in
from rehearsal.gateway.scripts import faults_of, scripts_named
from rehearsal.gateway.target import Target
from rehearsal.plugin import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import DOCUMENT, Runbook, RunbookError, section
from rehearsal.runbook.model import Place
from rehearsal.runbook.review import commands_of

HEADING = "Scripts de Monitoramento"


@pytest.mark.weekly
@pytest.mark.section(HEADING)
def test_scripts_can_be_run(gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """Each script that the document names is there, executable and without syntax errors: it is needed in a hurry."""
    under = section(runbook, HEADING)
    if not runbook.scripts:
        msg = f"{runbook.path}:{under.line}: '{under.heading}': expected a list of scripts, found none"
        raise RunbookError(msg)
    for script in scripts_named(runbook):
        above = [one.heading for one in runbook.sections if one.line <= script.line]
        for fault in faults_of(target, script, timeout=gateway.live.command_timeout_seconds):
            evidence.critical(
                f"expected {script.path} to be ready to run: {fault}",
                source=evidence.source(Place(script.line, above[-1])),
            )
        evidence.saw(f"{script.path} was read")
    evidence.covers(*(step.line for step in runbook.scripts))


@pytest.mark.weekly
@pytest.mark.section(DOCUMENT)
def test_dates_are_of_one_moment(gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """A format of dates names one moment, or the backup of an evening takes the place of one of that morning."""
    texts = [(str(path), 1, text) for path, text in scripts_in(gateway.directory)]
    texts += [(runbook.path.name, one.line, one.text) for one in commands_of(runbook)]
    for place, first, text in texts:
        for line, said, why in doubtful_formats(text):
            evidence.critical(f"`{said}`: {why}", source=f"{place}:{first + line - 1}")
    evidence.saw(f"{len(texts)} scripts and commands were read")


@pytest.mark.drill
@pytest.mark.section(HEADING)
def test_scripts_measure(gateway: Gateway, replica: Replica, runbook: Runbook, evidence: Record) -> None:
    """Each script of the list can measure a healthy gateway with fresh backups, because silence is no good news."""
    under = section(runbook, HEADING)
    for run in write_logs(replica, runbook, gateway)[1]:
        evidence.ran(run)
        source = evidence.at(Place(under.line, HEADING), run.line)
        if run.never_ran or has_no_meaning(run):
            evidence.unknown(f"`{run.command}` {what_is_wrong(run)}", source=source)
        elif fault := fault_of_script(run):
            evidence.critical(f"`{run.command}` {fault}", source=source)
        elif not run.stdout.strip():
            evidence.critical(f"`{run.command}` exited {run.exit_code} and said nothing", source=source)
