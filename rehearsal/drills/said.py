"""What a script or a command said, and whether it says something else another time, in more than its figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.gateway.target import CommandRun

_ROUNDING = 2.0
_NEVER_RAN = (126, 127)

_COLOUR = re.compile(r"\x1b\[([\d;]*)m")
_CONTROL = re.compile(r"\x1b\[[\d;?]*[A-Za-ln-z]")
_FIGURE = re.compile(r"[-+]?\d[\d.,:]*(?:\s?(?:[KMGT]i?B?|B|bytes)\b)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d|\d?\d:\d\d(?::\d\d)?(?:[.,]\d+)?Z?")
# `docker ps` goes from "59 seconds" to "About a minute", `uptime` from "59 min" to "1:00", `date` from Sat to Sun.
_SPAN = re.compile(
    r"\b(?:less than an?|about an?|\d[\d.,:]*)\s?"
    r"(?:sec(?:ond)?|seg(?:undo)?|min(?:ut[eo])?|hour|hora|day|dia|week|semana|month|year)s?\b",
    re.IGNORECASE,
)
_CALENDAR = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b")
_BAR = re.compile(r"[#=*.|\u2580-\u259f-]{3,}")
_VERDICT = re.compile(
    r"\b(ok|normal|good|healthy|fine|pass\w*|warn\w*|avisos?|alertas?|alerts?|aten[cç][aã]o|crit\w*|cr[ií]tic\w*|high|alt[ao]"
    r"|elevad[ao]|excessiv\w*|danger|perigo|problemas?|problems?|fail\w*|falha\w*|erros?|errors?|saud[aá]vel)\b"
    r"|[\u2705\u26a0\u274c\u2713\u2717\u2714\u2716\U0001f534\U0001f7e0\U0001f7e1\U0001f7e2\U0001f6a8]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a script said once."""

    run: CommandRun
    text: str
    """On both its outputs, and what it added to the runbook's logs."""

    @property
    def lines(self) -> Counter[str]:
        """Its lines, without figures: what is left changes with a verdict only."""
        return Counter(line for line in map(_template, self.text.splitlines()) if line)

    @property
    def judges(self) -> bool:
        """Tell whether there is a word of judgement in it, good or bad."""
        return bool(_VERDICT.search(self.text))

    def shows(self, figure: float) -> bool:
        """Tell whether a number in it is that percentage, as far as roundings go."""
        return any(abs(number - figure) < _ROUNDING for number in numbers(self.text))

    def noise(self, again: Said) -> frozenset[str]:
        """Return the lines that come and go by themselves between this and saying it again."""
        one, two = self.lines, again.lines
        return frozenset(line for line in one.keys() | two.keys() if one[line] != two[line])

    def differs(self, other: Said, noise: frozenset[str] = frozenset()) -> bool:
        """Tell whether two of them say different things, leaving out lines that come and go by themselves."""
        if self.run.exit_code != other.run.exit_code:
            return True
        one, two = self.lines, other.lines
        return any(one[line] != two[line] for line in (one.keys() | two.keys()) - noise)


def numbers(text: str) -> Iterator[float]:
    """Yield every number of a text: `3`, `81.5`, `81,5`; a moment is none."""
    for word in re.findall(r"\d+(?:[.,]\d+)?", _MOMENT.sub("", _COLOUR.sub("", text))):
        yield float(word.replace(",", "."))


def _template(line: str) -> str:
    letters = _COLOUR.sub(lambda code: "<" + "".join(chr(ord(char) + 64) for char in code[1]) + ">", line)
    timeless = _CALENDAR.sub("0", _SPAN.sub("0", _CONTROL.sub("", letters)))
    return " ".join(_BAR.sub("", _FIGURE.sub("0", timeless)).split())


def never_ran(said: Said) -> bool:
    """Tell whether the script could not be started, or did not end."""
    return said.run.exit_code is None or said.run.exit_code in _NEVER_RAN
