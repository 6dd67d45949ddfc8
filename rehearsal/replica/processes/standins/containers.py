"""The services of the replica as Docker shows containers, and what `docker` and Compose do to them alike."""

from __future__ import annotations

import os
import signal
import sys
import time

from rehearsal.replica.processes.standins import client, words
from rehearsal.replica.processes.standins.options import Options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_WORDS = {"running": "running", "paused": "paused", "restarting": "restarting", "exited": "exited"}
_FOLLOW_SECONDS = 0.1
_BLOCK = 1 << 16


def project() -> str:
    """Return the name of the Compose project."""
    return os.environ["REHEARSAL_PROJECT"]


def states(*, health: bool = True) -> list[dict[str, Any]]:
    """Return the state of each service of the gateway."""
    found: list[dict[str, Any]] = client.ask("states", health=health)["services"]
    return [state for state in found if not state["hidden"]]


def chosen(names: list[str], found: list[dict[str, Any]], *, compose: bool) -> list[dict[str, Any]]:
    """Return the states of the services that are named, by service or container; all where none is named.

    Raises RefusedError for a name that there is not.
    """
    by_name = {words.container(project(), state["name"]): state for state in found}
    for state in found:
        called = words.called(state["name"])[0]
        made_up = {f"{project()}{sign}{name}{sign}1" for sign in "-_" for name in (called, state["name"])}
        by_name |= dict.fromkeys((called, *made_up, identity(state)[:12]), state)
    by_name |= {state["name"]: state for state in found}
    for name in names:
        if name not in by_name:
            message = (
                f"no such service: {name}" if compose else f"Error response from daemon: No such container: {name}"
            )
            raise client.RefusedError(message)
    return [by_name[name] for name in names] if names else found


def identity(state: dict[str, Any]) -> str:
    """Return the id of a service's container."""
    return words.identity(words.container(project(), state["name"]))


def row(state: dict[str, Any]) -> dict[str, Any]:
    """Return a container as `ps` shows it."""
    name, port = words.container(project(), state["name"]), state["port"]
    everywhere = "0.0.0.0"  # noqa: S104 - shown as Docker shows it; nothing is bound
    published = {"URL": everywhere, "TargetPort": port, "PublishedPort": port, "Protocol": "tcp"}
    return {
        "ID": identity(state)[:12],
        "Name": name,
        "Names": name,
        "Image": f"{project()}-{words.called(state['name'])[0]}",
        "Command": f'"{os.path.basename(state["command"].split()[0])}"',
        "Project": project(),
        "Service": words.called(state["name"])[0],
        "State": _WORDS.get(state["state"], "created"),
        "Health": {True: "healthy", False: "unhealthy", None: ""}[state["health"]],
        "ExitCode": state["exit"] or 0,
        "CreatedAt": "",
        "RunningFor": f"{words.ago(state['seconds'])} ago",
        "Status": words.status(state),
        "Ports": f"{everywhere}:{port}->{port}/tcp" if port and state["pid"] else "",
        "Publishers": [published] if port else [],
    }


def execute(options: Options, *, compose: bool) -> int:
    """Run a command in a service, on our own streams, and return its exit status."""
    if len(options.words) < 2:  # noqa: PLR2004 - service and command
        raise client.RefusedError("exec needs a service and a command")
    name, *command = options.words
    state = chosen([name], states(health=False), compose=compose)[0]
    if state["state"] == "paused":
        container = words.container(project(), state["name"])
        message = f"Container {container} is paused, unpause the container before exec"
        raise client.RefusedError(f"Error response from daemon: {message}")
    if not state["pid"]:
        message = f'service "{name}" is not running' if compose else f"container {identity(state)} is not running"
        raise client.RefusedError(message if compose else f"Error response from daemon: {message}")
    given, directory = pairs(options), options.last("-w", "--workdir")
    answer = client.ask("run", (0, 1, 2), service=state["name"], argv=command, environment=given, directory=directory)
    if answer.get("missing"):
        print(
            "OCI runtime exec failed: exec failed: unable to start container process: exec:"
            f' "{answer["missing"]}": executable file not found in $PATH: unknown',
            file=sys.stderr,
        )
    return int(answer["exit"] if answer["exit"] is not None else 137)


