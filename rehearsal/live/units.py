"""Services of a host that are units of systemd."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from rehearsal.gateway.live_part import UNIT
from rehearsal.gateway.target import ServiceState, TargetError

_UNIT = """
part unit NAME; systemctl show --property=LoadState,ActiveState,SubState,NRestarts,Result NAME 2>&1
part log NAME; journalctl --unit=NAME --lines=LINES --output=cat --no-pager 2>&1; part logged NAME "$?"
"""
_PROPERTIES = ("LoadState", "ActiveState")
_UNSEEN = ("insufficient permissions", "not seeing messages from other users", "No journal files were found")


def units_script(lines: int, names: Iterable[str]) -> str:
    """Return what tells the state of each unit among `names`, and the last `lines` of its journal."""
    units = [name for name in names if name.endswith(UNIT)]
    return "".join(_UNIT.replace("NAME", shlex.quote(name)).replace("LINES", str(lines)) for name in units)


def unit_state(service: str, name: str, parts: Mapping[str, str], host: str) -> ServiceState:
    """Return the state of a service that is a unit. Raises TargetError where systemd did not tell it."""
    said = parts.get(f"unit {name}", "").strip()
    about = dict(line.partition("=")[::2] for line in said.splitlines())
    if not all(about.get(one) for one in _PROPERTIES):
        msg = f"expected systemd on {host} to describe {name}, got: {said.splitlines()[-1] if said else 'nothing'}"
        raise TargetError(msg)
    if about["LoadState"] == "not-found":
        msg = f"expected the unit {name} on {host}, which live.services names, found none; mend the name"
        raise TargetError(msg)
    restarts = about.get("NRestarts", "")
    return ServiceState(
        name=service,
        running=about["ActiveState"] in ("active", "reloading"),
        healthy=None,
        restarts=int(restarts) if restarts.isdigit() else 0,
        detail=f"{name}: {about['ActiveState']} ({about.get('SubState', '')}), last result {about.get('Result', '')}",
    )


def unit_log(service: str, name: str, parts: Mapping[str, str], lines: int) -> str:
    """Return the last lines of a unit's journal. Raises TargetError where this user may not see them."""
    text = parts.get(f"log {name}", "")
    unseen = next((line for line in text.splitlines() if any(sign in line for sign in _UNSEEN)), "")
    if unseen or f"logged {name} 0" not in parts:
        said = unseen or (text.strip().splitlines() or ["nothing"])[-1]
        msg = f"expected the journal of {service} ({name}), got: {said.strip()}; let this user read it"
        raise TargetError(msg)
    kept = text.splitlines(keepends=True)[-lines:] if lines > 0 else []
    return "".join(line for line in kept if line.strip() != "-- No entries --")
