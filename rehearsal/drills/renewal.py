"""The renewal of a certificate, with a stand-in for certbot: what clients are shown afterwards, and meanwhile."""

from __future__ import annotations

import re
import shlex
import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from rehearsal.drills import certificates
from rehearsal.drills.placeholders import fill_in
from rehearsal.drills.traffic import Traffic
from rehearsal.gateway.certificates import fingerprint, shown, shown_with_chain
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.patience import run_patiently
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import NoAnswerError, NotOnThisTargetError, TargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.processes import certificate
from rehearsal.replica.processes.certificate import Certificate
from rehearsal.replica.processes.visible import hosts
from rehearsal.replica.protocol import Replica, ReplicaError
from rehearsal.runbook import Command, Procedure

_STANDIN = Path(__file__).with_name("certbot.sh").read_text()
_PLACE = "/tmp/rehearsal-certbot"  # noqa: S108  of the replica's own /tmp
_LIVE = re.compile(re.escape(certificates.LETSENCRYPT) + r"([\w.*-]+)")
_NAMED = re.compile(r"(?:--cert-name|-d|--domains?)[ =]+[\"']?([\w.*-]+)")
_WEBROOT = re.compile(r"(?:-w|--webroot-path)[ =]+[\"']?([^\s\"']+)")
_DUE_DAYS, _NEW_DAYS = 5, 85
_SETTLE_SECONDS = 5
"""How long nginx may take to show a new certificate once the commands have ended."""
OTHER_KEY, OTHER_NAME, REFUSED = "another key", "another name", "nothing"


@dataclass
class Renewal:
    """What a renewal came to."""

    old: Certificate
    new: Certificate | None
    run: ProcedureRun
    asked: bool
    """Whether certbot was called at all."""
    asking: Traffic
    """Clients that went on asking meanwhile."""
    shown: str = ""
    """The fingerprint that clients are shown afterwards."""
    lacking: list[str] = field(default_factory=list)
    """Who certbot's chain holds, and clients are not shown."""
    after_restart: str = ""
    """And when nginx has been started anew."""
    problems: list[str] = field(default_factory=list)
    open_keys: list[str] = field(default_factory=list)
    """Files of keys that everybody on the host may read."""


def demand_own_folders(replica: Replica) -> None:
    """Raise NotOnThisTargetError where /etc/letsencrypt is the machine's own, and nginx has a copy of its folder."""
    if replica.isolation == "plain":
        msg = "this replica has no /etc of its own, and its nginx reads a copy of the folder (plain processes)"
        raise NotOnThisTargetError(msg)


def demand_a_copy(gateway: Gateway) -> None:
    """Raise NotOnThisTargetError where nginx reads certbot's own files: nothing stands between them."""
    if any(path.startswith(certificates.LETSENCRYPT) for path in certificates.places(gateway)):
        msg = "nginx reads certbot's own files: what comes there is as certbot made it"
        raise NotOnThisTargetError(msg)


def webroot(written: Procedure) -> str:
    """Return the folder in which certbot puts the answers to challenges. Raises NotOnThisTargetError for none."""
    for command in written.commands:
        if "certbot" in command.text and (found := _WEBROOT.search(command.text)):
            return found[1]
    msg = "the section does not have certbot answer challenges through a folder (--webroot -w FOLDER)"
    raise NotOnThisTargetError(msg)


def renew(replica: Replica, gateway: Gateway, written: Procedure, wrong: str = "") -> Renewal:
    """Run the renewal while clients ask; with `wrong`, certbot leaves what nginx must not be given.

    Raises TargetError, ReplicaError, NotOnThisTargetError, RunbookError.
    """
    demand_own_folders(replica)
    limit = gateway.replica.command_timeout_seconds
    commands = fill_in(replica, written.commands, gateway.placeholders, timeout=limit)
    names = names_in(commands, gateway)
    old = make(gateway, names, _DUE_DAYS)
    certificates.serve(replica, gateway, old)
    for name in names:
        files = {f"{certificates.LETSENCRYPT}{name}/{file}": is_key for file, is_key in certificates.OF_CERTBOT.items()}
        certificates.put(replica, old, files, timeout=limit)
    new = _given(gateway, names, wrong)
    _set_up(replica, gateway, new)
    url = certificates.url_of(gateway)
    with Traffic(lambda: shown(replica, url)) as asking:
        first = Command(f'export PATH="{_PLACE}:$PATH"', "", 0)
        run = run_patiently(replica, (first, *commands), gateway.replica)
        seen = Renewal(old, new, replace(run, commands=run.commands[1:]), False, asking)  # noqa: FBT003
        settle(replica, url, seen, wrong=bool(wrong))
    seen.asked = replica.run_script(f"test -s {_PLACE}/asked", timeout=limit).ok
    seen.open_keys = open_keys(replica, gateway, limit)
    restart(replica, gateway, url, seen)
    return seen


