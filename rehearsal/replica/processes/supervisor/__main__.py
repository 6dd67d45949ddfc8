"""The first process of a replica: `python -IS supervisor/__main__.py PACKAGES FOLDER`.

Its plan comes as one line on standard input. The end of that input means that the run is gone: everything ends.
"""

from __future__ import annotations

import sys

sys.path += sys.argv[1:3]

import contextlib
import json
import os
import shutil
import threading
import time
from typing import NoReturn

from rehearsal.replica.processes.plan import Plan
from rehearsal.replica.processes.supervisor import control, kernel, layout, names, sandbox, store
from rehearsal.replica.processes.supervisor.children import Children
from rehearsal.replica.processes.supervisor.stack import Stack


def main() -> None:
    """Build the replica's world, start what can start at once, and serve."""
    plan = Plan.from_json(sys.stdin.readline())
    try:
        _enter(plan)
    except layout.LayoutError as error:
        _give_up(plan, {"error": str(error)})
    except OSError as error:
        _give_up(plan, {"refused": str(error)})
    own = plan.root + sandbox.OWN
    children = Children(die_with_us=plan.isolation == "plain")
    stack = Stack(plan, children, own)
    threading.Thread(target=_wait_for_the_end, args=(plan, children), daemon=True).start()
    threading.Thread(target=_bring_up, args=(stack, own), daemon=True).start()
    children.serve()


def _give_up(plan: Plan, words: dict[str, object]) -> NoReturn:
    _say(words)
    if plan.isolation == "plain":
        shutil.rmtree(plan.root, ignore_errors=True)
    os._exit(1)


def _enter(plan: Plan) -> None:
    if plan.isolation == "namespaces":
        sandbox.enter(plan)
    else:
        kernel.adopt_orphans()
        layout.make_plain(plan)
    layout.make(plan)


def _bring_up(stack: Stack, own: str) -> None:
    control.serve(stack, f"{own}/control")
    early = [one for one in stack.services.values() if one.plan.early]
    try:
        if stack.plan.isolation == "namespaces":
            names.serve(stack.plan.hosts)
        for service in early:
            service.start()
        warm = store.fresh_postgres(stack.plan, stack.children)
        if not warm:
            store.pack(stack.plan, os.open(f"{own}/template", os.O_WRONLY | os.O_CREAT, 0o600))
        stack.services["postgres"].start()
        _say({"up": True, "warm": warm})
    except (store.StoreError, OSError) as error:
        _say({"error": str(error)})
    if stack.plan.isolation == "namespaces":
        # After the start, which is watched with a clock.
        from rehearsal.replica.processes.supervisor.figures import Figures  # noqa: PLC0415

        stack.figures = Figures(stack.plan, f"{own}/proc")
        stack.figures.keep()


def _wait_for_the_end(plan: Plan, children: Children) -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1 << 16):
            pass
    children.close()
    if plan.isolation == "plain":
        _clear_away(plan)
    # In namespaces the kernel ends all processes with the first one, and the file systems with them.
    os._exit(0)


def _clear_away(plan: Plan) -> None:
    import psutil  # noqa: PLC0415 - only here

    own = psutil.Process()
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline and (left := own.children(recursive=True)):
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        time.sleep(0.01)
    store.release_memory(plan)
    while os.path.lexists(plan.root) and time.monotonic() < deadline:
        shutil.rmtree(plan.root, ignore_errors=True)


def _say(words: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


main()
