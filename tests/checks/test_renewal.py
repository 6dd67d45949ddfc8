"""Sabotage of "Renovar Certificados"."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from checks.maintenance import test_renewal as checked
from rehearsal.drills.renewal import OTHER_KEY, OTHER_NAME, REFUSED
from rehearsal.results.model import Outcome
from tests.checks.copies import changed_gateway
from tests.checks.judge import Judge, Verdict

CERTBOT = "certbot certonly --non-interactive --webroot -w ./nginx/acme --cert-name gw.example.com -d gw.example.com\n"
LIVE = "/etc/letsencrypt/live/gw.example.com"
FULL, PARTS = f"{LIVE}/fullchain.pem", f"{LIVE}/cert.pem {LIVE}/chain.pem"
COPY = f"cp -L {LIVE}/fullchain.pem ./ssl/cert.pem\ncp -L {LIVE}/privkey.pem ./ssl/key.pem\n"
RELOAD = "docker-compose exec -T nginx nginx -s reload"
HOOK = f"""certbot renew --deploy-hook '
cp {LIVE}/fullchain.pem ./ssl/cert.pem; cp {LIVE}/privkey.pem ./ssl/key.pem; {RELOAD}'"""
OPEN = f"""{CERTBOT}cat {LIVE}/fullchain.pem > ./ssl/cert.pem
(umask 022; rm ./ssl/key.pem; cat {LIVE}/privkey.pem > ./ssl/key.pem)
"""


def _with(judge: Judge, folder: Path, block: str) -> Judge:
    written = re.search(r"#### Renovar Certificados.*?```bash\n(.*?)```", judge.runbook.text, re.DOTALL)
    assert written
    return judge.reading(folder, (written[1], f"{block}\n"))


@pytest.mark.parametrize(
    ("block", "expected", "words"),
    [
        ("certbot renew --nginx\ndocker-compose restart nginx", Outcome.CRITICAL, "still the old one"),
        (CERTBOT + COPY, Outcome.CRITICAL, "still the old one"),
        (CERTBOT + COPY.replace("privkey", "fullchain") + RELOAD, Outcome.CRITICAL, ""),
        (CERTBOT + COPY + "docker-compose restart nginx", Outcome.WARNING, "were refused"),
        (OPEN + RELOAD, Outcome.WARNING, "closed to others"),
        (CERTBOT + COPY.replace("fullchain", "cert") + RELOAD, Outcome.CRITICAL, "give nginx fullchain.pem"),
        (CERTBOT + COPY + RELOAD, Outcome.OK, ""),
        (CERTBOT + COPY.replace("cp -L", "cat", 1).replace(FULL, f"{PARTS} >") + RELOAD, Outcome.OK, ""),
        (f"mkdir -p {LIVE}\n{HOOK}", Outcome.OK, ""),
        ("acme.sh --renew -d gw.example.com", Outcome.UNKNOWN, "never called certbot"),
    ],
    ids=[
        "never-copied",
        "never-reloaded",
        "no-key",
        "restarted",
        "open-key",
        "leaf-only",
        "copied",
        "of-two-files",
        "by-a-hook",
        "other-client",
    ],
)
def test_renewal_is_judged_by_what_is_shown(
    block: str, expected: Outcome, words: str, judge: Judge, tmp_path: Path
) -> None:
    """A new certificate that does not reach clients is critical, one that reaches them in any way is not."""
    seen = _with(judge, tmp_path, block)(checked.test_renewed_certificate_is_served)
    assert seen.outcome is expected, seen.message
    assert words in _said(seen)


