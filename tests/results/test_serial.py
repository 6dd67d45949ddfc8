from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from rehearsal.results import model
from rehearsal.results.judge import measure
from rehearsal.results.model import RunReport
from rehearsal.results.serial import SCHEMA_FILE, SerialError, from_json, to_json
from tests.reports.demo import demo_report
from tests.results.generated import reports

SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
CLASSES = {
    "run": model.RunInfo,
    "target": model.TargetInfo,
    "result": model.Result,
    "finding": model.Finding,
    "measurement": model.Measurement,
    "command": model.CommandEvidence,
    "difference": model.DifferenceEvidence,
    "observation": model.Observation,
    "waiver": model.Waiver,
    "coverage": model.Coverage,
    "covered_line": model.CoveredLine,
}


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(reports(st.text(max_size=12)))
def test_report_comes_back_as_it_was(report: RunReport) -> None:
    """Nothing is lost or changed on the way through results.json."""
    assert from_json(to_json(report)) == report


def test_surrogate_comes_back() -> None:
    """A byte of output that was no text survives, in a file that is valid UTF-8."""
    report = demo_report()
    odd = replace(report, run=replace(report.run, command_line="pytest \udcff"))
    assert from_json(to_json(odd).encode("utf-8")) == odd


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_figure_without_json_number_comes_back(value: float) -> None:
    """The JSON stays one that every parser reads: no bare NaN."""
    report = demo_report()
    odd = replace(report.results[0], measurements=(measure("age", value, "s", 1, 2, ""),))
    text = to_json(replace(report, results=(odd,)))
    json.loads(text, parse_constant=lambda constant: pytest.fail(f"a bare {constant}"))
    assert repr(from_json(text).results[0].measurements[0].value) == repr(value)


def test_schema_is_a_schema() -> None:
    """Other programs can use the published file."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"].startswith("urn:")


@pytest.mark.parametrize("name", CLASSES)
def test_schema_has_every_field_described(name: str) -> None:
    """Model and schema name the same fields, and the schema says what each means."""
    properties = dict(SCHEMA["$defs"][name]["properties"])
    properties.pop("kind", None)
    assert set(properties) == {field.name for field in dataclasses.fields(CLASSES[name])}
    described = {key: found.get("description") or found.get("$ref") for key, found in properties.items()}
    assert all(described.values())


def test_schema_has_every_outcome() -> None:
    """A new outcome does not get past the schema unpublished."""
    assert SCHEMA["$defs"]["outcome"]["enum"] == [outcome.value for outcome in model.Outcome]


def _unknown_key(document: dict[str, Any]) -> None:
    document["results"][0]["colour"] = "red"


def _wrong_word(document: dict[str, Any]) -> None:
    document["results"][0]["outcome"] = "passed"


def _wrong_operator(document: dict[str, Any]) -> None:
    measured = next(result for result in document["results"] if result["measurements"])
    measured["measurements"][0]["operator"] = "!="


def _missing_key(document: dict[str, Any]) -> None:
    del document["run"]["target"]


def _later_version(document: dict[str, Any]) -> None:
    document["schema_version"] = 2


@pytest.mark.parametrize("spoil", [_unknown_key, _wrong_word, _wrong_operator, _missing_key, _later_version])
def test_schema_rejects(spoil: Callable[[dict[str, Any]], None]) -> None:
    """A file that is not quite ours is not read as if it were."""
    document = json.loads(to_json(demo_report()))
    spoil(document)
    with pytest.raises(SerialError, match="breaks its schema"):
        from_json(json.dumps(document))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"run": {}}'])
def test_what_is_no_report_is_a_sentence(text: str) -> None:
    """A torn or foreign file is one error of ours."""
    with pytest.raises(SerialError):
        from_json(text)


def test_time_without_zone_is_refused_on_write() -> None:
    """An auditor must know which two o'clock it was."""
    report = demo_report()
    local = replace(report, run=replace(report.run, started=datetime(2026, 11, 23, 2)))  # noqa: DTZ001
    with pytest.raises(SerialError, match=r"at run\.started"):
        to_json(local)
