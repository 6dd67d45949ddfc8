"""After a leak: the system shut off from outside, nothing destroyed, and the logs kept as they were."""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
import time
import uuid
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from rehearsal.backups.packing import DAMAGE, packing_of
from rehearsal.drills.attack import follow
from rehearsal.drills.postgres_store import PostgresStore
from rehearsal.drills.redis_store import RedisStore
from rehearsal.drills.stores import Store
from rehearsal.gateway.description import Gateway
from rehearsal.gateway.http import Http
from rehearsal.gateway.patience import starts_service
from rehearsal.gateway.target import CommandRun, NoAnswerError, TargetError
from rehearsal.gateway.wait import DeadlineError, wait_until
from rehearsal.replica.protocol import Replica
from rehearsal.runbook import Command
from rehearsal.snapshot import Difference

_LARGEST = 32 << 20
REQUESTS_SINCE = 1200
"""More than the last thousand lines, which is what people take who take a part."""
_STORES = ("postgres", "redis")
_SUM = re.compile(r"\b([0-9a-f]{64})\b")
_NOT_LOOKED_INTO = ("./redis-data/", "./nginx/", "./.git/")


@dataclass(frozen=True, slots=True)
class Kept:
    """One new file in which the log lines from before the incident were found."""

    path: str
    mode: int
    sha256: str
    secrets: int
    """How many of the replica's secrets stand in it."""
    checked: bool
    """Another new file holds its checksum."""

    @property
    def private(self) -> bool:
        """Tell whether nobody but its owner may read it."""
        return not self.mode & 0o077


@dataclass
class Leak:
    """What was seen of the section's steps."""

    reached_before: tuple[str, ...] = ()
    """The addresses that answered before."""
    isolated_by: CommandRun | None = None
    """The command after which nothing was reached from outside any more."""
    isolation_seconds: float = 0.0
    """From its start until then."""
    opened_by: Command | None = None
    """The first command after that by which something was reached again."""
    reached_after: tuple[str, ...] = ()
    """What was still reached when all commands had been run."""
    kept: tuple[Kept, ...] = ()
    lost: tuple[Difference, ...] = ()
    """What the stores no longer hold."""
    down: tuple[str, ...] = ()
    """Stores that no longer run."""
    runs: list[CommandRun] = field(default_factory=list)


def follow_leak(replica: Replica, gateway: Gateway, commands: Sequence[Command]) -> Leak:
    """Leave a line in nginx's log, run the section's commands in order, and see what came of it.

    Raises TargetError, SnapshotError.
    """
    seen, sentinel = Leak(reached_before=reached(replica, gateway)), f"rehearsal-{uuid.uuid4().hex[:12]}"
    _ask_for(replica, gateway, sentinel)
    _go_on(replica, gateway)
    known = {path: stamp for path, _, stamp in _files(replica)}
    stores: tuple[Store, ...] = (
        PostgresStore(gateway.postgres.changing),
        RedisStore(gateway.queue, gateway.redis.changing),
    )
    before = [store.take(replica) for store in stores]
    for command in commands:
        began = time.monotonic()
        seen.runs += follow(replica, gateway, [command])
        if seen.isolated_by is None:
            if seen.runs and not reached(replica, gateway):
                seen.isolated_by, seen.isolation_seconds = seen.runs[-1], time.monotonic() - began
        elif seen.opened_by is None and _opens(replica, gateway, command):
            seen.opened_by = command
    seen.reached_after = reached(replica, gateway)
    seen.kept = tuple(_kept(replica, sentinel, known))
    states = {state.name: state for state in replica.services()}
    seen.down = tuple(f"{name}: {states[name].detail}" for name in _STORES if not states[name].running)
    if not seen.down:
        found = zip(stores, before, strict=True)
        seen.lost = tuple(one for store, old in found for one in store.compare(old, store.take(replica)))
    return seen


