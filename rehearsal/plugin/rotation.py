"""What the rotation and the schedule of backups do, in the words of a check."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time
from itertools import pairwise

from rehearsal.backups.names import BackupName
from rehearsal.drills.backups import BackupBlock
from rehearsal.drills.cron import run_as_cron, write_environment_file
from rehearsal.drills.rotation import EVERY_DAYS, Rotated, commands_for, in_place, kinds_of, other_ways, rotate
from rehearsal.drills.sides import new_word
from rehearsal.drills.watchers import programs_with, reading_arguments
from rehearsal.gateway.crontab import Entry, read_crontab
from rehearsal.gateway.procedure import ProcedureRun, what_is_wrong
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin.backups import BackupDrill
from rehearsal.runbook import Runbook

_START = datetime(2026, 1, 1, 12)  # noqa: DTZ001  the host's clock, whatever its zone; any day is as good
_DAYS = 100
_NAMED = 3
_MOST_WORDS = 300


def verify_rotation(drill: BackupDrill) -> None:
    """Make a backup of each kind that the runbook tells how to make, over backups of every age.

    Raises TargetError, RunbookError.
    """
    block, kept = drill.block, drill.policy.retention_days
    kinds = kinds_of(block.name, kept)
    example = _example(drill)
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
        _judge(drill, kind, done, drill.source)


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
    if not (example := _example(drill)):
        return
    for way in ways:
        words = re.findall(r"[\w-]+", way.text)
        kind = next((one for one in kinds if one in words), next(iter(kinds)))
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


def verify_schedule(drill: BackupDrill) -> None:
    """Run each entry of the crontab that makes backups as cron does, and hold its hours against the runbook's.

    Raises TargetError, RunbookError, GatewayError; NotOnThisTargetError where gateway.toml names no schedule.
    """
    gateway = drill.block.gateway
    if gateway.schedule.crontab is None:
        msg = "gateway.toml names no schedule (schedule.crontab): only a live host shows whether backups are made"
        raise NotOnThisTargetError(msg)
    if drill.policy.daily_at is None:
        msg = f"the runbook promises backups of {drill.policy.store} at no hour: {drill.policy.frequency}"
        raise NotOnThisTargetError(msg)
    path = gateway.directory / gateway.schedule.crontab
    entries = _of_backups(drill.block, read_crontab(path, with_user=gateway.schedule.with_user))
    kinds = kinds_of(drill.block.name, drill.policy.retention_days)
    example = _example(drill)
    if not example:
        return
    write_environment_file(drill.replica, gateway)
    made: dict[str, list[Entry]] = {}
    for entry in entries:
        where = f"{gateway.schedule.crontab}:{entry.line}"
        if kind := _run(drill, entry, kinds, example, where):
            made.setdefault(kind, []).append(entry)
    _judge_hours(drill, made, kinds)


def _example(drill: BackupDrill) -> str:
    run = drill.block.run()
    drill.evidence.ran_all(run)
    found = drill.block.files()
    if not found:
        drill.broken(f"expected a backup named {drill.block.name.written}, found none")
    return max(found, default="")


def _judge(drill: BackupDrill, kind: str, done: Rotated, source: str) -> None:
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


def _of_backups(block: BackupBlock, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return the entries that name a program of the runbook's block; all where none does: what they make decides."""
    words = {
        word for command in block.procedure.commands for word in re.findall(r"[\w.-]+\.\w+|pg_dump\w*", command.text)
    }
    named = tuple(entry for entry in entries if any(word in entry.command for word in words))
    return named or entries


def _run(drill: BackupDrill, entry: Entry, kinds: dict[str, BackupName], example: str, where: str) -> str:
    """Run an entry, record what is wrong with it, and return which kind of backup it made."""
    gateway, word = drill.block.gateway, new_word()
    asked = next((kind for kind in kinds if kind in re.findall(r"[\w-]+", entry.command)), next(iter(kinds)))
    drill.side.plant(drill.replica, word)
    limit = gateway.replica.command_timeout_seconds
    with reading_arguments(drill.replica, drill.replica.secrets, timeout=limit) as watched:

        def run() -> ProcedureRun:
            ran = run_as_cron(drill.replica, gateway, entry, watched.before)
            ran = replace(ran, command=entry.command, line=None)
            return ProcedureRun((ran,), ran.seconds)

        done = rotate(drill.replica, kinds, drill.policy.retention_days, example, asked, run)
    drill.evidence.ran_all(done.run)
    if not done.made:
        ran = done.run.commands[0]
        said = f"{ran.ending}"[:_MOST_WORDS]
        message = f"expected `{entry.command}`, run as cron does, to leave a new backup, found none: it {said}"
        drill.evidence.critical(message, source=where)
        return ""
    _judge(drill, asked, done, where)
    if programs := programs_with(watched):
        drill.evidence.critical(f"a password is among the arguments of {', '.join(programs)}", source=where)
    opened = replace(drill.block, name=kinds[asked]).open(
        replace(drill.block, name=kinds[asked]).files()[max(done.made)]
    )
    if opened.broken or word.encode() not in opened.content:
        why = opened.broken or f"it lacks what {drill.side.store.name} held before"
        drill.evidence.critical(f"{max(done.made)} is no good backup: {why}", source=where)
    return asked


def _judge_hours(drill: BackupDrill, made: dict[str, list[Entry]], kinds: dict[str, BackupName]) -> None:
    place = drill.evidence.source(drill.policy.place)
    promised = drill.policy.daily_at
    drill.covers("frequency")
    if promised:
        days = _by_day(made.get("daily", []))
        wrong = [day for day in range(_DAYS) if time(promised.hour, promised.minute) not in days.get(day, ())]
        if wrong:
            hours = sorted({f"{moment:%H:%M}" for moments in days.values() for moment in moments})
            found = (
                f"due at {', '.join(hours)}, on {_DAYS - len(wrong)} of {_DAYS} days at that hour" if hours else "none"
            )
            drill.evidence.critical(
                f"expected an entry that makes a daily backup each day at {promised:%H:%M}, found {found}", source=place
            )
        else:
            drill.evidence.saw(f"a backup is due each day at {promised:%H:%M}")
    for kind in kinds:
        if kind != "daily" and promised:
            _judge_interval(drill, kind, made.get(kind, []), place)


def _judge_interval(drill: BackupDrill, kind: str, entries: list[Entry], place: str) -> None:
    moments = sorted(moment for entry in entries for moment in entry.times(_START, _DAYS))
    gaps = [(later - earlier).total_seconds() / 86400 for earlier, later in pairwise(moments)]
    if not entries:
        drill.evidence.warning(
            f"the runbook promises {kind} backups, and no entry of the crontab is seen to make one", source=place
        )
    elif not gaps or max(gaps) > EVERY_DAYS[kind]:
        apart = f"up to {max(gaps):g} days apart" if gaps else "due at most once in 100 days"
        drill.evidence.critical(f"expected {kind} backups, found them {apart}", source=place)


def _by_day(entries: list[Entry]) -> dict[int, set[time]]:
    days: dict[int, set[time]] = {}
    for entry in entries:
        for moment in entry.times(_START.replace(hour=0), _DAYS + 1):
            days.setdefault((moment - _START.replace(hour=0)).days, set()).add(moment.time())
    return days
