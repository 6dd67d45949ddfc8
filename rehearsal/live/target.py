"""A live host, asked and never changed."""

from __future__ import annotations

import base64
import binascii
import secrets
import shlex
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

import httpx
import psycopg
import redis

from rehearsal.gateway.aliases import names_on_host
from rehearsal.gateway.description import SERVICES, Gateway
from rehearsal.gateway.live_part import UNIT
from rehearsal.gateway.procedure import ProcedureRun, in_one_shell
from rehearsal.gateway.target import CommandRun, RefusedError, Resources, ServiceState, TargetError
from rehearsal.live import facts, units, usage
from rehearsal.live.asking import Asking
from rehearsal.live.files import LiveFiles
from rehearsal.live.reach import Reach
from rehearsal.live.readonly import require_reading
from rehearsal.live.shortened import shortened
from rehearsal.live.terminal import in_their_words, without_terminal
from rehearsal.runbook.model import Command

_LOG_LINES = 200
_NOT_FOUND = 127
_MORE_LOOKS = 2
# What people type for `docker-compose` on a host that has only the plugin.
_COMPOSE = 'command -v docker-compose >/dev/null || docker-compose() { docker compose "$@"; }\n'
# For a psql that runs on the host itself; one in a container does not see it, and its query has been read instead.
_READ_ONLY = {"PGOPTIONS": "-c default_transaction_read_only=on"}


def open_live(spec: str, gateway: Gateway) -> LiveTarget:
    """Reach a live host by its spec: local://, ssh://user@host[:port], docker://container, ansible://host.

    Raises TargetError, in one sentence, when it can't be reached.
    """
    return LiveTarget(spec, gateway)


