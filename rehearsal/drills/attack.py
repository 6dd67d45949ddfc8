"""An attack on a replica: floods, failed logins, and what stands against them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

import httpx

from rehearsal.drills.clients import ACCOMPLICE, ATTACKER, NEIGHBOUR, Clients, deny
from rehearsal.drills.placeholders import fill_in
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.nginx_files import main_settings, shown
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.target import CommandRun, TargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command, RunbookError

LOGINS, FLOOD = 3, 600
"""Logins with a wrong password; requests, of which some are too many."""
FORBIDDEN, TOO_MANY, UNAVAILABLE = 403, 429, 503
_WRONG_LOGIN = (
    'PGPASSWORD=no-such-password psql -X -h "$DB_HOST" -p "$DB_PORT" -U "$DB_USER" -d "$DB_NAME" -c "SELECT 1"; true'
)
_FIGURE = re.compile(r"(?<![\w.:-])\d+(?![\w:-]|\.\d)")
_REFUSED_LOGIN = re.compile(r"authentication failed|autentica\S* .*falhou", re.IGNORECASE)
_FILE = re.compile(r"(?<![\w/.])(?:\./)?([\w-][\w.-]*(?:/[\w.-]+)*)")
_SHUT = (FORBIDDEN, 0)
"""What nginx does to a blocked client: 403, or 444, which is no answer at all."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What the section's commands printed before an attack and after it."""

    before: tuple[CommandRun, ...]
    after: tuple[CommandRun, ...]
    logged: tuple[str, ...]
    """The addresses in nginx's log line of a request by the neighbour, who said that it was the attacker."""

    @property
    def names_the_attacker(self) -> bool:
        """Tell whether its address stands in what was printed, and did not before."""
        return _has(self.after, ATTACKER) and not _has(self.before, ATTACKER)

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


def attack(replica: Replica, gateway: Gateway, commands: Sequence[Command]) -> Trace:
    """Run the section's commands, flood nginx, try wrong passwords, and run them again. Raises TargetError."""
    before = follow(replica, gateway, commands)
    Clients(replica, gateway).ask(ATTACKER, door(gateway), times=FLOOD)
    for _ in range(LOGINS):
        replica.run_script(_WRONG_LOGIN, timeout=gateway.replica.command_timeout_seconds)
    after = follow(replica, gateway, commands)
    return Trace(before, after, tuple(Clients(replica, gateway).logged(NEIGHBOUR, forged=ATTACKER)))


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


@dataclass(frozen=True, slots=True)
class Block:
    """What each client gets while something is blocked."""

    what: str
    """The address or network."""
    attacker: int
    """Where it gets in over one of HTTP and HTTPS, that."""
    accomplice: int
    neighbour: int
    forging_attacker: int
    """The attacker, who says that it is the neighbour."""
    forging_neighbour: int
    """The neighbour, who says that it is the attacker."""
    runs: tuple[CommandRun, ...]

    @property
    def holds(self) -> bool:
        """Tell whether the attacker is shut out, and the neighbour is not."""
        return self.attacker in _SHUT and self.neighbour not in _SHUT

    @property
    def evaded(self) -> bool:
        """Tell whether a forged header lets the attacker in."""
        return self.attacker in _SHUT and self.forging_attacker not in _SHUT

    @property
    def abused(self) -> bool:
        """Tell whether a forged header shuts the neighbour out."""
        return self.neighbour not in _SHUT and self.forging_neighbour in _SHUT

    @property
    def reaches_accomplice(self) -> bool:
        """Tell whether the accomplice is shut out, too."""
        return self.accomplice in _SHUT


def block(replica: Replica, gateway: Gateway, what: str, commands: Sequence[Command], words: str = "") -> Block:
    """Write the line `deny`, follow the section's commands, and ask as each client. Raises TargetError.

    `words` are the section's, which may name a file for that line.
    """
    main = str(main_settings(gateway))
    deny(replica, what, place_of(gateway, words), main, timeout=gateway.replica.command_timeout_seconds)
    return look(replica, gateway, what, follow(replica, gateway, commands))


def place_of(gateway: Gateway, words: str) -> str:
    """Return the file of nginx into which the section has people write what is blocked; empty for nginx.conf."""
    read, main = set(shown(gateway).values()), main_settings(gateway)
    named = (PurePosixPath(name) for name in _FILE.findall(words))
    own = (name for name in named if name != main and {name, *name.parents} & read)
    return next((str(name) for name in own if (gateway.directory / name).is_file()), "")


def look(replica: Replica, gateway: Gateway, what: str, runs: tuple[CommandRun, ...] = ()) -> Block:
    """Ask as each client. Raises TargetError where nginx does not even answer the neighbour."""
    clients, path = Clients(replica, gateway), door(gateway)
    with suppress(DeadlineError):
        wait_until(
            lambda: clients.ask(NEIGHBOUR, path)[0],
            what="an answer to the neighbour",
            timeout=gateway.replica.ready_timeout_seconds,
            forgive=(TargetError,),
        )
    got = [clients.ask(ATTACKER, path, base=base)[0] for base in doors(clients, gateway)]
    return Block(
        what,
        next((status for status in got if status not in _SHUT), got[0]),
        clients.ask(ACCOMPLICE, path)[0],
        clients.ask(NEIGHBOUR, path)[0],
        clients.ask(ATTACKER, path, forged=[NEIGHBOUR])[0],
        clients.ask(NEIGHBOUR, path, forged=[ATTACKER])[0],
        runs,
    )


def doors(clients: Clients, gateway: Gateway) -> list[str]:
    """Return the addresses at which mails are taken: one that sends everybody on to the other is none.

    Raises TargetError.
    """
    bases = dict.fromkeys(one for one in (gateway.http.url, gateway.http.https_url) if one)
    asked = {base: clients.ask(NEIGHBOUR, door(gateway), base=base)[0] for base in bases}
    return [base for base, status in asked.items() if not httpx.codes.is_redirect(status)] or list(bases)


def door(gateway: Gateway) -> str:
    """Return the path that is asked for: where mails are handed in, which is what a block is to protect."""
    return gateway.http.submit


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
