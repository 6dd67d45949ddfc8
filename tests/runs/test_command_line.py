"""What is wrong with the command line or with the files that it names: one sentence, before anything runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.runs.running import Place, check_told


def remove_directory(place: Place) -> None:
    """Take the gateway directory away."""
    place.gateway.rename(place.gateway.with_name("elsewhere"))


def file_for_directory(place: Place) -> None:
    """Put a file in the gateway directory's place."""
    remove_directory(place)
    place.gateway.write_text("")


def remove_settings(place: Place) -> None:
    """Take gateway.toml away."""
    (place.gateway / "gateway.toml").unlink()


def folder_for_settings(place: Place) -> None:
    """Put a folder in gateway.toml's place."""
    remove_settings(place)
    (place.gateway / "gateway.toml").mkdir()


def bytes_for_settings(place: Place) -> None:
    """Write what is no text into gateway.toml."""
    (place.gateway / "gateway.toml").write_bytes(b"\xff\xfe\0")


def remove_runbook(place: Place) -> None:
    """Take the runbook away."""
    (place.gateway / "RUNBOOK.md").unlink()


def folder_for_runbook(place: Place) -> None:
    """Put a folder in the runbook's place."""
    remove_runbook(place)
    (place.gateway / "RUNBOOK.md").mkdir()


def bytes_for_runbook(place: Place) -> None:
    """Write what is no text into the runbook."""
    (place.gateway / "RUNBOOK.md").write_bytes(b"\xff\xfe\0")


def short_secret(place: Place) -> None:
    """Keep a secret that can't be told from ordinary words."""
    place.edit("gateway.toml", ('password = { env = "GATEWAY_DB_PASSWORD" }', 'password = { file = "secret" }'))
    (place.gateway / "secret").write_text("abc\n")


def file_for_reports(place: Place) -> None:
    """Put a file in the place of the reports."""
    place.reports.write_text("")


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (remove_directory, ["expected a gateway directory", "found none", "--gateway DIR"]),
        (file_for_directory, ["expected a gateway directory", "found a file", "--gateway DIR"]),
        (remove_settings, ["gateway.toml, found none"]),
        (folder_for_settings, ["gateway.toml, which can't be read", "directory"]),
        (bytes_for_settings, ["expected a text file in UTF-8", "gateway.toml"]),
        (remove_runbook, ["expected a runbook at", "RUNBOOK.md", "--runbook FILE"]),
        (folder_for_runbook, ["expected a runbook at", "found a directory"]),
        (bytes_for_runbook, ["RUNBOOK.md:1: expected UTF-8 text", "0xff"]),
        (short_secret, ["secrets of at least 4 characters"]),
        (file_for_reports, ["folder for the reports", "another folder"]),
    ],
)
def test_what_can_not_be_read_is_one_sentence(place: Place, breaks: Callable[[Place], None], words: list[str]) -> None:
    """A gateway directory that can't be used ends the run at once: what was expected, found, and what to do."""
    breaks(place)
    run = place.rehearse("-m", "daily")
    check_told(run, *words)
    assert run.status == 4
    assert len(run.text.strip().splitlines()) == 1
    assert not place.reports.is_dir()


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["-m", "dialy"], 4, ["Unknown marker(s) in '-m' expression: dialy", "Nothing was verified"]),
        (["-m", "daily and drill"], 1, ["-m 'daily and drill' selects none of ", "nothing was verified"]),
        (["-k", "no_such_check"], 1, ["-k 'no_such_check' selects none of ", "nothing was verified"]),
        (["checks/no_such_file.py"], 4, ["not found: checks/no_such_file.py", "Nothing was verified"]),
        (["--no-such-option"], 4, ["unrecognized arguments: --no-such-option"]),
        (["--language=fr"], 4, ["--language", "fr"]),
    ],
)
def test_selection_of_nothing_is_no_success(place: Place, arguments: list[str], status: int, words: list[str]) -> None:
    """What is misspelt on the command line verifies nothing, and says so."""
    run = place.rehearse(*arguments)
    check_told(run, *words)
    assert run.status == status
    assert " of 0 checks" not in run.text


def test_workers_find_their_configuration(place: Place) -> None:
    """A folder of reports that the run makes is taken for no folder of tests by its workers, which start after it."""
    assert not place.reports.exists()
    run = place.rehearse("-n", "2", "--report-dir", str(place.reports), "-m", "daily", "-k", "redis_takes_a_write")
    assert run.status == 0, run.text
    assert [one["outcome"] for one in run.results.values()] == ["ok"]


def test_options_take_their_value_after_a_space(place: Place) -> None:
    """`--gateway DIR`, `--runbook FILE` and `--report-dir DIR` mean the same with a space as with an equals sign."""
    other = place.gateway.with_name("other.md")
    (place.gateway / "RUNBOOK.md").rename(other)
    options = ["--gateway", str(place.gateway), "--runbook", str(other), "--report-dir", str(place.reports)]
    run = place.rehearse(*options, "-m", "daily", "-k", "test_redis_takes_a_write")
    assert run.status == 0, run.text
    assert [one["outcome"] for one in run.results.values()] == ["ok"]
    assert run.report["run"]["runbook_path"] == "other.md"
