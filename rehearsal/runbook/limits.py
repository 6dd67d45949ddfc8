"""`> 80 %`, `≥ 0,5 s`, `< 10 GB`: the limits in a table of thresholds, and whether two of them go together."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal, get_args

from rehearsal.runbook.model import Limit, Unit

_LIMIT = re.compile(r"(>=|<=|=>|=<|>|<|≥|≤)\s*([-\u2212]?)\s*([0-9]{1,12}(?:([.,])[0-9]{1,6})?)\s*([^\W\d_]*|%)")
_OPERATORS: dict[str, Literal[">", ">=", "<", "<="]] = {
    ">": ">", ">=": ">=", "=>": ">=", "≥": ">=", "<": "<", "<=": "<=", "=<": "<=", "≤": "<=",
}  # fmt: skip
_UNITS: dict[str, tuple[Unit, float]] = {
    "s": ("s", 1), "seg": ("s", 1), "sec": ("s", 1), "segundo": ("s", 1), "second": ("s", 1),
    "segundos": ("s", 1), "seconds": ("s", 1), "min": ("s", 60), "h": ("s", 3600),
    "ms": ("ms", 1), "mb": ("MB", 1), "mib": ("MB", 1), "gb": ("GB", 1), "gib": ("GB", 1), "%": ("%", 1), "": ("", 1),
    **dict.fromkeys(("jobs", "mails", "emails", "mensagens", "messages", "conexões", "connections"), ("", 1.0)),
}  # fmt: skip
# As `df -h` and `free -h` count, which a person holds the figure against.
_FACTORS: dict[tuple[Unit, Unit], float] = {
    ("s", "ms"): 1000, ("ms", "s"): 1 / 1000, ("GB", "MB"): 1024, ("MB", "GB"): 1 / 1024,
}  # fmt: skip
_SIGNS = {
    "above": ">", "over": ">", "more": ">", "acima": ">", "mais": ">", "maior": ">", "greater": ">", "exceeds": ">",
    "below": "<", "under": "<", "less": "<", "abaixo": "<", "menos": "<", "menor": "<", "fewer": "<",
}  # fmt: skip
_WORD = re.compile(
    r"(?:above|over|more than|greater than|exceeds|below|under|less than|fewer than"
    r"|acima de|mais de|maior que|abaixo de|menos de|menor que)\s+(?=[0-9])",
    re.IGNORECASE,
)
_OR_MORE = re.compile(r"([0-9].*?)(?:\s*\+|\s+(?:ou mais|or more|e acima|and above|and up))$", re.IGNORECASE)
"""`80%+`, `80% or more`."""
_WHOLE = 100
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")


class NotALimitError(ValueError):
    """A cell that holds no limit, or two that do not go together: what was expected and what stood there."""


def read_limit(cell: str) -> Limit:
    """Read one cell. Raises NotALimitError."""
    match = _LIMIT.fullmatch(cell.strip())
    if not match:
        msg = f"expected a limit such as `> 80%` or `> 500ms`, found {_quoted(cell)}"
        raise NotALimitError(msg)
    operator, minus, number, _, unit = match.groups()
    if _THOUSANDS.fullmatch(number):
        msg = f"expected a figure that can be read in one way, found {_quoted(cell)}: write no thousands separator"
        raise NotALimitError(msg)
    if unit.lower() not in _UNITS:
        msg = f"expected one of the units {', '.join(u for u in get_args(Unit) if u)}, found {_quoted(cell)}"
        raise NotALimitError(msg)
    name, factor = _UNITS[unit.lower()]
    value = float(number.replace(",", ".")) * factor
    if minus or (name == "%" and value > _WHOLE):
        expected = "a percentage from 0 to 100" if name == "%" else "no negative figure"
        msg = f"expected {expected}, found {_quoted(cell)}"
        raise NotALimitError(msg)
    return Limit(_OPERATORS[operator], value, name)


def with_operators(warning: str, critical: str) -> tuple[str, str]:
    """Return two cells, each with a sign: words become signs, and two bare figures have that of the way they go.

    `80%+` is `>= 80%`.

    `80 %` beside `90 %` says `>=`, `20 GB` beside `10 GB` says `<=`; two that do not differ say nothing.
    """
    cells = [_OR_MORE.sub(r">= \1", _WORD.sub(_sign, cell.strip(), count=1)) for cell in (warning, critical)]
    try:
        one, two = (read_limit(f">= {cell}") for cell in cells)
        factor = 1.0 if one.unit == two.unit else _FACTORS[two.unit, one.unit]
    except (NotALimitError, KeyError):
        return cells[0], cells[1]
    if one.value == two.value * factor:
        return cells[0], cells[1]
    sign = ">=" if one.value < two.value * factor else "<="
    return f"{sign} {cells[0]}", f"{sign} {cells[1]}"


def in_unit_of(warning: Limit, critical: Limit) -> Limit:
    """Return the critical limit in the warning's unit. Raises NotALimitError where the two do not go together."""
    factor = 1.0 if warning.unit == critical.unit else _FACTORS.get((critical.unit, warning.unit))
    if factor is None:
        msg = f"expected warning and critical in units of one kind, found {_shown(warning)} and {_shown(critical)}"
        raise NotALimitError(msg)
    if warning.operator[0] != critical.operator[0]:
        msg = f"expected warning and critical on the same side, found {_shown(warning)} and {_shown(critical)}"
        raise NotALimitError(msg)
    same = replace(critical, value=critical.value * factor, unit=warning.unit)
    weaker = same.value < warning.value if warning.operator[0] == ">" else same.value > warning.value
    if weaker:
        msg = f"expected a critical beyond the warning {_shown(warning)}, found the weaker {_shown(critical)}"
        raise NotALimitError(msg)
    return same


def _sign(words: re.Match[str]) -> str:
    return f"{_SIGNS[words[0].casefold().split()[0]]} "


def _shown(limit: Limit) -> str:
    return f"`{limit.operator} {limit.value:g} {limit.unit}`".replace(" `", "`")


def _quoted(cell: str) -> str:
    return f"`{cell}`" if cell.strip() else "an empty cell"
