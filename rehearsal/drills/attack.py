"""An attack on a replica: floods and failed logins, and what the section prints of them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from rehearsal.drills.clients import ATTACKER, NEIGHBOUR, Clients
from rehearsal.drills.placeholders import fill_in
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.target import CommandRun
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command, RunbookError

LOGINS, FLOOD = 3, 600
"""Logins with a wrong password; requests, of which some are too many."""
_NO_SUCH_PAGE, _TURNS = "/rehearsal-no-such-page", 2
TOO_MANY, UNAVAILABLE = 429, 503
_WRONG_LOGIN = (
    'PGPASSWORD=no-such-password psql -X -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -c "SELECT 1"; true'
)
_FIGURE = re.compile(r"(?<![\w.:-])\d+(?![\w:-]|\.\d)")
_REFUSED_LOGIN = re.compile(r"authentication failed|autentica\S* .*falhou", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Trace:
    """What the section's commands printed before an attack and after it."""

    before: tuple[CommandRun, ...]
    after: tuple[CommandRun, ...]
    logged: tuple[str, ...]
    """The addresses in nginx's log line of a request by the neighbour, who said that it was the attacker."""
    mails_logged: bool
    """Whether there is such a line of one where mails are handed in."""

    @property
    def names_the_attacker(self) -> bool:
        """Tell whether its address stands in what was printed, and did not before."""
        return _has(self.after, ATTACKER) and not _has(self.before, ATTACKER)

    @property
    def split_counts(self) -> tuple[CommandRun, ...]:
        """The commands that count by address and print one of these clients on several lines."""
        return tuple(run for run in self.after if "uniq" in run.command and _on_several_lines(run.stdout))

    @property
    def shows_requests(self) -> bool:
        """Tell whether nginx' log, or what was printed, has a line of the neighbour, who asked for nothing special."""
        return bool(self.logged) or _has(self.after, NEIGHBOUR)

    @property
    def shows_logins(self) -> bool:
        """Tell whether the failed logins stand there, or a figure that has grown by their number."""
        pairs = zip(self.before, self.after, strict=True)
        grown = any(
            int(more) - int(less) == LOGINS
            for one, other in pairs
            for less, more in zip(_FIGURE.findall(one.stdout), _FIGURE.findall(other.stdout), strict=False)
        )
        return grown or any(_REFUSED_LOGIN.search(run.stdout) for run in self.after)


def _has(runs: Sequence[CommandRun], address: str) -> bool:
    return any(re.search(rf"(?<![\d.]){re.escape(address)}(?![\d.])", run.stdout) for run in runs)


def _on_several_lines(counted: str) -> bool:
    lines = re.findall(r"^\s*\d+\s+(\S+)\s*$", counted, re.MULTILINE)
    return any(lines.count(address) > 1 for address in (ATTACKER, NEIGHBOUR))


def attack(replica: Replica, gateway: Gateway, commands: Sequence[Command]) -> Trace:
    """Run the section's commands, flood nginx, try wrong passwords, and run them again. Raises TargetError."""
    before = follow(replica, gateway, commands)
    clients = Clients(replica, gateway)
    clients.ask(ATTACKER, gateway.http.submit, times=FLOOD)
    # In turns, as in the log of every day: `uniq` knows no address again once another one has come between.
    for one in (NEIGHBOUR, ATTACKER) * _TURNS:
        clients.ask(one, _NO_SUCH_PAGE)
    for _ in range(LOGINS):
        replica.run_script(_WRONG_LOGIN, timeout=gateway.replica.command_timeout_seconds)
    logged = clients.logged(NEIGHBOUR, forged=ATTACKER)
    mails = bool(logged and clients.logged(NEIGHBOUR, under=gateway.http.submit))
    return Trace(before, follow(replica, gateway, commands), tuple(logged), mails)


def follow(replica: Replica, gateway: Gateway, commands: Sequence[Command]) -> tuple[CommandRun, ...]:
    """Run commands one by one, each with its own time limit, as a person does; those that nobody can fill are left out.

    Raises TargetError.
    """
    limit = gateway.replica.ready_timeout_seconds
    runs: list[CommandRun] = []
    for command in commands:
        with suppress(RunbookError):
            filled = fill_in(replica, [command], gateway.placeholders, timeout=limit)
            runs += run_commands(replica, filled, timeout=limit).commands
    return tuple(runs)


def trusts_clients(gateway: Gateway) -> bool:
    """Tell whether nginx is to believe these clients' headers, and not everybody's, as those of a load balancer."""
    named = [
        found
        for path in sorted((gateway.directory / "nginx").rglob("*.conf"))
        for found in re.findall(r"^\s*set_real_ip_from\s+(\S+?);", path.read_text(errors="replace"), re.MULTILINE)
    ]
    networks = []
    for name in named:
        with suppress(ValueError):
            networks.append(ipaddress.ip_network(name, strict=False))
    if any(network.prefixlen == 0 for network in networks):
        return False
    return any(ipaddress.ip_address(ATTACKER) in network for network in networks if network.version == 4)  # noqa: PLR2004
