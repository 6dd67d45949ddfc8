"""What inline code is, and where it stands."""

import pytest

from rehearsal.runbook.inline import is_command
from tests.runbook.reading import read_text


@pytest.mark.parametrize(
    "code",
    [
        "docker-compose logs api",
        "df -h",
        "./scripts/monitor-system.sh",
        "bin/limpar-logs.sh",
        "bin/limpar-logs",
        "./scripts/check-host",
        "/opt/x/check.py",
        "./bin/check --all",
        "PGPASSWORD=x psql -l",
        "sudo systemctl restart nginx",
        "cat a | grep b",
        "(umask 077; ls -l > x)",
    ],
)
def test_command(code: str) -> None:
    """Two words of which the first looks like a program, or the path of a script."""
    assert is_command(code)


@pytest.mark.parametrize(
    "code",
    ["", "./backups/", "/var/log/x.log", "email_gateway", "ping", "SELECT 1", "GET /health", "> 80%", "[ -f x ]",
     "X=1", "bull:email-send:wait", "200 OK", "script.sh", "app/worker.py", "`", "./gateway.toml",
     "ops/crontab", "scripts/", "bin/lib.d/x",
     "deny ADDRESS;", "allow 10.0.0.0/8;"],
)  # fmt: skip
def test_no_command(code: str) -> None:
    """Paths, files, keys, identifiers, SQL and requests."""
    assert not is_command(code)


def test_lines_in_a_long_item() -> None:
    """Code and links stand in the line where they are written, also after code that goes over a line end."""
    runbook = read_text(
        """
        # R
        1. Ver `docker
           ps`, depois
           `docker logs api` e
           [o guia](https://example.org/a%20b "um\n           título")
           e `df -h`
        """
    )
    commands = runbook.sections[0].steps[0].commands
    assert [(command.text, command.line) for command in commands] == [
        ("docker ps", 2),
        ("docker logs api", 4),
        ("df -h", 7),
    ]
    assert [(link.text, link.target, link.line) for link in runbook.links] == [("o guia", "https://example.org/a b", 5)]
