"""Log lines that speak of errors, and those that only sound so."""

import pytest

from rehearsal.gateway.logs import errors_in


@pytest.mark.parametrize(
    ("service", "line"),
    [
        ("postgres", "2026-11-23 10:00:00.123 UTC [71] FATAL:  could not write lock file: No space left on device"),
        ("nginx", "2026/11/23 10:00:00 [emerg] 1#1: bind() to 0.0.0.0:80 failed"),
        ("redis", "1:M 23 Nov 2026 10:00:00.000 # Fatal error loading the DB, check server logs. Exiting."),
        ("worker", "CRITICAL worker: no route to the queue"),
        ("api", '{"level":60,"msg":"gone"}'),
    ],
)
def test_grave_lines_are_found(service: str, line: str) -> None:
    """Lines of a level at which a service can't go on are grave."""
    assert errors_in(service, f"fine\n{line}\nfine").grave == (line,)


@pytest.mark.parametrize(
    ("service", "line"),
    [
        ("postgres", '2026-11-23 10:00:00.123 UTC [71] ERROR:  relation "email_outbox" does not exist at character 15'),
        ("nginx", "2026/11/23 10:00:00 [error] 7#7: *1 connect() failed (111: Connection refused) while connecting"),
        ("redis", "1:M 23 Nov 2026 10:00:00.000 # Background saving error"),
        ("worker", "2026-11-23 10:00:00 ERROR worker job 12 failed: connection refused"),
        ("worker", "Traceback (most recent call last):"),
        ("api", '{"level":"error","msg":"timeout"}'),
        ("api", "UnhandledPromiseRejectionWarning: Error: connect ECONNREFUSED"),
        ("worker", "Error: connect ECONNREFUSED 172.18.0.3:6379"),
        ("api", "TypeError: Cannot read properties of undefined (reading 'id')"),
        ("api", '{"severity":"ERROR","message":"timeout","info":"x"}'),
        ("api", '{"message":"Unhandled exception","level":"info'),
        ("worker", "[error] queue: connection lost"),
        ("worker", "2026-11-23 10:00:00 GET /info ERROR upstream gone"),
        ("nginx", '2026/11/23 10:00:00 [error] 7#7: *9 open() "/var/cache/x" failed (13: Permission denied)'),
        (
            "nginx",
            "2026/11/23 10:00:00 [crit] 7#7: *9 SSL_do_handshake() failed while SSL handshaking to upstream, client:",
        ),
    ],
)
def test_error_lines_are_found(service: str, line: str) -> None:
    """Lines of level error are found and are not grave."""
    found = errors_in(service, line)
    assert (found.plain, found.grave) == ((line,), ())


@pytest.mark.parametrize(
    ("service", "line"),
    [
        ("postgres", "2026-11-23 10:00:00.123 UTC [71] FATAL:  the database system is starting up"),
        ("postgres", "2026-11-23 10:00:00 UTC [71] FATAL:  terminating connection due to administrator command"),
        ("postgres", "2026-11-23 10:00:00 UTC [71] LOG:  checkpoint complete: wrote 3 buffers, 0 errors"),
        ("nginx", '127.0.0.1 - - [23/Nov/2026] "GET /v1/errors HTTP/1.1" 200 12 "-" "ERROR-hunter"'),
        ("redis", "1:M 23 Nov 2026 10:00:00.000 # WARNING Memory overcommit must be enabled! Without it, ... failed"),
        ("redis", "1:M 23 Nov 2026 10:00:00.000 * Background saving terminated with success"),
        ("worker", "INFO worker sent 12 mails with 0 errors, 0 failed"),
        ("api", '{"level":30,"msg":"error budget left: 97 %"}'),
        ("api", '{"level": "info", "msg": "Unhandled rejections: 0", "err": null}'),
        ("api", '{"severity":"INFO","message":"retry on ERROR is on","level_of_detail":"error"}'),
        ("worker", "2026-11-23 10:00:00,123 [info] Unhandled rejections: 0"),
        ("worker", "2026-11-23T10:00:00Z INFO app.retry policy: on ERROR wait 5 s"),
        ("api", 'time="2026-11-23" level=info msg="ERROR_REPORTING=off, ERROR count 0"'),
        (
            "nginx",
            '2026/11/23 10:00:00 [error] 7#7: *9 open() "/usr/share/nginx/html/wp-login.php" failed (2: No such file',
        ),
        (
            "nginx",
            '2026/11/23 10:00:00 [error] 7#7: *9 limiting requests, excess: 20.3 by zone "emails", client: 1.2.3.4',
        ),
        (
            "nginx",
            "2026/11/23 10:00:00 [crit] 7#7: *9 SSL_do_handshake() failed (x) while SSL handshaking, client: 1",
        ),
    ],
)
def test_lines_that_only_sound_so_are_left_alone(service: str, line: str) -> None:
    """What servers say in normal life is no error: a false alarm costs the trust that a true one needs."""
    found = errors_in(service, line)
    assert not found.grave
    assert not found.plain
