"""The files of a live host, read in pieces through the connection that all commands share."""

from __future__ import annotations

import base64
import binascii
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rehearsal.backups.host import HostFile, list_script, listed, sum_script, summed
from rehearsal.gateway.target import CommandRun, TargetError

_PIECE_MIB = 8
"""MiB that one command hands over: as text a third more, well below the limit of a command's output."""


@dataclass(frozen=True, slots=True)
class LiveFiles:
    """What `rehearsal.backups` asks of a host."""

    name: str
    ask: Callable[[str, float], CommandRun]
    """A script of this module, which only reads, and seconds -> how it ended. Raises TargetError."""

    def list_files(self, folder: str, *, timeout: float) -> Sequence[HostFile]:
        """Return the plain files in a folder, none where there is no such folder. Raises TargetError."""
        return listed(self.ask(list_script(folder), timeout), folder, self.name)

    def sha256(self, path: str, *, timeout: float) -> str:
        """Return a file's SHA-256 as the host computes it. Raises TargetError."""
        return summed(self.ask(sum_script(path), timeout), path, self.name)

    def stream(self, path: str, *, timeout: float) -> Iterator[bytes]:
        """Yield a file's bytes. Raises TargetError, also when `timeout` seconds have passed."""
        deadline, count = time.monotonic() + timeout, 0
        while True:
            script = (
                f"dd if={shlex.quote(path)} bs=1M skip={count * _PIECE_MIB} count={_PIECE_MIB} status=none | base64"
            )
            run = self.ask(script, max(deadline - time.monotonic(), 0.01))
            try:
                piece = base64.b64decode(run.stdout) if run.ok else b""
            except binascii.Error:
                piece = b""
            if not run.ok or (run.stdout and not piece):
                msg = f"expected to read {path} on {self.name}, had {count * _PIECE_MIB} MiB; then it {run.ending}"
                raise TargetError(msg)
            yield piece
            count += 1
            if len(piece) < _PIECE_MIB << 20:
                return
