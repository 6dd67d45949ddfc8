"""One line for each result as it ends, so that a run that is killed leaves what it saw."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from rehearsal.results.model import Result, RunInfo, RunReport
from rehearsal.results.serial import decode, encode, to_json
from rehearsal.results.store import StoreError, told_in_a_sentence, write_whole
from rehearsal.results.targets import counted

JOURNAL: Final = "results.jsonl"
RESULTS: Final = "results.json"


class Journal:
    """`results.jsonl` of one run: the run in its first line, then its results."""

    def __init__(self, directory: Path, run: RunInfo) -> None:
        """Begin the journal of a run. Raises StoreError."""
        self._path = directory / JOURNAL
        with told_in_a_sentence("write", self._path):
            self._file = self._path.open("wb", buffering=0)
        self._write(run)

    def append(self, result: Result) -> None:
        """Note one result; it is kept from now on, whatever happens to this process. Raises StoreError."""
        self._write(result)

    def finish(self, report: RunReport) -> Path:
        """Write results.json in the journal's place and return its path.

        Raises StoreError where that can't be written and SerialError where the report breaks its schema; the journal
        stays then.
        """
        path = self._path.with_name(RESULTS)
        self.close()
        write_whole(path, to_json(report))
        with told_in_a_sentence("remove", self._path):
            self._path.unlink(missing_ok=True)
        return path

    def close(self) -> None:
        """Close the file and leave it where it is. May be called twice. Raises StoreError."""
        with told_in_a_sentence("write", self._path):
            self._file.close()

    def _write(self, value: RunInfo | Result) -> None:
        with told_in_a_sentence("write", self._path):
            line = memoryview(json.dumps(encode(value)).encode() + b"\n")
            while line:  # an unbuffered write may take a part only
                line = line[self._file.write(line) :]


def recover(directory: Path) -> RunReport:
    """Return what a killed run left in its journal, with a note that says so.

    Raises StoreError where it left none that can be read.

    A last line that was cut off is left out; the exit status is 1; coverage is empty, as nobody reckoned it.
    """
    path = directory / JOURNAL
    with told_in_a_sentence("read", path):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    if not whole:
        raise StoreError(f"Expected the run in the first line of {path}, found none: the run ended before it began.")
    try:
        run = decode(RunInfo, json.loads(whole[0]))
        results = tuple(decode(Result, json.loads(line)) for line in whole[1:])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreError(f"Expected a run's journal in {path}, found something else: {error}.") from error
    note = f"The run was ended before it finished: what follows are the {len(results)} results that it had noted."
    targets = counted(run.targets, results)
    ended = replace(run, exit_status=1, notes=(*run.notes, note), finished=_end(run, results), targets=targets)
    return RunReport(ended, results, ())


def _end(run: RunInfo, results: tuple[Result, ...]) -> datetime:
    ends = [result.started + timedelta(seconds=result.seconds) for result in results if result.started]
    return max([run.started, *ends])
