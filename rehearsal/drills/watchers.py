"""Who reads every argument of the processes in a replica while a runbook's block runs, as anybody on a host can."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rehearsal.drills.beside import PROC, Watched, await_file, beside
from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica

_MARK = "rehearsal-was-here"
_WATCHER = r"""
import json, os, sys, time
proc, words = os.environ["REHEARSAL_PROC"], json.loads(os.environ["REHEARSAL_WORDS"])
def program(words):
    # A stand-in of this replica is a script of Python's: its own name tells more.
    return words[2 if len(words) > 2 and words[1].startswith("-I") else 0][-60:]
end, seen, looks = time.monotonic() + float(sys.argv[1]), set(), 0
open(sys.argv[2], "w").close()
while time.monotonic() < end and os.path.exists(sys.argv[2]):
    looks += 1
    for pid in os.listdir(proc):
        if not pid.isdigit():
            continue
        try:
            with open(os.path.join(proc, pid, "cmdline"), "rb") as file:
                said = file.read().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        for number, word in enumerate(words):
            if word in said:
                seen.add((number, program(said.split(" "))))
    time.sleep(0.001)
print(json.dumps([looks, sorted(seen)]))
"""


@contextmanager
def reading_arguments(replica: Replica, secrets: Sequence[str], *, timeout: float) -> Iterator[Watched]:
    """Read the arguments of every process inside the block, as anybody on the host can.

    Afterwards `said` is for `programs_with`. `timeout` in seconds.
    """
    words = {**PROC, "REHEARSAL_WORDS": json.dumps([_MARK, *secrets])}
    with beside(replica, _WATCHER, (f"{timeout}",), words, timeout) as (seen, mark):
        # Something with a word that is looked for among its arguments: the proof that the watcher sees.
        control = f"bash -c 'sleep 0.1; :' {_MARK}"
        seen.before = (await_file(mark), control)
        yield seen


def programs_with(seen: Watched) -> tuple[str, ...]:
    """Return the programs that had a secret among their arguments. Raises TargetError where the watcher saw nothing."""
    try:
        looks, found = json.loads(seen.said)
    except ValueError:
        looks, found = 0, []
    if not any(number == 0 for number, _ in found):
        msg = f"expected to see the arguments of processes in the replica, looked {looks} times and saw none"
        raise TargetError(f"{msg} {seen.problem}".strip())
    return tuple(sorted({program for number, program in found if number}))
