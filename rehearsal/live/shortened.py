"""What a command said, cut to the length that a report can hold."""

from __future__ import annotations

from dataclasses import replace

from rehearsal.gateway.target import CommandRun

LIMIT = 100_000


def shortened(run: CommandRun) -> CommandRun:
    """Return the run with the middle of a long output left out."""
    return replace(run, stdout=_cut(run.stdout), stderr=_cut(run.stderr))


def _cut(text: str) -> str:
    if len(text) <= LIMIT:
        return text
    half = LIMIT // 2
    return f"{text[:half]}\n… {len(text) - LIMIT} characters left out …\n{text[-half:]}"
