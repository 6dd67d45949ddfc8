"""The exit status by which a monitor tells the level, where the document promises one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from rehearsal.drills.monitors import edges
from rehearsal.gateway.target import CommandRun, NotOnThisTargetError
from rehearsal.runbook import Runbook, RunbookError, Threshold, section
from rehearsal.runbook.prose import prose_at

_OPTION = re.compile(r"`(--?[a-z][\w-]*)`")
_STATUS = re.compile(
    r"\b(?:status|exit code|c[oó]digo de sa[ií]da|(?:exit|return|end)s? with|(?:sa|retorn|termin)\w+ com)\b",
    re.IGNORECASE,
)
_OF_SCRIPTS = re.compile(r"\b(?:scripts?|monitor\w*)\b", re.IGNORECASE)
_WORDS = r"\b(\d+)`?\s*(?:=|:|para|em|com|se|for|on|in|if|with|means|significa)?\s*\(?(?:an?\s+|uma?\s+)?(?:{})"
_WARNING = re.compile(_WORDS.format("avisos?|alertas?|warnings?"), re.IGNORECASE)
_CRITICAL = re.compile(_WORDS.format("cr[ií]ticos?|critical"), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StatusPromise:
    """What a document says of the exit status of its monitors."""

    option: str
    """As on the command line: `--strict`; empty where they do so without one."""
    warning: int
    critical: int
    line: int

    def asked(self, command: str) -> str:
        """Return a command with the option, once."""
        return f"{command} {self.option}".rstrip() if self.option not in command.split() else command


def promised_status(runbook: Runbook, heading: str) -> StatusPromise:
    """Return what a section promises, or another one of the scripts.

    "With `--strict` the status is 1 for a warning and 2 for a critical value."

    Raises RunbookError where the section is not there, NotOnThisTargetError where it promises nothing of the kind.
    """
    here = section(runbook, heading).line
    # Where they are run it may stand as well: "the scripts `check-*` end with 1 (warning) or 2 (critical)".
    others = [one.line for one in runbook.sections if one.line != here]
    promises = (_promise(runbook, start, re.compile("") if start == here else _OF_SCRIPTS) for start in (here, *others))
    if found := next(filter(None, promises), None):
        return found
    msg = f"'{heading}' promises no exit status for warning and critical"
    raise NotOnThisTargetError(msg)


def _promise(runbook: Runbook, start: int, about: re.Pattern[str]) -> StatusPromise | None:
    """Return the promise of a section's prose, in a line that is about that."""
    for number, text in enumerate(prose_at(runbook, start).split("\n"), start + 1):
        option, warning, critical = _OPTION.search(text), _WARNING.search(text), _CRITICAL.search(text)
        if warning and critical and _STATUS.search(text) and about.search(text):
            return StatusPromise(option[1] if option else "", int(warning[1]), int(critical[1]), number)
    return None


def status_of(runbook: Runbook, heading: str) -> StatusPromise | None:
    """Return what a section promises of the exit status of its scripts; None where it does not."""
    with suppress(RunbookError, NotOnThisTargetError):
        return promised_status(runbook, heading)
    return None


def wrong_statuses(
    promise: StatusPromise, row: Threshold, bring_to: Callable[[float], None], run: Callable[[], CommandRun]
) -> Iterator[str]:
    """Yield what the monitor's status tells wrongly, well below the row's limits and just over each.

    `bring_to` brings what the row is about to a percentage, `run` runs the monitor with the option.
    """
    told = {promise.warning: "warning", promise.critical: "critical"}
    over = [(edge.above, edge.level) for edge in edges(row)]
    for percent, level in ((row.warning.value / 2, "ok"), *over):
        bring_to(percent)
        ended = run()
        if told.get(ended.exit_code if ended.exit_code is not None else -1, "ok") != level:
            yield (
                f"expected the status of `{ended.command}` to say {level} at {percent:g} % of {row.metric}, as the"
                f" document promises, it {ended.ending}"
            )
