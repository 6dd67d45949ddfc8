"""What the runbook's `docker` may do to the engine: look at this replica, and change the state of its services."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rehearsal.gateway.description import SERVICES
from rehearsal.replica.processes.standins import options

_GLOBAL = ("-f", "--file", "-p", "--project-name", "--env-file", "--profile", "--project-directory", "--ansi")
_ALL = ("ps", "logs", "stop", "start", "restart", "kill", "pause", "unpause", "top", "up", "create", "pull", "images")
"""Without a service these mean all of them: those of the gateway, not what stands beside it."""
_OWN = ("api", "worker")
_COMPOSE = (*_ALL, "exec", "run", "port", "version", "config", "cp", "stats")
_ENTER = "-e --env --env-file -u --user -w --workdir --index --detach-keys"
_WITH_VALUE: dict[str, str] = {
    "exec": _ENTER,
    "run": f"{_ENTER} --name -l --label -p --publish --scale",
    "logs": "-n --tail --since --until --index",
    "stop": "-t --time --timeout -s --signal",
    "restart": "-t --time --timeout -s --signal",
    "kill": "-s --signal",
    "ps": "-f --filter --format --status -n --last",
    "inspect": "-f --format --type",
    "stats": "--format",
    "images": "--format",
    "port": "--index --protocol",
    "up": "-t --timeout --scale --pull --wait-timeout",
    "create": "--scale --pull",
    "pull": "--policy",
    "cp": "--index",
}
"""The options of each command that the next word belongs to."""
_FIRST = ("logs", "exec", "top", "port", "attach")
"""Of Docker's own commands, those whose first word is a container."""
_EACH = ("stop", "start", "restart", "kill", "pause", "unpause", "inspect", "stats", "wait")
"""Those of which each word is one."""
_LOOK = {
    ("version",),
    ("images",),
    ("info",),
    ("system", "df"),
    ("system", "info"),
    ("volume", "ls"),
    ("network", "ls"),
}
_PRUNED: dict[str, tuple[str, ...]] = {
    "system": ("container", "network", "volume"),
    "container": ("container",),
    "volume": ("volume",),
    "network": ("network",),
    "image": (),
    "builder": (),
}
"""What each prune is about, as far as it belongs to a replica."""
_PRUNE_FLAGS = {"-f", "--force", "-a", "--all", "--volumes"}
_NEVER = re.compile(r"^(-H|--host|--context|-c|--config|-v|--volume|--privileged|--mount|--entrypoint)(=|$)")


class ForbiddenError(Exception):
    """A command that would reach beyond this replica: nothing was run."""


