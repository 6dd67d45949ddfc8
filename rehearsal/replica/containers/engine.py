"""The container engine of this machine: whether it answers, and which images it has."""

from __future__ import annotations

import os
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
_ANSWER_SECONDS = 10
_PULL_SECONDS = 300
_REASONS = {
    "No such file or directory": "there is no socket",
    "Connection refused": "nothing listens there",
    "timed out": f"no answer within {_ANSWER_SECONDS} s",
    "Name or service not known": "there is no such host",
}
"""What the SDK says between a lot of its own names, and what that means."""


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
        client = docker.from_env(timeout=_ANSWER_SECONDS)
        client.ping()
        client.api.timeout = _SECONDS
    except (DockerException, requests.RequestException, OSError) as error:
        raise ReplicaError(_why(" ".join(str(error).split()))) from None
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
    if pull and not image.startswith(_OWN) and _succeeds("docker", "pull", "--quiet", image, seconds=_PULL_SECONDS):
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


def _why(said: str) -> str:
    if "Permission denied" in said:
        return "expected to be allowed to use the engine, was refused; join its group, or use --replica=processes"
    place = os.environ.get("DOCKER_HOST", "/var/run/docker.sock")
    reason = next((reason for sign, reason in _REASONS.items() if sign in said), f"got: {said[:200]}")
    return f"expected a container engine at {place}, {reason}; start it, or use --replica=processes"


def _demand_compose() -> None:
    if not _succeeds("docker", "compose", "version", "--short", seconds=_ANSWER_SECONDS):
        msg = (
            "expected Docker Compose v2 (`docker compose`), found none; install its plugin, or use --replica=processes"
        )
        raise ReplicaError(msg)


def _succeeds(*command: str, seconds: float) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=seconds, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False
