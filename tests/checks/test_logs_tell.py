"""Sabotage of what services log: the text of mails."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from checks.security.test_logs import test_logs_hold_no_mails as hold_no_mails
from checks.security.test_logs import test_nginx_lists_no_folder as lists_no_folder
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge
from tests.checks.sabotaged import sabotaged

_BODY = "sed -i 's#$upstream_response_time#& \"$request_body\"#' nginx/nginx.conf && docker-compose restart nginx"
_READY = " && curl -fsS --retry 50 --retry-delay 0 --retry-connrefused http://localhost/health/readyz"


def test_logs_of_the_reference_hold_no_mails(judge: Judge) -> None:
    """The reference logs who and when, and every log was looked into."""
    seen = judge(hold_no_mails)
    assert seen.outcome is Outcome.OK, seen.message
    assert seen.record.evidence


@pytest.mark.parametrize("error", ["ResponseException", "RecipientsRefused"], ids=["deferred", "refused"])
def test_log_of_a_mail_that_is_not_taken_is_seen(error: str, tmp_path: Path) -> None:
    """A worker that logs a whole mail with its error is critical, though a mail that is taken leaves no word."""
    at = f"    except smtplib.SMTP{error} as refusal:\n"
    with sabotaged(tmp_path, ("app/smtp.py", at, f"{at}        print(mail, flush=True)\n")) as judge:
        seen = judge(hold_no_mails)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert "the log of worker" in seen.message


@pytest.mark.parametrize(
    ("sabotage", "place"),
    [
        pytest.param(_BODY + _READY, "the log of nginx", id="nginx logs what is posted"),
        pytest.param(
            "docker-compose exec -T postgres psql -U postgres -c \"ALTER SYSTEM SET log_statement = 'all'\""
            " -c 'SELECT pg_reload_conf()'",
            "the log of postgres",
            id="PostgreSQL logs what is stored",
        ),
    ],
)
def test_log_that_tells_is_seen(sabotage: str, place: str, replica: Replica, judge: Judge) -> None:
    """A log with the text of a mail in it is critical, by its name."""
    changed = replica.run_script(sabotage, timeout=30)
    assert changed.exit_code == 0, changed.stderr
    seen = judge(hold_no_mails)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert any(place in finding.message for finding in seen.record.findings), seen.record.findings


_KEY = "a key of the API stands in the log of nginx"
_LET_IN = "what a client says to be let in stands in the log of nginx"
_POOL = "    pool = make_pool("


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("nginx/nginx.conf", "$upstream_response_time", '$upstream_response_time "$http_x_api_key"', _KEY),
        ("nginx/nginx.conf", "$upstream_response_time", '$upstream_response_time "$http_authorization"', _LET_IN),
        ("nginx/nginx.conf", "$upstream_response_time", '$upstream_response_time "$http_cookie"', _LET_IN),
        (
            "app/worker.py",
            _POOL,
            f"    print(settings.db_arguments('worker'), flush=True)\n{_POOL}",
            "a password stands in",
        ),
    ],
    ids=["key", "authorization", "cookie", "password"],
)
def test_log_of_what_opens_doors_is_seen(file: str, old: str, new: str, words: str, tmp_path: Path) -> None:
    """An access log with the key of each client, and a worker that prints its settings, are critical."""
    key = ('# submit_headers = { X-Api-Key = "test" }', 'submit_headers = { X-Api-Key = "rehearsal-key" }')
    with sabotaged(tmp_path, ("gateway.toml", *key), (file, old, new)) as judge:
        seen = judge(hold_no_mails)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert [one.message for one in seen.record.findings if words in one.message], seen.record.findings


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("", Outcome.OK),
        ("autoindex off;", Outcome.OK),
        ("# autoindex on;", Outcome.OK),
        ("autoindex on;", Outcome.WARNING),
    ],
    ids=["nothing", "off", "a comment", "on"],
)
def test_list_of_files_is_seen(line: str, outcome: Outcome, reader: Judge, tmp_path: Path) -> None:
    """An nginx that shows what lies in a folder is a warning."""
    shutil.copytree(reader.gateway.directory / "nginx", tmp_path / "nginx")
    settings = tmp_path / "nginx" / "nginx.conf"
    settings.write_text(settings.read_text().replace("http {\n", f"http {{\n    {line}\n", 1))
    gateway = reader.gateway.model_copy(update={"directory": tmp_path})
    seen = replace(reader, gateway=gateway)(lists_no_folder)
    assert seen.outcome is outcome, seen.message
