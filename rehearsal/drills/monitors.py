"""What a monitor script says of a figure that a drill sets, and whether its words change where the table says so.

Nothing is known of the script: not its language, not its words. What it says just below a limit and just above must
differ in more than figures, or in its exit status.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rehearsal.gateway.target import CommandRun, Target
from rehearsal.runbook.model import Command, Threshold

MARGIN = 2.0
"""In percent: how far below and above a limit a script is asked. `df` and many scripts know whole percents only."""
_WHOLE = 100
_ATTEMPTS = 3
_NEVER_RAN = (126, 127)

# What the script adds to a log that exists is part of what it says.
_SAY = """
declare -A __lines
for __log in {logs}; do [ -f "$__log" ] && __lines[$__log]=$(wc -l < "$__log"); done
{command}
__status=$?
for __log in "${{!__lines[@]}}"; do tail -n +$((__lines[$__log] + 1)) "$__log"; done
exit $__status
"""

_COLOUR = re.compile(r"\x1b\[([\d;]*)m")
_CONTROL = re.compile(r"\x1b\[[\d;?]*[A-Za-ln-z]")
_FIGURE = re.compile(r"[-+]?\d[\d.,:]*(?:\s?(?:[KMGT]i?B?|B|bytes)\b)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d|\d?\d:\d\d(?::\d\d)?(?:[.,]\d+)?Z?")
_BAR = re.compile(r"[#=*.|\u2580-\u259f-]{3,}")
_VERDICT = re.compile(
    r"\b(ok|normal|good|healthy|fine|pass\w*|warn\w*|avisos?|alertas?|alerts?|aten[cç][aã]o|crit\w*|cr[ií]tic\w*|high|alt[ao]"
    r"|elevad[ao]|excessiv\w*|danger|perigo|problemas?|problems?|fail\w*|falha\w*|erros?|errors?|saud[aá]vel)\b"
    r"|[\u2705\u26a0\u274c\u2713\u2717\u2714\u2716\U0001f534\U0001f7e0\U0001f7e1\U0001f7e2\U0001f6a8]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Edge:
    """One limit of the table, and a figure on either side of it."""

    level: str
    """`warning` or `critical`."""
    limit: float
    below: float
    above: float


def edges(row: Threshold) -> tuple[Edge, ...]:
    """Return the limits of a row in percent that a use can cross, with figures just below and above each."""
    warning, critical = row.warning.value, row.critical.value
    between = (critical - warning) / 2
    found = []
    if between > 0:
        found.append(Edge("warning", warning, max(warning - MARGIN, warning / 2), warning + min(MARGIN, between * 0.9)))
    if critical < _WHOLE:
        below = critical - min(MARGIN, between * 0.9 if between > 0 else MARGIN)
        found.append(Edge("critical", critical, below, critical + min(MARGIN, (_WHOLE - critical) / 2)))
    return tuple(found)


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
        return any(abs(number - figure) < MARGIN for number in numbers(self.text))

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
    return " ".join(_BAR.sub("", _FIGURE.sub("0", _CONTROL.sub("", letters))).split())


@dataclass(frozen=True)
class Monitor:
    """A script of the runbook, and the logs that it may write its words to."""

    target: Target
    command: Command
    logs: Sequence[str]
    timeout: float

    def say(self) -> Said:
        """Run it once. Raises TargetError."""
        logs = " ".join(shlex.quote(log) for log in self.logs)
        script = _SAY.format(logs=logs, command=self.command.text)
        run = self.target.run_script(script, timeout=self.timeout)
        said = replace(run, command=self.command.text, line=self.command.line, pipe_status=())
        return Said(said, f"{run.stdout}\n{run.stderr}")


def never_ran(said: Said) -> bool:
    """Tell whether the script could not be started, or did not end."""
    return said.run.exit_code is None or said.run.exit_code in _NEVER_RAN


@dataclass(frozen=True, slots=True)
class Heard:
    """What a script said on either side of a limit."""

    edge: Edge
    below: Said
    above: Said
    told_apart: bool


@dataclass(frozen=True, slots=True)
class Listening:
    """All that a script said of one row."""

    quiet: Said
    """Well below all limits."""
    heard: tuple[Heard, ...]
    extreme: Said | None
    """Nearly at 100 %, where it was not told apart at each limit."""
    noise: frozenset[str] = field(default=frozenset())

    @property
    def missed(self) -> tuple[Heard, ...]:
        """The limits of the document at which the script's words did not change."""
        return tuple(one for one in self.heard if not one.told_apart)

    @property
    def judges_elsewhere(self) -> bool:
        """Tell whether its words change with the figure, though not at a limit of the document."""
        said = [self.quiet, *(one.below for one in self.heard), *(one.above for one in self.heard)]
        said += [self.extreme] if self.extreme else []
        return any(self.quiet.differs(one, self.noise) for one in said)

    @property
    def shows_figures(self) -> bool:
        """Tell whether it shows the figure on either side of each limit, for a person to compare."""
        return all(one.below.shows(one.edge.below) and one.above.shows(one.edge.above) for one in self.heard)

    @property
    def leaves_it_to_people(self) -> bool:
        """Tell whether it only shows figures, without a word of judgement."""
        return self.shows_figures and not self.judges_elsewhere and not self.quiet.judges


def listen(monitor: Monitor, row: Threshold, bring_to: Callable[[float], None]) -> Listening:
    """Have a script look at figures around each limit of a row; `bring_to` brings the replica to a percentage.

    Raises TargetError.
    """
    bring_to(min(row.warning.value, row.critical.value) / 2)
    quiet, again = monitor.say(), monitor.say()
    noise = quiet.noise(again)
    heard = []
    for edge in edges(row):
        bring_to(edge.below)
        below = monitor.say()
        bring_to(edge.above)
        # More than once before it is accused: `top -bn1` compares two readings that may be too close together.
        for _ in range(_ATTEMPTS):
            above = monitor.say()
            if told_apart := below.differs(above, noise):
                break
        heard.append(Heard(edge, below, above, told_apart))
    extreme = None
    if not all(one.told_apart for one in heard):
        bring_to(_WHOLE - 1)
        extreme = monitor.say()
    return Listening(quiet, tuple(heard), extreme, noise)
