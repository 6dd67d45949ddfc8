"""Which hosts a run looks at, and which of them a check is about."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.load import GatewayError
from rehearsal.gateway.target import RefusedError, TargetError

REPLICA: Final = "replica"
"""What `--hosts` and target.default call the replica that a run makes."""
SPEC_FIXTURE: Final = "target_spec"
"""The fixture that names the target; whatever depends on a target depends on it, and is repeated for each host."""
_TARGET_FIXTURE: Final = "target"
_REPLICA_FIXTURE: Final = "replica"
_NOT_KEPT: Final = {
    "--nagios": "it says OK where nothing ran; take the exit status, or junit.xml",
    "--sudo": "reading is all that they do; give the user who logs in the right to read",
    "--sudo-user": "reading is all that they do; log in as a user who may read",
    "--ssh-extra-args": "write them into a file for --ssh-config",
    "--force-ansible": "hosts of an inventory are reached by ssh, docker or locally, as it says",
}
"""Options of testinfra that would be passed over in silence otherwise."""
_PASSWORD: Final = re.compile(r"://[^/@]*:[^/@]*@")


def specs_of(config: pytest.Config, gateway: Gateway) -> tuple[str, ...]:
    """Return what `--hosts` names, each once, else the default of gateway.toml; groups of an inventory as their hosts.

    Raises GatewayError, in one sentence, for what names no host and for options of testinfra that checks don't keep.
    """
    for option, why in _NOT_KEPT.items():
        if config.getoption(option.lstrip("-").replace("-", "_"), None):
            msg = f"{option} can't be used with checks: {why}"
            raise GatewayError(msg)
    given = config.getoption("hosts", None)
    named = [gateway.target.default] if given is None else given.split(",")
    specs = [_spec(name.strip(), config.getoption("connection", None)) for name in named]
    return tuple(dict.fromkeys(one for spec in specs for one in _expanded(spec, config)))


def _expanded(spec: str, config: pytest.Config) -> list[str]:
    if spec == REPLICA:
        return [spec]
    # Imported here: a run on a replica does without testinfra.
    from rehearsal.live import expand  # noqa: PLC0415

    try:
        return expand([spec], config.getoption("ansible_inventory", None))
    except TargetError as error:
        raise GatewayError(str(error)) from None


def reached_as_asked(config: pytest.Config, gateway: Gateway) -> Gateway:
    """Return the gateway with testinfra's `--ssh-config` and `--ssh-identity-file` before its own."""
    options = {"ssh_config": "ssh_config", "identity_file": "ssh_identity_file"}
    given = {key: config.getoption(option, None) for key, option in options.items()}
    files = {key: Path(config.invocation_params.dir, value).absolute() for key, value in given.items() if value}
    return gateway.model_copy(update={"live": gateway.live.model_copy(update=files)}) if files else gateway


def _spec(name: str, connection: str | None) -> str:
    if not name:
        msg = 'expected hosts such as --hosts=ssh://operator@gw1,ssh://gw2 (or "replica"), found an empty name'
        raise GatewayError(msg)
    if _PASSWORD.search(name):
        msg = "expected a host without a password, as it would stand in the report: use a key, or an agent"
        raise GatewayError(msg)
    return name if "://" in name or name == REPLICA else f"{connection or 'ssh'}://{name}"


def repeat_for_each(metafunc: pytest.Metafunc, specs: tuple[str, ...]) -> None:
    """Make one check of each host, with the host in its node id; with one host ids stay as they are."""
    if len(specs) > 1 and SPEC_FIXTURE in metafunc.fixturenames:
        metafunc.parametrize(SPEC_FIXTURE, specs, ids=specs, indirect=True, scope="session")


def spec_of(item: pytest.Item, specs: tuple[str, ...]) -> str:
    """Return the target that a check is about: a host, `replica`, or empty where it asks for none."""
    names = getattr(item, "fixturenames", ())
    if SPEC_FIXTURE in names:
        callspec = getattr(item, "callspec", None)
        return str(callspec.params.get(SPEC_FIXTURE, specs[0])) if callspec else specs[0]
    return REPLICA if _REPLICA_FIXTURE in names else ""


def scope_of(node_id: str, specs: tuple[str, ...]) -> str:
    """Return what pytest-xdist keeps in one worker: all checks of one host, and each other check by itself."""
    parameters = node_id.partition("[")[2]
    return max((spec for spec in specs if parameters.startswith((f"{spec}-", f"{spec}]"))), key=len, default=node_id)


def refuse_drill_on_live(item: pytest.Item, specs: tuple[str, ...]) -> None:
    """Refuse a drill that asks for a target which this run has not made. Raises RefusedError; nothing was run."""
    spec = spec_of(item, specs)
    if item.get_closest_marker("drill") and _TARGET_FIXTURE in getattr(item, "fixturenames", ()) and spec != REPLICA:
        msg = (
            f"expected a replica of this run for a drill, found the live target {spec}; the drill is refused, and"
            " nothing was run: a drill takes the fixture `replica`"
        )
        raise RefusedError(msg)
