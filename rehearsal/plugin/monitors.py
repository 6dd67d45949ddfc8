"""What a monitor script said, in the words of a check."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rehearsal.drills.monitors import Heard, Listening
from rehearsal.drills.said import Said, never_ran
from rehearsal.drills.scripts import script_of
from rehearsal.plugin.record import Record
from rehearsal.runbook.model import Command, Threshold
from rehearsal.runbook.vocabulary import without_accents

_SHOWN = 160


def judge_monitors(
    heard: Sequence[tuple[Command, Listening]], row: Threshold, evidence: Record, *, blind: str = ""
) -> None:
    """Record whether the words of each script change at each limit of a row.

    Where one of them sees the figure, those that never do are about something else: a section may have a script for
    the host and another one for the queue.
    """
    seeing = [command for command, seen in heard if seen.sees_the_figure]
    for command, seen in heard:
        if command in seeing or not seeing or never_ran(seen.quiet):
            _judge(seen, row, command, evidence, blind=blind)
        else:
            evidence.covers(command.line)
            evidence.saw(f"{script_of(command.text)} says nothing of {row.metric}, which another script looks at")


def _judge(seen: Listening, row: Threshold, command: Command, evidence: Record, *, blind: str = "") -> None:
    """Record whether a script's words changed at each limit of a row.

    `blind` says why the script may not have seen the figure: what it did not say is then unknown, unless it shows that
    it has seen it.
    """
    name = script_of(command.text)
    evidence.covers(command.line)
    for said in (seen.quiet, *(one.above for one in seen.heard)):
        evidence.ran(said.run)
        if never_ran(said):
            evidence.unknown(
                f"`{command.text}` {said.run.ending}", source=f"{evidence.runbook_path.name}:{command.line}"
            )
            return
    for percent, said in seen.misread:
        evidence.ran(said.run)
        message = f"at {percent:g} % of {row.metric} {name} says what it says elsewhere: {_words(said, row)}"
        action = "compare figures as numbers, not as texts"
        evidence.critical(message, action=action, source=evidence.source(row.place))
    if not seen.missed:
        told = ", ".join(f"{one.edge.limit:g} %" for one in seen.heard)
        evidence.saw(f"{name} says other things of {row.metric} below and above {told}, as the table does")
    elif seen.leaves_it_to_people:
        evidence.saw(f"{name} shows the figure of {row.metric} and leaves it to its reader what to think of it")
    else:
        say = evidence.unknown if blind and not seen.sees_the_figure else evidence.critical
        for one in seen.missed:
            _missed(one, name, row, say, evidence, blind if say == evidence.unknown else "")


def judge_other_disk(row: Threshold, command: Command, evidence: Record) -> None:
    """Record that a script looks at the disk of /var/log, on which the gateway need not lie."""
    evidence.warning(
        f"expected {script_of(command.text)} to look at the disk of the gateway's folder, found it looking at that of"
        " /var/log: where they are two, nobody hears that the gateway's is full",
        action="let it look at the gateway's own folder: `df -P .`",
        source=evidence.source(row.place),
    )


def _missed(one: Heard, name: str, row: Threshold, say: Callable[..., None], evidence: Record, blind: str) -> None:
    edge = one.edge
    message = (
        f"expected {name} to tell {edge.above:g} % of {row.metric} from {edge.below:g} %, as the table's"
        f" {edge.level} level of {edge.limit:g} % asks, found the same words at both: {_words(one.above, row)}"
    )
    action = f"make the limits of {name} those of the table"
    say(f"{message} ({blind})" if blind else message, action=action, source=evidence.source(row.place))


def _words(said: Said, row: Threshold) -> str:
    lines = [line.strip() for line in said.text.splitlines() if line.strip()]
    about = without_accents(row.metric).casefold()
    named = [line for line in lines if about in without_accents(line).casefold()]
    return f"`{(named or lines)[0][:_SHOWN]}`" if lines else "nothing at all"
