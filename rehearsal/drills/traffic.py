"""A client that goes on asking while a drill does something else, and counts what failed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rehearsal.gateway.target import TargetError

_PAUSE_SECONDS = 0.02
_END_SECONDS = 30


class Traffic:
    """Asks again and again in a thread, inside its `with` block."""

    def __init__(self, ask: Callable[[], object], pause: float = _PAUSE_SECONDS) -> None:
        """`ask` is one request; one that is not answered as it should be raises TargetError."""
        self._ask, self._pause = ask, pause
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="traffic", daemon=True)
        self.asked = 0
        self.failures: list[str] = []
        """What each failed request got, in a sentence."""
        self.silent_seconds = 0.0
        """The longest time without an answer."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(_END_SECONDS)

    def _go_on(self) -> None:
        answered = time.monotonic()
        while not self._ended.is_set():
            self.asked += 1
            try:
                self._ask()
            except TargetError as error:
                self.failures.append(str(error))
                self.silent_seconds = max(self.silent_seconds, time.monotonic() - answered)
            else:
                answered = time.monotonic()
            self._ended.wait(self._pause)
