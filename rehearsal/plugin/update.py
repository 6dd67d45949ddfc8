"""What an update came to, in the words of a check."""

from __future__ import annotations

from rehearsal.drills.scripts import texts_of
from rehearsal.drills.update import Update
from rehearsal.gateway.compose_code import why_code_stays_old
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.procedure import has_no_meaning, what_is_wrong
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin.record import Record
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Procedure

_SHOWN = 20


def judge_image(gateway: Gateway, replica: Replica, written: Procedure, evidence: Record) -> None:
    """Record whether the commands bring new code into an image, as a replica shows its containers the folder itself."""
    scripts = texts_of(replica, written.commands)
    if why := why_code_stays_old(gateway, [*(one.text for one in written.commands), *scripts.values()]):
        action = "build the image, and make the containers anew: `docker-compose up -d --build`"
        evidence.critical(why, action=action, source=evidence.source(written.place))


def judge_update(seen: Update, written: Procedure, evidence: Record) -> None:
    """Judge an update that had to succeed: backed up first, migrated, the new code runs, and nothing is lost."""
    evidence.ran_all(seen.run)
    source = evidence.source(written.place)
    if not seen.backups:
        evidence.critical("expected a backup before the update, no new one was made", source=source)
    elif len(seen.late_backups) == len(seen.backups):
        evidence.critical(
            f"expected the backup before the migration, {seen.late_backups[0]} was made after it", source=source
        )
    else:
        evidence.saw(f"a backup was made before anything else: {seen.backups[0]}")
    if seen.migrated is False:
        evidence.critical("expected the new migration to be applied, its table is not there", source=source)
    for service, runs in seen.running.items():
        if not runs:
            evidence.critical(f"expected {service} to run the new code, it never said so in its log", source=source)
        else:
            evidence.saw(f"{service} runs the new code, which says so in its log")
    _aftermath(seen, evidence, source)
    held = not evidence.findings
    for command in seen.run.commands:
        if wrong := what_is_wrong(command):
            say = evidence.unknown if has_no_meaning(command) else evidence.warning if held else evidence.critical
            say(f"`{command.command}` {wrong}", source=evidence.at(written.place, command.line))


def judge_failed_update(seen: Update, written: Procedure, evidence: Record) -> None:
    """Judge an update whose migration fails half way: the old code goes on, over the schema as it was."""
    evidence.ran_all(seen.run)
    source = evidence.source(written.place)
    if seen.migrated is None:
        msg = "this gateway has no numbered *.sql to make another migration like: none could fail"
        raise NotOnThisTargetError(msg)
    for service, runs in seen.running.items():
        if runs:
            evidence.critical(
                f"the migration failed half way, expected the old code of {service} to go on, the new one was started",
                source=source,
            )
        else:
            evidence.saw(f"the migration failed half way, and the old code of {service} goes on")
    _aftermath(seen, evidence, source)
    if all(command.ok for command in seen.run.commands):
        evidence.critical("the migration failed half way, and each command of the section said success", source=source)


def _aftermath(seen: Update, evidence: Record, source: str) -> None:
    if seen.differences:
        first = seen.differences[0]
        evidence.critical(
            f"expected data and definitions as they were, found {len(seen.differences)} differences, such as"
            f" {first.where}: expected {first.expected}, found {first.observed}",
            source=source,
        )
        evidence.differs(seen.differences[:_SHOWN])
    else:
        evidence.saw("data and definitions are as they were, but for what the migration makes")
    for problem in seen.problems:
        evidence.critical(f"after the update {problem}", source=source)
