"""What ssh says when it fails, and what to do about it."""

from __future__ import annotations

_ADVICE = {
    "Host key verification failed": "its key is unknown or has changed: ask its owner, then add it to known_hosts",
    "Permission denied": "no key was accepted, and a password is never asked for: give this user's key to the host",
    "UNPROTECTED PRIVATE KEY": "let nobody else read the key file: chmod 600",
    "Could not resolve hostname": "mend the name of the host",
    "Connection refused": "no ssh server listens there",
    "timed out": "the host is down or a firewall drops what is sent to it",
    "No route to host": "the host is down or not in this network",
    "Network is unreachable": "the host is not in a network that this machine reaches",
    "Bad owner or permissions": "mend the permissions of ssh's configuration file",
    "Can't open user config file": "mend ssh_config in gateway.toml",
    "not responding": "the host hangs or the network is gone",
}


def why_not(said: str) -> str:
    """Return the line of ssh's words that tells most, with what to do; empty for no words."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    for sign, advice in _ADVICE.items():
        found = next((line for line in reversed(lines) if sign in line), "")
        if found:
            return f"{found.rstrip('.')}; {advice}"
    return lines[-1][-300:] if lines else ""
