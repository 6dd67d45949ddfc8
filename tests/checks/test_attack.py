"""Sabotage of "Suspeita de Ataque"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.security import test_attack as checked
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import Change, sabotaged

CHECKS = (checked.test_attack_is_found, checked.test_block_holds, checked.test_limits_hold)
_ZONES = "    limit_req_zone $binary_remote_addr zone=health:1m rate=100r/s;"
_BELIEVE = "    set_real_ip_from 0.0.0.0/0;\n    real_ip_header X-Forwarded-For;\n"
_COUNT = "2. Contar as respostas 429 e 4xx por endereço: `docker-compose logs --tail=10000 nginx | grep"


@dataclass(frozen=True)
class Sabotage:
    """One or more changes, the check that sees them, and what it says."""

    check: Callable[..., None]
    changes: tuple[Change, ...]
    words: str
    outcome: Outcome = Outcome.CRITICAL


SABOTAGES = {
    "a log without addresses": Sabotage(
        checked.test_attack_is_found,
        (
            ("nginx/nginx.conf", "'$remote_addr [$time_iso8601]", "'[$time_iso8601]"),
            ("nginx/nginx.conf", "error.log warn", "error.log crit"),
        ),
        "none of them does",
    ),
    "a log of requests that nobody sees": Sabotage(
        checked.test_attack_is_found,
        (("nginx/nginx.conf", "access_log /var/log/nginx/access.log", "access_log /var/log/nginx/gateway.log"),),
        "who comes in is not seen",
        Outcome.WARNING,
    ),
    "a log without those who hand in mails": Sabotage(
        checked.test_attack_is_found,
        (("nginx/nginx.conf", "location /v1/emails {\n", "location /v1/emails {\n            access_log off;\n"),),
        "who hands in mails is not seen",
        Outcome.WARNING,
    ),
    "a block that another service is started anew for": Sabotage(
        checked.test_block_holds,
        (("RUNBOOK.md", "e reiniciar: `docker-compose restart nginx`", "e reiniciar: `docker-compose restart api`"),),
        "which nginx does not notice",
    ),
    "a count of what no line looks like": Sabotage(
        checked.test_attack_is_found,
        (("RUNBOOK.md", "grep -E '\" 4[0-9][0-9] '", "grep -E 'HTTP/1.1 4[0-9][0-9] '"),),
        "prints nothing, and nginx has logged",
        Outcome.WARNING,
    ),
    "a count by the place that a status no longer has": Sabotage(
        checked.test_attack_is_found,
        (
            (
                "nginx/nginx.conf",
                '"$request_method $uri" $status $body_bytes_sent',
                '$status "$request_method $uri" $body_bytes_sent',
            ),
        ),
        "prints nothing, and nginx has logged",
        Outcome.WARNING,
    ),
    "an expression that grep does not know": Sabotage(
        checked.test_attack_is_found,
        (("RUNBOOK.md", "grep -E '\" 4[0-9][0-9] '", "grep -E '\" 4\\d\\d '"),),
        "prints nothing, and nginx has logged",
        Outcome.WARNING,
    ),
    "a count of neighbouring lines only": Sabotage(
        checked.test_attack_is_found,
        (("RUNBOOK.md", "| sort | uniq -c | sort -rn", "| uniq -c | sort -rn"),),
        "counts one address on several lines",
        Outcome.WARNING,
    ),
    "failed logins that are looked for in the wrong log": Sabotage(
        checked.test_attack_is_found,
        (
            (
                "RUNBOOK.md",
                "`docker-compose logs --tail=10000 postgres | grep -c",
                "`docker-compose logs --tail=10000 redis | grep -c",
            ),
        ),
        "logins failed",
    ),
    "failed logins in words only": Sabotage(
        checked.test_attack_is_found,
        (
            (
                "RUNBOOK.md",
                'banco: `docker-compose logs --tail=10000 postgres | grep -c "password authentication failed" || true`',
                "banco",
            ),
        ),
        "names no command",
        Outcome.UNKNOWN,
    ),
    "headers of clients that are believed: log": Sabotage(
        checked.test_attack_is_found, (("nginx/nginx.conf", _ZONES, _BELIEVE + _ZONES),), "only said in X-Forwarded-For"
    ),
    "headers of clients that are believed: block": Sabotage(
        checked.test_block_holds, (("nginx/nginx.conf", _ZONES, _BELIEVE + _ZONES),), "is let in again"
    ),
    "headers of clients that are believed: limit": Sabotage(
        checked.test_limits_hold, (("nginx/nginx.conf", _ZONES, _BELIEVE + _ZONES),), "evades the limit"
    ),
    "a place that lets everybody in": Sabotage(
        checked.test_block_holds,
        (
            (
                "nginx/nginx.conf",
                "        location /v1/emails {",
                "        location /v1/emails {\n            allow all;",
            ),
        ),
        "expected 403",
    ),
    "a place that lets everybody in over HTTPS": Sabotage(
        checked.test_block_holds,
        (("nginx/nginx.conf", "listen 443 ssl default_server;", "listen 443 ssl default_server;\n        allow all;"),),
        "expected 403",
    ),
    "a file for blocks that nginx does not read": Sabotage(
        checked.test_block_holds,
        (
            ("nginx/blocked.conf", "", "# blocked\n"),
            ("RUNBOOK.md", "em `./nginx/nginx.conf`", "em `./nginx/blocked.conf`"),
        ),
        "in nginx/blocked.conf and the section's commands run",
    ),
    "a block that nothing puts into effect": Sabotage(
        checked.test_block_holds,
        (
            (
                "RUNBOOK.md",
                " e reiniciar: `docker-compose restart nginx`\n5. Escalar para a equipe de seg",
                "\n5. Escalar para a equipe de seg",
            ),
        ),
        "names no command",
        Outcome.UNKNOWN,
    ),
    "a limit for all clients together": Sabotage(
        checked.test_limits_hold,
        (
            (
                "nginx/nginx.conf",
                "limit_req_zone $binary_remote_addr zone=emails",
                "limit_req_zone $server_port zone=emails",
            ),
        ),
        "not each client's own",
    ),
    "no limits where the section speaks of 429": Sabotage(
        checked.test_limits_hold,
        (
            ("nginx/nginx.conf", "limit_req zone=health burst=200 nodelay;", ""),
            ("nginx/nginx.conf", "limit_req zone=emails burst=100 nodelay;", ""),
        ),
        "holds nobody back",
    ),
    "a limit everywhere but where mails are handed in": Sabotage(
        checked.test_limits_hold,
        (("nginx/nginx.conf", "limit_req zone=emails burst=100 nodelay;", ""),),
        "all let in: the limit is on /health/healthz only",
    ),
    "limits that answer 503": Sabotage(
        checked.test_limits_hold,
        (("nginx/nginx.conf", "    limit_req_status 429;\n", ""),),
        "told 503 and not 429",
        Outcome.WARNING,
    ),
    "no section": Sabotage(
        checked.test_limits_hold,
        (("RUNBOOK.md", "#### Suspeita de Ataque", "#### Outra coisa"),),
        "expected a heading",
        Outcome.UNKNOWN,
    ),
}


@pytest.mark.parametrize("sabotage", SABOTAGES.values(), ids=SABOTAGES.keys())
def test_sabotage_is_seen(sabotage: Sabotage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What hides an attacker, lets one in, or lets one client stop all others is a finding that says so."""
    # However busy this machine is.
    monkeypatch.setattr("rehearsal.plugin.attacks._A_FLOOD", 0)
    with sabotaged(tmp_path, *sabotage.changes) as judge:
        seen = judge(sabotage.check)
    assert seen.outcome is sabotage.outcome, seen.message
    said = [finding.message for finding in seen.record.findings if finding.outcome is sabotage.outcome]
    assert any(sabotage.words in message for message in said), said


