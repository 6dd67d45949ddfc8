"""The lists of files that the document names: logs and scripts."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from rehearsal.runbook.inline import is_command
from rehearsal.runbook.model import Problem, Step
from rehearsal.runbook.parts import Document
from rehearsal.runbook.resembling import those_that_mean

CHAPTERS: dict[Literal["log", "script"], str] = {"log": "Important Logs", "script": "Monitoring Scripts"}


def read_paths(document: Document, about: Literal["log", "script"]) -> tuple[Step, ...]:
    """Read the list under `Logs Importantes` or `Scripts de Monitoramento`: of each item its inline code.

    An item without any is taken at its first word when that has a slash; else it becomes a problem of the document.
    """
    found: list[Step] = []
    chapters = those_that_mean((part.heading for part in document.parts), CHAPTERS[about])
    for part in document.parts:
        for item in part.items if part.heading in chapters else []:
            if item.codes and is_command(item.codes[0].text) and "/" not in item.codes[0].text:
                continue  # `docker compose logs` is how a log is read, not where it is
            words = item.step.text.split() or [""]
            path = item.codes[0].text if item.codes else words[0] if "/" in words[0] else ""
            if path:
                found.append(replace(item.step, text=path))
            else:
                message = f"expected a path such as `./logs/`, found `{item.step.text}`"
                document.problems.append(Problem(about, "", message, part.place(item.step.line)))
    return tuple(found)
