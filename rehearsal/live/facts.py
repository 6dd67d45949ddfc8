"""What a host tells of its stack and of itself, gathered in few commands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rehearsal.gateway.description import SERVICES
from rehearsal.gateway.live_part import UNIT, LivePart
from rehearsal.gateway.target import ServiceState, TargetError
from rehearsal.live.units import units_script

# Compose of either version marks its containers with these labels, so that neither of the two has to be asked.
_LABEL = "com.docker.compose."
_HEAD = r"""
part() { printf '\036SIGN %s\036' "$*"; }
part here; pwd -P
part compose; command -v docker-compose
"""
_STACK = r"""
part ps; found=$(docker ps --all --no-trunc --filter label=com.docker.compose.service \
    --format '{{.ID}}\t{{.Label "com.docker.compose.service"}}\t{{.Status}}') || exit 1
for name in NAMED; do
    more=$(docker ps --all --no-trunc --filter "name=^/?$name\$" --format '{{.ID}}\t{{.Names}}\t{{.Status}}') || exit 1
    found="$found"$'\n'"$more"
done
printf '%s\n' "$found"
ids=$(printf '%s\n' "$found" | cut -f 1)
part inspect; [ -z "$ids" ] || docker inspect --type container $ids || exit 1
printf '%s\n' "$found" | while IFS=$'\t' read -r id service _; do
    case " SERVICES " in *" $service "*) ;; *) continue ;; esac
    part log "$id"; docker logs --tail LINES "$id" 2>&1; part logged "$id" "$?"
done
"""
# Nothing is written on the host, so that a full disk there does not matter: a `<<<` would be a file for an older bash.


def stack_script(sign: str, lines: int, names: Mapping[str, str]) -> str:
    """Return the script that tells the state of the stack and the last `lines` of each log.

    `names` are those of live.services.
    """
    all_names = {name: names.get(name, name) for name in SERVICES}
    inside = [name for name in all_names.values() if name and not name.endswith(UNIT)]
    named = [name for name in names.values() if name in inside]
    script = _HEAD + (_STACK if inside else "part ps; part inspect\n") + units_script(lines, all_names.values())
    wanted = {"SIGN": sign, "SERVICES": " ".join(inside), "NAMED": " ".join(named), "LINES": str(lines)}
    for word, value in wanted.items():
        script = script.replace(word, value)
    return script


@dataclass(frozen=True, slots=True)
class Container:
    """One container of the stack."""

    id: str
    name: str
    service: str
    """Of Compose; empty for a container that it has not started."""
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


def containers(parts: Mapping[str, str], live: LivePart, host: str) -> tuple[Container, ...]:
    """Return the containers of the gateway's stack, and those that live.services names.

    Raises TargetError where it is not clear which stack that is.
    """
    status = dict(line.split("\t")[::2] for line in parts["ps"].splitlines() if line.count("\t") == 2)  # noqa: PLR2004
    try:
        raw = json.loads(parts["inspect"].strip() or "[]")
        raw = [one for one in raw if _label(one, "oneoff") != "True"]
        chosen = _project(raw, parts["here"].strip(), live, host)
        named = {f"/{name}" for name in live.names.values()}
        return tuple(
            _container(one, status)
            for one in {one["Id"]: one for one in raw}.values()
            if (chosen and _label(one, "project") == chosen) or one.get("Name") in named
        )
    except (ValueError, KeyError, TypeError) as error:
        msg = (
            f"expected docker on {host} to describe its containers, got something else: {type(error).__name__} {error}"
        )
        raise TargetError(msg) from None


def log_of(
    service: str, found: Iterable[Container], parts: Mapping[str, str], lines: int, names: Mapping[str, str]
) -> str:
    """Return the last log lines of a service, of each of its containers. Raises TargetError where docker has none."""
    text = ""
    of = _of(service, found, names)
    for one in of:
        if f"logged {one.id} 0" not in parts:
            said = parts.get(f"log {one.id}", "").strip().splitlines()
            msg = f"expected the log of {service} from docker, got: {said[-1] if said else 'nothing'}"
            raise TargetError(msg)
        text += "".join(parts[f"log {one.id}"].splitlines(keepends=True)[-lines:] if lines > 0 else [])
    if not of:
        msg = f"expected a log of {service}, found no container of that service{_others(found, names)}"
        raise TargetError(msg)
    return text


def service_state(service: str, found: Iterable[Container], names: Mapping[str, str]) -> ServiceState:
    """Return the state of one service: of several containers, the worst."""
    of = _of(service, found, names)
    probes = [one.healthy for one in of if one.healthy is not None]
    others = "" if of or service in names else _others(found, names)
    return ServiceState(
        name=service,
        running=bool(of) and all(one.running for one in of),
        healthy=all(probes) if probes else None,
        restarts=max((one.restarts for one in of), default=0),
        detail=", ".join(one.status for one in of) or f"no container of this service{others}",
        certain=not others,
    )


def _of(service: str, found: Iterable[Container], names: Mapping[str, str]) -> list[Container]:
    name = names.get(service, service)
    return [one for one in found if name and name in (one.service, one.name)]


def _others(found: Iterable[Container], names: Mapping[str, str]) -> str:
    """Name the services that may be one that was not found: neither known, nor beside one that is, nor done."""
    known = {names.get(name, name) for name in SERVICES}
    there = {one.service for one in found} & known
    others = {
        one.service
        for one in found
        if one.service not in known
        and not one.status.startswith("Exited (0)")
        and not any(name in re.split("[-_.]", one.service) for name in there)
    }
    if not others:
        return ""
    return f"; {', '.join(sorted(others))} runs there: if that is it, say so in live.services of gateway.toml"


def _container(raw: dict[str, Any], status: Mapping[str, str]) -> Container:
    state = raw["State"]
    health = state.get("Health", {}).get("Status", "none")
    return Container(
        id=raw["Id"],
        name=raw.get("Name", "").lstrip("/"),
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


def _project(raw: list[dict[str, Any]], here: str, live: LivePart, host: str) -> str:
    names = {_label(one, "project") for one in raw} - {""}
    started_here = {_label(one, "project") for one in raw if _label(one, "project.working_dir") == here} - {""}
    if live.project:
        return live.project
    for candidates in (started_here, names):
        if len(candidates) == 1:
            return candidates.pop()
    if names:
        msg = f"expected one Compose project on {host}, found {', '.join(sorted(names))}; name it: live.project"
        raise TargetError(msg)
    return ""


def _label(raw: dict[str, Any], name: str) -> str:
    return str((raw["Config"]["Labels"] or {}).get(_LABEL + name, ""))
