"""Whether anybody hears of a scheduled backup that fails, in the words of a check."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from rehearsal.backups.names import BackupName
from rehearsal.drills.backups import list_backups
from rehearsal.drills.hearing import Hearing, make_logs
from rehearsal.drills.preparing import prepare
from rehearsal.drills.tellers import teller, texts_of
from rehearsal.gateway.crontab import Entry
from rehearsal.plugin.backups import BackupDrill
from rehearsal.runbook import Runbook, RunbookError, section
from rehearsal.runbook.prose import sentences_at

_WATCHES = re.compile(
    r"(?:monitor|check|verif|watch)[\w-]*backup|backup[\w-]*(?:monitor|check|verif|watch)", re.IGNORECASE
)
_MAKES = re.compile(r"pg_dump|pg_basebackup|bgsave|--rdb|redis-cli.*\bsave\b", re.IGNORECASE)
_MAIL = re.compile(
    r"\b(?:por|by|via|via\s+an?|manda\w*|envia\w*|sends?)\s+(?:um\s+|an?\s+)?e?-?mail\b|\b(?:e-?)?mailed\b",
    re.IGNORECASE,
)
_FAILS = re.compile(r"\b(?:falh|err[oa]|problem|fail|wrong)\w*", re.IGNORECASE)
_AWAY = "/tmp/rehearsal-away"  # noqa: S108  of the replica
_SECONDS = 60


def judge_silence(
    drill: BackupDrill,
    runbook: Runbook,
    made: Mapping[str, Sequence[Entry]],
    table: Sequence[Entry],
    kinds: Mapping[str, BackupName],
) -> None:
    """Run entries that can't succeed, and record of which nobody would hear; cron itself tells only what they say."""
    gateway, store = drill.block.gateway, drill.side.store
    hearing, promise = Hearing(drill.replica, gateway, runbook), promise_of_mail(runbook)
    entries = {entry: kind for kind, several in made.items() for entry in several}
    told = {entry: f"by `{name}`, as it stands there" for entry in entries if (name := teller(gateway, entry))}
    make_logs(drill.replica, gateway, runbook)
    untold = [entry for entry in entries if entry not in told]
    good = {entry: hearing.listen(entry) for entry in untold}
    drill.replica.stop(store.service)
    try:
        noise = hearing.noise() if untold else frozenset()
        bad = {entry: hearing.listen(entry) for entry in untold}
    finally:
        drill.replica.start(store.service)
    for entry in untold:
        told[entry] = hearing.how(entry, good[entry], bad[entry], by_mail=bool(promise), noise=noise)
    others = [entry for entry in table if entry not in entries]
    for entry, kind in entries.items():
        how = told[entry] or _by_a_monitor(drill, hearing, others, kinds[kind], by_mail=bool(promise))
        _record(drill, entry, how, promise)
    if store.service == "postgres":
        _judge_watchers(drill, hearing, others, promise)


def _judge_watchers(drill: BackupDrill, hearing: Hearing, others: Sequence[Entry], promise: str) -> None:
    """Record each entry that watches backups, and of which nobody hears when there are none."""
    for entry in others:
        if not _WATCHES.search(entry.command) or "redis" in entry.command.lower():
            continue
        if not list_backups(drill.replica, drill.block.name, _SECONDS):
            drill.evidence.unknown(f"`{entry.command}` was not tried without backups: there was none to take away")
        elif how := _by_a_monitor(drill, hearing, [entry], drill.block.name, by_mail=bool(promise)):
            drill.evidence.saw(f"without backups {how}")
        else:
            drill.evidence.warning(
                f"without backups {nobody_hears_of(entry, promise)}",
                action="have it print what is wrong, and leave that to cron",
                source=f"{drill.block.gateway.schedule.crontab}:{entry.line}",
            )


def nobody_hears_of(entry: Entry, promise: str) -> str:
    """Return that an entry tells nobody, for a sentence; `promise` is the document's own, of mail."""
    logs = f"and the document promises mail: “{promise}”" if promise else "nor writes to a log that is read"
    return f"nobody hears of it: `{entry.command}`, run as cron does, has nothing new for cron to mail, {logs}"


def promise_of_mail(runbook: Runbook) -> str:
    """Return the sentence of the document that promises mail of a backup that fails; empty where it has none."""
    try:
        above = section(runbook, "Backups Automáticos")
    except RunbookError:
        return ""
    for part in runbook.sections:
        if part == above or above.heading in part.path:
            for sentence in sentences_at(runbook, part.line):
                if promises_mail(sentence) and _FAILS.search(sentence):
                    return sentence.strip()
    return ""


def promises_mail(sentence: str) -> bool:
    """Tell whether a sentence says that something comes by mail."""
    return _MAIL.search(sentence) is not None


def _by_a_monitor(
    drill: BackupDrill, hearing: Hearing, others: Sequence[Entry], name: BackupName, *, by_mail: bool
) -> str:
    """Take the backups of a kind away, and tell how a person hears of it by another entry; empty where nobody does."""
    gateway = drill.block.gateway
    for entry in others:
        watches = _WATCHES.search(entry.command) is not None
        if (watches or _looks_at_backups(drill, entry)) and (told_by := teller(gateway, entry)):
            return f"`{entry.command}` tells by `{told_by}`, as it stands there"
        good = hearing.listen(entry)
        with _taken_away(drill, name):
            bad = hearing.listen(entry)
        if watches and bad.text and dict(entry.settings).get("MAILTO") != "":
            return f"cron mails what `{entry.command}` says"
        if how := hearing.how(entry, good, bad, by_mail=by_mail):
            return f"`{entry.command}` looks after them: {how}"
    return ""


def _looks_at_backups(drill: BackupDrill, entry: Entry) -> bool:
    texts = texts_of(drill.block.gateway, entry)
    return any("backup" in text for text in texts) and not any(_MAKES.search(text) for text in texts)


@contextmanager
def _taken_away(drill: BackupDrill, name: BackupName) -> Iterator[None]:
    files = " ".join(f"{shlex.quote(path)}*" for path in list_backups(drill.replica, name, _SECONDS))
    _do(drill, f"rm -rf {_AWAY} && mkdir {_AWAY} && mv -- {files} {_AWAY}/" if files else "true")
    try:
        yield
    finally:
        folder = shlex.quote(name.folder)
        _do(drill, f"mkdir -p -- {folder} && mv -- {_AWAY}/* {folder}/" if files else "true")


def _do(drill: BackupDrill, script: str) -> None:
    prepare(drill.replica, script, "move backups", timeout=_SECONDS)


def _record(drill: BackupDrill, entry: Entry, how: str, promise: str) -> None:
    down = f"when {drill.side.store.name} is down"
    if how:
        drill.evidence.saw(f"{down}, `{entry.command}` is heard of: {how}")
        return
    logs = f"and the document promises more than a log: “{promise}”" if promise else "and writes to no log that is read"
    drill.evidence.warning(
        f"{down}, nobody hears that `{entry.command}` fails: it says nothing that cron would mail, {logs}",
        action="leave its errors to cron, or let a monitor that cron runs tell of a backup that is missing",
        source=f"{drill.block.gateway.schedule.crontab}:{entry.line}",
    )
