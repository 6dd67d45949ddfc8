"""Secrets planted wherever a run meets them, and looked for wherever it leaves something."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.runs.running import Place, Run

IN_THE_ENVIRONMENT = "sentinel-of-the-environment-5d1c"
IN_A_FILE = "sentinel-of-a-file-93ab"
PRINTS = """\
echo "own: $DB_PASSWORD"

echo "backwards: $(printf %s "$DB_PASSWORD" | rev)"

cat secrets/redis

"""


@contextmanager
def sampling() -> Iterator[set[bytes]]:
    """Collect the command line of every process that is seen inside the block."""
    seen: set[bytes] = set()
    over = threading.Event()

    def sample() -> None:
        while not over.wait(0.03):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(path.read_bytes())
                except OSError:
                    continue

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, set[bytes]]:
    """A run by a runbook that prints its secrets, and the command lines that were seen meanwhile."""
    place = Place(tmp_path_factory.mktemp("secrets"))
    (place.gateway / "secrets").mkdir()
    (place.gateway / "secrets" / "redis").write_text(IN_A_FILE + "\n")
    named = 'password = { file = "secrets/redis" }'
    place.edit("gateway.toml", ("[redis] ", f"[redis]\n{named} "))
    place.edit("RUNBOOK.md", ("# O processo da API vive\n", PRINTS + "# O processo da API vive\n"))
    with sampling() as command_lines:
        run = place.rehearse(
            "-m", "daily", "-v", "-k", "commands", environment={"GATEWAY_DB_PASSWORD": IN_THE_ENVIRONMENT}
        )
    return run, command_lines


def _printed(run: Run) -> list[str]:
    evidence = run.results["test_commands_work[connectivity]"]["evidence"]
    return [one["stdout"].strip() for one in evidence if one["command"].startswith(("echo", "cat"))]


def _own_password(run: Run) -> str:
    """Return the replica's own password: nobody masks what is printed backwards."""
    return _printed(run)[1].removeprefix("backwards: ")[::-1]


def test_secrets_stay_out_of_every_artefact(seen: tuple[Run, set[bytes]]) -> None:
    """Neither the planted secrets nor the replica's own are in the terminal or in any file of the report."""
    run, _ = seen
    secrets = [IN_THE_ENVIRONMENT, IN_A_FILE, _own_password(run)]
    files = [path for path in run.reports.rglob("*") if path.is_file()]
    assert {"report.html", "results.json", "junit.xml"} <= {path.name for path in files}
    texts = {"the terminal": run.text} | {path.name: path.read_text() for path in files}
    assert [(place, secret) for place, text in texts.items() for secret in secrets if secret in text] == []


def test_what_was_printed_is_seen_masked(seen: tuple[Run, set[bytes]]) -> None:
    """The runbook really printed them: what stands in their places is the mask."""
    run, _ = seen
    assert len(_own_password(run)) >= 20
    assert _printed(run)[0] == "own: [masked]"
    assert _printed(run)[2] == "[masked]"


def test_secrets_stay_out_of_command_lines(seen: tuple[Run, set[bytes]]) -> None:
    """No process has a secret in its arguments, where every user of the machine could read it."""
    run, command_lines = seen
    assert len(command_lines) >= 10
    secrets = [IN_THE_ENVIRONMENT, IN_A_FILE, _own_password(run)]
    assert [line for line in command_lines for secret in secrets if secret.encode() in line] == []
