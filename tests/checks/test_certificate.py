"""Sabotage of "Verificar Validade"."""

from checks.maintenance import test_certificate as checked
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge

# Signed by the certificate that it replaces: the replica's clients trust that one only.
_TEN_DAYS = r"""
set -e -o pipefail
printf '[req]\nprompt = no\ndistinguished_name = name\n[name]\nCN = short\n' >ssl/request.cnf
openssl req -new -config ssl/request.cnf -newkey rsa:2048 -nodes -keyout ssl/key.new |
    openssl x509 -req -days 10 -CA ssl/cert.pem -CAkey ssl/key.pem -set_serial 2 -out ssl/cert.new \
        -extfile <(echo "subjectAltName = DNS:localhost, IP:127.0.0.1")
mv ssl/cert.new ssl/cert.pem
mv ssl/key.new ssl/key.pem
docker-compose restart nginx
until openssl s_client -connect localhost:443 </dev/null >/dev/null 2>&1; do sleep 0.05; done
"""


def test_certificate_that_ends_soon_is_seen(replica: Replica, judge: Judge) -> None:
    """A certificate of ten days is a warning that says so, and the replica's own of ninety days is ok."""
    healthy = judge(checked.test_served_certificate_lasts)
    assert healthy.outcome is Outcome.OK, healthy.message
    changed = replica.run_script(_TEN_DAYS, timeout=30)
    assert changed.ok, changed.stderr
    seen = judge(checked.test_served_certificate_lasts)
    assert seen.outcome is Outcome.WARNING, seen.message
    assert "9 more days" in seen.message
