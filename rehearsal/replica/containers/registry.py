"""A registry on loopback for one drill: a replica's images come from it, and so do newer ones of the same names."""

from __future__ import annotations

import io
import json
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import docker  # type: ignore[import-untyped]  # ships no types
import httpx
import requests
from docker.errors import DockerException  # type: ignore[import-untyped]  # ships no types
from docker.models.images import Image  # type: ignore[import-untyped]  # ships no types

from rehearsal.gateway.description import SERVICES, Gateway, ImagesPart
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.gateway.wait import wait_until
from rehearsal.replica.containers import engine
from rehearsal.replica.containers.life import Life
from rehearsal.replica.containers.replica import ContainerReplica
from rehearsal.replica.protocol import Replica, ReplicaError

PROGRAM = "docker-registry"
"""Debian's package of that name."""
Age = Literal["former", "newer"]
_SECONDS = 30


class ImageRegistry:
    """The images of one gateway, each of which has a newer one. All of them are gone when the drill is over."""

    def __init__(self, client: docker.DockerClient, gateway: Gateway, place: str) -> None:
        self._client = client
        chosen = engine.choose(client, gateway, pull=True)
        self._names: dict[str, str] = {service: f"{place}/{service}:1" for service in SERVICES}
        self._former: dict[str, Image] = {one: client.images.get(getattr(chosen, one)) for one in SERVICES}
        self._newer: dict[str, Image] = {one: self._made_newer(one, f"{place}/newer-{one}") for one in SERVICES}
        for service, name in self._names.items():
            self._former[service].tag(name)
        given = {"images": ImagesPart(**self._names), "kind": "containers"}
        self.gateway = gateway.model_copy(update={"replica": gateway.replica.model_copy(update=given)})
        """The gateway whose images are named here."""

    def offer(self, age: Age) -> None:
        """Have the registry give images of that age for all names; this machine keeps what it has until it pulls.

        Raises ReplicaError.
        """
        for service, name in self._names.items():
            here = self._client.images.get(name)
            self._of(age)[service].tag(name)
            try:
                self._push(name)
            finally:
                here.tag(name)

    def pulled(self, age: Age) -> tuple[str, ...]:
        """Return the services of whose images this machine has those of that age."""
        return tuple(
            service
            for service, name in self._names.items()
            if self._client.images.get(name).id == self._of(age)[service].id
        )

    def running(self, replica: Replica, age: Age) -> tuple[str, ...]:
        """Return the services whose containers are made from images of that age."""
        assert isinstance(replica, ContainerReplica)
        found = replica.life.containers()
        return tuple(
            service
            for service in SERVICES
            if service in found and found[service].attrs["Image"] == self._of(age)[service].id
        )

    def _of(self, age: Age) -> dict[str, Image]:
        return self._newer if age == "newer" else self._former

    def _made_newer(self, service: str, name: str) -> Image:
        text = f"FROM {self._former[service].id}\nLABEL rehearsal.newer={secrets.token_hex(4)}\n"
        return self._client.images.build(fileobj=io.BytesIO(text.encode()), rm=True, forcerm=True, tag=name)[0]

    def _push(self, name: str) -> None:
        for line in self._client.images.push(name, stream=True, decode=True):
            if "error" in line:
                msg = f"expected a registry on loopback to take {name}, got: {line['error']}"
                raise ReplicaError(msg)


@contextmanager
def image_registry(gateway: Gateway) -> Iterator[ImageRegistry]:
    """Run a registry of this gateway's images. Raises NotOnThisTargetError without its program, ReplicaError."""
    program = shutil.which(PROGRAM)
    if program is None:
        msg = f"this machine has no {PROGRAM}, from which a pull could be rehearsed"
        raise NotOnThisTargetError(msg)
    client = engine.connect()
    folder = Path(tempfile.mkdtemp(prefix="rehearsal-registry-"))
    name = f"registry-{secrets.token_hex(4)}"
    life = Life(client, name, folder)
    try:
        with _serving(program, folder) as port:
            yield ImageRegistry(client, gateway, f"127.0.0.1:{port}/{name}")
    except (DockerException, requests.RequestException) as error:
        msg = f"expected the engine to make newer images of {gateway.name}, got: {' '.join(str(error).split())}"
        raise ReplicaError(msg) from None
    finally:
        life.end()


@contextmanager
def _serving(program: str, folder: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    config = {
        "version": "0.1",
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "images")}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    # JSON is YAML.
    (folder / "config.yml").write_text(json.dumps(config))
    # The kernel ends it with this run, however that ends.
    command = ["setpriv", "--pdeathsig", "KILL", "--", program, "serve", str(folder / "config.yml")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        wait_until(
            lambda: _answers(process, port, folder / "log"),
            what=f"{PROGRAM} to answer",
            timeout=_SECONDS,
            forgive=(httpx.HTTPError,),
        )
        yield port
    finally:
        process.kill()
        process.wait()


def _answers(process: subprocess.Popen[bytes], port: int, log: Path) -> bool:
    if process.poll() is not None:
        said = " / ".join(log.read_text(errors="replace").splitlines()[:2])
        msg = f"expected {PROGRAM} to serve on loopback, it ended: {said}"
        raise ReplicaError(msg)
    return httpx.get(f"http://127.0.0.1:{port}/v2/", trust_env=False).is_success
