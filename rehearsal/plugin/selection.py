"""Which checks run: what a check must declare, and what an empty selection means."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from _pytest.mark.expression import Expression  # No public name has it.

from rehearsal.runbook import DOCUMENT, Runbook
from rehearsal.runbook.vocabulary import in_english, means

CHECKS = "checks"
RHYTHMS = {"daily", "weekly", "monthly", "drill"}
"""Each check has one of these markers, or no run by marker would ever select it."""
_RHYTHM = re.compile(rf"\bmark\.({'|'.join(sorted(RHYTHMS))})\b")


def is_check(item: pytest.Item) -> bool:
    """Tell whether a test verifies the runbook, and so has an outcome of the result model."""
    return item.get_closest_marker("section") is not None


def section_of(item: pytest.Item) -> tuple[str, ...]:
    """Return the heading that a check names, with the headings above it where it gives them, outermost first."""
    marker = item.get_closest_marker("section")
    return tuple(str(part) for part in marker.args) if marker else ()


def looks_at_checks(config: pytest.Config) -> bool:
    """Tell whether the paths on the command line, or testpaths, hold checks."""
    root = config.rootpath / CHECKS
    return any(root == place or root in place.parents or place in root.parents for place in _places(config))


def need_not_read(path: Path, config: pytest.Config) -> bool:
    """Tell whether `-m` names one rhythm and a file of checks declares only others; one that was asked for is read.

    The daily checks are run by hand and over many hosts; to import what the drills stand on takes a while each time.
    """
    rhythm = config.option.markexpr
    if rhythm not in RHYTHMS or path.suffix != ".py" or config.rootpath / CHECKS not in path.parents:
        return False
    declared = set(_RHYTHM.findall(path.read_text(encoding="utf-8", errors="replace")))
    return bool(declared) and rhythm not in declared and path not in _places(config)


def demand_declarations(items: list[pytest.Item], root: Path) -> None:
    """Refuse checks that don't say what they verify.

    Raises pytest.UsageError for a check without a section, a rhythm, or a docstring to be its title, and for
    one that only reads by its marker and takes a replica.
    """
    for item in items:
        if root / CHECKS not in item.path.parents:
            continue
        function = getattr(item, "function", None)
        if not section_of(item):
            msg = f"{item.nodeid} does not name the section that it verifies: add @pytest.mark.section('the heading')"
            raise pytest.UsageError(msg)
        if not RHYTHMS & {marker.name for marker in item.iter_markers()}:
            add = "add @pytest.mark.daily, .weekly or .monthly if it only reads, else .drill"
            msg = f"{item.nodeid} has no rhythm: {add}"
            raise pytest.UsageError(msg)
        if item.get_closest_marker("drill") is None and "replica" in getattr(item, "fixturenames", ()):
            msg = f"{item.nodeid} only reads, by its marker, and takes a replica to break: mark it as a drill"
            raise pytest.UsageError(msg)
        if not (function.__doc__ or "").strip():
            msg = (
                f"{item.nodeid} has no docstring: write one sentence, the property and why it matters; it is its title"
            )
            raise pytest.UsageError(msg)


def demand_sections(items: list[pytest.Item], config: pytest.Config, runbook: Runbook) -> None:
    """Refuse checks of the project's own runbook that name a heading which nobody knows: it is misspelt.

    A heading that is known elsewhere (rehearsal.runbook.vocabulary) has gone from the document, and a document that
    the command line names is not ours: there the check is `unknown`, and the others run. Raises pytest.UsageError.
    """
    if config.getoption("gateway") is not None or config.getoption("runbook") is not None:
        return
    for item in items:
        for heading in section_of(item) if config.rootpath / CHECKS in item.path.parents else ():
            known = heading == DOCUMENT or in_english(heading)
            if not known and not any(means(one.heading, heading) for one in runbook.sections):
                msg = (
                    f"{item.nodeid} names the section '{heading}', which {runbook.path.name} does not have: write its"
                    " heading as it stands there"
                )
                raise pytest.UsageError(msg)


def demand_expressions(config: pytest.Config) -> None:
    """Refuse `-m` and `-k` that can't be read. Raises pytest.UsageError.

    pytest does so by itself, once it has collected: with `-n` that is in the workers, and ends in a traceback.
    """
    for option, expression in (("-m", config.option.markexpr), ("-k", config.option.keyword)):
        try:
            Expression.compile(expression)
        except SyntaxError as error:
            expected = f"expected {option} to name markers or words with `and`, `or`, `not` between"
            msg = f"{expected}, got '{expression}': {error.msg} at its character {error.offset}"
            raise pytest.UsageError(msg) from None


def takes_all(session: pytest.Session) -> bool:
    """Tell whether a run was asked for all checks, and has not been cut short."""
    option, root = session.config.option, session.config.rootpath / CHECKS
    narrowed = ("markexpr", "keyword", "deselect", "lf", "ignore", "ignore_glob", "stepwise", "collectonly")
    if any(getattr(option, name, None) for name in narrowed) or session.shouldfail or session.shouldstop:
        return False
    return any(place == root or place in root.parents for place in _places(session.config))


def _places(config: pytest.Config) -> list[Path]:
    return [Path(config.invocation_params.dir, str(argument).split("::")[0]) for argument in config.args]


def why_nothing_ran(config: pytest.Config, collected: int) -> str:
    """Say in one sentence why no check ran, and what to do."""
    expression, keyword = config.getoption("markexpr"), config.getoption("keyword")
    asked = " and ".join(
        part for part in (f"-m '{expression}'" if expression else "", f"-k '{keyword}'" if keyword else "") if part
    )
    if asked:
        # Files that declare other rhythms were not even read.
        none = f"none of {collected} checks" if collected else "no check"
        return f"{asked} selects {none}: nothing was verified; see `pytest --collect-only -q`"
    return "no check was found where pytest looked: nothing was verified; see `pytest --collect-only -q`"
