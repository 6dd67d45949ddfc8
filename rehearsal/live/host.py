"""testinfra, and all that Rehearsal asks of it: which hosts a spec names, and how one of them is reached."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import testinfra.backend  # type: ignore[import-untyped]  # testinfra ships no types
from testinfra.backend.ansible import AnsibleBackend  # type: ignore[import-untyped]
from testinfra.backend.base import BaseBackend, CommandResult  # type: ignore[import-untyped]
from testinfra.backend.docker import DockerBackend  # type: ignore[import-untyped]
from testinfra.backend.local import LocalBackend  # type: ignore[import-untyped]
from testinfra.backend.ssh import SshBackend  # type: ignore[import-untyped]

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import TargetError
from rehearsal.live.limited import Ended, run_limited

KINDS = ("local", "ssh", "docker", "ansible")


def expand(specs: Sequence[str], inventory: str | None = None) -> list[str]:
    """Return one spec for each host that `specs` name, in their order, groups of an inventory as their hosts.

    Raises TargetError for a spec that is none of local://, ssh://, docker://, ansible://, and for a group that can't
    be read or has no hosts.
    """
    found: list[str] = []
    for spec in specs:
        kind = _kind(spec)
        found += _group(spec, inventory) if kind == "ansible" else [spec]
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class SshPlace:
    """Where ssh is to connect to: the host, and the arguments that its spec and inventory give."""

    host: str
    arguments: tuple[str, ...]


class Host:
    """One host, by its spec."""

    def __init__(self, spec: str, gateway: Gateway) -> None:
        _kind(spec)
        files = {"ssh_config": gateway.live.ssh_config, "ssh_identity_file": gateway.live.identity_file}
        given = {name: str(gateway.directory / file) for name, file in files.items() if file}
        self.backend = _backend(spec, given)
        if isinstance(self.backend, SshBackend):
            _check(self.backend, _masked(spec))

    @property
    def ssh(self) -> SshPlace | None:
        """Where ssh is to connect to; None for a host that is reached otherwise."""
        ssh = self.backend
        if not isinstance(ssh, SshBackend):
            return None
        flags = [("-F", ssh.ssh_config), ("-i", ssh.ssh_identity_file), ("-l", ssh.host.user), ("-p", ssh.host.port)]
        given = [word for flag, value in flags if value for word in (flag, str(value))]
        return SshPlace(ssh.host.name, (*given, *shlex.split(ssh.ssh_extra_args or "")))

    def use(self, options: Sequence[str]) -> None:
        """Give ssh these arguments from now on, before all others."""
        self.backend.ssh_extra_args = shlex.join(options)

    def run(self, command: str, text: bytes, seconds: float) -> Ended:
        """Run a command on the host with `text` as its input. Raises TargetError where this machine can't."""
        ended: list[Ended] = []

        # testinfra's own waits for ever and feeds nothing; each of its backends comes by here.
        def run_local(line: str, *arguments: str) -> CommandResult:
            line = line.replace("docker exec ", "docker exec -i ", 1)
            words = ["/bin/sh", "-c", "exec " + BaseBackend.quote(line, *arguments)]
            ended.append(run_limited(words, text, seconds))
            return self.backend.result(0, b"", b"", b"")

        self.backend.run_local = run_local
        self.backend.run(command)
        return ended[0]


def _kind(spec: str) -> str:
    kind, sign, _ = spec.partition("://")
    if not sign or kind not in KINDS:
        known = ", ".join(f"{name}://" for name in KINDS)
        msg = f"expected a host as one of {known}, got {_masked(spec)!r}; write ssh://user@host"
        raise TargetError(msg)
    return kind


def _backend(spec: str, given: dict[str, str]) -> BaseBackend:
    try:
        backend: Any = testinfra.backend.get_backend(spec, **given)
        if isinstance(backend, AnsibleBackend):
            host = backend.ansible_runner.get_host(backend.host, **given)
            backend = host.backend if host else None
    except (AssertionError, RuntimeError, ValueError, OSError) as error:
        msg = f"expected to find out how {_masked(spec)} is reached, got: {_line(error)}"
        raise TargetError(msg) from None
    if not isinstance(backend, (LocalBackend, SshBackend, DockerBackend)):
        msg = f"expected {_masked(spec)} to be reached by ssh, docker or locally, and its inventory says otherwise"
        raise TargetError(msg)
    return backend


def _check(ssh: SshBackend, name: str) -> None:
    if ssh.host.password:
        msg = f"expected {name} without a password, which every list of processes would show; use a key"
        raise TargetError(msg)
    if not ssh.host.name or ssh.host.name.startswith("-"):
        msg = f"expected the name of a host in {name}, found none that ssh would take as one"
        raise TargetError(msg)


def _group(spec: str, inventory: str | None) -> list[str]:
    given = {"ansible_inventory": str(Path(inventory).absolute())} if inventory else {}
    rest = spec.partition("?")[2] or "&".join(f"{name}={value}" for name, value in given.items())
    try:
        backends = testinfra.backend.get_backends([spec], **given)
    except (AssertionError, RuntimeError, ValueError, OSError) as error:
        msg = f"expected the hosts of {spec} from ansible-inventory, got: {_line(error)}"
        raise TargetError(msg) from None
    if not backends:
        msg = f"expected hosts in {spec}, found none: the inventory has no such group or host"
        raise TargetError(msg)
    return [f"ansible://{backend.host}" + (f"?{rest}" if rest else "") for backend in backends]


def _masked(spec: str) -> str:
    kind, sign, rest = spec.partition("://")
    user, at, host = rest.rpartition("@")
    return f"{kind}{sign}{user.partition(':')[0]}{at}{host}"


def _line(error: Exception) -> str:
    said = getattr(error, "stderr", "") or str(error)
    return " ".join(str(said).split())[-300:] or type(error).__name__
