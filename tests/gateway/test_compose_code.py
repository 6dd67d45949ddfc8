"""New code that comes into an image, or does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.gateway.compose_code import why_code_stays_old
from rehearsal.gateway.description import Gateway

BUILT = "services:\n  api:\n    build: {context: ./services}\n  db: {image: postgres}\n"


def _why(folder: Path, compose: str, *texts: str) -> str:
    (folder / "services" / "app").mkdir(parents=True)
    (folder / "services" / "app" / "api.py").touch()
    (folder / "compose.yaml").write_text(compose)
    return why_code_stays_old(Gateway.model_validate({"directory": folder, "name": "team"}), texts)


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["git pull", "docker-compose build api", "docker-compose restart"], "goes on with the old one's container"),
        (["git pull", "docker compose restart api worker"], "goes on with the old one's container"),
        (["git pull", "docker-compose up -d api worker"], "nothing builds it anew"),
        (["git pull && docker-compose build", "docker-compose up -d"], ""),
        (["git pull", "docker compose -f compose.yaml \\\n  up -d --build"], ""),
        (["git pull", "docker build -t team/api . && docker-compose up -d"], ""),
        (["./deploy.sh", "docker-compose up -d --build", "docker-compose restart nginx"], ""),
        (["./deploy.sh"], ""),
    ],
)
def test_commands_that_leave_the_old_image(texts: list[str], words: str, tmp_path: Path) -> None:
    """A restart makes no container, and `up` no image."""
    why = _why(tmp_path, BUILT, *texts)
    assert (words in why, bool(why)) == (True, bool(words))


@pytest.mark.parametrize(
    "compose",
    [
        BUILT.replace("./services}", "./services}\n    volumes: ['.:/srv']"),
        BUILT.replace("./services}", "./services}\n    volumes: ['./services:/srv']"),
        BUILT.replace("./services}", "./services}\n    volumes: ['./services/app:/srv/app:ro']"),
        "services:\n  api: {image: team/api}\n",
        "services:\n  db: {image: postgres}\n",
    ],
)
def test_who_sees_the_code_or_has_no_image_of_it(compose: str, tmp_path: Path) -> None:
    """A container that is shown the folder runs what lies in it, after a restart too."""
    assert not _why(tmp_path, compose, "git pull", "docker-compose restart")
