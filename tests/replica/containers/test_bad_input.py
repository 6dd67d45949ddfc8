"""A replica of containers that can't be made says why, in one sentence with the last log lines, and leaves nothing."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker  # type: ignore[import-untyped]  # ships no types
import pytest

from rehearsal.replica import choice
from rehearsal.replica.containers import engine, launch, stack
from rehearsal.replica.containers.life import Life
from rehearsal.replica.protocol import ReplicaError
from tests.replica import test_bad_input as bad
from tests.replica.conftest import TINY, contain_or_skip, in_containers
from tests.replica.containers.test_end import left


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a copy of the tiny gateway directory, to break."""
    return Path(shutil.copytree(TINY, tmp_path / "gateway"))


@pytest.fixture
def nothing_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """See to it that a replica which was begun leaves nothing of its own."""
    begun: list[Life] = []

    class Watched(Life):
        def __init__(self, client: docker.DockerClient, project: str, folder: Path) -> None:
            super().__init__(client, project, folder)
            begun.append(self)

    monkeypatch.setattr(launch, "Life", Watched)
    yield
    if not begun:  # skipped: there is no engine
        return
    client = docker.from_env()
    assert [left(client, one.project, str(one.folder)) for one in begun] == [[]]
    client.close()


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (bad.break_nginx, ["expected nginx of replica of tiny", 'unknown directive "listn"']),
        (bad.break_redis, ["expected redis of replica of tiny", "no-such-setting"]),
        (bad.break_migration, ["bring the schema", 'relation "nowhere" does not exist', "0003_bad.sql"]),
        (bad.break_api, ["expected api of replica of tiny", "no such setting: COLOUR"]),
        (bad.break_worker, ["expected worker of replica of tiny", "(it said nothing)"]),
        (bad.break_readiness, ["expected api of replica of tiny", "not ready in time", "answered 503"]),
    ],
)
@pytest.mark.usefixtures("nothing_left")
def test_broken_gateway_is_one_sentence(directory: Path, breaks: Callable[[Path], None], words: list[str]) -> None:
    """A service that never gets healthy is named with its own last words, and nothing is left running."""
    breaks(directory)
    with pytest.raises(ReplicaError) as caught:
        contain_or_skip(in_containers(directory, ready_timeout_seconds=60 if "in time" not in str(words) else 20))
    text = str(caught.value)
    assert [word for word in words if word not in text] == [], text
    assert "\n" not in text


@pytest.mark.usefixtures("nothing_left")
def test_invalid_compose_file_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compose file that Compose does not take is told in Compose's own words."""
    file = tmp_path / "docker-compose.test.yml"
    file.write_text(stack.COMPOSE_FILE.read_text().replace("  redis:\n    <<: *own\n", "  redis:\n    colour: blue\n"))
    monkeypatch.setattr(stack, "COMPOSE_FILE", file)
    with pytest.raises(ReplicaError, match=r"expected `docker compose .*` to succeed, it said: .*colour") as caught:
        contain_or_skip(in_containers())
    assert "\n" not in str(caught.value)


def test_missing_image_is_named() -> None:
    """An image that is neither here nor can be pulled is named, with what makes it."""
    contain_or_skip(in_containers()).close()
    gateway = in_containers(images={"postgres": "postgres:17", "redis": "rehearsal/nothing:1"})
    with pytest.raises(ReplicaError, match=r"expected the image rehearsal/nothing:1 .* make ours with ./run images"):
        launch.start(gateway)


ENGINES = {
    "unix:///nowhere/docker.sock": "there is no socket",
    "tcp://127.0.0.1:1": "nothing listens there",
    "nonsense": "nonsense",
}


@pytest.mark.parametrize("place", ENGINES)
def test_no_engine_is_one_sentence(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no engine answers, its place and what to do instead are named: why `auto` takes processes."""
    monkeypatch.setenv("DOCKER_HOST", place)
    with pytest.raises(ReplicaError, match=r"--replica=processes$") as caught:
        engine.connect()
    assert f"expected a container engine at {place}, " in str(caught.value)
    assert ENGINES[place] in str(caught.value)
    monkeypatch.setattr(choice, "_reasons", {})
    assert choice.why_processes(in_containers()) == str(caught.value)


def test_engine_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that takes the connection and says nothing is given up in time."""
    monkeypatch.setattr(engine, "_ANSWER_SECONDS", 1)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/s")
        began = time.monotonic()
        with pytest.raises(ReplicaError, match="no answer within"):
            engine.connect()
    assert time.monotonic() - began < 20


def test_engine_without_permission_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who may not use the engine is told to join its group."""
    words = "Error while fetching server API version: ('Connection aborted.', PermissionError(13, 'Permission denied'))"

    def refuse(**_: object) -> None:
        raise docker.errors.DockerException(words)

    monkeypatch.setattr(docker, "from_env", refuse)
    with pytest.raises(ReplicaError, match="was refused; join its group"):
        engine.connect()
