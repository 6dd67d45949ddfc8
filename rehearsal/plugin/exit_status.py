"""When a run fails beyond what pytest sees: it verified nothing, or warnings count as failures."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rehearsal.plugin.selection import why_nothing_ran
from rehearsal.plugin.state import RunState
from rehearsal.results.model import Outcome
from rehearsal.results.waivers import notes


def settle_exit_status(session: pytest.Session, state: RunState) -> None:
    """Fail a run that verified nothing, and with `--fail-on=warning` one that found a warning; note what to know."""
    results = list(state.results.values())
    outcomes = {result.outcome for result in results}
    state.notes += notes(state.waivers, results, datetime.now(UTC).date())
    if session.exitstatus == pytest.ExitCode.INTERRUPTED:
        state.notes.append(f"Interrupted: {len(results)} of {session.testscollected} checks had ended.")
    elif session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        state.notes.append(why_nothing_ran(session.config, state.found))
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    elif session.exitstatus == pytest.ExitCode.USAGE_ERROR:
        state.notes.append("Nothing was verified: the command line asks for what there is not.")
    elif session.exitstatus == pytest.ExitCode.OK:
        if not outcomes - {Outcome.NOT_APPLICABLE}:
            state.notes.append("Nothing was verified: every check was not applicable on this target.")
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif Outcome.WARNING in outcomes and session.config.getoption("fail_on") == "warning":
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
