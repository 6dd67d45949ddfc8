"""Mails handed in at a steady rate, through whatever happens meanwhile, as a good client does it."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

import httpx

from rehearsal.drills.ledger import Entry, Ledger, Said
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.replica.protocol import Replica

_INTERVAL_SECONDS, _LONGEST_INTERVAL = 0.2, 3.2
_CLIENTS = 4
_MOST = 400
"""Mails of one drill, however long it takes."""
_IMPATIENT, _FORGETFUL = 4, 5
"""One client of so many gives up when it is refused; one asks again although it had its answer."""


class Stream:
    """Hands in mails beside a drill, from the block's beginning to its end."""

    def __init__(self, replica: Replica, gateway: Gateway, ledger: Ledger) -> None:
        self._replica, self._gateway, self._ledger = replica, gateway, ledger
        self._stop = threading.Event()
        self._interval = _INTERVAL_SECONDS
        self._asked: set[str] = set()
        self._pool = ThreadPoolExecutor(_CLIENTS)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._broken: list[BaseException] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop handing in, and wait for the answers that are still out."""
        self._stop.set()
        self._thread.join()
        self._pool.shutdown(wait=True)
        if self._broken and error is None:
            raise self._broken[0]

    def _run(self) -> None:
        out: list[Future[None]] = []
        number = 0
        while not self._stop.wait(self._interval):
            out = [one for one in out if not one.done()]
            if len(out) < _CLIENTS and number < _MOST:
                out.append(self._pool.submit(self._guarded, number))
                number += 1

    def _guarded(self, number: int) -> None:
        try:
            with Http(self._replica, self._gateway.http) as http:
                self._hand_in(http, number)
        except BaseException as error:  # noqa: BLE001  told when the block ends: a thread's own end nobody hears of
            self._broken.append(error)

    def _hand_in(self, http: Http, number: int) -> None:
        again = next((one for one in self._ledger.entries if one.open and self._claims(one)), None)
        if again:
            self._ledger.offer_again(http, again.key)
            self._asked.discard(again.key)
        entry = self._ledger.offer(http, patient=number % _IMPATIENT != _IMPATIENT - 1)
        last = entry.replies[-1]
        if last.said is Said.ACCEPTED and number % _FORGETFUL == 0:
            self._ledger.offer_again(http, entry.key)
        if last.status == httpx.codes.TOO_MANY_REQUESTS:
            self._interval = min(self._interval * 2, _LONGEST_INTERVAL)

    def _claims(self, entry: Entry) -> bool:
        """Take a mail in hand, unless another client has it."""
        if not entry.replies or entry.key in self._asked:
            return False
        self._asked.add(entry.key)
        return True
