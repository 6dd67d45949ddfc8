"""Where the runbook says what to do when a service fails."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rehearsal.gateway.aliases import names_of_services
from rehearsal.gateway.description import Gateway
from rehearsal.runbook import Command, Runbook, RunbookError, section

HEADINGS = {
    "nginx": "API Indisponível",
    "api": "API Indisponível",
    "worker": "Worker Parado",
    "postgres": "Banco de Dados Indisponível",
    "redis": "Redis Indisponível",
}
"""For each service of gateway.toml the section of the runbook for its failure."""
_LOGS_OF = re.compile(r"\bdocker\b.*?\blogs\b(?P<words>[^|;&>]*)")


def log_of_another(service: str, commands: Iterable[Command], gateway: Gateway) -> Command | None:
    """Return a command of a service's section that shows the log of another, where none shows that of its own."""
    names, shown = names_of_services(gateway), None
    for command in commands:
        if found := _LOGS_OF.search(command.text):
            services = {names[word] for word in found["words"].split() if word in names}
            if not services or any(HEADINGS[one] == HEADINGS[service] for one in services):
                return None
            shown = shown or command
    return shown


def what_to_do(runbook: Runbook, service: str) -> str:
    """Return the runbook's next steps for a failed service, in its own words; empty where it has none."""
    try:
        found = section(runbook, HEADINGS[service])
    except RunbookError:
        return ""
    steps = " ".join(f"{step.number}. {step.text}" for step in found.steps)
    return f"{found.heading} ({runbook.path.name}:{found.line}): {steps}".rstrip(": ")
