"""What a runbook's backup block is worth when all is well, in the words of a check."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath

from rehearsal.backups.manifest import ManifestError, read_manifest
from rehearsal.backups.rows import rows_in
from rehearsal.drills.backups import BackupFile, new_ones, said
from rehearsal.drills.mails import Mails
from rehearsal.drills.sides import environment_with, new_word, writing_pairs
from rehearsal.drills.watchers import programs_with, reading_arguments
from rehearsal.gateway.procedure import ProcedureRun, has_no_meaning, what_is_wrong
from rehearsal.gateway.target import NoAnswerError, TargetError
from rehearsal.plugin.backups import BackupDrill
from rehearsal.plugin.stamps import judge_second, judge_zone, utc_promise
from rehearsal.runbook import Runbook

_LARGEST_MANIFEST = 1 << 20
Pairs = Callable[[bytes], tuple[int, int, int]]


def verify_backup(drill: BackupDrill, runbook: Runbook) -> None:
    """Back up while the gateway is at work, and record what the file is worth.

    Raises TargetError, RunbookError, and the errors of the stores.
    """
    block, side, word = drill.block, drill.side, new_word()
    logs = [log.text for log in runbook.log_paths]
    side.fill(drill.replica)
    side.plant(drill.replica, word)
    _make_logs(drill, logs)
    before = block.files()
    mails = Mails(drill.replica, block.gateway)
    with (
        writing_pairs(side, drill.replica) as pairs,
        ThreadPoolExecutor(1) as pool,
        reading_arguments(drill.replica, drill.replica.secrets, timeout=block.limit) as watched,
    ):
        running = pool.submit(block.run, *watched.before)
        try:
            mails.offer("a mail handed in during the backup")
        except NoAnswerError as error:
            drill.broken(f"during the backup {error}")
        run = running.result()
    after = block.files()
    drill.evidence.ran_all(run)
    _judge_commands(drill, run)
    made = new_ones(before, after)
    if not made:
        drill.broken(f"expected a backup named {block.name.written}, which the restore reads, found none")
    for file in made:
        _judge_file(drill, file, word, pairs)
    judge_second(drill, after)
    judge_zone(drill, utc_promise(runbook))
    _judge_secrets(drill, run, programs_with(watched), drill.replica.secrets, logs)


def verify_password_kept(drill: BackupDrill, *, has_one: bool) -> None:
    """Give the store a password, and the operator's environment with it, and see where it shows up during a backup.

    Not `has_one`: the gateway itself has none, and a backup that fails with one is no finding.
    """
    block, password = drill.block, new_word()
    with (
        drill.side.password(drill.replica, password),
        reading_arguments(drill.replica, [password], timeout=block.limit) as watched,
    ):
        run = block.run(*watched.before, environment=environment_with(drill.side, password))
    if run.failed and not has_one:
        return
    _judge_secrets(drill, run, programs_with(watched), [password], ())


def _make_logs(drill: BackupDrill, logs: Sequence[str]) -> None:
    # Some scripts write to a log only where it exists.
    for path in logs:
        drill.replica.run_script(f"touch -- {shlex.quote(path)}", timeout=drill.block.limit)


def _judge_commands(drill: BackupDrill, run: ProcedureRun) -> None:
    for command in run.commands:
        if wrong := what_is_wrong(command):
            say = drill.evidence.unknown if has_no_meaning(command) else drill.evidence.critical
            place = drill.evidence.at(drill.block.procedure.place, command.line)
            say(f"`{command.command}` {wrong}", source=place)


def _judge_file(drill: BackupDrill, file: BackupFile, word: str, pairs: Pairs) -> None:
    opened = drill.block.open(file)
    if opened.broken:
        drill.broken(f"{file.path} can't be restored: {opened.broken}")
        return
    if opened.form:
        drill.evidence.unknown(f"{file.path} is in a form that can't be read here", source=drill.source)
        return
    if word.encode() not in opened.content:
        drill.broken(f"{file.path} lacks what {drill.side.store.name} held before the backup began")
        return
    whole, torn, _ = pairs(opened.content)
    if torn:
        drill.broken(
            f"{file.path} is of no one moment: of {whole + torn} pairs, each written in one transaction, {torn} have"
            " one half in it"
        )
    _judge_manifest(drill, file, opened.content)
    if not file.is_private and not _private_in_a_folder_of_its_own(drill):
        drill.broken(
            f"expected a backup that only its owner can read, as it holds all mails; {file.path} has mode"
            f" {file.mode:03o} in a folder of mode {file.folder_mode:03o}"
        )
    _judge_place(drill, file)
    drill.evidence.saw(
        f"{file.path}: {file.size:,} bytes, whole, mode {file.mode:03o}, with what was written before it"
        f" and {whole} pairs written meanwhile"
    )


def _judge_manifest(drill: BackupDrill, file: BackupFile, content: bytes) -> None:
    """A manifest that was counted at another moment than its dump has a restore refuse a good backup."""
    try:
        text = drill.replica.read_file(f"{file.path}.manifest", limit=_LARGEST_MANIFEST)
        said = read_manifest(text, f"{file.path}.manifest").rows
    except (TargetError, ManifestError):
        return  # none, or one of another kind
    rows = rows_in(content)
    wrong = [table for table in said.keys() & rows.keys() if said[table] != rows[table]]
    if wrong:
        table = min(wrong)
        drill.broken(
            f"{file.path}.manifest says {said[table]:,} rows of {table}, and the dump has {rows[table]:,}: it was"
            " counted at another moment, and whoever restores by it refuses a good backup"
        )
    elif said:
        drill.evidence.saw(f"{file.path}.manifest tells the rows of {len(said)} tables, as the dump has them")


def _private_in_a_folder_of_its_own(drill: BackupDrill) -> bool:
    """Tell whether the block protects its files by a folder that it makes: a replica's was there before it."""
    folder = shlex.quote(drill.block.name.folder)
    drill.replica.run_script(f"mv -- {folder} {folder}.aside", timeout=drill.block.limit)
    try:
        drill.block.run()
        made = drill.block.files()
        return bool(made) and all(file.is_private for file in made.values())
    finally:
        back = f"rm -rf -- {folder} && mv -- {folder}.aside {folder}"
        drill.replica.run_script(back, timeout=drill.block.limit)


def _judge_place(drill: BackupDrill, file: BackupFile) -> None:
    drill.covers("location")
    promised, place = PurePosixPath(drill.policy.location), PurePosixPath(file.path)
    if promised not in place.parents:
        source = drill.evidence.source(drill.policy.place)
        drill.evidence.critical(f"expected backups in {drill.policy.location}, found {file.path}", source=source)


def _judge_secrets(
    drill: BackupDrill, run: ProcedureRun, programs: Sequence[str], secrets: Sequence[str], logs: Sequence[str]
) -> None:
    found = len(drill.evidence.findings)
    if programs:
        drill.broken(
            f"a password was among the arguments of {', '.join(programs)}, where everybody on the host can read it"
        )
    if any(secret in said(run) for secret in secrets):
        drill.broken("a password was in what the backup said")
    places = " ".join(map(shlex.quote, logs))
    for secret in secrets if logs else ():
        script = f"grep -lrF -f <(printf '%s\\n' \"$REHEARSAL_WORD\") -- {places} 2>/dev/null"
        there = drill.replica.run_script(script, timeout=drill.block.limit, environment={"REHEARSAL_WORD": secret})
        if there.stdout.strip():
            drill.broken(f"a password is in {there.stdout.split()[0]}")
    if len(drill.evidence.findings) == found:
        drill.evidence.saw("no password among the arguments of any process, in what was said, or in a log")
