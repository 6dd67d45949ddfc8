"""What a person types for a numbered step."""

from __future__ import annotations

import pytest

from rehearsal.drills.numbered_steps import parts_of
from rehearsal.runbook import RunbookError
from tests.runbook.reading import read_text

DOCUMENT = """\
# R

## Disk

1. Logs: [Clean the logs](#logs)
2. Old images: [Prune](#by-hand)

## Logs

### By itself

```bash
./rotate
```

### By hand

```bash
./prune
./check
```
"""


def test_link_to_a_chapter_means_its_sections() -> None:
    """A section with commands means them, one without those of the sections below it, in their order."""
    first, second = parts_of(read_text(DOCUMENT), "Disk")
    assert [one.text for one in first.commands] == ["./rotate", "./prune", "./check"]
    assert [one.text for one in second.commands] == ["./prune", "./check"]


def test_link_to_nothing_that_can_be_typed() -> None:
    """A section without any command, and a heading that is not there, are errors with their line."""
    with pytest.raises(RunbookError, match=r"RUNBOOK\.md:8: 'Logs': expected commands"):
        parts_of(read_text(DOCUMENT.partition("### By itself")[0].replace("#by-hand", "#logs")), "Disk")
    with pytest.raises(RunbookError, match=r"RUNBOOK\.md:6: .*#elsewhere"):
        parts_of(read_text(DOCUMENT.replace("#by-hand", "#elsewhere")), "Disk")
