"""Signals that end a run: it ends in order, and nothing takes its report."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

import pytest


class OrderlyEnd:
    """Makes SIGTERM what Ctrl-C is, and keeps both from a run that is ending already."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            self._before[signal.SIGTERM] = signal.signal(signal.SIGTERM, _interrupt)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Any:  # noqa: ANN401  a wrapper is a generator that passes on what it is sent
        """Wait with the end until the checks have been read; who asks for it twice need not wait.

        In the middle of an import an exception from a signal may meet code that runs in strings: Python then kills
        itself when the run is over, and pytest may fail to show where it was.
        """
        asked: list[int] = []

        def note(number: int, frame: FrameType | None) -> None:
            asked.append(number)
            if len(asked) > 1:
                _interrupt(number, frame)

        before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM) if self._before}
        try:
            result = yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        if asked:
            _interrupt(asked[0], None)
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Any:  # noqa: ANN401  a wrapper is a generator that passes on what it is sent
        """Let the report be written and replicas be closed: a second Ctrl-C changes nothing, both have deadlines."""
        if self._before:
            # Not SIG_IGN, which the programs that are started meanwhile would inherit.
            self._before[signal.SIGINT] = signal.signal(signal.SIGINT, _disregard)
            signal.signal(signal.SIGTERM, _disregard)
        return (yield)

    def pytest_unconfigure(self) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del frame
    msg = f"asked to end by {signal.Signals(number).name}"
    raise KeyboardInterrupt(msg)


def _disregard(number: int, frame: FrameType | None) -> None:
    del number, frame