@dataclass(frozen=True, slots=True)
class Confined:
    """The commands of one replica."""

    project: str
    shown: str
    """The project's name as the runbook knows it; containers are called `<shown>-<service>-1`."""
    compose_files: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=lambda: {service: service for service in SERVICES})
    """Which of its services each name means."""
    one_image: tuple[str, ...] = ()
    """Services whose containers are made from the same image."""
    built: set[str] = field(default_factory=set)
    """Services of which new code was built since `up`: here they run that of the folder."""

    def words(self, program: str, argv: Sequence[str]) -> list[str]:
        """Return the real command for one of the runbook's. Raises ForbiddenError."""
        if program == "docker" and argv and argv[0] == "compose":
            program, argv = "docker-compose", argv[1:]
        said = " ".join([program, *argv])
        if program == "docker-compose":
            return self._compose(said, argv)
        return self._docker(said, list(argv))

    def container(self, name: str) -> str:
        """Return the real name of a container of this replica. Raises ForbiddenError for any other."""
        for own, service in self.names.items():
            if name in (own, f"{self.shown}-{own}-1", f"{self.shown}_{own}_1", self._real(service)):
                return self._real(service)
        msg = f"Error: No such container: {name}"
        raise ForbiddenError(msg)

    def _real(self, service: str) -> str:
        return f"{self.project}-{service}-1"

    def _compose(self, said: str, argv: Sequence[str]) -> list[str]:
        given = options.split(
            list(argv), ("--compatibility", "--verbose", "--no-ansi", "--version", "-v"), _GLOBAL, stop=True
        )
        start = ["docker", "compose", *(word for path in self.compose_files for word in ("-f", path))]
        if given.has("--version", "-v"):
            return [*start, "version"]
        command, *rest = given.words or ["help"]
        places = _positional(command, rest)
        for place in places[:1] if command in ("exec", "run", "port") else places:
            rest[place] = self.names.get(rest[place], rest[place])
        if command == "build":
            named = [rest[place] for place in _positional(command, rest)] or [*_OWN]
            new = {name for name in named if name in _OWN}
            self.built.update(new, self.one_image if new & {*self.one_image} else ())
            return ["echo", f"{' '.join(named)}: nothing to build, this replica runs the code of the folder"]
        if command not in _COMPOSE or any(_NEVER.match(word) for word in _own(command, rest)):
            msg = f"`{said}` has no meaning in a replica, which ends with its run"
            raise ForbiddenError(msg)
        if command == "run":
            # What a stack's own compose file would have to say of it, this one says for the running service.
            rest = ["--rm", "--no-deps", *[word for word in rest if word not in ("--rm", "--no-deps")]]
        if command in (*_ALL, "stats") and not _positional(command, rest):
            rest = [*rest, *SERVICES]
        if command == "up" and not {"-d", "--detach", "--wait"} & set(rest):
            rest = ["-d", *rest]
        if command == "up" and self.built & {rest[place] for place in _positional(command, rest)}:
            # A new image would have the container recreated.
            rest = ["--force-recreate", *rest]
            self.built.clear()
        return [*start, command, *rest]

    def _docker(self, said: str, argv: list[str]) -> list[str]:
        if argv[:1] == ["container"] and argv[1:2] not in (["ls"], ["prune"]):
            argv = argv[1:]
        command, *rest = argv or ["help"]
        if tuple(argv[:2]) in _LOOK or (command,) in _LOOK or command in ("--version", "-v"):
            return ["docker", *argv]
        # -af is -a -f.
        flags = [f"-{one}" for word in rest[1:] if re.fullmatch("-[a-z]+", word) for one in word[1:]]
        flags += [word for word in rest[1:] if not re.fullmatch("-[a-z]+", word)]
        if rest[:1] == ["prune"] and command in _PRUNED and set(flags) <= _PRUNE_FLAGS:
            return self._prune(command, flags)
        if command == "ps" or argv[:2] == ["container", "ls"]:
            return ["docker", *argv, "--filter", f"label=com.docker.compose.project={self.project}"]
        if command in (*_FIRST, *_EACH, "cp") and not any(_NEVER.match(word) for word in _own(command, rest)):
            rest = _without_terminal(rest) if command == "exec" else rest
            return ["docker", command, *self._renamed(command, rest)]
        msg = f"`{said}` has no meaning in a replica: it would reach beyond its own containers"
        raise ForbiddenError(msg)

    def _prune(self, about: str, flags: list[str]) -> list[str]:
        """Return a prune of what is this replica's: stopped containers, unused volumes and networks of its project.

        Images and the build cache are the machine's.
        """
        own = f"--filter label=com.docker.compose.project={self.project}"
        parts = [one for one in _PRUNED[about] if one != "volume" or about == "volume" or "--volumes" in flags]
        if not {"-f", "--force"} & set(flags):
            return ["echo", "Are you sure you want to continue? [y/N]"]
        lines = [f"docker {one} prune --force {own}" for one in parts] or ["echo Total reclaimed space: 0B"]
        return ["sh", "-c", " && ".join(lines)]

    def _renamed(self, command: str, rest: list[str]) -> list[str]:
        places = _positional(command, rest)
        renamed = list(rest)
        if command == "cp":
            for place in places:
                name, colon, path = rest[place].partition(":")
                if colon and "/" not in name:
                    renamed[place] = f"{self.container(name)}:{path}"
            return renamed
        for place in places[:1] if command in _FIRST else places:
            renamed[place] = self.container(rest[place])
        if command == "stats" and not places:
            renamed += [self._real(service) for service in SERVICES]
        return renamed


def _own(command: str, words: Sequence[str]) -> Sequence[str]:
    """Return the words that are Docker's own, not those of a program that it runs inside."""
    places = _positional(command, words)
    return words[: places[0]] if command in ("exec", "run") and places else words


def _without_terminal(words: list[str]) -> list[str]:
    """Leave out what asks for a terminal, which whoever types the command has and a run has not."""
    own = _own("exec", words)
    kept = [re.sub(r"^-[dit]*$", lambda found: found[0].replace("t", ""), word) for word in own if word != "--tty"]
    return [*(word for word in kept if word != "-"), *words[len(own) :]]


def _positional(command: str, words: Sequence[str]) -> list[int]:
    """Return where the words stand that are neither options nor their values."""
    valued = _WITH_VALUE.get(command, "").split()
    found: list[int] = []
    skip = False
    for place, word in enumerate(words):
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in valued
        else:
            found.append(place)
    return found
