"""Ends or holds a runbook's block half way, when it has written something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rehearsal.drills.beside import PROC, Watched, await_file, beside
from rehearsal.replica.protocol import Replica

_PROGRAM = r"""
import os, re, signal, sys, time
proc = os.environ["REHEARSAL_PROC"]
hold, limit, least, latest, pattern, mark, *folders = sys.argv[1:]
def files():
    found = {}
    for folder in folders:
        for place, below, names in os.walk(folder):
            # What lies in a folder of its own has no backup's name yet, whatever it is called.
            if pattern != ".*":
                below.clear()
            # A replica's own folder may lie below /tmp, with the files of its servers.
            if os.path.isabs(folder) and place.startswith(os.getcwd()):
                below.clear()
                continue
            for name in filter(re.compile(pattern).fullmatch, names):
                path = os.path.join(place, name)
                try:
                    found[path] = os.lstat(path).st_size
                except OSError:
                    pass
    return found
def tree(root):
    parents = {}
    for pid in filter(str.isdigit, os.listdir(proc)):
        try:
            with open(os.path.join(proc, pid, "stat")) as file:
                parents[int(pid)] = int(file.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            pass
    found = [root]
    for one in found:
        found += [pid for pid, parent in parents.items() if parent == one]
    return found
def tell(pids, what):
    for pid in pids:
        try:
            os.kill(pid, what)
        except OSError:
            pass
def stop(root):
    stopped = set()
    while left := set(tree(root)) - stopped:
        tell(left, signal.SIGSTOP)
        stopped |= left
    return stopped
before = files()
open(mark, "w").close()
end = time.monotonic() + float(limit)
def root_pid():
    try:
        with open(mark) as file:
            return int(file.read() or 0)
    except (OSError, ValueError):
        return 0
while not (root := root_pid()) and time.monotonic() < end:
    time.sleep(0.002)
late = time.monotonic() + float(latest)
while root and os.path.exists(mark) and time.monotonic() < end:
    grown = [(path, size) for path, size in files().items() if size >= int(least) and before.get(path) != size]
    if grown or time.monotonic() > late:
        stopped = stop(root)
        if float(hold):
            open(mark + ".held", "w").close()
            end = time.monotonic() + float(hold)
            while os.path.exists(mark) and time.monotonic() < end:
                time.sleep(0.002)
            tell(stopped, signal.SIGCONT)
            os.unlink(mark + ".held")
        else:
            tell(stopped, signal.SIGKILL)
        print("held" if float(hold) else "killed", *(grown[0] if grown else ()))
        break
    time.sleep(0.001)
"""


@contextmanager
def killing_half_way(
    replica: Replica, folders: Sequence[str], *, pattern: str, least: int, latest: float, timeout: float
) -> Iterator[Watched]:
    """End the block's processes with SIGKILL when a file below `folders` is new or other and has `least` bytes.

    Its name fits the `pattern`. At the latest `latest` seconds after the block's begin. Afterwards `said` begins with
    `killed`, or it was over before.
    """
    given = ("0", f"{timeout}", str(least), f"{latest}", pattern)
    with beside(replica, _PROGRAM, given, PROC, timeout, folders) as (seen, mark):
        seen.before = (_ready(mark),)
        yield seen


@contextmanager
def holding_half_way(
    replica: Replica, folders: Sequence[str], *, least: int, latest: float, hold: float, timeout: float
) -> Iterator[tuple[Watched, str]]:
    """Stop the block's processes like `killing_half_way`, and let them go on at the end, or after `hold` seconds.

    Yields a line of shell, too, that waits until the block is held. Afterwards `said` begins with `held`, or it was
    over before.
    """
    given = (f"{hold}", f"{timeout}", str(least), f"{latest}", ".*")
    with beside(replica, _PROGRAM, given, PROC, timeout, folders) as (seen, mark):
        seen.before = (_ready(mark),)
        # A mark that is gone again says that there is nothing to wait for any more.
        held = f"for _ in {{1..1000}}; do [ ! -e {mark} ] || [ -e {mark}.held ] && break; sleep 0.01; done"
        yield seen, f"{await_file(mark)}; {held}"


def _ready(mark: str) -> str:
    return f"{await_file(mark)}; echo $$ > {mark}"
