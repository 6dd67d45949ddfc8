"""Whether anybody hears of a host over its limits by the monitor that cron runs, in the words of a check."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from rehearsal.drills.cron import write_environment_file
from rehearsal.drills.hearing import Hearing, make_logs
from rehearsal.drills.monitors import edges
from rehearsal.drills.scripts import monitor_of_host, script_of
from rehearsal.drills.tellers import teller
from rehearsal.gateway.crontab import Entry, entries_of
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.plugin.record import Record
from rehearsal.plugin.silence import nobody_hears_of, promises_mail
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Runbook, Threshold
from rehearsal.runbook.prose import sentences_at

_IDLE = 5.0
"""Percent of CPU and memory."""
_LIMITS = re.compile(r"\b(?:limi|threshold|alert|alarm|cr[ií]tic|passa|acima|above|exceed)", re.IGNORECASE)


def verify_alarm(
    replica: Replica, gateway: Gateway, runbook: Runbook, evidence: Record, row: Threshold, heading: str
) -> None:
    """Run the crontab's entries of the host's monitor on an idle host and on one over a limit.

    Raises TargetError, RunbookError, GatewayError; NotOnThisTargetError where cron runs no such script.
    """
    command = monitor_of_host(runbook, heading)
    entries = _entries(gateway, PurePosixPath(script_of(command.text)).name)
    hearing, promise = Hearing(replica, gateway, runbook), _promise(runbook)
    make_logs(replica, gateway, runbook)
    write_environment_file(replica, gateway)
    over = edges(row)[-1].above
    for entry in entries:
        if name := teller(gateway, entry):
            evidence.saw(f"`{entry.command}` tells by `{name}`, as it stands there")
            continue
        replica.pretend(_IDLE, _IDLE)
        good = hearing.listen(entry)
        noise = hearing.noise()
        replica.pretend(_IDLE, over)
        bad = hearing.listen(entry)
        what = f"at {over:g} % of {row.metric}"
        if how := hearing.how(entry, good, bad, by_mail=bool(promise), noise=noise):
            evidence.saw(f"{what} `{entry.command}` is heard of: {how}")
            continue
        evidence.warning(
            f"{what} {nobody_hears_of(entry, promise)}",
            action="have it print what is over a limit, and leave that to cron",
            source=f"{gateway.schedule.crontab}:{entry.line}",
        )


def _entries(gateway: Gateway, script: str) -> tuple[Entry, ...]:
    if gateway.schedule.crontab is None:
        msg = "gateway.toml names no schedule (schedule.crontab)"
        raise NotOnThisTargetError(msg)
    runs = re.compile(rf"(?<![\w.-]){re.escape(script)}(?![\w.-])")
    found = tuple(entry for entry in entries_of(gateway) if runs.search(entry.command))
    if not found:
        msg = f"no entry of {gateway.schedule.crontab} runs {script}: a person does, or another system"
        raise NotOnThisTargetError(msg)
    return found


def _promise(runbook: Runbook) -> str:
    """Return the sentence that promises mail of what is over a limit; empty where the document has none."""
    for part in runbook.sections:
        for sentence in sentences_at(runbook, part.line):
            if promises_mail(sentence) and _LIMITS.search(sentence) and "backup" not in sentence.lower():
                return sentence.strip()
    return ""
