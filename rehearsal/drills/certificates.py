"""Certificates that a drill puts where a replica's nginx reads its own, and what the runbook's commands say of them."""

from __future__ import annotations

import os.path
import shlex
from datetime import timedelta

from rehearsal.drills.placeholders import fill_in
from rehearsal.gateway.certificates import fingerprint, shown
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import NO_TLS
from rehearsal.gateway.procedure import ProcedureRun, run_commands
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError, TargetError
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.processes import certificate, tls
from rehearsal.replica.processes.certificate import Certificate
from rehearsal.replica.processes.visible import hosts
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure

LETSENCRYPT = "/etc/letsencrypt/live/"
"""Where certbot keeps what it was given, a folder for each name."""
OF_CERTBOT = {"cert.pem": False, "chain.pem": False, "fullchain.pem": False, "privkey.pem": True}

_WHOLE = "DRILL_CERTIFICATE"
_PARTS = {"cert.pem": "DRILL_LEAF", "chain.pem": "DRILL_CHAIN"}


def url_of(gateway: Gateway) -> str:
    """Return where clients look first over TLS. Raises NotOnThisTargetError for a gateway without TLS."""
    if not gateway.http.https_url:
        raise NotOnThisTargetError(NO_TLS)
    return gateway.http.https_url + gateway.http.liveness


def make(gateway: Gateway, days: float) -> Certificate:
    """Make a certificate for the gateway's names that ends in some days."""
    return certificate.make(["localhost", "127.0.0.1", *hosts(gateway)], life(days))


def life(days: float) -> timedelta:
    """Return some days, and the minute that a drill may take to look at them."""
    return timedelta(days=days, minutes=1 if days > 0 else 0)


def places(gateway: Gateway) -> dict[str, bool]:
    """Return the files that nginx reads, as the operator names them, and whether each is a key."""
    found = {tls.inside(gateway, place.path, ".", ""): place.is_key for place in tls.places(gateway)}
    if not found:
        msg = "expected `ssl_certificate` in nginx's settings, found none: there is no certificate to look at"
        raise NotOnThisTargetError(msg)
    for path in list(found):
        folder = os.path.dirname(path)  # noqa: PTH120 - paths of the replica
        if path.startswith(LETSENCRYPT):
            found |= {f"{folder}/{name}": is_key for name, is_key in OF_CERTBOT.items()}
    return found


def _value(path: str, *, is_key: bool) -> str:
    """Return the variable of what belongs there: nginx is given the whole chain, certbot's own files their part."""
    if is_key:
        return "DRILL_KEY"
    return _PARTS.get(path.rpartition("/")[2], _WHOLE) if path.startswith(LETSENCRYPT) else _WHOLE


def put(replica: Replica, made: Certificate, files: dict[str, bool], *, timeout: float, hours: int = 0) -> None:
    """Write a certificate and its key to files, by renaming, as if some hours ago. Raises TargetError."""
    lines = ["set -eu", "umask 077"]
    for path, is_key in files.items():
        new, old = shlex.quote(f"{path}.drill"), shlex.quote(path)
        folder = shlex.quote(os.path.dirname(path))  # noqa: PTH120 - a path of the replica
        value = _value(path, is_key=is_key)
        # certbot's own are links: what they lead to stays.
        lines.append(
            f'mkdir -p {folder}; printf %s "${value}" > {new}; touch -d "{hours} hours ago" {new}; mv -f {new} {old}'
        )
    run = replica.run_script(
        "\n".join(lines),
        timeout=timeout,
        environment={
            _WHOLE: made.whole,
            "DRILL_LEAF": made.certificate,
            "DRILL_CHAIN": made.chain or made.certificate,
            "DRILL_KEY": made.key,
        },
    )
    if not run.ok:
        msg = f"expected to put a certificate into {replica.name}, got: {run.ending}"
        raise TargetError(msg)


def serve(replica: Replica, gateway: Gateway, made: Certificate) -> None:
    """Have nginx serve a certificate, and return when clients are shown it. Raises TargetError, ReplicaError."""
    # Some hours ago: nginx does not read a file again that was written in place within the second.
    put(replica, made, places(gateway), timeout=gateway.replica.command_timeout_seconds, hours=2)
    replica.stop("nginx")
    replica.start("nginx")
    await_shown(replica, gateway, made)


def await_shown(replica: Replica, gateway: Gateway, made: Certificate) -> None:
    """Wait until clients are shown a certificate. Raises DeadlineError."""
    wanted = made.fingerprint
    wait_until(
        lambda: fingerprint(shown(replica, url_of(gateway))) == wanted,
        what="nginx to show the certificate that it was given",
        timeout=gateway.replica.ready_timeout_seconds,
        forgive=(NoAnswerError,),
    )


def tell(replica: Replica, gateway: Gateway, written: Procedure, days: float) -> ProcedureRun:
    """Run the commands that look at the certificate while nginx serves one that ends in some days.

    Raises TargetError, ReplicaError, NotOnThisTargetError.
    """
    serve(replica, gateway, make(gateway, days))
    limit = gateway.replica.command_timeout_seconds
    commands = fill_in(replica, written.commands, gateway.placeholders, timeout=limit)
    return run_commands(replica, commands, timeout=limit)
