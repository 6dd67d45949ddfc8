"""The renewal run for real: the machine's certbot, and Let's Encrypt's test authority (pebble) inside the replica."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from rehearsal.drills import certificates, renewal
from rehearsal.drills.placeholders import fill_in
from rehearsal.drills.renewal import Renewal, demand_own_folders
from rehearsal.drills.traffic import Traffic
from rehearsal.gateway.certificates import shown
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.nginx_files import settings_of_nginx
from rehearsal.gateway.procedure import run_commands
from rehearsal.gateway.target import NotOnThisTargetError, TargetError
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.processes import certificate, tls
from rehearsal.replica.processes.certificate import Certificate
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure

_PLACE = "/tmp/rehearsal-authority"  # noqa: S108  of the replica's own /tmp
_PORT, _MANAGEMENT = 14000, 15000
_LONGEST_SECONDS = 300
_END = "-----END CERTIFICATE-----\n"
_DUE_SECONDS = 10 * 86400
"""Short enough to be due for renewal at once, as certbot sees it."""
_LIFE_SECONDS = 90 * 86400
"""As Let's Encrypt gives them."""
_ANSWERS = re.compile(r"location[^{}]*acme-challenge[^{}]*\{[^{}]*?\b(?:root|alias)\s+[\"']?([^\s;\"']+)")
_CLI = f"""server = https://localhost:{_PORT}/dir
no-verify-ssl = true
agree-tos = true
register-unsafely-without-email = true
non-interactive = true
no-random-sleep-on-renew = true
"""


def renew_for_real(replica: Replica, gateway: Gateway, written: Procedure) -> Renewal:
    """Run the renewal with certbot and an authority that fetches the challenge through nginx.

    Raises NotOnThisTargetError where either is missing; TargetError, ReplicaError, RunbookError.
    """
    demand_own_folders(replica)
    limit = gateway.replica.command_timeout_seconds
    for program in ("certbot", "pebble"):
        if not replica.run_script(f"command -v {program}", timeout=limit).ok:
            msg = f"{program} is not in this replica: the renewal was run with a stand-in only"
            raise NotOnThisTargetError(msg)
    commands = fill_in(replica, written.commands, gateway.placeholders, timeout=limit)
    names = renewal.names_in(commands, gateway)
    old = renewal.make(gateway, names, days=5)
    certificates.serve(replica, gateway, old)
    url = certificates.url_of(gateway)
    with _authority(replica, gateway, written, names):
        with Traffic(lambda: shown(replica, url)) as asking:
            seen = Renewal(old, None, run_commands(replica, commands, timeout=limit), asked=True, asking=asking)
            _demand_plugins(seen)
            seen.new = _given(replica, names)
            if not seen.new:
                seen.problems.append("certbot holds no certificate")
            renewal.settle(replica, url, seen, wrong=False)
        seen.open_keys = renewal.open_keys(replica, gateway, limit)
        renewal.restart(replica, gateway, url, seen)
    return seen


def _demand_plugins(seen: Renewal) -> None:
    """Raise NotOnThisTargetError where the section asks for a plugin of certbot that this machine does not have."""
    for command in seen.run.commands:
        if "does not appear to be installed" in command.stderr:
            msg = f"`{command.command}` asks for a plugin that this machine's certbot does not have"
            raise NotOnThisTargetError(msg)


def _given(replica: Replica, names: tuple[str, ...]) -> Certificate | None:
    """Return what certbot was given; None where nothing came."""
    for name in names:
        try:
            pem = replica.read_file(f"{certificates.LETSENCRYPT}{name}/fullchain.pem").decode()
        except TargetError:
            continue
        first, end, rest = pem.partition(_END)
        return Certificate(first + end, "", rest.strip())
    return None


@contextmanager
def _authority(replica: Replica, gateway: Gateway, written: Procedure, names: tuple[str, ...]) -> Iterator[None]:
    """Run an authority beside the gateway, at which certbot has an account."""
    limit = gateway.replica.command_timeout_seconds
    own = certificate.make(["localhost", "127.0.0.1"])
    web = {"httpPort": gateway.http.plain_port, "tlsPort": 443, "ocspResponderURL": ""}
    config = {
        "listenAddress": f"127.0.0.1:{_PORT}",
        "managementListenAddress": f"127.0.0.1:{_MANAGEMENT}",
        "certificate": f"{_PLACE}/cert.pem",
        "privateKey": f"{_PLACE}/key.pem",
        "certificateValidityPeriod": _DUE_SECONDS if _renews(written) else _LIFE_SECONDS,
        **web,
    }
    set_up = f"""set -eu
rm -rf {_PLACE} && mkdir -m 700 {_PLACE}
mkdir -p /etc/letsencrypt /var/lib/letsencrypt /var/log/letsencrypt
printf '%s' "$DRILL_CONFIG" > {_PLACE}/config.json
printf '%s' "$DRILL_CLI" > /etc/letsencrypt/cli.ini
echo 127.0.0.1 {shlex.join(names)} >> /etc/hosts"""
    environment = {"DRILL_CONFIG": json.dumps({"pebble": config}), "DRILL_CLI": _CLI}
    if not (run := replica.run_script(set_up, timeout=limit, environment=environment)).ok:
        msg = f"expected room for an authority in {replica.name}, got: {run.ending}"
        raise TargetError(msg)
    certificates.put(replica, own, {f"{_PLACE}/cert.pem": False, f"{_PLACE}/key.pem": True}, timeout=limit)
    script = f"""export PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0
pebble -config {_PLACE}/config.json > {_PLACE}/log 2>&1 & echo $! > {_PLACE}/pid; wait"""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(replica.run_script, script, timeout=_LONGEST_SECONDS)
        try:
            wait_until(
                lambda: replica.run_script(f"curl -fsk https://localhost:{_PORT}/dir", timeout=limit).ok,
                what="an authority that answers",
                timeout=gateway.replica.ready_timeout_seconds,
            )
            _prepare(replica, gateway, written, names)
            yield
        finally:
            replica.run_script(f"kill $(cat {_PLACE}/pid)", timeout=limit)
            running.result()


def _renews(written: Procedure) -> bool:
    return re.search(r"certbot\s+(-\S+\s+)*renew", written.text) is not None


def _root(gateway: Gateway) -> str:
    """Return the folder of the host that nginx answers challenges from."""
    for text in settings_of_nginx(gateway):
        if found := _ANSWERS.search(text):
            root = re.sub("/.well-known/acme-challenge/?$", "", found[1])  # where it is an alias
            return tls.inside(gateway, root, ".", "")
    return "./nginx/acme"


def _prepare(replica: Replica, gateway: Gateway, written: Procedure, names: tuple[str, ...]) -> None:
    """Have certbot hold an account and, for `renew`, the certificate that is due, as on a host where it was issued."""
    script = "certbot register"
    root = _root(gateway)
    if _renews(written):
        domains = " ".join(f"-d {shlex.quote(name)}" for name in names)
        place = shlex.quote(root)
        # Where nginx reads certbot's own folder, the replica's certificate lies there: certbot wants to make it itself.
        made = shlex.quote(f"{certificates.LETSENCRYPT}{names[0]}")
        script += f" && rm -rf {made} && mkdir -p {place}"
        script += f" && certbot certonly --webroot -w {place} --cert-name {names[0]} {domains}"
    run = replica.run_script(script, timeout=gateway.replica.command_timeout_seconds)
    if not run.ok:
        msg = f"expected certbot to hold an account and a certificate by way of {root}, it {run.ending}"
        raise NotOnThisTargetError(msg)