def _opens(replica: Replica, gateway: Gateway, command: Command) -> bool:
    """Tell whether a command had the door opened, at once or when what it starts is up."""
    with suppress(DeadlineError):
        timeout = gateway.replica.ready_timeout_seconds / 3 if starts_service(command.text) else 0
        wait_until(lambda: reached(replica, gateway), what="an open door", timeout=timeout)
        return True
    return False


def reached(replica: Replica, gateway: Gateway) -> tuple[str, ...]:
    """Return the addresses of the gateway at which anything answers from outside."""
    urls = [url for url in (gateway.http.url, gateway.http.https_url) if url]
    found = []
    with Http(replica, gateway.http) as http:
        for url in urls:
            with suppress(NoAnswerError):
                answer = http.get(url + gateway.http.liveness)
                # A door that turns everybody away is as good as a closed one.
                found += [] if answer.status in (403, 444) else [url]
    return tuple(found)


def _ask_for(replica: Replica, gateway: Gateway, name: str) -> None:
    def logged() -> bool:
        with replica.http() as client, suppress(httpx.HTTPError):
            client.get(f"{gateway.http.url}/{name}")
        return name in replica.logs("nginx", 200)

    try:
        wait_until(logged, what="nginx to log a request", timeout=gateway.replica.ready_timeout_seconds)
    except DeadlineError:
        msg = f"expected nginx to log a request for /{name}, found none: whether logs are kept can't be seen"
        raise TargetError(msg) from None


def _go_on(replica: Replica, gateway: Gateway) -> None:
    """Let requests follow, as hours of traffic do between a leak and its discovery: a log's last lines are not it."""
    with replica.http() as client:
        for _ in range(REQUESTS_SINCE):
            with suppress(httpx.HTTPError):
                client.get(f"{gateway.http.url}/rehearsal-later")


def _files(replica: Replica) -> list[tuple[str, int, str]]:
    """Return path, mode, and size with time of the files in the gateway directory."""
    run = replica.run_script("find . -xdev -type f -printf '%m %s.%T@ %p\\n'", timeout=30)
    rows = [line.split(" ", 2) for line in run.stdout.splitlines() if line.count(" ") >= 2]  # noqa: PLR2004
    return [(path, int(mode, 8), stamp) for mode, stamp, path in rows if not path.startswith(_NOT_LOOKED_INTO)]


def _kept(replica: Replica, sentinel: str, known: dict[str, str]) -> Iterator[Kept]:
    new = [(path, mode) for path, mode, stamp in _files(replica) if known.get(path) != stamp]
    contents = {path: replica.read_file(path, _LARGEST) for path, _ in new}
    sums = {found for content in contents.values() if len(content) < 1 << 16 for found in _sums(content)}
    for path, mode in new:
        texts = list(_texts(contents[path]))
        if not any(sentinel.encode() in text for text in texts):
            continue
        digest = hashlib.sha256(contents[path]).hexdigest()
        inner = {hashlib.sha256(text).hexdigest() for text in texts if sentinel.encode() in text}
        inside = {found for text in texts if len(text) < 1 << 16 for found in _sums(text)}
        secrets = sum(any(secret.encode() in text for text in texts) for secret in replica.secrets)
        yield Kept(path, mode, digest, secrets, checked=bool(({digest} | inner) & (sums | inside)))


def _sums(content: bytes) -> list[str]:
    return _SUM.findall(content.decode(errors="replace"))


def _texts(content: bytes) -> Iterator[bytes]:
    """Yield a file's content, or that of each file packed in it."""
    with suppress(*DAMAGE, zipfile.BadZipFile, tarfile.TarError):
        if packing := packing_of(content):
            content = packing.open(io.BytesIO(content)).read(_LARGEST)
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                yield from (packed.read(name) for name in packed.namelist())
            return
        with tarfile.open(fileobj=io.BytesIO(content)) as packed:
            for member in packed:
                file = packed.extractfile(member)
                if file is not None:
                    yield file.read(_LARGEST)
            return
    yield content
