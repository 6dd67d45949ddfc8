"""What a renewal came to, in the words of a check."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from rehearsal.drills.renewal import OTHER_NAME, REFUSED, Renewal
from rehearsal.gateway.certificates import unchecked
from rehearsal.gateway.description import HttpPart
from rehearsal.gateway.procedure import has_no_meaning, what_is_wrong
from rehearsal.plugin.record import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure

_NOT_FOUND = 127
_HTTP = 80


def judge_renewal(seen: Renewal, written: Procedure, evidence: Record, by: str = "by a stand-in") -> None:
    """Judge a renewal that had to succeed: the new certificate is shown, for good, and nobody was refused meanwhile."""
    evidence.ran_all(seen.run)
    source = evidence.source(written.place)
    if not seen.asked:
        evidence.unknown("the section never called certbot, for which the drill has a stand-in", source=source)
        return
    for problem in seen.problems:
        evidence.critical(problem, source=source)
    for when, found in (("after the renewal", seen.shown), ("started anew after it", seen.after_restart)):
        if found and seen.new and found != seen.new.fingerprint:
            what = "still the old one" if found == seen.old.fingerprint else "another one"
            evidence.critical(
                f"expected nginx to show the certificate that certbot was given, {when} it shows {what}", source=source
            )
    if seen.new and seen.shown == seen.new.fingerprint:
        _chain(seen, source, evidence)
    held = not evidence.findings
    if held:
        evidence.saw(f"nginx shows the certificate that certbot was given {by}, also when started anew")
    if held and seen.asking.failures:
        evidence.warning(
            f"{len(seen.asking.failures)} of {seen.asking.asked} clients were refused during the renewal, for"
            f" {seen.asking.silent_seconds:.1f} s; `nginx -s reload` refuses none: {seen.asking.failures[0]}",
            source=source,
        )
    else:
        evidence.saw(f"{seen.asking.asked} clients asked meanwhile, {len(seen.asking.failures)} were refused")
    for path in seen.open_keys:
        evidence.warning(f"expected the key to be closed to others on the host, found {path}", source=source)
    _commands(seen, written, evidence, held=held)


def _chain(seen: Renewal, source: str, evidence: Record) -> None:
    if seen.lacking:
        evidence.critical(
            f"expected nginx to show the chain that is in certbot's fullchain.pem, found {', '.join(seen.lacking)} not"
            " shown: clients that do not know it refuse the certificate; give nginx fullchain.pem, not cert.pem",
            source=source,
        )
    elif seen.new and seen.new.chain:
        evidence.saw("nginx shows its chain as well")


def judge_refusal(seen: Renewal, wrong: str, written: Procedure, evidence: Record) -> None:
    """Judge a renewal that must not go through: the old certificate goes on, now and when nginx is started anew."""
    evidence.ran_all(seen.run)
    source = evidence.source(written.place)
    # certbot itself keeps the names apart: there this is a second look, and a gateway may do without.
    say = evidence.warning if wrong == OTHER_NAME else evidence.critical
    if not seen.asked:
        evidence.unknown("the section never called certbot, for which the drill has a stand-in", source=source)
        return
    given = "certbot was refused" if wrong == REFUSED else f"certbot left a certificate with {wrong}"
    # Who is told that it failed, while the old one goes on, mends what lies there before anything is started anew.
    told = seen.shown == seen.old.fingerprint and any(what_is_wrong(one) for one in seen.run.commands)
    for problem in seen.problems:
        (evidence.warning if told else evidence.critical)(f"{given}; {problem}", source=source)
    for when, found in (("after it", seen.shown), ("started anew", seen.after_restart)):
        if found and found != seen.old.fingerprint:
            say(f"{given}, expected the old one to go on, {when} nginx shows another one", source=source)
    if not evidence.findings:
        evidence.saw(f"{given}, and the old one goes on")


def _commands(seen: Renewal, written: Procedure, evidence: Record, *, held: bool) -> None:
    for command in seen.run.commands:
        if wrong := what_is_wrong(command):
            blind = has_no_meaning(command) or command.exit_code == _NOT_FOUND
            say = evidence.unknown if blind else evidence.warning if held else evidence.critical
            say(f"`{command.command}` {wrong}", source=evidence.at(written.place, command.line))


def judge_challenge(replica: Replica, http: HttpPart, token: str, written: Procedure, evidence: Record) -> None:
    """Judge whether a challenge is answered as the authority asks for it: over HTTP, redirects followed."""
    path = f"/.well-known/acme-challenge/{token}"
    port = "" if http.plain_port == _HTTP else f":{http.plain_port}"
    source = evidence.source(written.place)
    try:
        with replica.http(unchecked()) as client:
            answer = client.get(f"http://{urlsplit(http.url).hostname}{port}{path}", follow_redirects=True)
    except httpx.HTTPError as error:
        evidence.critical(f"expected http://…{path} to be answered, got {type(error).__name__}: {error}", source=source)
        return
    if answer.text != token:
        evidence.critical(
            f"expected {answer.url} to answer what certbot puts there, got {answer.status_code}: {answer.text[:80]!r}",
            source=source,
        )
    evidence.saw(f"{path} answers what certbot puts there")
