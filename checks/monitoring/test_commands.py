"""The commands of "Verificações Diárias": what people are told to type each morning works."""

from __future__ import annotations

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import run_commands, what_is_wrong
from rehearsal.gateway.target import Target
from rehearsal.plugin import Record
from rehearsal.runbook import Runbook, procedure

HEADINGS = {
    "services": "Status dos Serviços",
    "resources": "Monitoramento de Recursos",
    "connectivity": "Verificação de Conectividade",
}


@pytest.mark.daily
@pytest.mark.parametrize(
    "heading",
    [pytest.param(heading, marks=pytest.mark.section(heading), id=name) for name, heading in HEADINGS.items()],
)
def test_commands_work(heading: str, gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """Each command of a daily section works, because nobody wants to mend the runbook at three in the morning."""
    written = procedure(runbook, heading)
    run = run_commands(target, written.commands, timeout=gateway.replica.command_timeout_seconds)
    evidence.ran_all(run)
    for command in run.commands:
        wrong = what_is_wrong(command)
        if wrong:
            evidence.critical(f"`{command.command}` {wrong}", source=evidence.at(written.place, command.line))
