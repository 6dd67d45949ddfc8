"""Formats of dates, as `date` and `strftime` take them, that do not name the moment they seem to."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FORMAT = re.compile(r"%[-_0^#]?[A-Za-z](?:[-_.:/ ]|T|h|m|s|%[-_0^#]?[A-Za-z])*")
_FLAG = re.compile(r"%[-_0^#](?=[A-Za-z])")
_BETWEEN = r"[-_.:/ hT]?"
_FAULTS = (
    (
        re.compile(r"(?=.*%[dj]).*%[Il](?!.*%[pPr])"),
        "its hours go to twelve only: the evening has the names of the morning",
    ),
    (re.compile(rf"%[YyC]{_BETWEEN}%M"), "%M stands for the minute where the month belongs"),
    (re.compile(rf"%[HIk]{_BETWEEN}%m"), "%m stands for the month where the minute belongs"),
    (re.compile(rf"%[Gg]{_BETWEEN}%[mb]"), "%G is the year of the week: about New Year it is another than the month's"),
)
_OF_DATES = ("Y", "y", "G", "g", "H", "I", "l", "k", "C")


def doubtful_formats(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, format and what is wrong with it, for each that a text holds."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.lstrip().startswith("#"):
            continue
        for match in _FORMAT.finditer(line):
            plain = _FLAG.sub("%", match[0])
            if not any(f"%{letter}" in plain for letter in _OF_DATES):
                continue
            for wrong, why in _FAULTS:
                if wrong.search(plain):
                    yield number, match[0].strip(), why
