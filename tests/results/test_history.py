"""Earlier reports tell what was seen: the newest first, and those that can't be read tell nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rehearsal.results.history import earlier_results, former_value
from rehearsal.results.model import Measurement, Outcome
from rehearsal.results.serial import to_json
from tests.reports.demo import demo_report

RESTARTS = "restarts of api"


def write_report(root: Path, stamp: str, target: str, value: float) -> Path:
    """Write a report whose one result measured restarts on a target."""
    report = demo_report()
    measured = Measurement(RESTARTS, value, "", warning=None, critical=None, source="", outcome=Outcome.OK)
    result = replace(report.results[0], target=target, measurements=(measured,))
    folder = root / f"{stamp}-reference-x"
    folder.mkdir()
    (folder / "results.json").write_text(to_json(replace(report, results=(result,))))
    return folder


def write_all(root: Path) -> Path:
    """Write reports of two hosts, and one that is torn, and return the folder of the newest."""
    write_report(root, "20260101-000000", "gw1", 1)
    write_report(root, "20260102-000000", "gw1", 2)
    write_report(root, "20260103-000000", "gw2", 3)
    torn = write_report(root, "20260104-000000", "gw1", 4) / "results.json"
    torn.write_text(torn.read_text()[:-10])
    return write_report(root, "20260105-000000", "gw1", 5)


def test_former_value_is_the_last_one(tmp_path: Path) -> None:
    """Of several reports the newest that measured it on that target counts; broken and foreign ones are passed over."""
    current = write_all(tmp_path)
    assert former_value(tmp_path, current, "gw1", RESTARTS) == 2
    assert former_value(tmp_path, None, "gw1", RESTARTS) == 5
    assert former_value(tmp_path, None, "gw1", "restarts of worker") is None
    assert former_value(tmp_path / "nowhere", None, "gw1", RESTARTS) is None


def test_earlier_results_come_newest_first(tmp_path: Path) -> None:
    """Results are read report by report, newest first, as many as are asked for, and only what holds the word."""
    current = write_all(tmp_path)
    assert [one.measurements[0].value for one in earlier_results(tmp_path, current)] == [3, 2, 1]
    assert [one.target for one in earlier_results(tmp_path, most=2)] == ["gw1"]
    assert [one.measurements[0].value for one in earlier_results(tmp_path, holding="gw2")] == [3]
