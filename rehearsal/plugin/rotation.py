"""What the rotation of backups does, in the words of a check."""

from __future__ import annotations

from dataclasses import replace

from rehearsal.backups.kinds import kind_in
from rehearsal.drills.rotation import Rotated, commands_for, in_place, kinds_of, other_ways, rotate
from rehearsal.drills.sides import new_word
from rehearsal.gateway.procedure import what_is_wrong
from rehearsal.plugin.backups import BackupDrill
from rehearsal.runbook import Runbook

_NAMED = 3


def verify_rotation(drill: BackupDrill) -> None:
    """Make a backup of each kind that the runbook tells how to make, over backups of every age.

    Raises TargetError, RunbookError.
    """
    block, kept = drill.block, drill.policy.retention_days
    kinds = kinds_of(block.name, kept)
    example = example_of(drill)
    base = next((kind for kind, name in kinds.items() if name == block.name), "")
    if not example or not base:
        return
    for kind in kept:
        commands = block.procedure.commands
        if kind != base:
            changed = commands_for(commands, (base, kept[base]), (kind, kept[kind]))
            if changed is None or kind not in kinds:
                told = f"the runbook promises {kind} backups for {kept[kind]} days and does not tell how one is made"
                if not drill.block.gateway.schedule.crontab:
                    drill.evidence.unknown(told, source=drill.evidence.source(drill.policy.place))
                continue
            commands = tuple(changed)
        drill.side.plant(drill.replica, new_word())
        run = replace(block, procedure=replace(block.procedure, commands=commands)).run
        done = rotate(drill.replica, kinds, kept, example, kind, run)
        drill.evidence.ran_all(done.run)
        judge_rotated(drill, kind, done, drill.source)


def verify_other_ways(drill: BackupDrill, runbook: Runbook) -> None:
    """Make a backup in each other way that the document knows, such as before an update, over backups of every age.

    It need not delete anything, nor make one of a kind that is promised; what is promised it must leave. Raises
    TargetError, RunbookError.
    """
    block, kept = drill.block, drill.policy.retention_days
    ways = list(other_ways(runbook, block.procedure.commands))
    if not ways:
        drill.evidence.saw("wherever the document makes a backup, it does so by the same command")
        return
    kinds = kinds_of(block.name, kept)
    if not (example := example_of(drill)):
        return
    for way in ways:
        kind = kind_in(way.text, kinds) or next(iter(kinds))
        drill.side.plant(drill.replica, new_word())
        commands = in_place(block.procedure.commands, way)
        run = replace(block, procedure=replace(block.procedure, commands=commands)).run
        done = rotate(drill.replica, kinds, kept, example, kind, run)
        drill.evidence.ran_all(done.run)
        if done.lost:
            takes = f"`{way.text}` deletes what must be kept: {_named(done.lost)}"
            drill.evidence.critical(takes, source=f"{runbook.path.name}:{way.line}")
        else:
            drill.evidence.saw(f"`{way.text}` leaves the {done.kept} backups that must be kept")


def example_of(drill: BackupDrill) -> str:
    """Make a backup and return its path; record that there is none, and return nothing. Raises TargetError."""
    run = drill.block.run()
    drill.evidence.ran_all(run)
    found = drill.block.files()
    if not found:
        drill.broken(f"expected a backup named {drill.block.name.written}, found none")
    return max(found, default="")


def judge_rotated(drill: BackupDrill, kind: str, done: Rotated, source: str) -> None:
    """Record what a backup deleted that it must keep, and kept that it must delete."""
    found, kept = len(drill.evidence.findings), drill.policy.retention_days
    drill.covers("retention")
    say = drill.evidence.critical
    for command in done.run.commands:
        if wrong := what_is_wrong(command):
            say(f"`{command.command}` {wrong}", source=source)
    if not done.made:
        say(f"expected a new {kind} backup, found none", source=source)
    if done.lost:
        say(f"a {kind} backup deletes what must be kept: {_named(done.lost)}", source=source)
    if done.stayed:
        say(
            f"a {kind} backup leaves what is older than the {kept[kind]} days that it is kept: {_named(done.stayed)}",
            source=source,
        )
    *beside, elsewhere = done.foreign or [""]
    if elsewhere and "-de-antes/" in elsewhere:
        say(f"a {kind} backup deletes what lies in another folder: {elsewhere}", source=source)
    elif done.foreign:
        drill.evidence.warning(
            f"a {kind} backup deletes what is no backup of this gateway: {', '.join([*beside, elsewhere])}",
            source=source,
        )
    if len(drill.evidence.findings) == found:
        drill.evidence.saw(
            f"a {kind} backup deletes those of its kind that are older than {kept[kind]} days, and no other:"
            f" {done.kept} that must be kept are there"
        )


def _named(ages: dict[str, float]) -> str:
    some = sorted(ages.items(), key=lambda one: one[1])
    named = ", ".join(f"{path} of {age:g} days" for path, age in some[:_NAMED])
    return named + (f" and {len(some) - _NAMED} more" if len(some) > _NAMED else "")
