"""A blocked address: who is shut out then, and who is not, whatever they forge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

import httpx

from rehearsal.drills.attack import follow
from rehearsal.drills.clients import ACCOMPLICE, ATTACKER, NEIGHBOUR, Clients, deny
from rehearsal.drills.shutting_out import shutting_out
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.nginx_files import main_settings, shown
from rehearsal.gateway.target import CommandRun, TargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command

_FILE = re.compile(r"(?<![\w/.])(?:\./)?([\w-][\w.-]*(?:/[\w.-]+)*)")
_SHUT = (403, 0)
"""What nginx does to a blocked client: 403, or 444, which is no answer at all."""


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
    by: str = ""
    """The section's own command that did it; empty where a line `deny` was written, as a person does."""

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
    """Shut it out as the section does, else by a line `deny` and the section's commands, and ask as each client.

    `words` are the section's, which may name a file for that line. Raises TargetError.
    """
    own = _own(commands, what)
    if own:
        runs = follow(replica, gateway, [own.get(command.line, command) for command in commands])
        # One that takes no network, or not such an address, may be right to refuse it.
        if all(run.ok for run in runs if run.line in own):
            return replace(look(replica, gateway, what, runs), by=next(iter(own.values())).text)
    main = str(main_settings(gateway))
    deny(replica, what, place_of(gateway, words), main, timeout=gateway.replica.command_timeout_seconds)
    # What it takes it puts into effect, and with it the line.
    taken = _own(commands, ATTACKER) if what != ATTACKER else {}
    runs = follow(replica, gateway, [taken.get(command.line, command) for command in commands])
    return look(replica, gateway, what, runs)


def _own(commands: Sequence[Command], what: str) -> dict[int, Command]:
    return {command.line: command for command in shutting_out(commands, what)}


def place_of(gateway: Gateway, words: str) -> str:
    """Return the file of nginx into which the section has people write what is blocked; empty for nginx.conf."""
    read, main = set(shown(gateway).values()), main_settings(gateway)
    named = (PurePosixPath(name) for name in _FILE.findall(words))
    own = (name for name in named if name != main and {name, *name.parents} & read)
    return next((str(name) for name in own if (gateway.directory / name).is_file()), "")


def look(replica: Replica, gateway: Gateway, what: str, runs: tuple[CommandRun, ...] = ()) -> Block:
    """Ask as each client. Raises TargetError where nginx does not even answer the neighbour."""
    # Where mails are handed in, which is what a block is to protect.
    clients, path = Clients(replica, gateway), gateway.http.submit
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
    asked = {base: clients.ask(NEIGHBOUR, gateway.http.submit, base=base)[0] for base in bases}
    return [base for base, status in asked.items() if not httpx.codes.is_redirect(status)] or list(bases)
