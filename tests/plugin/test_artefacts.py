"""What a run leaves behind."""

import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

from rehearsal.results.journal import recover
from rehearsal.results.store import verify
from tests.plugin.house import House

CHECKS = '''
def test_ok(evidence):
    """It is seen."""
    evidence.saw("something good")

@pytest.mark.section("Discos")
def test_critical(evidence):
    """It is broken."""
    evidence.critical("the disk is full")
'''


def test_every_artefact_is_there(house: House) -> None:
    """A run leaves report.html, results.json, junit.xml and their checksums, and `latest` points at them."""
    house.checks(CHECKS)
    house.run()
    assert {path.name for path in house.latest.iterdir()} >= {"report.html", "results.json", "junit.xml", "SHA256SUMS"}
    assert verify(house.latest) == []
    (house.latest / "report.html").write_text("all is well")
    assert verify(house.latest) != []


def test_junit_counts_as_we_do(house: House) -> None:
    """CI sees one failure of two, and the outcome in our own words."""
    house.checks(CHECKS)
    house.run()
    suite = ET.parse(house.latest / "junit.xml").getroot()[0]  # noqa: S314  it is our own file
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    values = {node.get("value") for node in suite.iter("property") if node.get("name") == "outcome"}
    assert values == {"ok", "critical"}


def test_report_holds_the_findings(house: House) -> None:
    """The page says what is broken, and does so without pytest's words."""
    house.checks(CHECKS)
    house.run()
    page = (house.latest / "report.html").read_text()
    assert "the disk is full" in page
    assert "It is broken." in page


def test_coverage_lists_what_nothing_verified(house: House) -> None:
    """Each section of the runbook is there, with the checks that saw it, and without where there are none."""
    house.checks(CHECKS)
    house.run()
    covered = {row["heading"]: len(row["checks"]) for row in house.results()["coverage"]}
    assert covered["Serviços"] == 1
    assert covered["Discos"] == 1
    assert covered["Backups"] == 0


def test_secrets_of_commands_stay_out(house: House) -> None:
    """A password in a command's output is in none of the artefacts, nor in the terminal."""
    house.checks(
        "from rehearsal.gateway.target import CommandRun\n"
        'def test_it(evidence):\n    """O."""\n'
        '    evidence.ran(CommandRun("env", 0, "PGPASSWORD=sentinel-4711\\n", "", 0.1))\n'
        '    print("PGPASSWORD=sentinel-4711")\n'
        '    evidence.critical("psql said password=sentinel-4711")\n'
    )
    done = house.run()
    written = [path for path in house.latest.iterdir() if path.is_file()]
    assert len(written) >= 4
    assert not [path.name for path in written if "sentinel-4711" in path.read_text()]
    assert "sentinel-4711" not in "\n".join(done.outlines)


def test_interrupted_run_keeps_its_report(house: House) -> None:
    """Ctrl-C ends a run with an exit status that is not 0, and the report of what did run."""
    house.checks(CHECKS + 'def test_stop(evidence):\n    """S."""\n    raise KeyboardInterrupt\n')
    assert house.run().ret == 2
    assert house.outcomes() == {"test_ok": "ok", "test_critical": "critical"}
    assert any("nterrupted" in note for note in house.results()["run"]["notes"])
    assert "the disk is full" in (house.latest / "report.html").read_text()


def test_killed_run_leaves_what_it_saw(house: House) -> None:
    """A run that is killed leaves the results until then in its journal."""
    house.checks(CHECKS + 'def test_wait(evidence):\n    """S."""\n    import time\n    time.sleep(60)\n')
    run = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider"],
        cwd=house.path,
        stdout=subprocess.DEVNULL,
    )
    try:
        journal = _wait_for_lines(house.path / "reports", 3)
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait(timeout=10)
    report = recover(journal.parent)
    assert [result.outcome.value for result in report.results] == ["ok", "critical"]


def _wait_for_lines(folder: Path, count: int) -> Path:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for journal in folder.glob("*/results.jsonl"):
            if journal.read_text().count("\n") >= count:
                return journal
        time.sleep(0.05)
    raise AssertionError(f"no journal with {count} lines under {folder} within 60 s")