class LiveTarget:
    """A host on which the gateway runs."""

    def __init__(self, spec: str, gateway: Gateway) -> None:
        self._name, self.gateway = spec, gateway
        self._names = names_on_host(gateway)
        self._asking = Asking(spec, gateway)
        self._reach = Reach(gateway, self._asking.ssh)
        self._stack: tuple[int, dict[str, str]] | None = None
        self._looking = threading.Lock()

    @property
    def name(self) -> str:
        """The spec, as it was given."""
        return self._name

    @property
    def is_replica(self) -> bool:
        """Nobody made it for this run."""
        return False

    @property
    def commands(self) -> int:
        """How many commands the host has been asked to run."""
        return self._asking.commands

    def run_script(self, script: str, *, timeout: float, environment: Mapping[str, str] | None = None) -> CommandRun:
        """Run a script that only reads. Raises RefusedError for any other, TargetError when the host can't be asked."""
        require_reading(script, self.gateway.live.read_only)
        return shortened(self._asking.run(script, timeout=timeout, environment={**(environment or {}), **_READ_ONLY}))

    def why_refused(self, command: str) -> str:
        """Say why a command may not run here; empty where it only reads."""
        try:
            require_reading(command, self.gateway.live.read_only)
        except RefusedError as error:
            return str(error)
        return ""

    def run_reading(self, commands: Sequence[Command], *, timeout: float) -> ProcedureRun:
        """Run commands in one shell, and with one question to the host.

        Raises RefusedError where any of them may change something; then none was run. Raises TargetError.
        """
        for command in commands:
            require_reading(command.text, self.gateway.live.read_only)
        typed = [replace(command, text=without_terminal(command.text)) for command in commands]
        run = in_their_words(in_one_shell(self._run_typed, typed, timeout=timeout, environment=_READ_ONLY), commands)
        return replace(run, commands=tuple(shortened(command) for command in run.commands))

    @property
    def lacks_compose1(self) -> bool:
        """Whether the host has no `docker-compose`. Raises TargetError."""
        return not self._look().get("compose", "").strip()

    def http(self, trusted: ssl.SSLContext | None = None) -> httpx.Client:
        """Return a new client that only reads, and checks certificates unless `trusted` does. Raises TargetError."""
        return self._reach.http(trusted)

    def postgres(self, database: str | None = None, *, autocommit: bool = True) -> psycopg.Connection:
        """Return a new session that only reads. Raises psycopg.OperationalError, TargetError."""
        return self._reach.postgres(database, autocommit=autocommit)

    def redis(self) -> redis.Redis:
        """Return a new client that answers bytes. Raises TargetError."""
        return self._reach.redis()

    def services(self) -> Sequence[ServiceState]:
        """Return the state of each service that is on this host. Raises TargetError where it can't be asked."""
        parts = self._look()
        found = self._containers(parts)
        names = self._called(found)
        return tuple(
            units.unit_state(service, names[service], parts, self.name)
            if names.get(service, "").endswith(UNIT)
            else facts.service_state(service, found, names)
            for service in SERVICES
            if names.get(service, service)
        )

    def logs(self, service: str, lines: int) -> str:
        """Return the last log lines of a service. Raises TargetError."""
        parts, names = self._look(lines), self.gateway.live.names
        if names.get(service, "").endswith(UNIT):
            return units.unit_log(service, names[service], parts, lines)
        found = self._containers(parts)
        return facts.log_of(service, found, parts, lines, self._called(found))

    def resources(self, interval: float) -> Resources:
        """Return the use of the host and of the disks of its stack, over `interval` seconds. Raises TargetError.

        Of single services nothing: `docker stats` takes two seconds.
        """
        sign = secrets.token_hex(8)
        script = usage.usage_script(sign, interval, self._containers(self._look()))
        run = self._ask(script, seconds=interval)
        return usage.resources(facts.parts_of(run.stdout, sign), self.name)

    def read_file(self, path: str, limit: int = 1 << 20) -> bytes:
        """Return up to `limit` bytes of a file. Raises TargetError."""
        run = self._ask(f"head -c {int(limit)} -- {shlex.quote(path)} | base64")
        try:
            content = base64.b64decode(run.stdout)
        except binascii.Error:
            content = b""
        if not run.ok:
            msg = f"expected to read {path} on {self.name}, got: {run.ending}"
            raise TargetError(msg)
        return content

    @property
    def files(self) -> LiveFiles:
        """The host's files, read in pieces."""
        return LiveFiles(self.name, lambda script, seconds: self._asking.run(script, timeout=seconds))

    def close(self) -> None:
        """End the connections. May be called twice."""
        self._reach.close()
        self._asking.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _look(self, lines: int = 0) -> dict[str, str]:
        """Ask for the stack once, and again only for more log lines than were asked for before."""
        with self._looking:
            if self._stack is None or self._stack[0] < lines:
                self._stack = self._described(max(lines, _LOG_LINES))
            return self._stack[1]

    def _described(self, lines: int) -> tuple[int, dict[str, str]]:
        sign = secrets.token_hex(8)
        script = facts.stack_script(sign, lines, self._names)
        run = self._ask(script)
        for _ in range(_MORE_LOOKS):
            # One that is being replaced is listed, and gone when it is asked for.
            if run.ok or "no such container" not in run.stderr.lower():
                break
            run = self._ask(script)
        if not run.ok:
            msg = f"expected docker on {self.name} to describe the stack, got: {run.ending}"
            if run.exit_code == _NOT_FOUND or "not found" in run.stderr:
                msg += '; a service without a container stands in live.services: api = "api.service"'
            raise TargetError(msg)
        return lines, facts.parts_of(run.stdout, sign)

    def _called(self, found: Sequence[facts.Container]) -> dict[str, str]:
        """Return what services are called here: the Compose file of this side counts where the host has such a name."""
        there = {name for one in found for name in (one.service, one.name)}
        said = self.gateway.live.names
        return {service: name for service, name in self._names.items() if service in said or name in there}

    def _containers(self, parts: Mapping[str, str]) -> tuple[facts.Container, ...]:
        return facts.containers(parts, self.gateway.live, self.name)

    def _run_typed(self, script: str, *, timeout: float, environment: Mapping[str, str]) -> CommandRun:
        return self._asking.run(_COMPOSE + script, timeout=timeout, environment=environment)

    def _ask(self, script: str, *, seconds: float = 0) -> CommandRun:
        run = self._asking.run(script, timeout=self.gateway.live.command_timeout_seconds + seconds)
        if run.exit_code is None:
            msg = (
                f"expected an answer from {self.name} within {self.gateway.live.command_timeout_seconds:g} s, got none"
            )
            raise TargetError(msg)
        return run