def run_anew(service: str, command: list[str], options: Options) -> int:
    """Run a command as a container of its own would, beside the service or in its absence; return its exit status."""
    given, directory = pairs(options), options.last("-w", "--workdir")
    request = {"service": service, "argv": command, "environment": given, "directory": directory, "anew": True}
    answer = client.ask("run", (0, 1, 2), **request)
    if answer.get("missing"):
        print(f'exec: "{answer["missing"]}": executable file not found in $PATH', file=sys.stderr)
    return int(answer["exit"] if answer["exit"] is not None else 137)


def pairs(options: Options) -> dict[str, str]:
    """Return the variables that `-e` gives; `-e NAME` alone passes on the operator's own."""
    words = [pair for name in ("-e", "--env") for pair in options.values.get(name, ())]
    split = (word.partition("=") for word in words)
    return {name: value if sign else os.environ.get(name, "") for name, sign, value in split}


def change(action: str, names: list[str], options: Options) -> None:
    """Stop, start, restart, kill, pause or resume services."""
    rest: dict[str, Any] = {}
    if seconds := options.last("-t", "--timeout", "--time"):
        rest["seconds"] = float(seconds)
    if wanted := options.last("-s", "--signal"):
        rest["signal"] = signal_number(wanted)
    client.ask("change", action=action, services=names, **rest)


def signal_number(name: str) -> int:
    """Return the number of a signal: `SIGHUP`, `HUP`, `1`. Raises RefusedError."""
    if name.isdigit():
        return int(name)
    try:
        return int(signal.Signals[name.upper() if name.upper().startswith("SIG") else f"SIG{name.upper()}"])
    except KeyError:
        raise client.RefusedError(f"Error response from daemon: Invalid signal: {name}") from None


def logs(found: list[dict[str, Any]], options: Options, prefix: bool) -> int:  # noqa: FBT001 - one of two manners
    """Print the logs of services, their last lines, or until we are ended."""
    tail = options.last("--tail", "-n", default="all")
    if options.has("-t", "--timestamps", "--since", "--until"):
        print("this replica keeps no time with its log lines: all of them are shown, without", file=sys.stderr)
    width = max((len(state["name"]) for state in found), default=0) + 3
    files = [(f"{state['name']}-1".ljust(width) + "| " if prefix else "", state) for state in found]
    opened = [(start, open(client.open_log(state["name"]), "rb")) for start, state in files]  # noqa: SIM115
    for start, file in opened:
        if tail != "all":
            seek_last_lines(file, int(tail))
        _print_lines(start, file)
    while options.has("-f", "--follow"):
        sys.stdout.flush()
        time.sleep(_FOLLOW_SECONDS)
        for start, file in opened:
            _print_lines(start, file)
    return 0


def seek_last_lines(file: Any, count: int) -> None:  # noqa: ANN401 - a binary file
    """Go to where the last lines begin, without reading what stands before them."""
    place = end = file.seek(0, os.SEEK_END)
    seen, text = 0, b""
    while place > 0 and seen <= count:
        size = min(_BLOCK, place)
        place -= size
        file.seek(place)
        text = file.read(size) + text
        seen = text.count(b"\n")
    kept = b"".join(text.splitlines(keepends=True)[-count:]) if count else b""
    file.seek(end - len(kept))


def _print_lines(start: str, file: Any) -> None:  # noqa: ANN401 - a binary file
    out = sys.stdout.buffer
    for line in file:
        out.write(start.encode() + line if line.endswith(b"\n") else start.encode() + line + b"\n")
