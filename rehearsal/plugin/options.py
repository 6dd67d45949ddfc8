"""The options that Rehearsal adds to pytest, and the run that they describe."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.load import GatewayError, load_gateway, named_secrets
from rehearsal.plugin.hosts import reached_as_asked, specs_of
from rehearsal.plugin.state import RunState
from rehearsal.results.model import Waiver
from rehearsal.results.redaction import Redactor, SecretTooShortError
from rehearsal.results.store import StoreError, new_run_directory
from rehearsal.runbook import RunbookError, read_runbook


def add_options(parser: pytest.Parser) -> None:
    """Add `--gateway`, `--runbook`, `--replica`, `--report-dir`, `--language`, `--fail-on`."""
    group = parser.getgroup("rehearsal")
    group.addoption("--gateway", metavar="DIR", help="the gateway directory (default: gateway)")
    group.addoption("--runbook", metavar="FILE", help="another runbook for that gateway")
    group.addoption(
        "--replica", choices=("auto", "containers", "processes"), help="the kind of replica (default: gateway.toml's)"
    )
    group.addoption("--report-dir", metavar="DIR", help="where reports land (default: reports)")
    group.addoption("--language", choices=("pt", "en"), help="the language of the report (default: gateway.toml's)")
    group.addoption(
        "--fail-on", choices=("critical", "warning"), default="critical", help="the least outcome that fails the run"
    )


def prepare(config: pytest.Config) -> RunState:
    """Read what the options name, and make the folder of the report.

    Raises pytest.UsageError, in one sentence, for what a user can mend.
    """
    try:
        gateway = reached_as_asked(config, load_gateway(_path(config, "gateway", config.rootpath / "gateway")))
        gateway = _of_kind(gateway, config.getoption("replica"))
        runbook = read_runbook(_path(config, "runbook", gateway.directory / gateway.runbook))
        specs = specs_of(config, gateway)
        secrets = named_secrets(gateway)
        Redactor(secrets)
        directory = None if hasattr(config, "workerinput") else _run_directory(config, gateway, specs)
    except (GatewayError, RunbookError, StoreError, SecretTooShortError) as error:
        raise pytest.UsageError(str(error)) from None
    state = RunState(
        gateway=gateway,
        runbook=runbook,
        directory=directory,
        language=config.getoption("language") or gateway.language,
        secrets=set(secrets),
        specs=specs,
        waivers=tuple(Waiver(one.check, one.reason, one.approver, one.expires) for one in gateway.waivers),
    )
    for spec in specs:
        state.target(spec)
    return state


def _of_kind(gateway: Gateway, kind: str | None) -> Gateway:
    """Return the gateway with the kind of replica that the command line asks for."""
    if kind is None:
        return gateway
    return gateway.model_copy(update={"replica": gateway.replica.model_copy(update={"kind": kind})})


def _path(config: pytest.Config, option: str, default: Path) -> Path:
    value = config.getoption(option)
    return Path(config.invocation_params.dir, value).absolute() if value else default


def report_root(config: pytest.Config) -> Path:
    """Return the folder that reports are written to, each in a folder of its own."""
    return _path(config, "report_dir", config.rootpath / "reports")


def _run_directory(config: pytest.Config, gateway: Gateway, specs: tuple[str, ...]) -> Path | None:
    if config.option.collectonly:
        return None
    place = specs[0] if len(specs) == 1 else f"{len(specs)}-hosts"
    return new_run_directory(report_root(config), datetime.now(UTC), f"{gateway.name}-{place}")
