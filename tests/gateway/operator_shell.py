"""An operator's shell in a copy of the gateway directory, with a `docker-compose` that knows PostgreSQL and Redis."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.gateway.servers import GATEWAY, PASSWORD, PG_BIN, Postgres, Valkey, until

REDIS_CLI = f'#!/bin/sh\nexec "{sys.executable}" -IS "{Path(__file__).parent}/redis_cli.py" "$@"\n'
_COMPOSE = """#!/bin/bash
echo "$*" >>{here}/compose.log
case "$*" in
"exec -T postgres psql "*) shift 4; exec env PGHOST=127.0.0.1 PGPORT={pg_port} PGPASSWORD={password} psql "$@" ;;
"stop redis")
    if [ -s {here}/redis.pid ]; then
        kill "$(cat {here}/redis.pid)"
        while kill -0 "$(cat {here}/redis.pid)" 2>/dev/null; do sleep 0.05; done
        : >{here}/redis.pid
    fi ;;
"start redis") setsid {valkey} >>{here}/redis.log 2>&1 </dev/null & echo $! >{here}/redis.pid ;;
*) echo "no such thing here: $*" >&2; exit 64 ;;
esac
"""


@dataclass
class Ran:
    """How a script ended."""

    status: int
    output: str
    """Standard output and error together."""


@dataclass
class Shell:
    """A gateway directory and a PATH."""

    folder: Path
    postgres: Postgres
    valkey: Valkey
    database: str
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Lay out the directory and the programs."""
        (self.folder / "bin").mkdir(parents=True)
        shutil.copytree(GATEWAY / "scripts", self.root / "scripts")
        shutil.copy(GATEWAY / "RUNBOOK.md", self.root)
        self.program("redis-cli", REDIS_CLI)
        self.program(
            "docker-compose",
            _COMPOSE.format(
                here=self.folder,
                pg_port=self.postgres.port,
                password=repr(PASSWORD),
                valkey=" ".join(self.valkey.arguments),
            ),
        )
        self.environment = {
            "PATH": f"{self.folder}/bin:{PG_BIN}:{os.defpath}",
            "HOME": str(self.folder),
            "DB_HOST": "127.0.0.1",
            "DB_PORT": str(self.postgres.port),
            "DB_NAME": self.database,
            "DB_PASSWORD": PASSWORD,
            "REDIS_HOST": "127.0.0.1",
            "REDIS_PORT": str(self.valkey.port),
            "REDIS_DATA_DIR": str(self.valkey.data),
            "START_TIMEOUT_SECONDS": "3",
        }

    @property
    def root(self) -> Path:
        """The gateway directory."""
        return self.folder / "gateway"

    def program(self, name: str, text: str) -> None:
        """Put a program on the PATH, before all others."""
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def start(self, script: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
        """Start a script in a session of its own, so that all of it can be killed."""
        return subprocess.Popen(
            [f"./scripts/{script}", *map(str, arguments)],
            cwd=self.root,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, script: str, *arguments: object, **environment: str) -> Ran:
        """Run a script to its end."""
        process = self.start(script, *arguments, **environment)
        output, _ = process.communicate(timeout=60)
        return Ran(process.returncode, output)

    def files(self, folder: str) -> list[str]:
        """Return the names in a folder of the gateway directory, locks left out."""
        path = self.root / folder
        return sorted(one.name for one in path.iterdir() if not one.name.endswith(".lock")) if path.exists() else []

    def start_redis(self) -> None:
        """Start the shell's Redis as its docker-compose does."""
        subprocess.run([self.folder / "bin" / "docker-compose", "start", "redis"], check=True, timeout=10)
        until("Valkey", lambda: self.valkey.client().ping())

    def end_redis(self) -> None:
        """Kill what its docker-compose has started."""
        pid = self.folder / "redis.pid"
        if pid.exists() and pid.read_text().strip():
            try:
                os.kill(int(pid.read_text()), signal.SIGKILL)
            except ProcessLookupError:
                pid.unlink()
