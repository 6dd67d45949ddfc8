"""Sabotage of "Verificar Validade"."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from checks.maintenance import test_certificate as checked
from rehearsal.drills import certificates
from rehearsal.gateway.description import Gateway
from rehearsal.replica.processes.certificate import make
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.copies import changed_gateway
from tests.checks.judge import Judge

BLOCK = "openssl x509 -in ./ssl/cert.pem -noout -subject -enddate -checkend 2592000"
ALL: list[Callable[..., None]] = [
    checked.test_served_certificate_lasts,
    checked.test_clients_accept_the_certificate,
    checked.test_old_protocols_refused,
    checked.test_section_looks_at_the_served_certificate,
    checked.test_section_tells_a_certificate_that_ends,
]


def test_reference_is_ok(judge: Judge) -> None:
    """Nothing is said against the reference gateway."""
    seen = [judge(check) for check in ALL]
    assert [one.outcome for one in seen] == [Outcome.OK] * len(ALL), [one.message for one in seen]


@pytest.mark.parametrize(
    ("days", "expected", "words"),
    [
        (10, Outcome.WARNING, "10 more days"),
        (3, Outcome.CRITICAL, "3 more days"),
        (-2, Outcome.CRITICAL, "expired 2.0 days ago"),
    ],
    ids=["warning", "critical", "expired"],
)
def test_certificate_that_ends_is_seen(
    days: int, expected: Outcome, words: str, replica: Replica, gateway: Gateway, judge: Judge
) -> None:
    """A certificate near its end is a warning, nearer to it or after it critical, in figures."""
    certificates.serve(replica, gateway, certificates.make(gateway, days))
    seen = judge(checked.test_served_certificate_lasts)
    assert seen.outcome is expected, seen.message
    assert words in seen.message


def test_figures_are_the_documents(judge: Judge, tmp_path: Path) -> None:
    """The least that must be left is the section's own figure; where it names none, that of gateway.toml."""
    longer = judge.reading(tmp_path, ("-checkend 2592000", "-checkend 8640000"))(checked.test_served_certificate_lasts)
    assert longer.outcome is Outcome.WARNING, longer.message
    late = judge.reading(tmp_path, ("-checkend 2592000", "-checkend 0"))(checked.test_served_certificate_lasts)
    assert (late.outcome, "later than" in late.message) == (Outcome.WARNING, True), late.message
    none = judge.reading(tmp_path, ("-checkend 2592000", "-dates"))(checked.test_served_certificate_lasts)
    assert (none.outcome, "30 are asked for" in none.message) == (Outcome.OK, True), none.message


@pytest.mark.parametrize("check", [ALL[0], ALL[3], ALL[4]])
def test_section_that_is_not_there_is_unknown(check: object, judge: Judge, tmp_path: Path) -> None:
    """Without the section, or without commands in it, nothing was verified."""
    assert callable(check)
    for change in (
        ("#### Verificar Validade", "#### Outra Coisa"),
        (f"```bash\n# Ver o prazo; o status é diferente de 0 se faltam menos de 30 dias\n{BLOCK}\n```", "Ver o prazo."),
    ):
        assert judge.reading(tmp_path, change)(check).outcome is Outcome.UNKNOWN


def test_other_name_and_unknown_issuer_are_seen(replica: Replica, gateway: Gateway, judge: Judge) -> None:
    """A certificate that clients do not trust is critical, and the reason is TLS's own."""
    certificates.serve(replica, gateway, make(["elsewhere.example.com"]))
    seen = judge(checked.test_clients_accept_the_certificate)
    assert (seen.outcome, "self-signed certificate" in seen.message) == (Outcome.CRITICAL, True), seen.message


@pytest.mark.parametrize(
    ("settings", "expected", "words"),
    [
        ("ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;", Outcome.CRITICAL, "found it spoken"),
        ("ssl_protocols TLSv1.1 TLSv1.2 TLSv1.3;", Outcome.WARNING, "settings offer TLSv1.1"),
        ("ssl_protocols TLSv1.3;", Outcome.OK, ""),
        ("ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers HIGH:!aNULL:!MD5;", Outcome.OK, ""),
        ("ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers HIGH:eNULL;", Outcome.WARNING, "anybody can read: eNULL"),
        ("", Outcome.OK, ""),
    ],
    ids=["spoken", "offered", "newest-only", "strong", "no cipher", "default"],
)
def test_old_protocols_are_seen(settings: str, expected: Outcome, words: str, tmp_path: Path) -> None:
    """A version that is old and spoken is critical, one that is only offered a warning."""
    changes = {"nginx/nginx.conf": (("ssl_protocols TLSv1.2 TLSv1.3;", settings),)}
    with changed_gateway(tmp_path, changes) as judge:
        seen = judge(checked.test_old_protocols_refused)
    assert (seen.outcome, words in seen.message) == (expected, True), seen.message


def test_file_that_is_not_served_is_seen(replica: Replica, gateway: Gateway, judge: Judge) -> None:
    """A certificate that was renewed on disk, with nginx never reloaded, is critical."""
    certificates.put(replica, certificates.make(gateway, 80), {"./ssl/cert.pem": False}, timeout=10)
    seen = judge(checked.test_section_looks_at_the_served_certificate)
    assert (seen.outcome, "not reloaded" in seen.message) == (Outcome.CRITICAL, True), seen.message


@pytest.mark.parametrize(
    ("block", "expected", "words"),
    [
        ('openssl x509 -in ./ssl/cert.pem -text -noout | grep -A2 "Validity"', Outcome.WARNING, "dates only"),
        ("openssl x509 -in ./ssl/cert.pm -noout -checkend 2592000", Outcome.CRITICAL, "cert.pm"),
        ("openssl x509 -in ./ssl/cert.pem -noout -subject", Outcome.CRITICAL, "the same"),
        (
            "if openssl x509 -in ./ssl/cert.pem -noout -checkend 2592000; then echo VALIDO; else echo RENOVAR; fi",
            Outcome.OK,
            "",
        ),
        (
            "openssl s_client -connect localhost:443 </dev/null 2>/dev/null | openssl x509 -noout -checkend 2592000",
            Outcome.OK,
            "",
        ),
    ],
    ids=["dates-only", "no-such-file", "tells-nothing", "in-words", "asks-the-server"],
)
def test_telling_is_judged_by_what_is_told(
    block: str, expected: Outcome, words: str, judge: Judge, tmp_path: Path
) -> None:
    """A block that says the same of an expired certificate is critical, one that leaves it to a person a warning."""
    seen = judge.reading(tmp_path, (BLOCK, block))(checked.test_section_tells_a_certificate_that_ends)
    assert (seen.outcome, words in seen.message) == (expected, True), seen.message


def test_look_at_another_file_is_seen(tmp_path: Path) -> None:
    """Where nginx reads another file than the section, the section tells nothing of what clients are shown."""
    changes = {"nginx/nginx.conf": (("/etc/nginx/ssl/cert.pem", "/etc/nginx/ssl/gateway.pem"),)}
    with changed_gateway(tmp_path, changes) as judge:
        seen = judge(checked.test_section_tells_a_certificate_that_ends)
    assert (seen.outcome, "does not look at" in seen.message) == (Outcome.CRITICAL, True), seen.message
