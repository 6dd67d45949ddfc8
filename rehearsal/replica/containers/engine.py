"""The container engine of this machine: whether it answers, and which images it has."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

import docker  # type: ignore[import-untyped]  # ships no types
import requests
from docker.errors import DockerException, ImageNotFound  # type: ignore[import-untyped]  # ships no types

from rehearsal.gateway.description import Gateway
from rehearsal.replica.protocol import ReplicaError

OPERATOR = "rehearsal/operator:latest"
_OWN = "rehearsal/"
_SECONDS = 60
_PULL_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Images:
    """The image of each service, as this machine has it."""

    postgres: str
    redis: str
    nginx: str
    api: str
    worker: str
    operator: str = OPERATOR


def connect() -> docker.DockerClient:
    """Return a client of the engine. Raises ReplicaError that says why there is none."""
    if shutil.which("docker") is None:
        msg = "expected docker on PATH for a replica of containers, found none; install it, or use --replica=processes"
        raise ReplicaError(msg)
    try:
        client = docker.from_env(timeout=_SECONDS)
        client.ping()
    except (DockerException, requests.RequestException, OSError) as error:
        reason = " ".join(str(error).split())
        if "Permission denied" in reason:
            msg = "expected to be allowed to use the engine, was refused; join its group, or use --replica=processes"
        else:
            msg = f"expected an engine that answers, got: {reason[:200]}; start it, or use --replica=processes"
        raise ReplicaError(msg) from None
    _demand_compose()
    return client


def choose(client: docker.DockerClient, gateway: Gateway, *, pull: bool) -> Images:
    """Return the images of a replica: those that gateway.toml names, or our own of the same name.

    Raises ReplicaError for one that is missing and can't be pulled, or need not be tried (`pull`).
    """
    named = gateway.replica.images
    wanted = named.model_dump() | {"postgres": named.postgres or f"postgres:{gateway.postgres.version}"}
    found = {service: _find(client, image, pull=pull) for service, image in wanted.items()}
    return Images(**found, operator=_find(client, OPERATOR, pull=pull))


def _find(client: docker.DockerClient, image: str, *, pull: bool) -> str:
    for name in (image, f"{_OWN}{image}"):
        if _present(client, name):
            return name
    if pull and not image.startswith(_OWN):
        done = subprocess.run(
            ["docker", "pull", "--quiet", image], capture_output=True, text=True, timeout=_PULL_SECONDS, check=False
        )
        if done.returncode == 0:
            return image
    msg = (
        f"expected the image {image} or {_OWN}{image.removeprefix(_OWN)}, found neither;"
        " name another in [replica.images] of gateway.toml, or make ours with ./run images"
    )
    raise ReplicaError(msg)


def _present(client: docker.DockerClient, name: str) -> bool:
    try:
        client.images.get(name)
    except ImageNotFound:
        return False
    return True


def _demand_compose() -> None:
    done = subprocess.run(
        ["docker", "compose", "version", "--short"], capture_output=True, text=True, timeout=_SECONDS, check=False
    )
    if done.returncode:
        msg = (
            "expected Docker Compose v2 (`docker compose`), found none; install its plugin, or use --replica=processes"
        )
        raise ReplicaError(msg)
