"""A service that ends by itself in the moment in which it is told to."""

from __future__ import annotations

import signal
import subprocess
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rehearsal.replica.processes.supervisor.service import Service


@pytest.fixture
def just_ended() -> Service:
    """A service whose process is gone, and of which the supervisor does not know it yet."""
    with subprocess.Popen(["true"]) as process:
        process.wait()
    ended = threading.Event()
    ended.set()
    plan = SimpleNamespace(stop_signal=signal.SIGTERM, stop_seconds=1)
    service = Service(cast("Any", plan), cast("Any", None), cast("Any", None), "/dev/null")
    child = SimpleNamespace(pid=process.pid, code=None, ended=ended)
    service._child = cast("Any", child)  # noqa: SLF001  no other way to be in between
    return service


def test_stop_of_one_that_just_ended(just_ended: Service) -> None:
    """It has stopped, which is what was asked for."""
    just_ended.stop()


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_kill_of_one_that_just_ended(number: signal.Signals, just_ended: Service) -> None:
    """A signal that comes too late is no error."""
    just_ended.kill(number)
