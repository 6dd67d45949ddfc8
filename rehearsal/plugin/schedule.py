"""What the schedule of backups does when nobody looks, in the words of a check."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise
from pathlib import PurePosixPath

from rehearsal.backups.kinds import kind_in
from rehearsal.backups.names import BackupName
from rehearsal.drills.backups import BackupBlock
from rehearsal.drills.cron import run_as_cron, write_environment_file
from rehearsal.drills.rotation import EVERY_DAYS, kinds_of, rotate
from rehearsal.drills.scripts import asks_the_same, script_of
from rehearsal.drills.sides import new_word
from rehearsal.drills.watchers import programs_with, reading_arguments
from rehearsal.gateway.crontab import Entry, entries_of
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin.backups import BackupDrill
from rehearsal.plugin.rotation import example_of, judge_rotated
from rehearsal.plugin.silence import judge_silence
from rehearsal.runbook import Runbook
from rehearsal.runbook.schedules import rhythm_of

_START = datetime(2026, 1, 1, 12)  # noqa: DTZ001  the host's clock, whatever its zone; any day is as good
_DAYS = 100
_LONG = 400
"""Days with a yearly backup among them, whenever it is due."""
_OFTEN = 24
"""More than one each hour is no choice."""
_TIMES = 2
"""As many weekly or monthly backups as these words ask for are no slip."""
_SHOWN = 3
_POWERLESS = ("nobody", "daemon", "games")
"""Users of every host to whom nothing belongs."""
_MOST_WORDS = 300


def verify_schedule(drill: BackupDrill, runbook: Runbook) -> None:
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
    table = entries_of(gateway)
    named = _of_backups(drill.block, table)
    # One script may do several things.
    sure = [entry for entry in named if asks_the_same(entry.command, drill.block.procedure.commands)]
    kinds = kinds_of(drill.block.name, drill.policy.retention_days)
    example = example_of(drill)
    if not example:
        return
    write_environment_file(drill.replica, gateway)
    made: dict[str, list[Entry]] = {}
    # Where no entry does what the block does, what they make decides.
    for entry in named if sure else table:
        where = f"{gateway.schedule.crontab}:{entry.line}"
        if entry.user in _POWERLESS:
            message = f"expected a user who may read passwords and write backups, found {entry.user}: `{entry.command}`"
            drill.evidence.critical(message, source=where)
        if kind := _run(drill, entry, kinds, example, where, sure=entry in sure):
            made.setdefault(kind, []).append(entry)
    _judge_hours(drill, made, kinds)
    judge_silence(drill, runbook, made, table, kinds)


def _of_backups(block: BackupBlock, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    """Return the entries that name a program of the runbook's block."""
    commands = [command.text for command in block.procedure.commands]
    words = {word for text in commands for word in re.findall(r"[\w.-]+\.\w+|pg_dump\w*", text)}
    # A script may have no ending: `ops/dump-db daily 14`.
    words |= {PurePosixPath(script).name for text in commands if (script := script_of(text))}
    return tuple(entry for entry in entries if any(word in entry.command for word in words))


def _run(
    drill: BackupDrill, entry: Entry, kinds: dict[str, BackupName], example: str, where: str, *, sure: bool
) -> str:
    """Run an entry, record what is wrong with it, and return which kind of backup it made.

    Where it is not `sure` to be one that makes backups, one that makes none is left alone.
    """
    gateway, word = drill.block.gateway, new_word()
    asked = kind_in(entry.command, kinds) or next(iter(kinds))
    drill.side.plant(drill.replica, word)
    limit = gateway.replica.command_timeout_seconds
    with reading_arguments(drill.replica, drill.replica.secrets, timeout=limit) as watched:

        def run() -> ProcedureRun:
            ran = run_as_cron(drill.replica, gateway, entry, watched.before)
            ran = replace(ran, command=entry.command, line=None)
            return ProcedureRun((ran,), ran.seconds)

        done = rotate(drill.replica, kinds, drill.policy.retention_days, example, asked, run)
    drill.evidence.ran_all(done.run)
    if not done.made and not sure:
        return ""
    if not done.made:
        ran = done.run.commands[0]
        said = f"{ran.ending}"[:_MOST_WORDS]
        message = f"expected `{entry.command}`, run as cron does, to leave a new backup, found none: it {said}"
        hint = "write each % of the command as \\%: cron ends it at a bare one" if entry.cut else ""
        drill.evidence.critical(message, action=hint, source=where)
        return ""
    judge_rotated(drill, asked, done, where)
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
        often = max(map(len, days.values()), default=0)
        if often > _OFTEN:
            message = f"expected a daily backup at {promised:%H:%M}, found the crontab making {often} on one day"
            drill.evidence.warning(message, action="`*` in the first field is each minute", source=place)
    for kind in kinds:
        if kind != "daily" and promised:
            _judge_interval(drill, kind, made.get(kind, []), place)


def _judge_interval(drill: BackupDrill, kind: str, entries: list[Entry], place: str) -> None:
    rhythm, end = rhythm_of(drill.policy.frequency, kind), _START + timedelta(days=_LONG)
    due = sorted(moment for entry in entries for moment in entry.times(_START, _LONG))
    moments = [moment for moment in due if rhythm.fits(moment)]
    apart = max(later - earlier for earlier, later in pairwise([_START, *moments, end])).total_seconds() / 86400
    if not entries:
        drill.evidence.warning(
            f"the runbook promises {kind} backups, and no entry of the crontab is seen to make one", source=place
        )
    elif apart > EVERY_DAYS[kind] and due and not moments:
        found = f"due on {', '.join(f'{moment:%A %Y-%m-%d %H:%M}' for moment in due[:_SHOWN])} ..."
        drill.evidence.critical(f"expected {kind} backups{rhythm.words}, found them {found}", source=place)
    elif apart > EVERY_DAYS[kind]:
        drill.evidence.critical(f"expected {kind} backups, found them up to {apart:g} days apart", source=place)
    elif others := [moment for moment in due if not rhythm.fits(moment)]:
        # As cron does with a day of the month and one of the week: either will do.
        found = f"{len(moments)} such in {_LONG} days and {len(others)} others, such as {others[0]:%A %Y-%m-%d %H:%M}"
        drill.evidence.warning(f"expected {kind} backups{rhythm.words}, found {found}", source=place)
    elif len(due) > _TIMES * _LONG / EVERY_DAYS[kind]:
        found = (
            f"{len(due)} of them due in {_LONG} days, such as {', '.join(f'{one:%A %Y-%m-%d}' for one in due[:_SHOWN])}"
        )
        drill.evidence.warning(
            f"expected {kind} backups{rhythm.words}, found {found}",
            action="cron takes a day of the month and one of the week as either",
            source=place,
        )


def _by_day(entries: list[Entry]) -> dict[int, set[time]]:
    days: dict[int, set[time]] = {}
    for entry in entries:
        for moment in entry.times(_START.replace(hour=0), _DAYS + 1):
            days.setdefault((moment - _START.replace(hour=0)).days, set()).add(moment.time())
    return days
