"""Clients of several addresses: they ask from where nginx runs, each with an address of its own loopback."""

from __future__ import annotations

import re
import shlex
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import NotOnThisTargetError, TargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica

NEIGHBOUR = "127.0.0.1"
"""A client that nobody has anything against."""
ATTACKER, ACCOMPLICE, NETWORK = "127.0.0.5", "127.0.0.6", "127.0.0.4/30"
"""Two clients of one network, to which the neighbour does not belong."""
OTHERS = tuple(f"127.0.0.{number}" for number in range(11, 19))
"""More neighbours."""
_FEW = 20
_LATER = "then:"
_SHOWN = 'write-out = "{}%{{http_code}}\\n"\n'
_ADDRESS = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")


@dataclass(frozen=True, slots=True)
class Clients:
    """Asks a replica's nginx."""

    replica: Replica
    gateway: Gateway

    def ask(
        self,
        address: str,
        path: str,
        *,
        times: int = 1,
        forged: Sequence[str] = (),
        post: bool = False,
        then: Sequence[str] = (),
        base: str = "",
    ) -> list[int]:
        """Ask for a path as a client of that address, and return the status of each answer; 0 for none.

        `base`: an address of the gateway other than http.url.

        `post`: with a POST of nothing, which no API takes for a mail. `forged`: what the requests say in
        X-Forwarded-For, one after the other. `then`: addresses of clients that ask once, in the same breath. Many
        questions are asked side by side: one after the other, a slow API's are no flood.
        Raises TargetError where nobody can ask, NotOnThisTargetError where nginx's place has no curl.
        """
        url = f"{(base or self.gateway.http.url).rstrip('/')}{path}"
        common = f'url = "{url}"\noutput = "/dev/null"\nsilent\ninsecure\n'
        common += f"max-time = {self.gateway.http.timeout_seconds:g}\n" + ('data = ""\n' if post else "")
        says = [f'header = "X-Forwarded-For: {forged[n % len(forged)]}"\n' if forged else "" for n in range(times)]
        requests = [f'{common}interface = "{address}"\n{said}{_SHOWN.format("")}' for said in says]
        requests += [f'{common}interface = "{other}"\n{_SHOWN.format(_LATER)}' for other in then]
        settings, times = "next\n".join(requests), len(requests)
        beside = "--parallel " if times > _FEW else ""
        # What comes through a pipe needs no file in a container, and is no argument that could become too long.
        script = f"docker-compose exec -T nginx curl --no-progress-meter {beside}-K - <<'END'\n{settings}END\n"
        run = self.replica.run_script(script, timeout=self.gateway.replica.ready_timeout_seconds)
        lines = sorted(run.stdout.split(), key=lambda line: line.startswith(_LATER))
        found = [int(status) for line in lines if (status := line.removeprefix(_LATER)).isdigit()]
        if len(found) != times:
            if "not found" in run.stderr:
                raise NotOnThisTargetError("nginx's container has no curl: clients of other addresses can't be played")
            msg = f"expected {times} answers to a client of address {address}, got {len(found)}: curl {run.ending}"
            raise TargetError(msg)
        return found

    def logged(self, address: str, *, forged: str = "", under: str = "") -> list[str]:
        """Ask for a path that nobody else asks for, and return the addresses in the line that nginx logs of it.

        `under`: the path in which it lies.
        """
        name = f"rehearsal-{uuid.uuid4().hex[:12]}"
        self.ask(address, f"{under.rstrip('/')}/{name}", forged=[forged] if forged else [])

        def lines() -> list[str]:
            return [line for line in self.replica.logs("nginx", 200).splitlines() if name in line]

        try:
            logged = wait_until(lines, what="nginx to log it", timeout=self.gateway.replica.ready_timeout_seconds)
        except DeadlineError:
            return []
        return [found for line in logged for found in _ADDRESS.findall(line)]


def deny(replica: Replica, what: str, place: str, main: str, *, timeout: float) -> None:
    """Write a line `deny` as a person does: into the file that the document names, or first in nginx's block `http`.

    `place` is a file below the gateway directory, which nginx's `main` file includes; empty for that one. Raises
    TargetError.
    """
    file = shlex.quote(place or main)
    block = shlex.quote(rf"s,^http[[:space:]]*{{,&\n    deny {what};  # rehearsal,")
    write = f"echo 'deny {what};  # rehearsal' >> {file}" if place else f"sed -i -e {block} {file}"
    # In place: a file that is mounted by itself must stay the same one.
    clean = f"kept=$(grep -v '# rehearsal$' {file}); printf '%s\n' \"$kept\" > {file}"
    run = replica.run_script(f"{clean} && {write} && grep -q '# rehearsal$' {file}", timeout=timeout)
    if not run.ok:
        wanted = f"a file {place}" if place else f"a block `http {{` in {main}"
        msg = f"expected {wanted} to write a line `deny` into, found none ({run.ending})"
        raise TargetError(msg)
