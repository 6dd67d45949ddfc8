"""Two backups of one store that overlap: cron's beside an operator's, or the weekly one beside the daily one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from rehearsal.drills.backups import BackupFile, await_next_name, new_ones, said
from rehearsal.drills.half_way import holding_half_way
from rehearsal.drills.sides import new_word
from rehearsal.gateway.procedure import ProcedureRun
from rehearsal.plugin.backups import BackupDrill

_ATTEMPTS = 3
_EARLY = 4


def verify_two_at_once(drill: BackupDrill) -> None:
    """Run the block twice, at the same moment and one while the other is half way.

    Both end well, or one says loudly that it does not. Raises TargetError, RunbookError, and the errors of the stores.
    """
    before = drill.block.files()
    alone = drill.block.run()
    size = max((file.size for file in new_ones(before, drill.block.files())), default=0)
    found = len(drill.evidence.findings)
    together = _together(drill)
    half_way = _half_way(drill, size, alone.seconds)
    if len(drill.evidence.findings) == found:
        drill.evidence.saw(
            f"two backups at the same time: {together}; one while another is half way: {half_way}; and no file is"
            " damaged"
        )


def _together(drill: BackupDrill) -> str:
    word, before = _prepare(drill)
    with ThreadPoolExecutor(2) as pool:
        runs = [future.result() for future in [pool.submit(drill.block.run) for _ in range(2)]]
    return _judge(drill, word, before, runs)


def _half_way(drill: BackupDrill, size: int, seconds: float) -> str:
    for attempt in range(1, _ATTEMPTS + 1):
        word, before = _prepare(drill)
        runs, held = _held(drill, size // _EARLY, seconds / 2**attempt, 2 * seconds + 1, before)
        ended = _judge(drill, word, before, runs)
        if held:
            return ended
    drill.evidence.unknown("no backup could be held half way: it had always ended before")
    return ""


def _held(
    drill: BackupDrill, least: int, latest: float, hold: float, before: Mapping[str, BackupFile]
) -> tuple[Sequence[ProcedureRun], bool]:
    """Start the second when the first is held, and let that go on when the second has ended, or after `hold` s."""
    block = drill.block
    folders = (block.name.folder, "/tmp")  # noqa: S108  of the replica
    with ThreadPoolExecutor(2) as pool:
        with holding_half_way(drill.replica, folders, least=least, latest=latest, hold=hold, timeout=block.limit) as (
            watched,
            when_held,
        ):
            runs = [pool.submit(block.run, *watched.before), pool.submit(block.run, when_held)]
            wait(runs, return_when=FIRST_COMPLETED)
            made = new_ones(before, block.files())
            if not made and runs[1].done() and not (ended := runs[1].result()).failed and not ended.hung:
                message = "a backup that begins while another runs makes none and says success: its exit status is 0"
                drill.evidence.warning(message, source=drill.source)
        return [run.result() for run in runs], watched.said.startswith("held")


def _prepare(drill: BackupDrill) -> tuple[str, Mapping[str, BackupFile]]:
    word = new_word()
    drill.side.plant(drill.replica, word)
    await_next_name(drill.replica, drill.block.name.folder, drill.block.limit)
    return word, drill.block.files()


def _judge(drill: BackupDrill, word: str, before: Mapping[str, BackupFile], runs: Sequence[ProcedureRun]) -> str:
    """Record what is damaged, or said by nobody; return how both ended."""
    made = {file: drill.block.open(file) for file in new_ones(before, drill.block.files())}
    for file, opened in made.items():
        if opened.broken:
            drill.broken(f"of two backups at the same time, {file.path} can't be restored: {opened.broken}")
    if not made or not any(opened.broken or word.encode() in opened.content for opened in made.values()):
        drill.broken("of two backups at the same time neither left a file with what was written before them")
    for run in runs:
        if run.hung:
            limit = f"{drill.block.limit:g} s"
            drill.broken(f"of two backups at the same time one does not end within {limit}: `{run.hung.command}`")
        elif run.failed and not said(run).strip():
            drill.broken("of two backups at the same time one fails without a word")
    return "both ended well" if not any(run.failed for run in runs) else "one gave way, and said so"
