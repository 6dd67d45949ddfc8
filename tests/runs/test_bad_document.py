"""Whatever a check names in the document is missing, doubled, empty or nonsense: no such check is ever green."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.runbook import Runbook, read_runbook
from rehearsal.runbook.promises import promises_of
from tests.runs.running import ROOT, Place, Run

BLIND = ("-p", "tests.runs.blind", "-p", "no:xdist", "--language=en")
FENCE = re.compile(r"^\s*(```|~~~)")


def without_headings(runbook: Runbook) -> str:
    """Return the document with no heading that anybody knows, but for its title."""
    lines = runbook.text.split("\n")
    for number, one in enumerate(runbook.sections[1:]):
        lines[one.line - 1] = f"{'#' * one.level} Qualquer {number}"
    return "\n".join(lines)


def with_headings_doubled(runbook: Runbook) -> str:
    """Return the document with each section twice."""
    _, _, rest = runbook.text.partition("\n## ")
    return f"{runbook.text}\n## {rest}"


def with_empty_sections(runbook: Runbook) -> str:
    """Return the document's headings with nothing under them."""
    return "\n\n".join(f"{'#' * one.level} {one.heading}" for one in runbook.sections)


@pytest.fixture(scope="module")
def reference() -> Runbook:
    """The reference runbook."""
    return read_runbook(ROOT / "gateway" / "RUNBOOK.md")


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What all checks say that are content with the document as it is, and look at nothing else."""
    results: list[dict[str, Any]] = Place(Path(tmp_path_factory.mktemp("blind"))).rehearse(*BLIND).report["results"]
    assert len(results) > 40
    assert {one["outcome"] for one in results} == {"ok"}
    return results


@pytest.mark.parametrize("spoil", [without_headings, with_headings_doubled, with_empty_sections])
def test_no_check_of_a_spoilt_section_is_green(
    reference: Runbook, blind: list[dict[str, Any]], tmp_path: Path, spoil: Callable[[Runbook], str]
) -> None:
    """Each check of the house is unknown where its heading is missing, doubled or empty, whatever it saw itself."""
    place, healthy = Place(tmp_path), blind
    (place.gateway / "RUNBOOK.md").write_text(spoil(reference))
    spoilt = place.rehearse(*BLIND).report["results"]
    assert {one["node_id"] for one in healthy} == {one["node_id"] for one in spoilt}
    of_a_section = [one for one in spoilt if not _is_of_the_whole(one, healthy)]
    assert len(of_a_section) > 30
    assert {one["node_id"]: one["outcome"] for one in of_a_section if one["outcome"] != "unknown"} == {}
    assert [one["message"] for one in of_a_section if "RUNBOOK.md" not in one["message"]] == []


def _is_of_the_whole(result: dict[str, Any], healthy: list[dict[str, Any]]) -> bool:
    """Tell whether a check is about the document itself: its title is its section."""
    return any(one["section_line"] == 1 for one in healthy if one["node_id"] == result["node_id"])


def nonsense(runbook: Runbook) -> str:
    """Return the document with its headings and prose, and every command, row, step and item made into nonsense."""
    lines = runbook.text.split("\n")
    for one in runbook.sections:
        for promise in promises_of(one):
            if promise.kind == "row":
                lines[promise.line - 1] = re.sub(r"\|[^|]+", "| ??? ", lines[promise.line - 1]).rstrip("? ")
            elif promise.kind in ("step", "item"):
                found = re.match(r"\s*(?:[-*+]|\d+[.)])\s", lines[promise.line - 1])
                lines[promise.line - 1] = f"{found[0] if found else '- '}???"
    return "\n".join(_without_blocks(lines))


def _without_blocks(lines: list[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        if FENCE.match(line):
            inside = not inside
            yield "Peça a alguém que olhe." if inside else ""
        elif not inside:
            yield line


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, reference: Runbook) -> tuple[Run, Run]:
    """The checks that only read, by the document as it is and by one whose every line is nonsense."""
    arguments = ("-m", "not drill", "--replica=processes", "--language=en")
    healthy = Place(Path(tmp_path_factory.mktemp("healthy")))
    spoilt = Place(Path(tmp_path_factory.mktemp("spoilt")))
    (spoilt.gateway / "RUNBOOK.md").write_text(nonsense(reference))
    return healthy.rehearse(*arguments), spoilt.rehearse(*arguments)


def test_no_check_of_nonsense_is_green(runs: tuple[Run, Run]) -> None:
    """A check that has looked at a line of the document is not content where that line is nonsense."""
    healthy, spoilt = runs
    after = {one["node_id"]: one for one in spoilt.report["results"]}
    readers = [one for one in healthy.report["results"] if one["lines"] and one["section_line"] != 1]
    assert len(readers) > 8
    green = {
        one["node_id"]: after[one["node_id"]]["message"] for one in readers if after[one["node_id"]]["outcome"] == "ok"
    }
    assert green == {}
    broken = [one["message"] for one in spoilt.report["results"] if "the check itself broke" in one["message"]]
    assert broken == []
