"""As much of a target as a procedure needs: a bash on this machine."""

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rehearsal.gateway.target import CommandRun


@dataclass(frozen=True)
class LocalShell:
    """Runs scripts behind some lines of its own."""

    prelude: str = ""

    def run_script(self, script: str, *, timeout: float, environment: Mapping[str, str] | None = None) -> CommandRun:
        """Run a script as a replica does."""
        started = time.monotonic()
        try:
            done = subprocess.run(
                ["bash", "-s"],
                input=self.prelude + script,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
                env=environment,
            )
        except subprocess.TimeoutExpired as late:
            out, err = ((part or b"").decode() for part in (late.stdout, late.stderr))
            return CommandRun(script, None, out, err, time.monotonic() - started)
        return CommandRun(script, done.returncode, done.stdout, done.stderr, time.monotonic() - started)


_STARTING = """
docker-compose() { :; }
./scripts/deploy.sh() { :; }
curl() { echo >> ASKED; [ "$2" != "" ] && [ "$(wc -l < ASKED)" -ge COMES ] || return 22; }
"""
NEVER = 1000


def starting(folder: Path, comes: int) -> LocalShell:
    """Return a shell in which `curl` fails until it is asked for the so-manieth time."""
    return LocalShell(_STARTING.replace("ASKED", str(folder / "asked")).replace("COMES", str(comes)))


def asked(folder: Path) -> int:
    """Tell how often `curl` was called."""
    file = folder / "asked"
    return len(file.read_text().splitlines()) if file.exists() else 0
