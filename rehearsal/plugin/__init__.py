"""The pytest plugin: the one place where the library meets pytest."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from rehearsal.plugin.again import begin_again_if_misled
from rehearsal.plugin.artefacts import begin_artefacts
from rehearsal.plugin.closing import Closing, Postponing
from rehearsal.plugin.hosts import REPLICA, refuse_drill_on_live, repeat_for_each, spec_of
from rehearsal.plugin.judging import add_teardown, result_of
from rehearsal.plugin.options import add_options, prepare, report_root
from rehearsal.plugin.record import Record
from rehearsal.plugin.selection import (
    demand_declarations,
    demand_expressions,
    demand_sections,
    is_check,
    looks_at_checks,
    need_not_read,
)
from rehearsal.plugin.signals import OrderlyEnd
from rehearsal.plugin.state import STATE, RunState, record_of
from rehearsal.plugin.terminal import Terminal
from rehearsal.plugin.workers import FromWorkers, ToController, choose_distribution, tell
from rehearsal.reports import terminal
from rehearsal.results.model import Outcome
from rehearsal.results.serial import encode

__all__ = ["REPLICA", "STATE", "Record", "RunState", "record_of", "report_root", "spec_of"]

pytest_addoption = add_options


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """See to it that the configuration is this project's before anything stands on it."""
    begin_again_if_misled(early_config)


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, object, object]:
    """Keep one host's checks together where pytest-xdist spreads them over workers."""
    if looks_at_checks(config):
        choose_distribution(config)
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Prepare a run, where the command line asks for checks and not for the project's own tests."""
    if config.option.help or config.option.version or not looks_at_checks(config):
        return
    demand_expressions(config)
    state = prepare(config)
    config.stash[STATE] = state
    artefacts = begin_artefacts(state, config)
    if artefacts is not None:
        config.pluginmanager.register(artefacts, "rehearsal-artefacts")
    config.pluginmanager.register(Postponing(state), "rehearsal-postponing")
    if hasattr(config, "workerinput"):
        config.pluginmanager.register(ToController(state), "rehearsal-to-controller")
        return
    config.pluginmanager.register(Terminal(state, artefacts), "rehearsal-terminal")
    config.pluginmanager.register(OrderlyEnd(), "rehearsal-signals")
    if artefacts is not None:
        config.pluginmanager.register(Closing(state, artefacts), "rehearsal-closing")
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(FromWorkers(state, artefacts), "rehearsal-from-workers")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files of which `-m` selects nothing."""
    return True if need_not_read(collection_path, config) else None


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a check of each host, where there are several."""
    if (state := metafunc.config.stash.get(STATE, None)) is not None:
        repeat_for_each(metafunc, state.specs)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse checks that don't say what they verify, and count those that do before any is deselected."""
    demand_declarations(items, config.rootpath)
    if (state := config.stash.get(STATE, None)) is not None:
        demand_sections(items, config, state.runbook)
        state.found = len(items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Refuse a drill on a live target before anything is opened."""
    if (state := item.config.stash.get(STATE, None)) is not None:
        refuse_drill_on_live(item, state.specs)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give a check's report its result, and pytest the nearest of its own outcomes."""
    report = yield
    state = item.config.stash.get(STATE, None)
    if state is None or not is_check(item):
        return report
    if call.when == "call" or (call.when == "setup" and call.excinfo is not None):
        result = result_of(item, call, state)
    elif call.excinfo is not None and item.nodeid in state.results:
        result = state.redactor.values(add_teardown(state.results[item.nodeid], call.excinfo))
    else:
        return report
    state.results[result.node_id] = result
    report.rehearsal = encode(result)  # type: ignore[attr-defined]
    if hasattr(item.config, "workerinput"):
        tell(report, state, spec_of(item, state.specs))
    item.user_properties += [("outcome", result.outcome.value), ("section", result.section), ("target", result.target)]
    report.sections = [(name, state.redactor.text(text)) for name, text in report.sections]
    if result.outcome.fails:
        report.outcome, report.longrepr = "failed", terminal.finding_block(result)
    elif result.outcome in (Outcome.WAIVED, Outcome.NOT_APPLICABLE):
        reason = f"{result.outcome.value.replace('_', ' ')}: {result.message}"
        report.outcome, report.longrepr = "skipped", (str(item.path), item.location[1] or 0, reason)
    else:
        report.outcome, report.longrepr = "passed", None
    return report
