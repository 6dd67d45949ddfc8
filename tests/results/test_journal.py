from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rehearsal.results.journal import Journal, recover
from rehearsal.results.model import RunReport
from rehearsal.results.serial import SerialError, from_json
from rehearsal.results.store import StoreError
from tests.reports.demo import demo_report

REPORT = demo_report()


def begun(directory: Path) -> Journal:
    """Begin a journal and note every result of the demonstration in it."""
    journal = Journal(directory, REPORT.run)
    for result in REPORT.results:
        journal.append(result)
    return journal


def test_finish_turns_it_into_results(tmp_path: Path) -> None:
    """After a run that ended well there is results.json and no journal."""
    path = begun(tmp_path).finish(REPORT)
    assert from_json(path.read_bytes()) == REPORT
    assert [file.name for file in tmp_path.iterdir()] == ["results.json"]


def test_killed_run_leaves_what_it_saw(tmp_path: Path) -> None:
    """Each result is on disk as soon as it has ended; nobody closes the file of a killed run."""
    journal = begun(tmp_path)
    left = recover(tmp_path)
    assert left.results == REPORT.results
    assert left.run.exit_status == 1
    assert f"the {len(REPORT.results)} results" in left.run.notes[-1]
    journal.close()


def test_torn_last_line_is_left_out(tmp_path: Path) -> None:
    """A run that was killed while it wrote leaves the results before."""
    begun(tmp_path).close()
    path = tmp_path / "results.jsonl"
    path.write_bytes(path.read_bytes()[:-7])
    assert recover(tmp_path).results == REPORT.results[:-1]


def test_recovered_report_follows_the_schema(tmp_path: Path) -> None:
    """What a killed run left can be kept like any other."""
    journal = begun(tmp_path)
    left = recover(tmp_path)
    assert from_json(journal.finish(left).read_bytes()) == left


def test_report_that_breaks_the_schema_keeps_the_journal(tmp_path: Path) -> None:
    """Nothing is thrown away for a results.json that could not be written."""
    naive = replace(REPORT.run, started=REPORT.run.started.replace(tzinfo=None))
    journal = begun(tmp_path)
    with pytest.raises(SerialError):
        journal.finish(RunReport(naive, (), ()))
    assert recover(tmp_path).results == REPORT.results


@pytest.mark.parametrize("content", ["", '{"run_id": "x'])
def test_nothing_noted_is_a_sentence(tmp_path: Path, content: str) -> None:
    """A journal without its first line is told as such."""
    (tmp_path / "results.jsonl").write_text(content)
    with pytest.raises(StoreError, match="found none"):
        recover(tmp_path)


@pytest.mark.parametrize("line", ["{}\n", "[]\n", "null\n", "not JSON\n", '{"run_id": "x"}\n'])
def test_foreign_journal_is_a_sentence(tmp_path: Path, line: str) -> None:
    """A file of that name that somebody else wrote is no traceback."""
    (tmp_path / "results.jsonl").write_text(line)
    with pytest.raises(StoreError, match="found something else"):
        recover(tmp_path)


def test_missing_journal_is_a_sentence(tmp_path: Path) -> None:
    """So is a folder without one."""
    with pytest.raises(StoreError, match="Could not read"):
        recover(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_full_disk_is_a_sentence(tmp_path: Path) -> None:
    """The first line that does not fit stops the run with what to do."""
    (tmp_path / "results.jsonl").symlink_to("/dev/full")
    with pytest.raises(StoreError, match=r"Could not write .*results\.jsonl: No space left on device\. Free space"):
        Journal(tmp_path, REPORT.run)
