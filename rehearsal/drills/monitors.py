"""What a monitor script says of a figure that a drill sets, and whether its words change where the table says so.

Nothing is known of the script: not its language, not its words. What it says just below a limit and just above must
differ in more than figures, or in its exit status.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rehearsal.drills.said import Said
from rehearsal.drills.texts import without_figures
from rehearsal.gateway.target import Target
from rehearsal.runbook.model import Command, Threshold

MARGIN = 2.0
"""In percent: how far below and above a limit a script is asked. `df` and many scripts know whole percents only."""
_WHOLE = 100
_ATTEMPTS = 3

# What the script adds to a log that exists is part of what it says.
_SAY = """
declare -A __lines
for __log in {logs}; do [ -f "$__log" ] && __lines[$__log]=$(wc -l < "$__log"); done
{command}
__status=$?
for __log in "${{!__lines[@]}}"; do tail -n +$((__lines[$__log] + 1)) "$__log"; done
exit $__status
"""


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


def says_the_same(one: Said, other: Said) -> bool:
    """Tell whether a script ended alike and said the same twice, but for its figures.

    As sets of lines: a log that the first run made repeats the words of the second.
    """
    words, others = (set(without_figures(said.text)) for said in (one, other))
    return one.run.exit_code == other.run.exit_code and words == others


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
    at_ends: tuple[tuple[float, Said], ...] = ()
    """What it said with one digit and with three, of a figure that can be brought there."""

    @property
    def missed(self) -> tuple[Heard, ...]:
        """The limits of the document at which the script's words did not change."""
        return tuple(one for one in self.heard if not one.told_apart)

    @property
    def misread(self) -> tuple[tuple[float, Said], ...]:
        """The figures of one digit or three that it takes for others, as who compares figures as texts does."""
        return tuple((percent, said) for percent, said in self.at_ends if self.takes_for_another(percent, said))

    def takes_for_another(self, percent: float, said: Said) -> bool:
        """Tell whether a low figure has the words of one above a limit, or a full one those of the quiet."""
        loud = [one.above for one in self.heard if one.told_apart]
        if percent < _WHOLE:
            return any(not said.differs(one, self.noise) for one in loud)
        return bool(loud) and not said.differs(self.quiet, self.noise)

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
    def sees_the_figure(self) -> bool:
        """Tell whether it shows the figure at some limit, or says something else because of it."""
        return self.judges_elsewhere or any(one.above.shows(one.edge.above) for one in self.heard)

    @property
    def leaves_it_to_people(self) -> bool:
        """Tell whether it only shows figures, without a word of judgement."""
        return self.shows_figures and not self.judges_elsewhere and not self.quiet.judges


def listen(
    monitor: Monitor, row: Threshold, bring_to: Callable[[float], None], ends: Sequence[float] = ()
) -> Listening:
    """Have a script look at figures around each limit of a row; `bring_to` brings the replica to a percentage.

    `ends` are further figures, of one digit or three. Raises TargetError.
    """
    bring_to(min(row.warning.value, row.critical.value) / 2)
    quiet, again = monitor.say(), monitor.say()
    noise = quiet.noise(again)
    heard = []
    for edge in edges(row):
        bring_to(edge.below)
        below = monitor.say()
        bring_to(edge.above)
        # More than once before it is accused, here and at the ends: `top` compares two readings, which may be too close
        # together, and on a busy machine the figures may stand still between them.
        for _ in range(_ATTEMPTS):
            above = monitor.say()
            if told_apart := below.differs(above, noise):
                break
        heard.append(Heard(edge, below, above, told_apart))
    extreme = None
    if not all(one.told_apart for one in heard):
        bring_to(_WHOLE - 1)
        extreme = monitor.say()
    seen = Listening(quiet, tuple(heard), extreme, noise)
    return replace(seen, at_ends=tuple((percent, _at_end(monitor, seen, percent, bring_to)) for percent in ends))


def _at_end(monitor: Monitor, seen: Listening, percent: float, bring_to: Callable[[float], None]) -> Said:
    bring_to(percent)
    for _ in range(_ATTEMPTS):
        said = monitor.say()
        if not seen.takes_for_another(percent, said):
            break
    return said
