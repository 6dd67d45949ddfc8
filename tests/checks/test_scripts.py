"""Sabotage of "Scripts de Monitoramento"."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from checks.document import test_scripts as checked
from rehearsal.gateway.scripts import scripts_named
from rehearsal.replica.protocol import Replica
from rehearsal.results.model import Outcome
from tests.checks.judge import Judge

SCRIPT = "scripts/monitor-redis.sh"


def test_scripts_of_the_reference_are_fine(judge: Judge) -> None:
    """All scripts that the document names are ready, and those of the list can measure."""
    seen = judge(checked.test_scripts_can_be_run)
    assert seen.outcome is Outcome.OK, seen.message
    named = {script.path for script in scripts_named(judge.runbook)}
    assert {"./scripts/restore-redis.sh", "./scripts/monitor-backups.sh", "./scripts/backup-postgres.sh"} <= named
    measured = judge(checked.test_scripts_measure)
    assert measured.outcome is Outcome.OK, measured.message


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        pytest.param(f"rm {SCRIPT}", "not there", id="missing"),
        pytest.param(f"rm {SCRIPT} && mkdir {SCRIPT}", "no file", id="a folder"),
        pytest.param(f"chmod 644 {SCRIPT}", "not executable", id="not executable"),
        pytest.param(f"sed -i 1d {SCRIPT}", "first line", id="no first line"),
        pytest.param(f"sed -i '1s/bash/fish-of-old/' {SCRIPT}", "fish-of-old", id="no interpreter"),
        pytest.param(f"sed -i '1s/$/\\r/' {SCRIPT}", "Windows", id="other newlines"),
        pytest.param(f"echo 'if true; then' >> {SCRIPT}", "bash can't read it", id="syntax"),
        pytest.param(f"echo 'exit; zcat a | docker exec -it pg psql' >> {SCRIPT}", "a terminal", id="a pipe"),
        pytest.param(f"echo 'exit; docker exec -t pg pg_dump > x' >> {SCRIPT}", "CR LF", id="a dump by a terminal"),
    ],
)
def test_script_that_can_not_be_run_is_seen(replica: Replica, judge: Judge, damage: str, words: str) -> None:
    """A script that is missing, or can't be started, is critical."""
    done = replica.run_script(damage, timeout=30)
    assert done.ok, done.ending
    seen = judge(checked.test_scripts_can_be_run)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert words in seen.message
    assert "RUNBOOK.md:" in seen.record.findings[0].source


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        pytest.param(f"printf '#!/bin/sh\\nno-such-program\\n' > {SCRIPT}", "no-such-program", id="program missing"),
        pytest.param(f"printf '#!/bin/sh\\nexit 0\\n' > {SCRIPT}", "said nothing", id="silent"),
        pytest.param(f"printf '#!/bin/sh\\necho I cannot; exit 3\\n' > {SCRIPT}", "exited 3", id="could not measure"),
    ],
)
def test_script_that_measures_nothing_is_seen(replica: Replica, judge: Judge, damage: str, words: str) -> None:
    """A script that ends without a verdict is critical."""
    assert replica.run_script(damage, timeout=30).ok
    seen = judge(checked.test_scripts_measure)
    assert seen.outcome is Outcome.CRITICAL, seen.message
    assert words in seen.message


def test_other_scripts_that_are_fine(replica: Replica, judge: Judge, tmp_path: Path) -> None:
    """A script of another shell, one with a verdict as its exit code, and one that `bash` is called for are fine."""
    write = f"printf '#!/bin/sh\\necho WARNING no backups yet; exit 1\\n' > {SCRIPT}; chmod 644 scripts/backup-redis.sh"
    assert replica.run_script(write, timeout=30).ok
    changed = judge.reading(tmp_path, ("./scripts/backup-redis.sh", "bash ./scripts/backup-redis.sh"))
    for check in (checked.test_scripts_can_be_run, checked.test_scripts_measure):
        seen = changed(check)
        assert seen.outcome is Outcome.OK, seen.message


def test_document_without_scripts_is_unknown(reader: Judge, tmp_path: Path) -> None:
    """Without its list, or without its heading, nothing is said of scripts."""
    text = reader.runbook.text
    listed = text[text.index("- `./scripts/monitor-system.sh`") : text.index("Com `--strict`")]
    for old, new in (("### Scripts de Monitoramento", "### Ajudantes"), (listed, "")):
        seen = reader.reading(tmp_path, (old, new))(checked.test_scripts_can_be_run)
        assert seen.outcome is Outcome.UNKNOWN, seen.message


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [("", "", Outcome.OK), ("%Y%m%d-%H%M%S", "%Y%m%d-%I%M%S", Outcome.CRITICAL)],
    ids=["as it is", "of twelve hours"],
)
def test_dates_that_name_another_moment_are_seen(
    old: str, new: str, outcome: Outcome, reader: Judge, tmp_path: Path
) -> None:
    """A stamp of twelve hours is told with its script and line."""
    shutil.copytree(reader.gateway.directory / "scripts", tmp_path / "scripts")
    script = tmp_path / "scripts" / "common.sh"
    assert old in script.read_text()
    script.write_text(script.read_text().replace(old, new) if old else script.read_text())
    gateway = reader.gateway.model_copy(update={"directory": tmp_path})
    seen = reader(checked.test_dates_are_of_one_moment, gateway=gateway)
    assert seen.outcome is outcome, seen.message
    if outcome is Outcome.CRITICAL:
        assert seen.record.findings[0].source.startswith("scripts/common.sh:"), seen.record.findings