def names_in(commands: tuple[Command, ...], gateway: Gateway) -> tuple[str, ...]:
    """Return the names that certbot is asked for, or keeps; that of the gateway where the commands have none."""
    text = "\n".join(command.text for command in commands)
    found = [*_LIVE.findall(text), *_NAMED.findall(text)]
    found += [match[1] for path in certificates.places(gateway) if (match := _LIVE.match(path))]
    return tuple(dict.fromkeys(found)) or (urlsplit(gateway.http.https_url).hostname or "localhost",)


def make(gateway: Gateway, names: tuple[str, ...], days: float) -> Certificate:
    """Make a certificate for the gateway's names and these, as an authority gives it, that ends in some days."""
    return certificate.issue(["localhost", "127.0.0.1", *hosts(gateway), *names], certificates.life(days))


def _given(gateway: Gateway, names: tuple[str, ...], wrong: str) -> Certificate | None:
    if wrong == REFUSED:
        return None
    if wrong == OTHER_NAME:
        return certificate.issue(["elsewhere.example.com"], certificates.life(_NEW_DAYS))
    new = make(gateway, names, _NEW_DAYS)
    return replace(new, key=make(gateway, names, _NEW_DAYS).key) if wrong == OTHER_KEY else new


def _set_up(replica: Replica, gateway: Gateway, new: Certificate | None) -> None:
    limit = gateway.replica.command_timeout_seconds
    script = f"""set -eu
rm -rf {_PLACE} && mkdir -m 700 {_PLACE}
echo {gateway.http.plain_port} > {_PLACE}/port
printf '%s' "$DRILL_STANDIN" > {_PLACE}/certbot && chmod 755 {_PLACE}/certbot"""
    if not (run := replica.run_script(script, timeout=limit, environment={"DRILL_STANDIN": _STANDIN})).ok:
        msg = f"expected a stand-in for certbot in {replica.name}, got: {run.ending}"
        raise TargetError(msg)
    if new:
        certificates.put(replica, new, {f"{_PLACE}/fullchain.pem": False, f"{_PLACE}/privkey.pem": True}, timeout=limit)


def settle(replica: Replica, url: str, seen: Renewal, *, wrong: bool) -> None:
    """Look what clients are shown, and wait for a new certificate where one is due."""
    wanted = seen.new.fingerprint if seen.new else ""
    look = partial(shown_with_chain, replica, url)
    try:
        # What the wait ended with counts: for a moment after a reload nginx's old workers answer as well.
        first, *others = wait_until(
            look,
            lambda found: fingerprint(found[0]) == wanted,
            what="the new certificate",
            timeout=0.5 if wrong else _SETTLE_SECONDS,
            forgive=(NoAnswerError,),
        )
    except DeadlineError:
        try:
            first, *others = look()
        except NoAnswerError as error:
            seen.problems.append(f"after the renewal {error}")
            return
    seen.shown = fingerprint(first)
    seen.lacking = [one.subject.rfc4514_string() for one in _chain(seen.new) if one not in others]
    time.sleep(0.1)


def _chain(given: Certificate | None) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(given.chain.encode()) if given and given.chain else []


def restart(replica: Replica, gateway: Gateway, url: str, seen: Renewal) -> None:
    """Start nginx anew, and look what clients are shown then."""
    try:
        replica.stop("nginx")
        replica.start("nginx")
        seen.after_restart = wait_until(
            lambda: fingerprint(shown(replica, url)),
            what="a certificate",
            timeout=gateway.replica.ready_timeout_seconds,
            forgive=(NoAnswerError,),
        )
    except (ReplicaError, DeadlineError) as error:
        seen.problems.append(f"started anew after the renewal, nginx did not come up: {error}")


def open_keys(replica: Replica, gateway: Gateway, limit: float) -> list[str]:
    """Return the files of nginx's keys that everybody on the host may read, with their modes."""
    keys = [path for path, is_key in certificates.places(gateway).items() if is_key]
    run = replica.run_script(f"stat -L -c '%a %n' -- {shlex.join(keys)}", timeout=limit)
    modes = [line.partition(" ") for line in run.stdout.splitlines()]
    return [f"{path} (mode {mode})" for mode, _, path in modes if int(mode, 8) & 0o004]
