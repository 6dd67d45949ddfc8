"""The `.env` that scripts read their passwords from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rehearsal.replica.processes.dotenv import dotenv
from tests.replica.conftest import KINDS, TINY, of_kind, tiny

KNOWN = {
    "DB_HOST": "localhost",
    "DB_PORT": "5432",
    "DB_USER": "postgres",
    "DB_NAME": "email_gateway",
    "DB_PASSWORD": "made",
    "REDIS_HOST": "localhost",
    "REDIS_PORT": "6379",
    "REDIS_PASSWORD": "",
}
LIVE = """\
# the live gateway's
DB_PASSWORD=live-secret-1
export POSTGRES_PASSWORD='live-secret-2'
DATABASE_URL=postgresql://mailer:live-secret-3@postgres:5432/mailer
REDIS_URL="redis://:live-secret-4@redis:6379/0"
API_KEYS=live-secret-5
SLACK_URL=https://hooks.example.com/live-secret-6
SMTP_PWD=Hunter2
DB_PW=hunter
LICENCE=live-secret-7
LOG_LEVEL="info"   # as the team likes it
WORKERS = 4
"""


def _parsed(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())


@pytest.mark.parametrize("name", [".env", ".env.example"])
def test_live_secrets_are_replaced(name: str, tmp_path: Path) -> None:
    """Each variable is there, with the replica's value, a harmless one, or a word that opens nothing."""
    (tmp_path / name).write_text(LIVE)
    text = dotenv(tiny(tmp_path), KNOWN)
    assert "live-secret" not in text
    assert "example.com" not in text
    assert _parsed(text) == KNOWN | {
        "POSTGRES_USER": "postgres",
        "POSTGRES_DB": "email_gateway",
        "POSTGRES_PASSWORD": "made",
        "DATABASE_URL": "postgresql://postgres:made@localhost:5432/email_gateway",
        "REDIS_URL": "redis://localhost:6379/0",
        "API_KEYS": "replica",
        "SLACK_URL": "replica",
        "SMTP_PWD": "replica",
        "DB_PW": "replica",
        "LICENCE": "replica",
        "LOG_LEVEL": "info",
        "WORKERS": "4",
    }


def test_address_of_redis_has_its_password(tmp_path: Path) -> None:
    """Where the replica's Redis has one, the address has it, too."""
    (tmp_path / ".env").write_text(LIVE)
    text = dotenv(tiny(tmp_path), KNOWN | {"REDIS_PASSWORD": "made"})
    assert _parsed(text)["REDIS_URL"] == "redis://:made@localhost:6379/0"


def test_gateway_that_speaks_of_none_has_none(tmp_path: Path) -> None:
    """A file that nobody reads is not made; one that a script reads is, though it is in no repository."""
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts" / "backup.sh"
    script.write_text("cat prod.env .environment\n")
    assert dotenv(tiny(tmp_path), KNOWN) == ""
    script.write_text('source "$(dirname "$0")/../.env"\n')
    assert _parsed(dotenv(tiny(tmp_path), KNOWN)).items() >= KNOWN.items()


@pytest.mark.parametrize("kind", KINDS)
def test_script_reads_the_replicas_own(kind: str, tmp_path: Path) -> None:
    """What is read from it opens the replica's stores, and nobody else may read it."""
    folder = tmp_path / "gateway"
    shutil.copytree(TINY, folder)
    (folder / ".env").write_text(LIVE)
    with of_kind(kind, folder) as replica:
        script = (
            'unset DB_PASSWORD; . ./.env && PGPASSWORD="$DB_PASSWORD"'
            ' psql -w -h localhost -p "$DB_PORT" -U postgres -Atc "SELECT 7"'
        )
        run = replica.run_script(script, timeout=30)
        assert run.stdout == "7\n", run.stderr
        assert replica.run_script("stat -c %a .env; cat .env", timeout=30).stdout.startswith("600\n")
        assert "live-secret" not in replica.run_script("cat .env", timeout=30).stdout
