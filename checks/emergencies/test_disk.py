"""Section "Espaço em Disco Baixo"."""

from __future__ import annotations

import pytest

from rehearsal.drills.full_disk import HEADING, FullDisk
from rehearsal.gateway.description import Gateway
from rehearsal.plugin import Record
from rehearsal.plugin.numbered_steps import judge_steps
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, section, threshold
from rehearsal.runbook.model import Place

pytestmark = [pytest.mark.drill, pytest.mark.section(HEADING)]


def test_steps_free_the_disk(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """The steps bring a disk back below its warning level and delete nothing that must be kept."""
    heading, row = section(runbook, HEADING), threshold(runbook, "Disco")
    seen = FullDisk(replica, gateway, runbook).clean()
    judge_steps(seen.parts, seen.run, Place(heading.line, heading.heading), runbook, evidence)
    source = evidence.source(Place(heading.line, heading.heading))
    if seen.run is None:
        evidence.unknown("the section gives no command that would free the disk", source=source)
    elif row.warning.crossed_by(seen.after):
        found = f"{seen.after:.3g} % are used after the steps, {seen.before:.3g} % before"
        evidence.critical(f"expected the steps to clear away old logs, and {found}", source=source)
    for problem in seen.problems:
        evidence.critical(problem, source=source)
    evidence.saw(f"from {seen.before:.3g} % to {seen.after:.3g} %; {seen.kept} files that must be kept were looked for")


def test_full_disk_loses_no_mail(replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record) -> None:
    """With a full disk no accepted mail is lost, and freed again all goes on, as nobody can do by hand."""
    heading = section(runbook, HEADING)
    seen = FullDisk(replica, gateway, runbook).fill_up()
    for problem in seen.problems:
        evidence.critical(problem, source=evidence.source(Place(heading.line, heading.heading)))
    evidence.saw(f"with a full disk {seen.accepted} mails were accepted and {seen.refused} refused")
