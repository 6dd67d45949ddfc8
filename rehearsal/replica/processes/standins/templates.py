"""The part of Go's templates that people give to `--format`: fields, `json`, `table`."""

from __future__ import annotations

import json
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_FIELD = re.compile(r"\{\{\s*(json\s+)?\.([\w.]*)\s*\}\}")


def fill(template: str, row: dict[str, Any]) -> str:
    """Fill a template with the fields of a row; one that it does not have is `<no value>`, as in Go."""

    def value(found: re.Match[str]) -> str:
        here: Any = row
        for name in filter(None, found[2].split(".")):
            here = here.get(name, "<no value>") if isinstance(here, dict) else "<no value>"
        if found[1]:
            return json.dumps(here)
        return str(here).lower() if isinstance(here, bool) else str(here)

    return _FIELD.sub(value, template.replace(r"\t", "\t").replace(r"\n", "\n"))


def rows(template: str, headings: dict[str, str], found: list[dict[str, Any]]) -> list[str]:
    """Return the lines for a table of rows; `headings` are the columns of the table without a template."""
    if template in ("json", "{{json .}}"):
        return [json.dumps(row) for row in found]
    if template and not template.startswith("table"):
        return [fill(template, row) for row in found]
    names = [match[2] for match in _FIELD.finditer(template)] or list(headings)
    cells = [[headings.get(name, name.upper()) for name in names]]
    cells += [[str(row.get(name, "")) for name in names] for row in found]
    widths = [max(len(line[column]) for line in cells) + 3 for column in range(len(names))]
    return ["".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
