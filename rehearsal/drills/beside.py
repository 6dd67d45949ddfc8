"""A program that stands beside a runbook's block in a replica, from before its begin until after its end."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rehearsal.gateway.target import TargetError
from rehearsal.replica.protocol import Replica

# Where they look stands in the environment: in a script's text a path of the machine would be refused where nothing
# isolates the replica from it, and these only read.
PROC = {"REHEARSAL_PROC": "/proc"}


@dataclass
class Watched:
    """What a watcher has to say when its block has ended."""

    said: str = ""
    problem: str = ""
    before: tuple[str, ...] = field(default=())
    """What the block's shell must run first, for the watcher to be there."""


def await_file(path: str) -> str:
    """Return a line of shell that waits until there is a file, ten seconds at most."""
    return f"for _ in {{1..1000}}; do [ -e {path} ] && break; sleep 0.01; done"


@contextmanager
def beside(
    replica: Replica,
    program: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    timeout: float,
    more: Sequence[str] = (),
) -> Iterator[tuple[Watched, str]]:
    """Run a program of Python with `arguments`, the name of a file, and `more`; at the end that file is taken away.

    It ends when there is no such file any more. Yields what it will have said, and the file's name. Raises TargetError.
    """
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
