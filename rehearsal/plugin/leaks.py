"""What the steps after a leak did to a replica, in the words of a check."""

from __future__ import annotations

import re

from rehearsal.drills.leak import REQUESTS_SINCE, Kept, Leak
from rehearsal.gateway.procedure import has_no_meaning, what_is_wrong
from rehearsal.plugin.outages import cover_words
from rehearsal.plugin.record import Record
from rehearsal.runbook import Command, Runbook, Section, Step, section

HEADING = "Vazamento de Dados"
_ISOLATE = re.compile(r"isol|desconect|disconnect|cut off|take .*offline", re.IGNORECASE)
_RETURN = re.compile(r"autoriz|authori[sz]|liberad|retom|resum|reabr|reopen|\bvoltar?\b|back in", re.IGNORECASE)
"""Of a step that ends the isolation when somebody has said so; a drill runs it at once."""
_KEEPS_ALL = re.compile(
    r"\b(?:n[aã]o|nunca|nada)\b[^.;]*\b(?:apag|delet|exclu|remov)|\b(?:not|never|nothing)\b[^.;]*\b(?:delet|eras|remov)"
    r"|\b(?:delet|eras|remov)\w* nothing",
    re.IGNORECASE,
)
_PRESERVE = re.compile(r"preserv|guard|keep|save|colet|collect", re.IGNORECASE)


def words_only(runbook: Runbook, evidence: Record) -> bool:
    """Tell whether the section has no command at all; each promise is then unknown, with its line.

    Raises RunbookError where there is no section.
    """
    under = section(runbook, HEADING)
    if any(one.commands for one in under.procedures):
        return False
    for about in (_ISOLATE, _PRESERVE):
        step = _step(under, about)
        place = f"{under.heading} ({runbook.path.name}:{step.line if step else under.line})"
        what = f"step {step.number} says '{step.text}'" if step else "the section has no such step"
        evidence.unknown(f"{what} and names no command: it can't be rehearsed", source=place)
    return True


def judge_leak(seen: Leak, runbook: Runbook, evidence: Record) -> None:
    """Record isolation, preservation, and what was lost."""
    under = section(runbook, HEADING)
    here = f"{under.heading} ({runbook.path.name}:{under.line})"
    assert seen.reached_before, "nothing answered from outside before: that nothing does afterwards would say nothing"
    for run in seen.runs:
        evidence.ran(run)
        source = f"{under.heading} ({runbook.path.name}:{run.line})"
        if has_no_meaning(run):
            evidence.unknown(f"`{run.command}` {what_is_wrong(run)}", source=source)
        elif wrong := what_is_wrong(run):
            evidence.critical(f"`{run.command}` {wrong}", source=source)
    _isolation(seen, under, here, runbook, evidence)
    _preservation(seen, under, here, runbook, evidence)
    for down in seen.down:
        evidence.critical(f"the steps ended a store, whose memory is evidence: {down}", source=here)
    if seen.lost:
        first = seen.lost[0]
        evidence.critical(
            f"the steps changed what the stores hold in {len(seen.lost)} places, such as {first.where}:"
            f" expected {first.expected}, found {first.observed}",
            source=here,
        )
        evidence.differs(seen.lost)
    elif not seen.down:
        evidence.saw("both stores run and hold what they held before")
        evidence.covers(*(step.line for step in under.steps if _KEEPS_ALL.search(step.text)))
    cover_words(runbook, HEADING, evidence)


def _isolation(seen: Leak, under: Section, here: str, runbook: Runbook, evidence: Record) -> None:
    if seen.isolated_by and (not seen.reached_after or _is_return(seen.opened_by, under)):
        evidence.saw(
            f"{seen.isolation_seconds:.1f} s after `{seen.isolated_by.command}` was begun nothing answered at"
            f" {' and '.join(seen.reached_before)}"
        )
        return
    step = _step(under, _ISOLATE)
    source = f"{under.heading} ({runbook.path.name}:{step.line})" if step else here
    if step and not step.commands:
        evidence.unknown(f"step {step.number} names no command that isolates: it can't be rehearsed", source=source)
    else:
        words = f"expected nothing to be reached from outside, {' and '.join(seen.reached_after)} still answered"
        evidence.critical(words, source=source)


def _is_return(command: Command | None, under: Section) -> bool:
    """Tell whether a command stands where the document says how and when all goes on again."""
    if command is None:
        return False
    steps = [step.text for step in under.steps if command.line in (one.line for one in step.commands)]
    return any(_RETURN.search(text) for text in (command.label, *steps))


def _preservation(seen: Leak, under: Section, here: str, runbook: Runbook, evidence: Record) -> None:
    step = _step(under, _PRESERVE)
    source = f"{under.heading} ({runbook.path.name}:{step.line})" if step else here
    if not seen.kept:
        if step and not step.commands:
            evidence.unknown(
                f"step {step.number} names no command that keeps logs: it can't be rehearsed", source=source
            )
        else:
            words = (
                f"expected a new file with the log line of {REQUESTS_SINCE:,} requests before, found none in the"
                " gateway's folder"
            )
            evidence.critical(words, source=source)
    for kept in seen.kept:
        _one_kept(kept, source, evidence)


def _one_kept(kept: Kept, source: str, evidence: Record) -> None:
    if kept.secrets:
        evidence.critical(f"{kept.path} holds {kept.secrets} of the gateway's secrets", source=source)
    if not kept.private:
        evidence.warning(f"{kept.path} may be read by others (mode {kept.mode:04o})", source=source)
    if not kept.checked:
        evidence.warning(f"{kept.path} has no checksum beside it: a later change would not show", source=source)
    evidence.saw(f"{kept.path} holds the log lines from before (mode {kept.mode:04o}, SHA-256 {kept.sha256})")


def _step(under: Section, about: re.Pattern[str]) -> Step | None:
    return next((step for step in under.steps if about.search(step.text)), None)
