"""Use of CPU, memory and disk of a host, by one script that needs no more than a POSIX userland."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from rehearsal.gateway.target import DiskUsage, Resources, TargetError
from rehearsal.live.facts import Container

_SCRIPT = r"""
part() { printf '\036SIGN %s\036' "$*"; }
part cpu; head -n 1 /proc/stat; sleep INTERVAL; head -n 1 /proc/stat
part memory; cat /proc/meminfo
disk() {
    part "disk $1"
    df -P -k -- "$2" 2>/dev/null && df -P -i -- "$2" 2>/dev/null && return
    [ -z "$3" ] || { df=$(docker exec "$3" df -P -k "$4") && printf '%s\n' "$df" && docker exec "$3" df -P -i "$4"; }
}
"""
_COLUMNS = 6


def usage_script(sign: str, interval: float, found: Iterable[Container]) -> str:
    """Return the script that measures over `interval` seconds, the disks of the stack's volumes included.

    Where the folder of a volume is closed to this user, the container that has it is asked.
    """
    lines = ["disk / / '' ''", "disk directory . '' ''"]
    for container in found:
        for number, (source, inside) in enumerate(container.volumes):
            words = (
                f"{container.service or container.name} {number} {inside}",
                source,
                container.id if container.running else "",
                inside,
            )
            lines.append("disk " + " ".join(map(shlex.quote, words)))
    return _SCRIPT.replace("SIGN", sign).replace("INTERVAL", f"{interval:g}") + "\n".join(lines) + "\ntrue\n"


def resources(parts: Mapping[str, str], host: str) -> Resources:
    """Return what the script told. Raises TargetError for a figure that is missing."""
    try:
        disks: dict[str, DiskUsage] = {}
        for name, text in parts.items():
            if name.startswith("disk "):
                disk = _disk(name.removeprefix("disk "), text)
                disks.setdefault(disk.mount, disk)
        return Resources(_cpu(parts["cpu"]), _memory(parts["memory"]), tuple(disks.values()), services=())
    except (KeyError, ValueError, IndexError, ZeroDivisionError) as error:
        msg = f"expected {host} to tell its use of CPU, memory and disk, got: {error or type(error).__name__}"
        raise TargetError(msg) from None


def _cpu(text: str) -> float:
    first, second = ([int(word) for word in line.split()[1:9]] for line in text.splitlines())
    spent = [after - before for before, after in zip(first, second, strict=True)]
    return 100 * (1 - (spent[3] + spent[4]) / sum(spent))


def _memory(text: str) -> float:
    about = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in text.splitlines())}
    return 100 * (1 - about["MemAvailable"] / about["MemTotal"])


def _disk(name: str, text: str) -> DiskUsage:
    rows = [line.split(maxsplit=_COLUMNS - 1) for line in text.splitlines() if not line.startswith("Filesystem")]
    if len(rows) != 2 or any(len(row) != _COLUMNS for row in rows):  # noqa: PLR2004 - bytes and inodes
        msg = f"no figures for the disk of {name}, which this user may not see"
        raise ValueError(msg)
    (_, size, used, free, _, mount), (_, _, inodes, inodes_free, _, _) = rows
    return DiskUsage(mount, _percent(used, free), _percent(inodes, inodes_free), int(size) << 10)


def _percent(used: str, free: str) -> float:
    # Some file systems make inodes as they are needed, and say 0 or a dash.
    whole = _number(used) + _number(free)
    return 100 * _number(used) / whole if whole else 0.0


def _number(word: str) -> int:
    return 0 if word == "-" else int(word)
