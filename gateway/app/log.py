"""Log lines: time in UTC, level, who, what. Plain text on standard output, no secrets."""

from __future__ import annotations

import logging
import sys
import time


def start_logging() -> None:
    """Send the log of this process to standard output, from INFO on."""
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # uvicorn writes its ordinary news under the name `uvicorn.error`, which who reads the log takes for one.
    logging.getLogger("uvicorn.error").name = "uvicorn"
    # The pool reports every attempt to reconnect; `Outage` says once that a server is gone, and once that it is back.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)


class Outage:
    """One line when something goes away and one when it is back, however often it is asked in between."""

    def __init__(self, logger: logging.Logger, what: str) -> None:
        self._logger = logger
        self._what = what
        self._away = False

    def away(self, reason: BaseException) -> None:
        """Say that it does not answer, once."""
        if not self._away:
            self._logger.warning("%s does not answer (%s)", self._what, type(reason).__name__)
        self._away = True

    def back(self) -> None:
        """Say that it answers again, once."""
        if self._away:
            self._logger.info("%s answers again", self._what)
        self._away = False
