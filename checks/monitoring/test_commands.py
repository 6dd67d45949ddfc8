"""The commands of "Verificações Diárias": what people are told to type each morning works."""

from __future__ import annotations

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import has_no_meaning, run_commands, what_is_wrong, written_for_compose1
from rehearsal.gateway.target import Target
from rehearsal.plugin import Record
from rehearsal.plugin.monitor_backups import finds_no_backups
from rehearsal.runbook import Runbook, procedure

HEADINGS = {
    "services": "Status dos Serviços",
    "resources": "Monitoramento de Recursos",
    "connectivity": "Verificação de Conectividade",
}

COMPOSE2 = "write `docker compose`, or say in the runbook that it serves, too"
DECLARE = "if it only reads, list it in live.read_only of gateway.toml"


@pytest.mark.daily
@pytest.mark.parametrize(
    "heading",
    [pytest.param(heading, marks=pytest.mark.section(heading), id=name) for name, heading in HEADINGS.items()],
)
def test_commands_work(heading: str, gateway: Gateway, target: Target, runbook: Runbook, evidence: Record) -> None:
    """Each command of a daily section works, because nobody wants to mend the runbook at three in the morning."""
    written = procedure(runbook, heading)
    part = gateway.replica if target.is_replica else gateway.live
    run = run_commands(target, written.commands, timeout=part.command_timeout_seconds)
    evidence.ran_all(run)
    for command in run.commands:
        source = evidence.at(written.place, command.line)
        wrong = what_is_wrong(command)
        if command.refused:
            evidence.unknown(f"`{command.command}` was not run: {command.refused}", action=DECLARE, source=source)
        elif command.never_ran or has_no_meaning(command):
            evidence.unknown(f"`{command.command}` {wrong}", source=source)
        elif wrong and target.is_replica and finds_no_backups(command, runbook):
            evidence.saw(f"`{command.command}` {wrong}: a fresh replica has no backups, and its own check judges it")
        elif wrong:
            evidence.critical(f"`{command.command}` {wrong}", source=source)
    old = next((command for command in run.commands if written_for_compose1(target, command.command)), None)
    if old and "docker compose" not in runbook.text:
        words = f"`{old.command}` ran as `docker compose`: expected docker-compose on {target.name}, found none"
        evidence.warning(words, action=COMPOSE2, source=evidence.at(written.place, old.line))
