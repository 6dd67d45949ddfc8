"""The moment in a backup's name: in the zone that the document promises, or the wrong one is chosen in an incident."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

from rehearsal.drills.backups import BackupFile, new_ones
from rehearsal.plugin.backups import BackupDrill
from rehearsal.runbook import Runbook

_SENTENCE = re.compile(r"[^.\n]+(?:\.\S[^.\n]*)*")
_PROMISE = re.compile(
    r"(?=.*\bUTC\b)(?=.*\b(?:backups?|c[óo]pias?|dumps?|arquivos?|files?)\b)"
    r"(?=.*\b(?:nomes?|names?|named|carimbos?|(?:time ?)?stamps?)\b)",
    re.IGNORECASE,
)
_NEXT_NAME_SECONDS = 1.1
_ZONE = "RHS-5:30"
"""Five hours and a half before UTC, by a name of its own: needs no table of zones."""
_LEAST_OFFSET = timedelta(minutes=15)
"""Zones are whole quarters of an hour apart: less is the time that a backup takes."""


def utc_promise(runbook: Runbook) -> int | None:
    """Return the line that promises names of backups in UTC, None where no line does."""
    for number, line in enumerate(runbook.text.splitlines(), 1):
        if any(_PROMISE.match(sentence) for sentence in _SENTENCE.findall(line)):
            return number
    return None


def judge_second(drill: BackupDrill, first: Mapping[str, BackupFile]) -> None:
    """Back up once more, and record that it took the place of the first, where names are said to tell more than a day.

    Raises TargetError.
    """
    if "HH" not in drill.block.name.stamp_text or not first:
        return
    time.sleep(_NEXT_NAME_SECONDS)
    again = drill.block.run()
    now = drill.block.files()
    if not again.failed and now.keys() == first.keys() and any(now[path] != first[path] for path in now):
        drill.evidence.warning(
            f"a second backup took the place of the first, {max(first)}: what was there an hour ago can't be restored",
            action=f"name them by the moment, as in {drill.block.name.written}",
            source=drill.source,
        )


def judge_zone(drill: BackupDrill, promise: int | None) -> None:
    """Back up once more as on a host of another zone, and record a name that is not of UTC, where UTC is promised.

    Raises TargetError.
    """
    if promise is None or "HH" not in drill.block.name.stamp_text:
        return
    time.sleep(_NEXT_NAME_SECONDS)
    before = drill.block.files()
    run = drill.block.run(f"export TZ={_ZONE}")
    made = new_ones(before, drill.block.files())
    for file in made:
        _judge_stamp(drill, file, promise)
    if not made:
        ended = next((one.ending for one in run.failed), "says success")
        drill.evidence.unknown(f"a backup on a host of another zone makes none, and {ended}: its name was not seen")


def _judge_stamp(drill: BackupDrill, file: BackupFile, promise: int) -> None:
    named, now = drill.block.name.moment(PurePosixPath(file.path).name), datetime.now(UTC)
    if named is None or abs(now - named) >= _LEAST_OFFSET:
        drill.evidence.warning(
            f"expected the moment in a backup's name in UTC, as line {promise} promises: {file.path} was made at"
            f" {now:%H:%M} UTC",
            source=drill.source,
        )
