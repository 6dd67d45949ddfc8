"""The document against the checks: whatever it promises, some check looks at."""

from __future__ import annotations

import pytest

from rehearsal.plugin import Record
from rehearsal.plugin.coverage import nothing_verifies
from rehearsal.results.model import Coverage
from rehearsal.runbook import DOCUMENT, Runbook
from rehearsal.runbook.model import Place
from rehearsal.runbook.prose import only_introduces, prose_at

WRITE = "write a check for it, or let one that sees it say evidence.covers(line): see CONTRIBUTING.md"


@pytest.mark.monthly
@pytest.mark.section(DOCUMENT)
def test_nothing_is_left_unverified(coverage: tuple[Coverage, ...], runbook: Runbook, evidence: Record) -> None:
    """Each section, command, row and step is verified by some check, because a promise that nobody sees is a hope."""
    written = runbook.text.split("\n")
    for section, lines in nothing_verifies(coverage):
        if not lines and only_introduces(section.heading, prose_at(runbook, section.line)):
            evidence.saw(f"'{section.heading}' only introduces: nothing in it could be looked at")
            continue
        what = ", ".join(f"{one.what} in line {one.line} (“{written[one.line - 1].strip()[:40]}”)" for one in lines)
        message = f"expected a check for all of '{section.heading}', found none for: {what or 'what it says'}"
        evidence.warning(message, action=WRITE, source=evidence.source(Place(section.line, section.heading)))
    seen = sum(bool(one.checks) for section in coverage for one in section.items)
    evidence.saw(f"{seen} of {sum(len(one.items) for one in coverage)} lines of the document were verified")
