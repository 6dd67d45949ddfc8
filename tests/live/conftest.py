"""A live host for these tests: an sshd of their own, before a docker that answers from a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.gateway.description import Gateway
from tests.live.sshd import Sshd, sshd

MakeGateway = Callable[..., Gateway]


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """An sshd on whose PATH a docker of our own stands first."""
    programs = tmp_path_factory.mktemp("programs")
    (programs / "docker").write_text((Path(__file__).parent / "docker.sh").read_text())
    (programs / "docker").chmod(0o755)
    with sshd(programs) as running:
        yield running


@pytest.fixture
def gateway(tmp_path: Path, host: Sshd) -> MakeGateway:
    """Make a description of a gateway behind that sshd."""

    def make(*, config: Path | None = None, live: dict[str, Any] | None = None, **parts: Any) -> Gateway:  # noqa: ANN401 - tables of gateway.toml
        settings = {"directory": str(tmp_path), "ssh_config": config or host.config, **(live or {})}
        return Gateway.model_validate({"directory": tmp_path, "name": "g", "live": settings, **parts})

    return make
