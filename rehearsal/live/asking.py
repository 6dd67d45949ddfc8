"""Scripts run on one host: directly, in a container, or through its SSH connection; each with a time limit."""

from __future__ import annotations

import time
from collections.abc import Mapping

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import CommandRun, TargetError
from rehearsal.live.connection import SshConnection
from rehearsal.live.framed import Framed
from rehearsal.live.host import Host
from rehearsal.live.limited import Ended
from rehearsal.live.reasons import why_not

_GRACE_SECONDS = 5
_NOT_FOUND, _NOT_RUN = 127, 126
_TIMED_OUT = (124, 137)


class Asking:
    """The one way to a host. It counts what it sends."""

    def __init__(self, spec: str, gateway: Gateway) -> None:
        self.name, self._part = spec, gateway.live
        self._host = Host(spec, gateway)
        place = self._host.ssh
        self.ssh = SshConnection(spec, place, gateway.live) if place else None
        if self.ssh:
            self._host.use(self.ssh.options)
        self.commands = 0

    def run(self, script: str, *, timeout: float, environment: Mapping[str, str] | None = None) -> CommandRun:
        """Run a bash script in the gateway directory and return all that it said.

        Raises TargetError when the host can't be asked, or is silent beyond the time limit that it was told to keep.
        """
        framed = Framed(script, self._part.directory, timeout, environment or {})
        self.commands += 1
        began = time.monotonic()
        limit = timeout + _GRACE_SECONDS
        ended = self._host.run(framed.command, framed.input.encode(), limit)
        answer = framed.answer(ended.stdout.decode(errors="replace"), ended.stderr.decode(errors="replace"))
        if answer.exit_code is None and ended.status not in _TIMED_OUT:
            raise TargetError(self._why(ended, began=answer.began, limit=limit))
        if answer.astray:
            place, said = self._part.directory, " ".join(answer.stderr.split(": ")[-1:]).strip()
            msg = f"expected the gateway directory {place} on {self.name}, got: {said}; mend live.directory"
            raise TargetError(msg)
        return CommandRun(
            command=script,
            exit_code=answer.exit_code,
            stdout=answer.stdout,
            stderr=answer.stderr,
            seconds=time.monotonic() - began,
            pipe_status=answer.pipe_status,
        )

    def close(self) -> None:
        """End the connection. May be called twice."""
        if self.ssh:
            self.ssh.close()

    def _why(self, ended: Ended, *, began: bool, limit: float) -> str:
        said = self.ssh.lost if self.ssh else ""
        words = why_not(ended.stderr.decode(errors="replace"))
        if ended.status is None:
            return (
                f"expected an answer from {self.name}, got none within {limit:g} s: the host hangs{said and '; '}{said}"
            )
        if said or began:
            return f"the connection to {self.name} was lost in the middle of a command{said and ': '}{said}"
        if ended.status in (_NOT_FOUND, _NOT_RUN):
            return f"expected bash and coreutils (timeout) on {self.name}, got: {words or 'no answer'}; install them"
        return f"expected {self.name} to run a command, got: {words or f'status {ended.status} and no words'}"
