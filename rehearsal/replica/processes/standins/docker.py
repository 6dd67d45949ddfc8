"""`docker`, as far as it has a meaning on processes."""

from __future__ import annotations

import json
import sys
import time

from rehearsal.replica.processes.standins import (
    client,
    compose,
    containers,
    copy,
    options,
    prune,
    running,
    templates,
    words,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_HEADINGS = {
    "ID": "CONTAINER ID",
    "Image": "IMAGE",
    "Command": "COMMAND",
    "RunningFor": "CREATED",
    "Status": "STATUS",
    "Ports": "PORTS",
    "Names": "NAMES",
}
_STATS = {
    "Container": "CONTAINER ID",
    "Name": "NAME",
    "CPUPerc": "CPU %",
    "MemUsage": "MEM USAGE / LIMIT",
    "MemPerc": "MEM %",
    "NetIO": "NET I/O",
    "BlockIO": "BLOCK I/O",
    "PIDs": "PIDS",
}
_CHANGES = ("stop", "start", "restart", "kill", "pause", "unpause")
_SAMPLE_SECONDS = 0.25


def main() -> None:
    """Run `docker` with the arguments of the process."""
    client.run(docker, sys.argv[1:])


def docker(arguments: list[str]) -> int:
    """Run one command of Docker and return its exit status."""
    given = options.split(
        arguments, ("-D", "--debug", "-v", "--version"), ("-H", "--host", "-c", "--context"), stop=True
    )
    if given.has("-v", "--version"):
        return _version([])
    command, *rest = given.words or ["help"]
    if command == "compose":
        return compose.compose(rest)
    if command in prune.ABOUT and rest[:1] == ["prune"]:
        return prune.prune(command, rest[1:])
    if (command, *rest[:1]) in prune.SHOWN:
        return prune.SHOWN[command, rest[0]](rest[1:])
    if command == "container" and rest:
        command, *rest = ["ps", *rest[1:]] if rest[0] in ("ls", "list") else rest
    if command in _CHANGES:
        return _change(command, rest)
    if command not in _COMMANDS:
        client.no_meaning("docker", arguments)
    return _COMMANDS[command](rest)


def _ps(arguments: list[str]) -> int:
    given = options.split(
        arguments,
        ("-a", "--all", "-q", "--quiet", "--no-trunc", "-l", "--latest"),
        ("--format", "-f", "--filter", "-n"),
    )
    found = [one for one in containers.states() if not one["removed"]]
    filters = dict(pair.partition("=")[::2] for name in ("-f", "--filter") for pair in given.values.get(name, ()))
    if not given.has("-a", "--all") and "status" not in filters:
        found = [state for state in found if state["pid"] or state["state"] == "restarting"]
    rows = [containers.row(state) for state in found]
    rows = [row for row in rows if filters.get("name", "") in row["Name"]]
    rows = [row for row in rows if filters.get("status", row["State"]) == row["State"]]
    rows = [row for row in rows if filters.get("health", row["Health"]) == row["Health"]]
    if given.has("-q", "--quiet"):
        lines = [row["ID"] for row in rows]
    else:
        lines = templates.rows(given.last("--format"), _HEADINGS, rows)
    print("".join(f"{line}\n" for line in lines), end="")
    return 0


def _stats(arguments: list[str]) -> int:
    given = options.split(arguments, ("--no-stream", "-a", "--all", "--no-trunc"), ("--format",))
    names = [state["name"] for state in containers.chosen(given.words, containers.states(health=False), compose=False)]
    while True:
        print("\n".join(templates.rows(given.last("--format"), _STATS, _sample(names))), flush=True)
        if given.has("--no-stream"):
            return 0
        time.sleep(_SAMPLE_SECONDS)


def _sample(names: list[str]) -> list[dict[str, Any]]:
    seen = client.ask("usage", interval=_SAMPLE_SECONDS)
    limit = seen["memory_limit"]
    rows = []
    for name in names:
        one = seen["services"].get(name, {"cpu": 0.0, "memory_bytes": 0, "processes": 0})
        container = words.container(containers.project(), name)
        rows.append(
            {
                "Container": words.identity(container)[:12],
                "ID": words.identity(container)[:12],
                "Name": container,
                "CPUPerc": f"{100 * one['cpu']:.2f}%",
                "MemUsage": f"{_bytes(one['memory_bytes'])} / {_bytes(limit)}",
                "MemPerc": f"{100 * one['memory_bytes'] / limit:.2f}%",
                "NetIO": "0B / 0B",
                "BlockIO": "0B / 0B",
                "PIDs": one["processes"],
            }
        )
    return rows


def _bytes(count: int) -> str:
    return f"{count / (1 << 30):.4g}GiB" if count >= 1 << 30 else f"{count / (1 << 20):.4g}MiB"


def _exec(arguments: list[str]) -> int:
    given = options.split(
        arguments,
        ("-i", "--interactive", "-t", "--tty", "-it", "-ti", "--privileged"),
        ("-e", "--env", "-u", "--user", "-w", "--workdir"),
        stop=True,
    )
    return containers.execute(given, compose=False)


def _logs(arguments: list[str]) -> int:
    given = options.split(
        arguments, ("-f", "--follow", "-t", "--timestamps", "--details"), ("--tail", "-n", "--since", "--until")
    )
    if len(given.words) != 1:
        raise client.RefusedError('"docker logs" requires exactly 1 argument.')
    return containers.logs(_named(given.words), given, prefix=False)


def _change(action: str, arguments: list[str]) -> int:
    given = options.split(arguments, (), ("-t", "--time", "--timeout", "-s", "--signal"))
    if not given.words:
        raise client.RefusedError(f'"docker {action}" requires at least 1 argument.')
    names = [state["name"] for state in _named(given.words)]
    containers.change("resume" if action == "unpause" else action, names, given)
    print("\n".join(given.words))
    return 0


def _inspect(arguments: list[str]) -> int:
    given = options.split(arguments, ("-s", "--size"), ("-f", "--format", "--type"))
    found = [_inspected(state) for state in containers.chosen(given.words, containers.states(), compose=False)]
    template = given.last("-f", "--format")
    print("\n".join(templates.fill(template, one) for one in found) if template else json.dumps(found, indent=4))
    return 0


def _inspected(state: dict[str, Any]) -> dict[str, Any]:
    health = {} if state["health"] is None else {"Health": {"Status": containers.row(state)["Health"]}}
    return {
        "Id": containers.identity(state),
        "Name": f"/{words.container(containers.project(), state['name'])}",
        "RestartCount": state["restarts"],
        "State": {
            "Status": containers.row(state)["State"],
            "Running": bool(state["pid"]),
            "Paused": state["state"] == "paused",
            "Restarting": state["state"] == "restarting",
            "ExitCode": state["exit"] or 0,
            "Pid": state["pid"] or 0,
            **health,
        },
    }


def _top(arguments: list[str]) -> int:
    state = _named(arguments[:1])[0]
    print(f"{'PID':<8}{'PPID':<8}CMD")
    for process in client.ask("processes", service=state["name"])["processes"]:
        print(f"{process['pid']:<8}{process['ppid']:<8}{process['command']}")
    return 0


def _info(_arguments: list[str]) -> int:
    found = containers.states(health=False)
    running = sum(1 for state in found if state["pid"])
    print(f"Containers: {len(found)}\n Running: {running}\n Stopped: {len(found) - running}")
    print("Server Version: none (a replica of plain processes)")
    return 0


def _version(_arguments: list[str]) -> int:
    print("Docker version 0, build none (stand-in of a replica of plain processes)")
    return 0


def _cp(arguments: list[str]) -> int:
    return copy.copy(arguments, compose=False)


def _run(arguments: list[str]) -> int:
    return running.docker_run(arguments)


def _named(names: list[str]) -> list[dict[str, Any]]:
    return containers.chosen(names, containers.states(health=False), compose=False)


_COMMANDS = {
    "ps": _ps,
    "stats": _stats,
    "exec": _exec,
    "logs": _logs,
    "inspect": _inspect,
    "top": _top,
    "info": _info,
    "version": _version,
    "cp": _cp,
    "run": _run,
}
