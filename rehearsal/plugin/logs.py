"""What a clean-up of logs did, in the words of a check."""

from __future__ import annotations

from datetime import timedelta

from rehearsal.drills.log_plan import Planted
from rehearsal.drills.logs import Cleaned
from rehearsal.gateway.procedure import has_no_meaning, what_is_wrong
from rehearsal.plugin.record import Record
from rehearsal.runbook import Procedure

_NOT_FOUND = 127
_FEW_PERCENT = 1
"""Of the lines of a log: what a copy that is emptied afterwards loses in the moment between."""


def judge_clean_up(seen: Cleaned, written: Procedure, evidence: Record) -> None:
    """Record what a clean-up did with logs that are old, young or in use, and with what is no log."""
    assert seen.run is not None
    evidence.ran_all(seen.run)
    # A tool that this machine lacks, or that has no meaning in a replica, says nothing of the host.
    blind = any(has_no_meaning(one) or one.exit_code == _NOT_FOUND for one in seen.run.commands)
    if not blind:
        _judge_old(seen, written, evidence)
    _judge_kept(seen, written, evidence)
    _judge_live(seen, written, evidence)
    _judge_again(seen, evidence.source(written.place), evidence)
    held = not evidence.findings
    for command in seen.run.commands:
        if wrong := what_is_wrong(command):
            say = evidence.unknown if blind else evidence.warning if held else evidence.critical
            say(f"`{command.command}` {wrong}", source=evidence.at(written.place, command.line))


def _judge_old(seen: Cleaned, written: Procedure, evidence: Record) -> None:
    day = timedelta(days=1)
    old = [one for one in (*seen.kept, *seen.gone) if one.kind == "log" and one.age > (one.limit + 1) * day]
    cleaned = {(one.folder, one.promised) for one in seen.gone}
    # Where the commands do not say which files they are about, those of which some went are.
    wanted = [one for one in old if one.promised or (one.folder, None) in cleaned]
    left = [one for one in wanted if one in seen.kept and (one.promised or _brothers(one, seen))]
    for source, files in _by_source(left, written, evidence).items():
        oldest = max(files, key=lambda one: one.age)
        evidence.critical(
            f"expected logs to go after {oldest.limit} days, {len(files)} are still there, such as {oldest.path} of"
            f" {oldest.age.days} days",
            source=source,
        )
    if not any(one in seen.gone for one in old):
        evidence.critical(
            f"of {len(old)} logs older than {max(one.limit for one in old)} days none has gone: nothing was cleaned",
            source=evidence.source(written.place),
        )
    elif not left:
        evidence.saw(f"{sum(one in seen.gone for one in wanted)} old logs have gone, and no old one is left")


def _brothers(one: Planted, seen: Cleaned) -> bool:
    """Tell whether an even older log of the same kind of name has gone."""
    return any(other.age > one.age and other.shape == one.shape for other in seen.gone)


def _by_source(files: list[Planted], written: Procedure, evidence: Record) -> dict[str, list[Planted]]:
    found: dict[str, list[Planted]] = {}
    for one in files:
        found.setdefault(evidence.at(written.place, one.promised.line if one.promised else None), []).append(one)
    return found


def _judge_kept(seen: Cleaned, written: Procedure, evidence: Record) -> None:
    source = evidence.source(written.place)
    young = [one for one in seen.gone if one.kind == "log" and one.age < timedelta(days=one.limit)]
    if young:
        youngest = min(young, key=lambda one: one.age)
        evidence.critical(
            f"expected logs of less than {youngest.limit} days to stay, {len(young)} have gone, such as {youngest.path}"
            f" of {youngest.age.days} days",
            source=source,
        )
    for one in seen.gone:
        if one.kind == "precious":
            evidence.critical(f"expected {one.path} to stay, which is none of these logs: it has gone", source=source)
        elif one.kind == "other":
            evidence.warning(f"{one.path} has gone, which is in the folder of the logs and none of them", source=source)
    evidence.saw(f"{len(seen.kept)} files that are young or no logs are still there")


def _judge_live(seen: Cleaned, written: Procedure, evidence: Record) -> None:
    source = evidence.source(written.place)
    for path, lost in seen.lost.items():
        said = f"of {seen.written} lines that a service wrote to {path} during the clean-up {lost} are nowhere"
        if lost > seen.written * _FEW_PERCENT / 100:
            evidence.critical(said, source=source)
        elif lost:
            evidence.warning(
                f"{said}: it was emptied a moment after it was copied, or packed while it was still written to; rename"
                " it instead, and pack it the next time",
                source=source,
            )
        else:
            evidence.saw(f"all {seen.written} lines that a service wrote to {path} during the clean-up are there")
    full = [path for path, (before, now) in seen.sizes.items() if now >= before and not seen.lost[path]]
    if full and not seen.starts_anew:
        evidence.warning(
            f"a log that is written to every day never gets old: {', '.join(full)} is never cleaned", source=source
        )


def _judge_again(seen: Cleaned, source: str, evidence: Record) -> None:
    # What a service that goes on writing adds to the old file a moment later is no matter of its name.
    for path, lost in seen.overwritten.items():
        if lost <= seen.written * _FEW_PERCENT / 100:
            continue
        evidence.warning(
            f"cleaned up a second time the same day, {lost} lines of the first time are nowhere: what takes the name"
            f" {path} takes the place of what had it; put the hour, minute and second into the name",
            source=source,
        )
