"""Whether the script that watches the backups watches each kind of them, in the words of a check."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from rehearsal.backups.names import BackupName
from rehearsal.drills.aged import copy_back
from rehearsal.drills.backups import BackupFile, list_backups, new_ones
from rehearsal.drills.rotation import EVERY_DAYS, commands_for, kinds_of
from rehearsal.drills.texts import without_comments, without_figures
from rehearsal.gateway.target import CommandRun
from rehearsal.plugin.backups import BackupDrill
from rehearsal.runbook import Step

_MISSED, _TOO_OLD = 3, 1.5
_NAMES = {
    "daily": "dail|di[aá]ri",
    "weekly": "weekl|seman",
    "monthly": "monthl|mensa",
    "yearly": "yearl|annual|anua",
}


@dataclass(frozen=True, slots=True)
class Damage:
    """What is done to the backups of one kind while those of the others are fresh."""

    kind: str
    what: str
    folder: str
    do: Callable[[Callable[[str], None]], None]
    """Told how a script is run."""


def damages_of_kinds(drill: BackupDrill) -> Iterator[Damage]:
    """Yield what can be wrong with backups of the kinds that the block itself does not make. Raises TargetError."""
    for kind, name in kinds_of(drill.block.name, drill.policy.retention_days).items():
        files = list_backups(drill.replica, name, drill.block.limit)
        if name == drill.block.name or kind not in EVERY_DAYS or not files:
            continue
        store = drill.side.store.name
        # Three were missed, and the last one is still kept.
        days = min(_MISSED * EVERY_DAYS[kind], drill.policy.retention_days[kind] - 1)
        fresh = "and those of the other kinds are fresh"
        yield Damage(kind, f"the {kind} backup of {store} is missing {fresh}", name.folder, _removal(files))
        if drill.policy.daily_at and days > _TOO_OLD * EVERY_DAYS[kind]:
            what = f"the {kind} backup of {store} is {days} days old {fresh}"
            yield Damage(kind, what, name.folder, _ageing(drill, name, files, days))


def as_old_as_they_get(drill: BackupDrill) -> Iterator[Damage]:
    """Yield how old the backup of each kind is just before the next one is made, which is no trouble.

    Nor is it that older ones lie beside the newest, as long as they are kept.
    """
    files, kept = drill.block.files(), drill.policy.retention_days.get("daily", 0)
    then = [datetime.now(UTC) - timedelta(days=days) for days in range(1, kept)]

    def lay(_run: Callable[[str], None]) -> None:
        copy_back(drill.replica, drill.block.name, max(files), then)

    if files and then:
        yield Damage("daily", f"{len(then)} older ones are kept beside the daily backup", drill.block.name.folder, lay)
    for kind, name in kinds_of(drill.block.name, drill.policy.retention_days).items():
        files, days = list_backups(drill.replica, name, drill.block.limit), EVERY_DAYS.get(kind, 1) - 1
        if name != drill.block.name and files and 0 < days < drill.policy.retention_days[kind]:
            yield Damage(kind, f"the {kind} backup is {days} days old", name.folder, _ageing(drill, name, files, days))


def _removal(files: dict[str, BackupFile]) -> Callable[[Callable[[str], None]], None]:
    return lambda run: run("rm -f -- " + " ".join(f"{shlex.quote(path)}*" for path in files))


def _ageing(
    drill: BackupDrill, name: BackupName, files: dict[str, BackupFile], days: int
) -> Callable[[Callable[[str], None]], None]:
    def age(run: Callable[[str], None]) -> None:
        copy_back(drill.replica, name, max(files), [datetime.now(UTC) - timedelta(days=days)])
        _removal(files)(run)

    return age


def judge_kind(
    drill: BackupDrill, script: Step, damage: Damage, healthy: CommandRun, source: str, watched: frozenset[str]
) -> None:
    """Record that a script says the same as before of one kind: a broken promise only where it claims to look at it.

    `watched` are the kinds of which it tells, beside that which the block makes by itself.
    """
    said = f"`{script.text}` says the same as before when {damage.what}"
    if _names(damage.kind, " ".join(without_figures(f"{healthy.stdout}\n{healthy.stderr}"))):
        say = drill.evidence.critical if _is_made_there(drill, damage.kind) else drill.evidence.warning
        say(f"{said}, though it names {damage.kind} backups", source=source)
    elif _names(damage.kind, _text_of(drill, script)) and _is_made_there(drill, damage.kind):
        drill.evidence.warning(f"{said}, though {damage.kind} backups stand in it", source=source)
    elif (others := watched - {damage.kind}) and _is_made_there(drill, damage.kind):
        drill.evidence.warning(f"{said}, and tells of {', '.join(sorted(others))} ones", source=source)
    else:
        drill.evidence.saw(f"{said}: it speaks of none")


def _names(kind: str, text: str) -> bool:
    return re.search(rf"{kind}|{_NAMES[kind]}", text, re.IGNORECASE) is not None


def _text_of(drill: BackupDrill, script: Step) -> str:
    path = drill.block.gateway.directory / script.text.split()[0]
    return without_comments(path.read_text(errors="replace")) if path.is_file() else ""


def _is_made_there(drill: BackupDrill, kind: str) -> bool:
    """Make a backup of a kind as the document has it, and tell whether it gets the name that the drill gave its own."""
    block, kept = drill.block, drill.policy.retention_days
    kinds = kinds_of(block.name, kept)
    base = next(one for one, name in kinds.items() if name == block.name)
    commands = commands_for(block.procedure.commands, (base, kept[base]), (kind, kept[kind]))
    if commands is None:
        return False
    before = list_backups(drill.replica, kinds[kind], block.limit)
    replace(block, procedure=replace(block.procedure, commands=tuple(commands))).run()
    return bool(new_ones(before, list_backups(drill.replica, kinds[kind], block.limit)))
