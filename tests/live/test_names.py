"""Hosts that call their services otherwise, or run them without containers."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.gateway.target import ServiceState, TargetError
from rehearsal.live import LiveTarget, open_live
from tests.live.conftest import MakeGateway
from tests.live.sshd import Sshd
from tests.live.test_kinds import put_first

DOCKER = (Path(__file__).parent / "docker.sh").read_text()
SYSTEMCTL = """#!/bin/sh
# systemctl show --property=... UNIT
for unit; do :; done
case $unit in
nginx.service) printf 'LoadState=loaded\\nActiveState=active\\nSubState=running\\nNRestarts=0\\nResult=success\\n' ;;
worker.service) printf 'LoadState=loaded\\nActiveState=failed\\nSubState=failed\\nNRestarts=4\\nResult=exit-code\\n' ;;
hidden.service) echo 'Failed to connect to bus: No such file or directory' >&2; exit 1 ;;
*) printf 'LoadState=not-found\\nActiveState=inactive\\n' ;;
esac
"""
JOURNALCTL = """#!/bin/sh
case $* in
*worker.service*) echo 'Hint: You are currently not seeing messages from other users and the system.' >&2 ;;
*) echo 'first line'; echo 'second line' ;;
esac
"""


def state(target: LiveTarget, name: str) -> ServiceState:
    """Return the state of one service."""
    return next(one for one in target.services() if one.name == name)


def test_names_of_gateway_toml_are_looked_for(host: Sshd, gateway: MakeGateway, tmp_path: Path) -> None:
    """A service of another name is found by live.services, a container without Compose as well, in one command."""
    (tmp_path / "services").write_text("nginx email-api db redis")
    (tmp_path / "alone").write_text("sender")
    names = {"api": "email-api", "postgres": "db", "worker": "sender"}
    with open_live(host.spec, gateway(live={"services": names})) as target:
        assert [(one.name, one.running, one.certain) for one in target.services()] == [
            (name, True, True) for name in ("nginx", "api", "worker", "postgres", "redis")
        ]
        assert "id-sender said 3" in target.logs("worker", 9)
        assert "id-db said 3" in target.logs("postgres", 9)
        assert target.commands == 1
        (tmp_path / "stopped-sender").touch()
    with open_live(host.spec, gateway(live={"services": names})) as target:
        assert not state(target, "worker").running


def test_names_of_the_compose_file_are_looked_for(host: Sshd, gateway: MakeGateway, tmp_path: Path) -> None:
    """What the Compose file calls a service is found; where the host has no such name, it is not certain to be gone."""
    text = "services:\n  db:\n    image: postgres:16\n  email-api:\n    image: team/mailer\n"
    (tmp_path / "docker-compose.yml").write_text(text)
    (tmp_path / "services").write_text("nginx email-api db redis worker")
    with open_live(host.spec, gateway()) as target:
        assert all(one.running and one.certain for one in target.services())
        assert "id-db said 3" in target.logs("postgres", 9)
        assert target.commands == 1
    (tmp_path / "services").write_text("nginx other-api db redis worker")
    with open_live(host.spec, gateway()) as target:
        assert not state(target, "api").running
        assert not state(target, "api").certain


def test_container_that_is_being_replaced(host: Sshd, gateway: MakeGateway, tmp_path: Path) -> None:
    """A container that is gone between the list and the question is no error: the host is asked once more."""
    (tmp_path / "replaced").touch()
    with open_live(host.spec, gateway()) as target:
        assert state(target, "api").running
        assert target.commands == 2
    assert not (tmp_path / "replaced").exists()


def test_other_name_is_no_outage(host: Sshd, gateway: MakeGateway, tmp_path: Path) -> None:
    """A service that may be there under another name is not called down, nor up: it is said how to name it."""
    (tmp_path / "services").write_text("nginx email-api worker postgres redis redis-exporter")
    with open_live(host.spec, gateway()) as target:
        api = state(target, "api")
        assert (api.running, api.certain) == (False, False)
        assert "email-api runs there: if that is it, say so in live.services" in api.detail
        assert all(one.certain and one.running for one in target.services() if one.name != "api")


def test_missing_service_is_an_outage(host: Sshd, gateway: MakeGateway, tmp_path: Path) -> None:
    """Where nothing else could be it, a service without a container is down, whatever stands beside the others."""
    (tmp_path / "services").write_text("nginx api postgres redis redis-exporter")
    with open_live(host.spec, gateway()) as target:
        worker = state(target, "worker")
    assert (worker.running, worker.certain, worker.detail) == (False, True, "no container of this service")


def test_units_of_systemd(gateway: MakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Services that are units tell their state and journal, and Docker is not asked where none is left for it."""
    put_first(tmp_path, "systemctl", SYSTEMCTL, monkeypatch)
    put_first(tmp_path, "journalctl", JOURNALCTL, monkeypatch)
    put_first(tmp_path, "docker", "#!/bin/sh\nexit 9\n", monkeypatch)
    names = {"nginx": "nginx.service", "worker": "worker.service", "api": "", "postgres": "", "redis": ""}
    with open_live("local://", gateway(live={"services": names})) as target:
        assert [(one.name, one.running, one.restarts) for one in target.services()] == [
            ("nginx", True, 0),
            ("worker", False, 4),
        ]
        assert target.logs("nginx", 1) == "second line\n"
        with pytest.raises(TargetError, match=r"journal of worker .* let this user read it"):
            target.logs("worker", 10)
        assert target.resources(0.1).disks
        assert target.commands == 2


@pytest.mark.parametrize(
    ("unit", "words"), [("gone.service", "found none; mend the name"), ("hidden.service", "Failed to connect to bus")]
)
def test_unit_that_can_not_be_seen_is_unknown(
    unit: str, words: str, gateway: MakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit that systemd does not know or does not tell of is an error, never a state."""
    put_first(tmp_path, "systemctl", SYSTEMCTL, monkeypatch)
    put_first(tmp_path, "journalctl", JOURNALCTL, monkeypatch)
    names = {"api": unit, "nginx": "", "worker": "", "postgres": "", "redis": ""}
    with open_live("local://", gateway(live={"services": names})) as target, pytest.raises(TargetError, match=words):
        target.services()


def test_host_without_docker_says_how_to_name_units(
    gateway: MakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no Docker, what to write for services without containers stands in the error."""
    put_first(tmp_path, "docker", "#!/bin/sh\necho 'bash: docker: command not found' >&2\nexit 127\n", monkeypatch)
    with (
        open_live("local://", gateway()) as target,
        pytest.raises(TargetError, match=r'live\.services: api = "api\.service"'),
    ):
        target.services()
