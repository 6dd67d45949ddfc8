"""A run report as JSON and back, held against the published schema both ways."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, cast, get_args, get_origin, get_type_hints

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from rehearsal.results.model import CommandEvidence, DifferenceEvidence, Observation, RunReport

SCHEMA_FILE: Final = Path(__file__).with_name("schema.json")
SCHEMA_VERSION: Final = 1

_KINDS: Final[dict[type, str]] = {
    CommandEvidence: "command",
    DifferenceEvidence: "difference",
    Observation: "observation",
}
_CLASSES: Final = {kind: cls for cls, kind in _KINDS.items()}
_NOT_FINITE: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
_T = TypeVar("_T")


class SerialError(ValueError):
    """A report, or JSON that claims to be one, that does not follow the schema: one sentence with the place."""


def to_json(report: RunReport) -> str:
    """Return a report as the text of results.json. Raises SerialError where it breaks the schema."""
    document = {"schema_version": SCHEMA_VERSION, **cast("dict[str, Any]", encode(report))}
    _hold_against_schema(document)
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    # A lone surrogate (an undecodable byte of some output) can't be written as UTF-8.
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def from_json(text: str | bytes) -> RunReport:
    """Return the report in the text of a results.json. Raises SerialError where it is none."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise SerialError(f"Expected the JSON of a run report, found something else: {error}") from error
    _hold_against_schema(document)
    return decode(RunReport, {key: value for key, value in document.items() if key != "schema_version"})


def encode(value: object) -> object:
    """Return a value of the result model as what JSON knows."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        kind = _KINDS.get(type(value))
        return {"kind": kind, **fields} if kind else fields
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    return _encode_scalar(value)


def _encode_scalar(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return next(word for word, number in _NOT_FINITE.items() if repr(number) == repr(value))
    return value


def decode(kind: type[_T], value: Any) -> _T:  # noqa: ANN401  it is JSON: anything, until `kind` says what
    """Return what `encode` made as a value of the result model again; `value` follows the schema."""
    return cast("_T", _decode(kind, value))


def _decode(kind: Any, value: Any) -> object:  # noqa: ANN401  the same, and `kind` is any annotation
    if get_origin(kind) is tuple:
        return tuple(_decode(get_args(kind)[0], item) for item in value)
    if get_origin(kind) is dict:
        return dict(value)
    if isinstance(kind, UnionType):
        return _decode_union(get_args(kind), value)
    if dataclasses.is_dataclass(kind):
        hints = _hints(cast("type", kind))
        return cast("type", kind)(**{name: _decode(hints[name], item) for name, item in value.items()})
    return _decode_scalar(kind, value)


def _decode_scalar(kind: Any, value: Any) -> object:  # noqa: ANN401  the same
    if kind is float:
        return _NOT_FINITE[value] if isinstance(value, str) else float(value)
    if issubclass(kind, date):
        return kind.fromisoformat(value)
    return kind(value)


def _decode_union(kinds: tuple[type, ...], value: Any) -> object:  # noqa: ANN401  the same
    if value is None:
        return None
    if isinstance(value, Mapping) and "kind" in value:
        fields = {name: item for name, item in value.items() if name != "kind"}
        return _decode(_CLASSES[value["kind"]], fields)
    (kind,) = (kind for kind in kinds if kind is not NoneType)
    return _decode(kind, value)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def _hold_against_schema(document: object) -> None:
    error = best_match(_validator().iter_errors(document))
    if error is not None:
        place = error.json_path.removeprefix("$.")
        raise SerialError(f"A run report breaks its schema ({SCHEMA_FILE.name}) at {place}: {error.message[:300]}")
