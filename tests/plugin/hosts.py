"""Hosts that tests make up: each opening and closing is noted, and what a check asks of them is answered here."""

CONFTEST = """
import contextlib, os, pathlib
import fixtures.places as places
from rehearsal.gateway.target import TargetError

LOG = pathlib.Path(__file__).with_name("log")


def note(text):
    with LOG.open("a") as file:
        file.write(text + "\\n")


class Host:
    is_replica = False

    def __init__(self, spec):
        self.name = spec

    def run_script(self, script, *, timeout, environment=None):
        note(f"run {script}")


@contextlib.contextmanager
def open_place(spec, state, gateway):
    note(f"open {spec} {os.getpid()}")
    if "gone" in spec:
        raise TargetError(f"{spec} can't be reached within 10 s: check its address")
    state.keep_secret(["sentinel-of-a-host"])
    yield Host(spec)
    note(f"close {spec}")


places.open_place = open_place
places.versions_of = lambda target, settings: {"postgres": f"16 of {target.name}"}
pytest_plugins = [
    "rehearsal.plugin", "fixtures.places", "fixtures.gateway", "fixtures.replica", "fixtures.evidence",
    "fixtures.runbook",
]
"""
CHECKS = '''
@pytest.mark.parametrize("service", ["nginx", "redis"])
def test_up(service, target, evidence):
    """Each service is up."""
    with open("log", "a") as file:
        file.write(f"check {target.name} {service}\\n")
    if "bad" in target.name:
        evidence.critical(f"{service} is down on {target.name}")
    evidence.saw(f"{service} is up")

@pytest.mark.section("Discos")
def test_disk(target, evidence):
    """There is room."""
    evidence.saw("room")
'''
