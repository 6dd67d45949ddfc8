"""Where the runbook says what to do when a service fails."""

from __future__ import annotations

from rehearsal.runbook import Runbook, RunbookError, section

HEADINGS = {
    "nginx": "API Indisponível",
    "api": "API Indisponível",
    "worker": "Worker Parado",
    "postgres": "Banco de Dados Indisponível",
    "redis": "Redis Indisponível",
}
"""For each service of gateway.toml the section of the runbook for its failure."""


def what_to_do(runbook: Runbook, service: str) -> str:
    """Return the runbook's next steps for a failed service, in its own words; empty where it has none."""
    try:
        found = section(runbook, HEADINGS[service])
    except RunbookError:
        return ""
    steps = " ".join(f"{step.number}. {step.text}" for step in found.steps)
    return f"{found.heading} ({runbook.path.name}:{found.line}): {steps}".rstrip(": ")
