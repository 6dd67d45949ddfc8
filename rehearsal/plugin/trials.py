"""What a drill with bad backups saw, in the words of a check."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rehearsal.drills.bad_backups import Attempt, BadBackupDrill, Trial
from rehearsal.gateway.procedure import ProcedureRun, has_no_meaning, what_is_wrong
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin.record import Record

_SHOWN = 20
"""Differences that go into the evidence."""
_QUIET = ": each command exited 0 without a complaint"
_BESIDE = "restore beside the store that is there, and put it in its place once it is whole"
_COMPLAINT = re.compile(
    r"^.*\b(err(o|or|os|ors)?|fal(ha|hou)|fail(ed|s|ure)?|fatal|inv[aá]lid[oa]?|invalid|corrup\w*|danificad[oa]|damaged|truncad[oa]"
    r"|truncated|incomplet[oae]|recus\w+|refus\w+|abort\w*|unexpected|mismatch|difere|not in gzip format|cancel\w*"
    r"|no such file|not found|n[aã]o (encontr\w+|h[aá]|é|foi|confere|cont[eé]m|consegui\w*|pode|existe)"
    r"|can(no|')t|could not)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
"""What a script says of a backup that it does not take."""


def judge_trial(seen: Trial, drill: BadBackupDrill, evidence: Record) -> None:
    """Record what became of each bad backup: refused and told, or restored exactly; all else is critical.

    Raises NotOnThisTargetError where a backup of this form can't be bad in that way.
    """
    assert seen.attempts or seen.left_out, "a trial without bad backups proves nothing"
    if seen.backup is not None:
        evidence.ran_all(seen.backup)
    usual = _complaints(seen.good) if seen.good else []
    for attempt in seen.attempts:
        _judge(attempt, drill, usual, evidence)
    if seen.good is not None:
        evidence.ran_all(seen.good)
    source = evidence.source(drill.restore.place)
    for problem in seen.problems:
        evidence.critical(problem, source=source)
    for name in seen.left_out:
        evidence.saw(f"not tried: {name}")
    if not seen.attempts and seen.impossible:
        raise NotOnThisTargetError(seen.impossible[0])
    if not seen.attempts:
        evidence.unknown(f"no bad backup could be made of what {drill.backup.place.heading} leaves", source=source)


def _judge(attempt: Attempt, drill: BadBackupDrill, usual: Sequence[str], evidence: Record) -> None:
    restored, what = evidence.source(drill.restore.place), f"restored from {attempt.backup.name}"
    store = drill.store.name
    blind = any(has_no_meaning(one) for one in attempt.run.commands)
    say = evidence.unknown if blind else evidence.critical
    refusal = next((one for one in _complaints(attempt.run) if _shape(one) not in map(_shape, usual)), "")
    loud = next((one for one in attempt.run.commands if one.exit_code), None)
    excused = attempt.backup.looks_whole and loud is not None and not blind
    lost = evidence.warning if excused else say
    told = f"; the restore says so: `{loud.command}` {loud.ending}" if excused and loud else ""
    evidence.covers(*(one.line for one in attempt.run.commands if one.line and not one.never_ran))
    if attempt.harm:
        tell = evidence.critical if attempt.backup.promised else evidence.warning
        tell(f"{what}: {attempt.harm}", source=restored)
    if attempt.unreadable:
        lost(f"{what}: {store} can't be read afterwards: {attempt.unreadable}{told}", action=_BESIDE, source=restored)
    elif attempt.ending == "neither":
        first = attempt.differences[0]
        lost(
            f"{what}: {store} is then neither as it was nor as the backup held it: {len(attempt.differences)}"
            f" differences from before, such as {first.where}: expected {first.expected}, found {first.observed}{told}",
            action=_BESIDE,
            source=restored,
        )
        evidence.differs(attempt.differences[:_SHOWN])
    elif attempt.not_ready:
        say(
            f"{what}: {store} is {attempt.ending}, but the gateway does not serve: {attempt.not_ready}", source=restored
        )
    elif attempt.ending == "restored" and attempt.backup.taken and (attempt.backup.promised or refusal):
        tell = say if attempt.backup.promised else evidence.warning
        tell(f"{what}: {attempt.backup.taken}", source=restored)
    elif attempt.ending == "kept" and not refusal:
        same = "; it says only what it says of a good backup as well" if _complaints(attempt.run) else ""
        say(f"{what}: nothing was restored and nothing says so{same or _QUIET}", source=restored)
    else:
        taken = "restored" if attempt.backup.taken else "restored exactly"
        evidence.saw(f"{what}: {taken if attempt.ending == 'restored' else f'refused, {refusal}'}")
    for one in attempt.run.commands:
        if one.exit_code is None and not one.never_ran:
            say(f"{what}: `{one.command}` did not end in time", source=evidence.at(drill.restore.place, one.line))
        elif not one.ok:
            evidence.ran(one)


def _complaints(run: ProcedureRun) -> list[str]:
    """Return how the commands of a procedure said that something is wrong, those that failed first."""
    failed = [wrong for command in run.commands if (wrong := what_is_wrong(command))]
    said = [match[0].strip() for one in run.commands for match in _COMPLAINT.finditer(f"{one.stderr}\n{one.stdout}")]
    return failed + [f"though it exited 0: {text[:300]}" for text in said]


def _shape(complaint: str) -> str:
    return re.sub(r"\d+", "0", complaint)
