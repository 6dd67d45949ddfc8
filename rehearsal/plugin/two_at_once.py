"""Two backups of one store that overlap: cron's beside an operator's, or the weekly one beside the daily one."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from rehearsal.drills.backups import new_ones, said
from rehearsal.drills.sides import new_word
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.plugin.backups import BackupDrill


def verify_two_at_once(drill: BackupDrill) -> None:
    """Run the block twice, at the same moment and one half way through the other.

    Both end well, or one says loudly that it does not. Raises TargetError, RunbookError, and the errors of the stores.
    """
    alone = drill.block.run().seconds
    found = len(drill.evidence.findings)
    ended = [_pair(drill, after) for after in (0.0, alone / 2)]
    if len(drill.evidence.findings) == found:
        drill.evidence.saw(
            f"two backups at the same time: {ended[0]}; the second half way through the first: {ended[1]}; and no file"
            " is damaged"
        )


def _pair(drill: BackupDrill, after: float) -> str:
    """Start the second `after` seconds of the first."""
    block, word = drill.block, new_word()
    drill.side.plant(drill.replica, word)
    before = block.files()

    def second() -> ProcedureRun:
        time.sleep(after)
        return block.run()

    with ThreadPoolExecutor(2) as pool:
        runs = [future.result() for future in (pool.submit(block.run), pool.submit(second))]
    made = {file: block.open(file) for file in new_ones(before, block.files())}
    for file, opened in made.items():
        if opened.broken:
            drill.broken(f"of two backups at the same time, {file.path} can't be restored: {opened.broken}")
    if not made or not any(opened.broken or word.encode() in opened.content for opened in made.values()):
        drill.broken("of two backups at the same time neither left a file with what was written before them")
    for run in runs:
        if run.hung:
            drill.broken(
                f"of two backups at the same time one does not end within {block.limit:g} s: `{run.hung.command}`"
            )
        elif run.failed and not said(run).strip():
            drill.broken("of two backups at the same time one fails without a word")
    return "both ended well" if not any(run.failed for run in runs) else "one gave way, and said so"
