"""`docker-compose` and `docker compose`, as far as they have a meaning on processes. Output as Compose 2 writes it."""

from __future__ import annotations

import sys

from rehearsal.replica.processes.standins import build, client, containers, options, templates, words

_GLOBAL = (
    "-f",
    "--file",
    "-p",
    "--project-name",
    "--env-file",
    "--profile",
    "--project-directory",
    "--ansi",
    "--progress",
)
_HEADINGS = {
    "Name": "NAME",
    "Image": "IMAGE",
    "Command": "COMMAND",
    "Service": "SERVICE",
    "RunningFor": "CREATED",
    "Status": "STATUS",
    "Ports": "PORTS",
}
_DONE = {
    "stop": ("Stopping", "Stopped"),
    "start": ("Starting", "Started"),
    "restart": ("Restarting", "Started"),
    "kill": ("Killing", "Killed"),
    "pause": ("Pausing", "Paused"),
    "unpause": ("Unpausing", "Unpaused"),
}
_UP_FLAGS = (
    *("-d", "--detach", "--no-deps", "--wait", "--force-recreate", "--no-recreate", "--no-build", "--remove-orphans"),
    *("--quiet-pull", "-y", "--build", "-V", "--renew-anon-volumes"),
)
VERSION = "2.26.1"


def main(arguments: list[str] | None = None) -> None:
    """Run `docker-compose` with these arguments, or those of the process."""
    client.run(compose, sys.argv[1:] if arguments is None else arguments)


def compose(arguments: list[str]) -> int:
    """Run one command of Compose and return its exit status."""
    given = options.split(
        arguments, ("--compatibility", "--verbose", "--no-ansi", "--version", "-v"), _GLOBAL, stop=True
    )
    if given.has("--version", "-v"):
        return _version(given.words)
    command, *rest = given.words or ["help"]
    if command in _DONE:
        return _change(command, rest)
    if command not in _COMMANDS:
        client.no_meaning("docker-compose", arguments)
    return _COMMANDS[command](rest)


def _exec(arguments: list[str]) -> int:
    given = options.split(
        arguments,
        ("-T", "--no-TTY", "--no-tty", "-i", "--interactive", "-t", "--tty", "-it", "--privileged"),
        ("-e", "--env", "-u", "--user", "-w", "--workdir", "--index"),
        stop=True,
    )
    return containers.execute(given, compose=True)


def _ps(arguments: list[str]) -> int:
    given = options.split(
        arguments,
        ("-a", "--all", "-q", "--quiet", "--services", "--no-trunc", "--orphans"),
        ("--format", "--filter", "--status"),
    )
    found = [one for one in containers.chosen(given.words, containers.states(), compose=True) if not one["removed"]]
    wanted = given.last("--status") or given.last("--filter").removeprefix("status=")
    if not given.has("-a", "--all") and not wanted:
        found = [state for state in found if state["pid"] or state["state"] == "restarting"]
    shown = [(state, containers.row(state)) for state in found]
    shown = [(state, row) for state, row in shown if wanted in ("", row["State"])]
    rows = [row for _, row in shown]
    if given.has("--services"):
        lines = [row["Service"] for row in rows]
    elif given.has("-q", "--quiet"):
        lines = [containers.identity(state) for state, _ in shown]
    else:
        lines = templates.rows(given.last("--format").replace("pretty", ""), _HEADINGS, rows)
    print("".join(f"{line}\n" for line in lines), end="")
    return 0


def _logs(arguments: list[str]) -> int:
    given = options.split(
        arguments,
        ("-f", "--follow", "--no-color", "-t", "--timestamps", "--no-log-prefix"),
        ("--tail", "-n", "--since", "--until", "--index"),
    )
    found = containers.chosen(given.words, containers.states(health=False), compose=True)
    return containers.logs(found, given, prefix=not given.has("--no-log-prefix"))


def _change(action: str, arguments: list[str]) -> int:
    given = options.split(arguments, ("--no-deps", "--remove-orphans"), ("-t", "--timeout", "-s", "--signal"))
    found = containers.chosen(given.words, containers.states(health=False), compose=True)
    doing, done = _DONE[action]
    names = [state["name"] for state in found]
    for name in names:
        print(f" Container {words.container(containers.project(), name)}  {doing}", file=sys.stderr)
    containers.change("resume" if action == "unpause" else action, names, given)
    for name in names:
        print(f" Container {words.container(containers.project(), name)}  {done}", file=sys.stderr)
    return 0


