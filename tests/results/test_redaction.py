from __future__ import annotations

import base64
import json
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.results.model import RunReport
from rehearsal.results.redaction import MASK, Redactor, SecretTooShortError
from rehearsal.results.serial import to_json
from tests.results.generated import reports

SECRET = "p4ß'w \"$&/+x"  # noqa: S105  a value made to be mangled by every way of quoting
TAIL = base64.b64encode(SECRET.encode()).decode()


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(SECRET, id="plain"),
        pytest.param(quote(SECRET), id="url"),
        pytest.param(quote(SECRET, safe=""), id="url-whole"),
        pytest.param(quote(SECRET, safe="").lower(), id="url-lower"),
        pytest.param(quote_plus(SECRET), id="form"),
        pytest.param(json.dumps(SECRET), id="json"),
        pytest.param(json.dumps(SECRET, ensure_ascii=False), id="json-utf8"),
        pytest.param(shlex.quote(SECRET), id="shell"),
        pytest.param(repr(SECRET), id="repr"),
        pytest.param(TAIL, id="base64"),
        pytest.param(base64.urlsafe_b64encode(SECRET.encode()).decode(), id="base64-url"),
    ],
)
def test_known_secret_is_masked_however_written(written: str) -> None:
    """Quoting does not carry a secret past the mask."""
    masked = Redactor([SECRET]).text(f"before {written} after")
    assert MASK in masked
    assert written.strip("'\"") not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


@pytest.mark.parametrize("user", ["u:", "me:", "you:"])
def test_secret_inside_base64_is_masked(user: str) -> None:
    """Basic authentication encodes user and password together, at any of three alignments."""
    secret = "correct horse battery"  # noqa: S105  made up
    encoded = base64.b64encode(f"{user}{secret}".encode()).decode()
    masked = Redactor([secret]).text(encoded)
    assert MASK in masked
    assert "horse" not in base64.b64decode(masked.replace(MASK, "") + "==", validate=False).decode(errors="replace")


def test_longer_secret_is_masked_first() -> None:
    """A secret that begins another leaves no tail of it."""
    assert Redactor(["hunter", "hunter22"]).text("x hunter22 y hunter z") == f"x {MASK} y {MASK} z"


def test_short_secret_is_refused_without_showing_it() -> None:
    """A secret of three letters can't be masked; the reader is told, the secret is not."""
    with pytest.raises(SecretTooShortError, match="at least 4 characters") as refused:
        Redactor(["long enough", "q7!"])
    assert "q7!" not in str(refused.value)


def test_no_secret_is_none_to_mask() -> None:
    """An empty password (a Redis without one) masks nothing."""
    assert Redactor([""]).text("redis answered PONG") == "redis answered PONG"


@pytest.mark.parametrize(
    "text",
    [
        "export DB_PASSWORD=s3kr1t",
        "PGPASSWORD='s3kr1t' psql -U postgres",
        'PGPASSWORD="s3kr1t $x" psql',
        "REDISCLI_AUTH=s3kr1t redis-cli ping",
        '{"password": "s3kr1t", "user": "a"}',
        "Authorization: Bearer s3kr1t",
        "curl -H 'Authorization: Basic s3kr1t==' http://localhost",
        "postgresql://postgres:s3kr1t@localhost:5432/email_gateway",
        "redis://:s3kr1t@localhost",
        "redis-cli -h localhost -a s3kr1t ping",
        "docker-compose exec redis redis-cli --pass 's3kr1t' INFO",
        "redis-cli AUTH s3kr1t",
        "curl -fsu admin:s3kr1t http://localhost/",
        "  requirepass s3kr1t",
        "api_key=s3kr1t",
        "-----BEGIN RSA PRIVATE KEY-----\ns3kr1t\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\ns3kr1t\n(cut)",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    """A secret that nobody named is masked by the company it keeps."""
    masked = Redactor(()).text(text)
    assert MASK in masked
    assert "s3kr1t" not in masked
    assert Redactor(()).text(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        'PGPASSWORD="$DB_PASSWORD" pg_dump -U postgres',
        "REDISCLI_AUTH=${REDIS_PASSWORD} redis-cli -a $REDIS_PASSWORD ping",
        'FATAL:  password authentication failed for user "postgres"',
        "NOAUTH Authentication required.",
        "http://localhost:3000/v1/health@now",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    ],
)
def test_what_gives_nothing_away_stays(text: str) -> None:
    """Evidence stays readable: names of variables, error messages, addresses."""
    assert Redactor(()).text(text) == text


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_sentinel_never_leaves_in_json(data: st.DataObject) -> None:
    """Whatever field a secret has got into, results.json does not hold it."""
    around = st.text(max_size=5)
    planted = st.builds(lambda before, after: f"{before}{SECRET}{after}", around, around)
    report = data.draw(reports(planted | around))
    written = to_json(Redactor([SECRET]).report(report))
    assert SECRET not in written
    assert json.dumps(SECRET, ensure_ascii=False)[1:-1] not in written


def test_outcomes_are_words_not_text() -> None:
    """A secret that is spelt like an outcome does not make the report unreadable for programs."""
    from tests.reports.demo import demo_report  # noqa: PLC0415

    masked = Redactor(["critical"]).report(demo_report())
    assert isinstance(masked, RunReport)
    assert [result.outcome for result in masked.results] == [result.outcome for result in demo_report().results]


@pytest.mark.parametrize(
    "part", ["a.", "redis-cli ", "curl -u a ", "curl -uuuu", "\n", "x://u", "password ", "BEGIN A "]
)
def test_repetitive_output_is_masked_in_linear_time(part: str) -> None:
    """A gateway's output can't hold a run up: at the square of this length the test would take hours."""
    text = part * 100_000
    assert Redactor(["hunter22"]).text(text) == text
