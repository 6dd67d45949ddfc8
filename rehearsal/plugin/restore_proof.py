"""Whether the script that proves restores says so when a backup does not restore, in the words of a check."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from rehearsal.drills.aged import copy_back
from rehearsal.drills.cron import directory_of, write_environment_file
from rehearsal.drills.hearing import Hearing, make_logs
from rehearsal.drills.monitors import Monitor
from rehearsal.drills.preparing import prepare
from rehearsal.drills.said import Said, never_ran
from rehearsal.drills.scripts import log_files, script_of
from rehearsal.drills.texts import without_comments
from rehearsal.gateway.crontab import Entry, entries_of
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin.backups import BackupDrill
from rehearsal.runbook import Command, Runbook, RunbookError, procedure

_PROVES = re.compile(r"restor|restaur|recover|recupera|prov[ae]|proof|valid|verif|test|ensai|drill", re.IGNORECASE)
_RESTORES = {
    "PostgreSQL": re.compile(
        r"\bpg_restore\b|\bpgbackrest\b|(?=.*\bpsql\b)(?=.*(?:\bgunzip\b|\bzcat\b|\bg?z(?:ip|std)\s+-\w*d|\.sql\b))",
        re.DOTALL,
    ),
    "Redis": re.compile(r"\b(?:redis|valkey)-(?:check-(?:rdb|aof|dump)|server)\b"),
}
_OF_BACKUPS = re.compile(r"backup|dump|c[oó]pia", re.IGNORECASE)
_MAKES = re.compile(r"\bpg_dump|\bpg_basebackup|\bbgsave\b|--rdb\b", re.IGNORECASE)
_TO_A_LOG = re.compile(r"\s*(?:&?>>?|\d>>?)\s*(?!&|/dev/null)\S+(?:\s+2>&1)?\s*$")
_ERRORS_AWAY = re.compile(r"2>|&>")
_KEPT = "/tmp/rehearsal-proof"  # noqa: S108  of the replica
_OLDER = timedelta(days=2)
_SECONDS = 60
_SHOWN = 100


class Proof:
    """A script of the gateway that restores backups to see whether they can be, and how it is run."""

    def __init__(self, drill: BackupDrill, runbook: Runbook, command: Command, entry: Entry | None) -> None:
        self.command, self.entry, self._drill = command, entry, drill
        self._hearing = Hearing(drill.replica, drill.block.gateway, runbook)
        self._monitor = Monitor(drill.replica, command, log_files(runbook), drill.block.limit)

    @property
    def source(self) -> str:
        """Where it is called."""
        if self.entry is not None:
            return f"{self._drill.block.gateway.schedule.crontab}:{self.entry.line}"
        return f"{self._drill.evidence.runbook_path.name}:{self.command.line}"

    @property
    def errors_are_heard(self) -> bool:
        """Tell whether a person hears what it says as an error, though its status is 0."""
        return self.entry is None or not _ERRORS_AWAY.search(self.command.text)

    def say(self) -> Said:
        """Run it once, as cron does where cron does. Raises TargetError."""
        if self.entry is None:
            return self._monitor.say()
        heard = self._hearing.listen(self.entry)
        # Of what it adds to logs of its own, too: there a person may look.
        return Said(heard.run, "\n".join([heard.text, *heard.logged.values()]))


def verify_proofs(drill: BackupDrill, runbook: Runbook) -> None:
    """Let each script that proves restores of the store meet a good backup, and then bad ones.

    Raises TargetError, RunbookError, GatewayError; NotOnThisTargetError where the gateway has no such script.
    """
    proofs = list(_proofs(drill, runbook))
    if not proofs:
        store = drill.side.store.name
        msg = f"neither the crontab nor the runbook runs a script that restores backups of {store} to try them"
        raise NotOnThisTargetError(msg)
    make_logs(drill.replica, drill.block.gateway, runbook)
    write_environment_file(drill.replica, drill.block.gateway)
    drill.evidence.ran_all(drill.block.run())
    if not drill.block.files():
        drill.broken(f"expected a backup named {drill.block.name.written}, found none")
        return
    # An older one that is good: who tries that one knows nothing of the newest.
    copy_back(drill.replica, drill.block.name, max(drill.block.files()), [datetime.now(UTC) - _OLDER])
    for proof in proofs:
        held = drill.side.store.take(drill.replica)
        _judge(drill, proof)
        if changed := drill.side.store.compare(held, drill.side.store.take(drill.replica)):
            one = changed[0]
            message = f"`{proof.command.text}` changes the store itself: {one.where}: expected {one.expected}, found"
            drill.evidence.critical(f"{message} {one.observed}", source=proof.source)


def _judge(drill: BackupDrill, proof: Proof) -> None:
    evidence, what = drill.evidence, f"`{proof.command.text}`"
    good, again = proof.say(), proof.say()
    evidence.ran(good.run)
    if never_ran(good) or not good.run.ok:
        evidence.unknown(f"over a backup that is fresh and whole {what} {good.run.ending}", source=proof.source)
        return
    noise = good.noise(again)
    for how, damage in _damages(drill):
        path = shlex.quote(max(drill.block.files()))
        sums = f"{path}.sha256"
        _do(drill, f"cp -a -- {path} {_KEPT} && {{ [ ! -f {sums} ] || cp -a -- {sums} {_KEPT}.sums; }} && {damage}")
        bad = proof.say()
        _do(drill, f"mv -f -- {_KEPT} {path} && {{ [ ! -f {_KEPT}.sums ] || mv -f -- {_KEPT}.sums {sums}; }}")
        evidence.ran(bad.run)
        about = f"when the backup of {drill.side.store.name} {how}"
        if not good.differs(bad, noise):
            evidence.critical(f"{what} says the same as before {about}: it proves nothing", source=proof.source)
        elif bad.run.ok and _verdict(bad) == _verdict(good):
            beside = max(bad.lines - good.lines, key=len, default="")[:_SHOWN]
            message = f"{what} says the same as before {about}, with status 0 and no more than `{beside}` beside it"
            say = evidence.warning if proof.errors_are_heard else evidence.critical
            say(message, action="end it with another status (set -o pipefail)", source=proof.source)
        else:
            evidence.saw(f"{what} tells {about}")


def _verdict(said: Said) -> Counter[str]:
    """Return what it says on its output, which is what people read; empty where it says all as an error."""
    return Said(said.run, said.run.stdout).lines or said.lines


def _damages(drill: BackupDrill) -> Iterator[tuple[str, str]]:
    files = drill.block.files()
    newest = max(files)
    path = shlex.quote(newest)
    yield "is cut off", f"truncate -s {files[newest].size // 2} -- {path} && touch -r {_KEPT} -- {path}"
    pack = "gzip -c </dev/null" if newest.endswith(".gz") and not newest.endswith(".tar.gz") else ":"
    yield "holds nothing", f"{pack} > {path} && touch -r {_KEPT} -- {path}"
    if newest.endswith((".sql", ".sql.gz")):
        yield "is whole and does not load", _unloadable(newest)


def _unloadable(newest: str) -> str:
    """Return what makes a dump one whose tables are not there when their rows come, and its checksum that of it."""
    path, name = shlex.quote(newest), shlex.quote(PurePosixPath(newest).name)
    unpack, pack = ("gzip -dc <", "gzip") if newest.endswith(".gz") else ("cat <", "cat")
    spoil = r"sed -E 's/^CREATE TABLE ([^ ]+) \(/CREATE TABLE \1_rehearsal (/'"
    summed = f"cd {shlex.quote(str(PurePosixPath(newest).parent))} && sha256sum -- {name} > {name}.sha256"
    return (
        f"{unpack} {_KEPT} | {spoil} | {pack} > {path} && touch -r {_KEPT} -- {path}"
        f" && {{ [ ! -f {path}.sha256 ] || ({summed}); }}"
    )


def _proofs(drill: BackupDrill, runbook: Runbook) -> Iterator[Proof]:
    found = set[str]()
    for entry in entries_of(drill.block.gateway):
        for name in re.findall(r"[\w./-]+", entry.command):
            if _proves(drill, name):
                found.add(PurePosixPath(name).name)
                heard = replace(entry, command=_TO_A_LOG.sub("", entry.command))
                yield Proof(drill, runbook, Command(entry.command, "", entry.line), heard)
                break
    for command in _written(runbook):
        script = script_of(command.text)
        if PurePosixPath(script).name not in found and script and _proves(drill, script):
            found.add(PurePosixPath(script).name)
            yield Proof(drill, runbook, command, None)


def _written(runbook: Runbook) -> Iterator[Command]:
    """Yield the commands of the document that nobody calls in an emergency: not those of its restores."""
    restores: list[Command] = []
    for heading in ("Restaurar PostgreSQL", "Restaurar Redis"):
        with suppress(RunbookError):
            restores += procedure(runbook, heading).commands
    scripts = {script_of(one.text) for one in restores}
    for command in (one for part in runbook.sections for block in part.procedures for one in block.commands):
        if command not in restores and not command.placeholders and script_of(command.text) not in scripts:
            yield command


def _proves(drill: BackupDrill, name: str) -> bool:
    gateway = drill.block.gateway
    folder = directory_of(gateway)
    path = gateway.directory / (name.removeprefix(f"{folder}/") if folder else name)
    if not _PROVES.search(path.name) or not path.is_file():
        return False
    text = without_comments(path.read_text(errors="replace"))
    restores = _RESTORES[drill.side.store.name].search(text)
    return bool(restores and _OF_BACKUPS.search(text)) and not _MAKES.search(text)


def _do(drill: BackupDrill, script: str) -> None:
    prepare(drill.replica, script, "damage a backup", timeout=_SECONDS)
