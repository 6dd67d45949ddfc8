"""`docker run` and `docker-compose run` in the foreground: a command beside the services, on the folders it names."""

from __future__ import annotations

import os

from rehearsal.replica.processes.standins import client, containers, options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FLAGS = ("--rm", "-i", "--interactive", "-t", "--tty", "-it", "-ti", "--init", "-q", "--quiet", "-d", "--detach")
_COMPOSE = ("-T", "--no-TTY", "--no-deps", "--build", "--use-aliases", "--remove-orphans", "--service-ports", "-P")
_VALUED = (
    "-e",
    "--env",
    "-w",
    "--workdir",
    "-u",
    "--user",
    "-v",
    "--volume",
    "--entrypoint",
    "--name",
    "-l",
    "--label",
)
_DOCKER = ("--network", "--net", "--volumes-from", "-h", "--hostname", "--pull", "--memory", "--cpus")
_DATA = ("/data", "/var/lib/postgresql/data")
"""Where volumes of the stack are seen: a named volume means one of these."""


def compose_run(arguments: list[str]) -> int:
    """Run one command in a new container of a service and return its exit status."""
    given = options.split(arguments, (*_FLAGS, *_COMPOSE), _VALUED, stop=True)
    command = _command(given)
    if given.has("-d", "--detach", "--build") or not command:
        client.no_meaning("docker-compose", ["run", *arguments])
    service = str(containers.chosen(given.words[:1], containers.states(health=False), compose=True)[0]["name"])
    run = lambda: containers.run_anew(service, command, given)  # noqa: E731 - as short as it is
    return _with_folders("docker-compose", arguments, given, run)


def docker_run(arguments: list[str]) -> int:
    """Run one command in a container of an image: here with the programs of the machine, whatever the image."""
    given = options.split(arguments, _FLAGS, (*_VALUED, *_DOCKER), stop=True)
    command = _command(given)
    if given.has("-d", "--detach") or not command:
        client.no_meaning("docker", ["run", *arguments])

    def run() -> int:
        directory = given.last("-w", "--workdir") or os.environ.get("REHEARSAL_ROOT", "") or "/"
        answer = client.ask("run", (0, 1, 2), argv=command, environment=containers.pairs(given), directory=directory)
        if answer.get("missing"):
            # The image may have it; this machine has not.
            client.no_meaning("docker", ["run", *arguments])
        return int(answer["exit"] if answer["exit"] is not None else 137)

    return _with_folders("docker", arguments, given, run)


def _command(given: options.Options) -> list[str]:
    return [*filter(None, [given.last("--entrypoint")]), *given.words[1:]]


def _with_folders(program: str, arguments: list[str], given: options.Options, run: Callable[[], int]) -> int:
    """Run with each folder of `-v FROM:TO` at its place; one that can't be there has no meaning here."""
    made: list[str] = []
    try:
        for source, place in _mounts(given):
            if os.path.lexists(place):
                if source and os.path.realpath(source) != os.path.realpath(place):
                    client.no_meaning(program, ["run", *arguments])
            else:
                _link(source, place, [program, "run", *arguments])
                made.append(place)
        return run()
    finally:
        for place in made:
            os.unlink(place)


def _link(source: str, place: str, words: list[str]) -> None:
    try:
        if source:
            os.makedirs(source, exist_ok=True)
            os.symlink(os.path.abspath(source), place)
            return
    except OSError:
        pass  # as for a named volume that the stack does not have
    client.no_meaning(words[0], words[1:])


def _mounts(given: options.Options) -> Iterator[tuple[str, str]]:
    """Yield folder and place of each volume; the folder is empty for a named volume."""
    root = os.environ.get("REHEARSAL_ROOT", "")
    for word in (*given.values.get("-v", ()), *given.values.get("--volume", ())):
        source, _, rest = word.partition(":")
        place = rest.partition(":")[0].rstrip("/").removeprefix(root)
        named = "/" not in source
        # A named volume of the stack is where the stack has it; one at another place nobody here knows.
        yield ("" if named else source), root + (place if not named or place in _DATA else f"/nowhere{place}")
