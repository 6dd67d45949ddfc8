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