@pytest.mark.parametrize(
    ("wrong", "reload", "expected"),
    [
        (OTHER_KEY, f"{RELOAD} || true", Outcome.CRITICAL),
        (OTHER_KEY, RELOAD, Outcome.WARNING),
        (OTHER_NAME, RELOAD, Outcome.WARNING),
        (REFUSED, RELOAD, Outcome.OK),
    ],
    ids=["other-key", "other-key, loud", "other-name", "refused"],
)
def test_wrong_certificate_that_comes_through_is_seen(
    wrong: str, reload: str, expected: Outcome, judge: Judge, tmp_path: Path
) -> None:
    """A copy without a look lets a wrong certificate through: the reference does not; whoever says so is warned of."""
    assert judge(checked.test_wrong_certificate_is_refused, wrong=wrong).outcome is Outcome.OK
    block = CERTBOT.strip() + " && \\\n" + COPY + reload
    seen = _with(judge, tmp_path, block)(checked.test_wrong_certificate_is_refused, wrong=wrong)
    assert seen.outcome is expected, seen.message


@pytest.mark.parametrize(
    "change",
    [
        ("location /.well-known/acme-challenge/", "location /.well-known/acme/"),
        ("root /etc/nginx/acme;", "root /etc/nginx/ssl;"),
    ],
    ids=["no-place", "other-folder"],
)
def test_challenge_that_is_not_answered_is_seen(change: tuple[str, str], tmp_path: Path) -> None:
    """Where nginx does not serve certbot's folder, the challenge fails, and with it the renewal."""
    with changed_gateway(tmp_path, {"nginx/nginx.conf": (change,)}) as judge:
        challenge = judge(checked.test_challenge_is_answered)
        renewal = judge(checked.test_renewed_certificate_is_served)
    assert (challenge.outcome, renewal.outcome) == (Outcome.CRITICAL, Outcome.CRITICAL), challenge.message


@pytest.mark.skipif(not (shutil.which("certbot") and shutil.which("pebble")), reason="no certbot or pebble here")
def test_authority_that_is_not_answered_is_seen(tmp_path: Path) -> None:
    """Where nginx does not serve certbot's folder, the authority gives nothing; the reference is given one."""
    change = ("root /etc/nginx/acme;", "root /etc/nginx/ssl;")
    with changed_gateway(tmp_path, {"nginx/nginx.conf": (change,)}) as judge:
        seen = judge(checked.test_authority_renews_it)
    assert (seen.outcome, "certbot holds no certificate" in _said(seen)) == (Outcome.CRITICAL, True), seen.message
    with changed_gateway(tmp_path / "whole", {}) as judge:
        seen = judge(checked.test_authority_renews_it)
    assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.skipif(not (shutil.which("certbot") and shutil.which("pebble")), reason="no certbot or pebble here")
def test_authority_renews_what_it_gave_before(judge: Judge, tmp_path: Path) -> None:
    """`certbot renew` renews what is due, and a section that copies it is not accused."""
    block = "certbot renew\n" + COPY + RELOAD
    seen = _with(judge, tmp_path, block)(checked.test_authority_renews_it)
    assert seen.outcome is Outcome.OK, seen.message


@pytest.mark.skipif(not (shutil.which("certbot") and shutil.which("pebble")), reason="no certbot or pebble here")
def test_chain_of_the_authority_that_is_left_out_is_seen(judge: Judge, tmp_path: Path) -> None:
    """Where the certificate alone is copied, clients that do not know the intermediate refuse it."""
    block = "certbot renew\n" + COPY.replace("fullchain", "cert") + RELOAD
    seen = _with(judge, tmp_path, block)(checked.test_authority_renews_it)
    assert (seen.outcome, "give nginx fullchain.pem" in _said(seen)) == (Outcome.CRITICAL, True), seen.message


def test_reference_is_ok(judge: Judge) -> None:
    """Nothing is said against the reference."""
    seen = [judge(checked.test_challenge_is_answered), judge(checked.test_renewed_certificate_is_served)]
    assert [one.outcome for one in seen] == [Outcome.OK, Outcome.OK], [one.message for one in seen]


def test_section_that_is_not_there_is_unknown(judge: Judge, tmp_path: Path) -> None:
    """Without the section nothing was verified."""
    changed = judge.reading(tmp_path, ("#### Renovar Certificados", "#### Outra Coisa"))
    assert changed(checked.test_renewed_certificate_is_served).outcome is Outcome.UNKNOWN


def _said(seen: Verdict) -> str:
    return " / ".join(one.message for one in seen.record.findings)