@pytest.mark.parametrize("check", CHECKS)
def test_reference_is_ok(check: Callable[..., None], judge: Judge) -> None:
    """The reference's section finds, shuts out and holds back."""
    seen = judge(check)
    assert seen.outcome is Outcome.OK, seen.message


def test_trusted_load_balancer_is_not_accused(tmp_path: Path) -> None:
    """A gateway that believes its load balancer, whose network these clients happen to be in, is not accused."""
    believes = "    set_real_ip_from 127.0.0.0/8;\n    real_ip_header X-Forwarded-For;\n"
    with sabotaged(tmp_path, ("nginx/nginx.conf", _ZONES, believes + _ZONES)) as judge:
        seen = judge(checked.test_block_holds)
    assert seen.outcome is Outcome.UNKNOWN, seen.message


_STEP = "Bloquear o endereço: `bash ./scripts/block.sh {}`"
_SCRIPT = (
    "set -e\n[[ $1 != */* ]] || { echo one address >&2; exit 1; }\n"
    'echo "deny $1;" >> nginx/denied.conf\ndocker-compose exec -T nginx nginx -s reload\n'
)


@pytest.mark.parametrize("address", ["203.0.113.9", "[IP]"])
@pytest.mark.parametrize("included", [True, False], ids=["included", "left out"])
def test_block_by_a_script(address: str, *, included: bool, tmp_path: Path) -> None:
    """A section's own way to block is taken, for what it takes: a list that nginx does not read blocks nobody."""
    changes = [
        ("RUNBOOK.md", "Bloquear o endereço com uma linha `deny` em `./nginx/nginx.conf`", _STEP.format(address)),
        ("RUNBOOK.md", "e reiniciar: `docker-compose restart nginx`", "e pronto"),
        ("scripts/block.sh", "", _SCRIPT),
        ("nginx/denied.conf", "", "# deny 192.0.2.1;\n"),
    ]
    if included:
        changes.append(("nginx/nginx.conf", _ZONES, f"    include denied.conf;\n{_ZONES}"))
    with sabotaged(tmp_path, *changes) as judge:
        seen = judge(checked.test_block_holds)
    said = [finding.message for finding in seen.record.findings]
    if included:
        # It takes no network: that one is written as a line `deny`, and nothing is said against it.
        assert seen.outcome is Outcome.OK, said
    else:
        assert seen.outcome is Outcome.CRITICAL, said
        assert any("after `bash ./scripts/block.sh 127.0.0.5`, expected 403" in message for message in said), said
