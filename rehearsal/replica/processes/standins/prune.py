"""`docker ... prune` on a stack of processes: what Docker 20.10 would take of it, and no more.

A service that is down is a stopped container; without it the volume of PostgreSQL is one that nobody uses. ./redis-data
is a folder of the host, not a volume. Images, networks and the build cache there are none.
"""

from __future__ import annotations

import sys

from rehearsal.replica.processes.standins import client, containers, options

ABOUT = ("system", "container", "volume", "image", "network", "builder", "buildx")
_STORE = "postgres"


def prune(about: str, arguments: list[str]) -> int:
    """Take what is unused and return the exit status."""
    given = options.split(arguments, ("-f", "--force", "-a", "--all", "--volumes", "-q", "--quiet"), ("--filter",))
    # What takes nothing here takes nothing under any filter.
    if given.has("--filter") and about in ("system", "container", "volume"):
        client.no_meaning("docker", [about, "prune", *arguments])
    if not given.has("-f", "--force"):
        print("Are you sure you want to continue? [y/N]")
        return 0
    if about in ("system", "container"):
        _containers()
    if about == "volume" or (about == "system" and given.has("--volumes")):
        _volumes()
    print("Total reclaimed space: 0B")
    return 0


def _containers() -> None:
    down = [one["name"] for one in containers.states(health=False) if not one["pid"] and not one["removed"]]
    removed = client.ask("change", action="remove", services=down)["removed"]
    if removed:
        print("Deleted Containers:")
        print("\n".join(f"{containers.project()}-{name}-1" for name in removed))


def _volumes() -> None:
    for name in _unused():
        client.ask("lose", service=name)
        print(f"Deleted Volumes:\n{_volume(name)}")
        print("(as Docker before 23: named volumes too; since then only with --all)", file=sys.stderr)


def _unused() -> list[str]:
    return [one["name"] for one in containers.states(health=False) if one["removed"] and one["name"] == _STORE]


def _volume(name: str) -> str:
    return f"{containers.project()}_{name}"


def _list_volumes(arguments: list[str]) -> int:
    given = options.split(arguments, ("-q", "--quiet"), ("-f", "--filter", "--format"))
    asked = given.last("-f", "--filter")
    if given.has("--format") or asked not in ("", "dangling=true", "dangling=false"):
        client.no_meaning("docker", ["volume", "ls", *arguments])
    unused = _unused()
    names = unused if asked == "dangling=true" else [_STORE]
    names = [name for name in names if asked != "dangling=false" or name not in unused]
    quiet = given.has("-q", "--quiet")
    lines = [_volume(name) if quiet else f"local     {_volume(name)}" for name in names]
    print("\n".join([*([] if quiet else ["DRIVER    VOLUME NAME"]), *lines]))
    return 0


def _disk(arguments: list[str]) -> int:
    options.split(arguments, ("-v", "--verbose"), ("--format",))
    found = [one for one in containers.states(health=False) if not one["removed"]]
    running = sum(1 for one in found if one["pid"])
    print("TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE")
    print("Images          0         0         0B        0B")
    print(f"Containers      {len(found):<10}{running:<10}0B        0B")
    print(f"Local Volumes   1         {1 - len(_unused()):<10}0B        0B")
    print("Build Cache     0         0         0B        0B")
    return 0


SHOWN = {("volume", "ls"): _list_volumes, ("volume", "list"): _list_volumes, ("system", "df"): _disk}
