"""What a host tells of its stack and of itself, gathered in few commands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.gateway.description import SERVICES
from rehearsal.gateway.target import ServiceState, TargetError

# Compose of either version marks its containers with these labels, so that neither of the two has to be asked.
_LABEL = "com.docker.compose."
_STACK = r"""
part() { printf '\036SIGN %s\036' "$*"; }
part here; pwd -P
part ps; found=$(docker ps --all --no-trunc --filter label=com.docker.compose.service \
    --format '{{.ID}}\t{{.Label "com.docker.compose.service"}}\t{{.Status}}') || exit 1
printf '%s\n' "$found"
ids=$(cut -f 1 <<<"$found")
part inspect; [ -z "$ids" ] || docker inspect --type container $ids || exit 1
while IFS=$'\t' read -r id service _; do
    case " SERVICES " in *" $service "*) ;; *) continue ;; esac
    part log "$id"; docker logs --tail LINES "$id" 2>&1; part logged "$id" "$?"
done <<<"$found"
"""
# Nothing is written on the host, so that a full disk there does not matter.


def stack_script(sign: str, lines: int) -> str:
    """Return the script that tells the state of the stack and the last `lines` of each log."""
    return _STACK.replace("SIGN", sign).replace("SERVICES", " ".join(SERVICES)).replace("LINES", str(lines))


@dataclass(frozen=True, slots=True)
class Container:
    """One container of the stack."""

    id: str
    service: str
    status: str
    """As `docker ps` says it: `Up 3 seconds (healthy)`."""
    running: bool
    healthy: bool | None
    restarts: int
    volumes: tuple[tuple[str, str], ...]
    """Of each volume and folder that it may write to: the path on the host, and that inside."""


def parts_of(text: str, sign: str) -> dict[str, str]:
    """Return the parts of a script's answer by their names."""
    pieces = text.split(f"\x1e{sign} ")[1:]
    return {name: rest for name, _, rest in (piece.partition("\x1e") for piece in pieces)}


def containers(parts: Mapping[str, str], project: str, host: str) -> tuple[Container, ...]:
    """Return the containers of the gateway's stack. Raises TargetError where it is not clear which stack that is."""
    status = dict(line.split("\t")[::2] for line in parts["ps"].splitlines() if line.count("\t") == 2)  # noqa: PLR2004
    try:
        raw = json.loads(parts["inspect"].strip() or "[]")
        raw = [one for one in raw if _label(one, "oneoff") != "True"]
        chosen = _project(raw, parts["here"].strip(), project, host)
        return tuple(_container(one, status) for one in raw if _label(one, "project") == chosen)
    except (ValueError, KeyError, TypeError) as error:
        msg = (
            f"expected docker on {host} to describe its containers, got something else: {type(error).__name__} {error}"
        )
        raise TargetError(msg) from None


def log_of(service: str, found: Iterable[Container], parts: Mapping[str, str], lines: int) -> str:
    """Return the last log lines of a service, of each of its containers. Raises TargetError where docker has none."""
    text = ""
    of = [one for one in found if one.service == service]
    for one in of:
        if f"logged {one.id} 0" not in parts:
            said = parts.get(f"log {one.id}", "").strip().splitlines()
            msg = f"expected the log of {service} from docker, got: {said[-1] if said else 'nothing'}"
            raise TargetError(msg)
        text += "".join(parts[f"log {one.id}"].splitlines(keepends=True)[-lines:] if lines > 0 else [])
    if not of:
        msg = f"expected a log of {service}, found no container of that service"
        raise TargetError(msg)
    return text


def service_states(found: Iterable[Container]) -> tuple[ServiceState, ...]:
    """Return the state of each service that gateway.toml names: of several containers, the worst."""
    all_of = {name: [one for one in found if one.service == name] for name in SERVICES}
    return tuple(_state(name, all_of[name]) for name in SERVICES)


def _state(name: str, of: list[Container]) -> ServiceState:
    probes = [one.healthy for one in of if one.healthy is not None]
    return ServiceState(
        name=name,
        running=bool(of) and all(one.running for one in of),
        healthy=all(probes) if probes else None,
        restarts=max((one.restarts for one in of), default=0),
        detail=", ".join(one.status for one in of) or "no container of this service",
    )


def _container(raw: dict[str, Any], status: Mapping[str, str]) -> Container:
    state = raw["State"]
    health = state.get("Health", {}).get("Status", "none")
    return Container(
        id=raw["Id"],
        service=_label(raw, "service"),
        status=status.get(raw["Id"], state["Status"]),
        running=state["Status"] == "running",
        healthy=None if health == "none" else health == "healthy",
        restarts=int(raw["RestartCount"]),
        volumes=tuple(
            (mount["Source"], mount["Destination"])
            for mount in raw["Mounts"]
            if mount["RW"] and mount.get("Source") and mount["Type"] in ("volume", "bind")
        ),
    )


def _project(raw: list[dict[str, Any]], here: str, project: str, host: str) -> str:
    names = {_label(one, "project") for one in raw}
    started_here = {_label(one, "project") for one in raw if _label(one, "project.working_dir") == here}
    if project:
        return project
    for candidates in (started_here, names):
        if len(candidates) == 1:
            return candidates.pop()
    if names:
        msg = f"expected one Compose project on {host}, found {', '.join(sorted(names))}; name it: live.project"
        raise TargetError(msg)
    return ""


def _label(raw: dict[str, Any], name: str) -> str:
    return str(raw["Config"]["Labels"].get(_LABEL + name, ""))
