"""A runbook that begins with `cd /opt/email-gateway` finds the gateway there, in each kind of replica."""

from __future__ import annotations

import pytest

from rehearsal.gateway.live_part import LivePart
from rehearsal.replica.processes.replica import ProcessReplica
from rehearsal.replica.protocol import Replica
from tests.replica.conftest import KINDS, contain_or_skip, in_containers, open_or_skip, tiny

PLACE = "/opt/email-gateway"
ASKS_NAMES = """
import socket, struct
asked = struct.pack("!HHHHHH", 7, 256, 1, 0, 0, 0) + b"\\3api\\0" + struct.pack("!HH", 1, 1)
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(5)
client.sendto(asked, ("127.0.0.11", 53))
print(socket.inet_ntoa(client.recv(512)[-4:]))
"""


def placed(kind: str) -> Replica:
    """Start a replica of a gateway that lies in /opt on its host."""
    live = {"live": LivePart(directory=PLACE)}
    if kind == "containers":
        return contain_or_skip(in_containers().model_copy(update=live))
    return open_or_skip(tiny().model_copy(update=live), "namespaces" if kind == "namespaces" else "plain")


@pytest.mark.parametrize("kind", KINDS)
def test_gateway_is_where_the_host_has_it(kind: str) -> None:
    """What is written there is the replica's own, and nothing of the machine."""
    with placed(kind) as replica:
        run = replica.run_script(f"cd {PLACE} && test -d app && echo new > planted && cat {PLACE}/planted", timeout=30)
        assert run.stdout == "new\n", run.stderr
        assert replica.run_script("cat planted", timeout=30).stdout == "new\n"


@pytest.mark.parametrize(
    ("directory", "own"),
    [
        ("/opt/email-gateway/", PLACE),
        ("/home/deploy/gw", "/home/deploy/gw"),
        (".", ""),
        ("gateway", ""),
        ("/", ""),
        ("/opt", ""),
        ("/etc/gateway", ""),
        ("/usr/share/gateway", ""),
        ("/opt/../etc", ""),
    ],
)
def test_place_of_the_system_is_not_taken(directory: str, own: str) -> None:
    """Only a folder of the gateway's own is made in a replica; where the system has its own, it stays elsewhere."""
    assert LivePart(directory=directory).own_place == own


def test_names_are_asked_where_containers_ask(sandboxed: ProcessReplica) -> None:
    """Inside, 127.0.0.11 knows the services, as Docker's name server does."""
    run = sandboxed.run_script('python3 -I -c "$ASKS"', timeout=30, environment={"ASKS": ASKS_NAMES})
    assert run.stdout == "127.0.0.1\n", run.stderr
