"""Two programs that stand beside a runbook's block in a replica: one reads every argument, one kills it half way."""

from __future__ import annotations

import json
import shlex
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica

# Where they look stands in the environment: in a script's text a path of the machine would be refused where nothing
# isolates the replica from it, and these only read.
_PROC = {"REHEARSAL_PROC": "/proc"}
_MARK = "rehearsal-was-here"
_WATCHER = r"""
import json, os, sys, time
proc, words = os.environ["REHEARSAL_PROC"], json.loads(os.environ["REHEARSAL_WORDS"])
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
                seen.add((number, said.split(" ")[0][-60:]))
    time.sleep(0.001)
print(json.dumps([looks, sorted(seen)]))
"""
_KILLER = r"""
import os, re, signal, sys, time
proc = os.environ["REHEARSAL_PROC"]
limit, least, latest, pattern, mark, *folders = sys.argv[1:]
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
def kill(root):
    stopped = set()
    while left := set(tree(root)) - stopped:
        for pid in left:
            try:
                os.kill(pid, signal.SIGSTOP)
            except OSError:
                pass
        stopped |= left
    for pid in stopped:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
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
        kill(root)
        print("killed", *(grown[0] if grown else ()))
        break
    time.sleep(0.001)
"""


@dataclass
class Watched:
    """What a watcher has to say when its block has ended."""

    said: str = ""
    problem: str = ""
    before: tuple[str, ...] = field(default=())
    """What the block's shell must run first, for the watcher to be there."""


@contextmanager
def reading_arguments(replica: Replica, secrets: Sequence[str], *, timeout: float) -> Iterator[Watched]:
    """Read the arguments of every process inside the block, as anybody on the host can.

    Afterwards `said` is for `programs_with`. `timeout` in seconds.
    """
    words = {**_PROC, "REHEARSAL_WORDS": json.dumps([_MARK, *secrets])}
    with _beside(replica, _WATCHER, (f"{timeout}",), words, timeout) as (seen, mark):
        # Something with a word that is looked for among its arguments: the proof that the watcher sees.
        control = f"bash -c 'sleep 0.1; :' {_MARK}"
        seen.before = (_await(mark), control)
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


@contextmanager
def killing_half_way(
    replica: Replica, folders: Sequence[str], *, pattern: str, least: int, latest: float, timeout: float
) -> Iterator[Watched]:
    """End the block's processes with SIGKILL when a file below `folders` is new or other and has `least` bytes.

    Its name fits the `pattern`. At the latest `latest` seconds after the block's begin. Afterwards `said` begins with
    `killed`, or it was over before.
    """
    given = (f"{timeout}", str(least), f"{latest}", pattern)
    with _beside(replica, _KILLER, given, _PROC, timeout, folders) as (seen, mark):
        seen.before = (f"{_await(mark)}; echo $$ > {mark}",)
        yield seen


def _await(mark: str) -> str:
    return f"for _ in {{1..1000}}; do [ -e {mark} ] && break; sleep 0.01; done"


@contextmanager
def _beside(
    replica: Replica,
    program: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    timeout: float,
    more: Sequence[str] = (),
) -> Iterator[tuple[Watched, str]]:
    made = replica.run_script("mktemp -u", timeout=timeout)
    mark, seen = made.stdout.strip(), Watched()
    if not made.ok or not mark:
        msg = f"expected a name for a file in {replica.name}, mktemp {made.ending}"
        raise TargetError(msg)
    words = " ".join(map(shlex.quote, [*arguments, mark, *more]))
    script = f"exec python3 - {words} <<'END'\n{program}\nEND\n"

    def watch() -> None:
        try:
            run = replica.run_script(script, timeout=timeout + 5, environment=environment)
            seen.said, seen.problem = run.stdout, run.stderr
        except TargetError as error:
            seen.problem = str(error)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen, mark
    finally:
        replica.run_script(f"rm -f -- {shlex.quote(mark)}", timeout=timeout)
        thread.join(timeout + 10)
