"""Programs about the whole machine, in a replica that shares it (plain processes): they are not run."""

from __future__ import annotations

import os
import sys

from rehearsal.replica.processes.standins import client

NAMES = (
    *("apt", "apt-get", "certbot", "crontab", "dnf", "iptables", "killall", "losetup", "mount", "nft", "pkill"),
    *(
        "poweroff",
        "reboot",
        "service",
        "shutdown",
        "ssh",
        "su",
        "sudo",
        "swapoff",
        "sysctl",
        "systemctl",
        "ufw",
        "umount",
    ),
    *("useradd", "userdel", "yum"),
    # These speak of the machine, which is not what is rehearsed.
    *("df", "free", "uptime", "vmstat"),
)


def main() -> None:
    """Say that the program is not run, and have it remembered."""
    client.run(_refuse, sys.argv)


def _refuse(arguments: list[str]) -> int:
    words = " ".join([os.path.basename(arguments[0]), *arguments[1:]])
    client.ask("unsupported", command=words)
    message = f"`{words}` was not run: it is about the machine, which this replica of plain processes shares"
    raise client.RefusedError(message, client.NO_MEANING)