def _up(arguments: list[str]) -> int:
    given = options.split(
        arguments,
        _UP_FLAGS,
        ("-t", "--timeout", "--wait-timeout", "--pull"),
    )
    if not given.has("-d", "--detach", "--wait"):
        client.no_meaning("docker-compose", ["up", *arguments])
    found = containers.chosen(given.words, containers.states(health=False), compose=True)
    if given.has("--build"):
        build.build([state["name"] for state in found])
    built = set() if given.has("--no-recreate") else build.taken([state["name"] for state in found])
    anew = [one["name"] for one in found if given.has("--force-recreate") or one["name"] in built]
    anew = [one["name"] for one in found if one["name"] in anew and not one["removed"]]
    containers.change("restart", anew, options.Options())
    containers.change("up", [one["name"] for one in found if one["name"] not in anew], options.Options())
    for state in found:
        done = "Started" if state["name"] in anew or not state["pid"] else "Running"
        print(f" Container {words.container(containers.project(), state['name'])}  {done}", file=sys.stderr)
    return 0


def _build(arguments: list[str]) -> int:
    given = options.split(
        arguments, ("--pull", "--no-cache", "-q", "--quiet", "--with-dependencies"), ("--build-arg", "--progress", "-m")
    )
    found = containers.chosen(given.words, containers.states(health=False), compose=True)
    build.build([state["name"] for state in found])
    return 0


def _down(arguments: list[str]) -> int:
    given = options.split(arguments, ("--remove-orphans", "-v", "--volumes"), ("-t", "--timeout", "--rmi"))
    done = _change("stop", given.words)
    for store in ("postgres", "redis") if given.has("-v", "--volumes") else ():
        client.ask("lose", service=store)
        print(f" Volume {words.container(containers.project(), store)}  Removed", file=sys.stderr)
    return done


def _top(arguments: list[str]) -> int:
    for state in containers.chosen(arguments, containers.states(health=False), compose=True):
        print(words.container(containers.project(), state["name"]))
        for process in client.ask("processes", service=state["name"])["processes"]:
            print(f"{process['pid']:<8}{process['ppid']:<8}{process['command']}")
        print()
    return 0


def _config(arguments: list[str]) -> int:
    given = options.split(arguments, ("--services", "-q", "--quiet", "--volumes"), ())
    if not given.has("--services", "-q", "--quiet"):
        client.no_meaning("docker-compose", ["config", *arguments])
    if given.has("--services"):
        print("\n".join(words.called(state["name"])[0] for state in containers.states(health=False)))
    return 0


def _version(arguments: list[str]) -> int:
    given = options.split(arguments, ("--short",), ("-f", "--format"))
    print(
        VERSION if given.has("--short") else f"Docker Compose version v{VERSION} (stand-in of a replica of processes)"
    )
    return 0


def _port(arguments: list[str]) -> int:
    given = options.split(arguments, (), ("--index", "--protocol"))
    state = containers.chosen(given.words[:1], containers.states(health=False), compose=True)[0]
    if given.words[1:] != [str(state["port"])]:
        raise client.RefusedError(f"no port {' '.join(given.words[1:])} for container {state['name']}")
    print(f"0.0.0.0:{state['port']}")
    return 0


def _run(arguments: list[str]) -> int:
    from rehearsal.replica.processes.standins import running  # noqa: PLC0415 - the same

    return running.compose_run(arguments)


def _cp(arguments: list[str]) -> int:
    from rehearsal.replica.processes.standins import copy  # noqa: PLC0415 - a few ms that others need not pay

    return copy.copy(arguments, compose=True)


_COMMANDS = {
    "exec": _exec,
    "ps": _ps,
    "logs": _logs,
    "up": _up,
    "down": _down,
    "top": _top,
    "config": _config,
    "version": _version,
    "port": _port,
    "cp": _cp,
    "run": _run,
    "build": _build,
}
