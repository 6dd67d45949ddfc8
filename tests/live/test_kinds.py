"""Hosts of other kinds: a group of an inventory, and a container."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rehearsal.gateway.target import TargetError
from rehearsal.live import expand, open_live
from tests.live.conftest import MakeGateway
from tests.live.sshd import Sshd

INVENTORY = """#!/bin/sh
# ansible-inventory --list -i <file>: the file is what it would print
[ "$1 $2" = "--list -i" ] && exec cat "$3"
echo "expected --list -i" >&2; exit 1
"""
DOCKER = """#!/bin/sh
# docker exec -i <container> /bin/sh -c <command>, on this machine
[ "$1 $2" = "exec -i" ] || { echo "unexpected: $*" >&2; exit 1; }
[ "$3" = operator ] || { echo "Error: No such container: $3" >&2; exit 1; }
shift 3; exec "$@"
"""


def put_first(folder: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program first on this machine's PATH."""
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")


def test_group_of_an_inventory_is_its_hosts(
    host: Sshd, gateway: MakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ansible://group is one spec for each host, which is reached as the inventory says."""
    put_first(tmp_path, "ansible-inventory", INVENTORY, monkeypatch)
    reached = {"ansible_host": "127.0.0.1", "ansible_port": host.port}
    inventory = tmp_path / "inventory.json"
    inventory.write_text(
        json.dumps(
            {
                "_meta": {"hostvars": {"gw1": reached, "gw2": {}}},
                "all": {"children": ["gateways"]},
                "gateways": {"hosts": ["gw1", "gw2"]},
            }
        )
    )
    specs = expand(["ansible://gateways"], str(inventory))
    assert specs == [f"ansible://{name}?ansible_inventory={inventory}" for name in ("gw1", "gw2")]
    with open_live(specs[0], gateway()) as target:
        assert target.run_script("echo reached", timeout=20).stdout == "reached\n"
        assert target.name == specs[0]
    with pytest.raises(TargetError, match="found none"):
        expand(["ansible://others"], str(inventory))


def test_inventory_that_fails_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An inventory that can't be read is an error that names the group."""
    put_first(tmp_path, "ansible-inventory", "#!/bin/sh\necho broken >&2\nexit 1\n", monkeypatch)
    with pytest.raises(TargetError, match="ansible://gateways") as error:
        expand(["ansible://gateways"], str(tmp_path / "none"))
    assert "\n" not in str(error.value)


def test_container_is_asked_on_its_input(gateway: MakeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docker://container runs a script in the container, its environment unseen; one that is missing is an error."""
    put_first(tmp_path, "docker", DOCKER, monkeypatch)
    script = 'echo "$SECRET"'
    settings = gateway(live={"read_only": [script]})
    with open_live("docker://operator", settings) as target:
        assert target.run_script(script, timeout=20, environment={"SECRET": "s"}).stdout == "s\n"
    with open_live("docker://other", settings) as target, pytest.raises(TargetError, match="No such container: other"):
        target.run_script(script, timeout=20)
