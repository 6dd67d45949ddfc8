"""Begins a run again where pytest has taken the value of one of our options for the place of its configuration."""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

import pytest


def begin_again_if_misled(config: pytest.Config) -> None:
    """Replace this process by a pytest that is told where its configuration is, if it has found none.

    In `pytest --runbook ../runbook.md` pytest does not know the option yet when it looks for its configuration, takes
    the file for a test, and looks beside it. A folder of reports that is still to be made misleads nobody here, but the
    workers of this run, which look when it has been made, and can't begin again.
    """
    arguments = list(config.invocation_params.args)
    settings = Path(config.invocation_params.dir, "pyproject.toml")
    ours = [value for option, value in itertools.pairwise(arguments) if option in OPTIONS_WITH_PATHS]
    misled = config.inipath is None or any(not Path(value).exists() for value in ours)
    known = "-c" in arguments or not (settings.is_file() and (settings.parent / "conftest.py").is_file())
    if ours and misled and not known:
        # pytest's capture has taken the standard streams by now; the new process is to have them back.
        config.pluginmanager.getplugin("capturemanager").stop_global_capturing()
        os.execv(sys.executable, [sys.executable, "-m", "pytest", "-c", str(settings), *map(str, arguments)])  # noqa: S606


OPTIONS_WITH_PATHS = ("--gateway", "--runbook", "--report-dir")
