"""Excuses from gateway.toml: what they cover, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rehearsal.results.model import Outcome, Result, Waiver

_SOON_DAYS = 7
_EXCUSABLE = (Outcome.CRITICAL, Outcome.WARNING)


def covers(waiver: Waiver, result: Result) -> bool:
    """Tell whether a waiver names this check: its node id, or the end of it from a file or folder name on.

    A name without `[parameter]` covers every parameter of the check, and one without the host covers it on every host.
    """
    return _names(waiver, result.node_id) or _names(waiver, _on_no_host(result))


def _on_no_host(result: Result) -> str:
    """Return the node id that the check has in a run over one host."""
    name, _, parameters = result.node_id.partition("[")
    rest = parameters.removeprefix(result.target)
    if not result.target or rest == parameters or rest[:1] not in ("-", "]"):
        return result.node_id
    return name if rest == "]" else f"{name}[{rest[1:]}"


def _names(waiver: Waiver, node_id: str) -> bool:
    name, bracket, parameter = node_id.partition("[")
    path, colons, test = name.partition("::")
    parts = path.split("/")
    ends = ["/".join(parts[start:]) + colons + test for start in range(len(parts))]
    return any(waiver.check in (end, end + bracket + parameter) for end in ends)


def waive(result: Result, waivers: Sequence[Waiver], today: date) -> Result:
    """Excuse a critical or a warning that a waiver covers today; return any other result as it is.

    What could not be verified is never excused: a result with anything unknown in it stays as it is.
    """
    seen = {result.outcome, *(f.outcome for f in result.findings), *(m.outcome for m in result.measurements)}
    if result.outcome not in _EXCUSABLE or Outcome.UNKNOWN in seen:
        return result
    valid = [waiver for waiver in waivers if waiver.expires >= today and covers(waiver, result)]
    if not valid:
        return result
    return replace(result, outcome=Outcome.WAIVED, waiver=max(valid, key=lambda waiver: waiver.expires))


def notes(waivers: Sequence[Waiver], results: Sequence[Result], today: date) -> tuple[str, ...]:
    """Say what a reader must know of the waivers after a run: expired, soon to expire, of no use.

    `results` are those that `waive` returned.
    """
    said = (_note(waiver, [r for r in results if covers(waiver, r)], today) for waiver in waivers)
    return tuple(note for note in said if note)


def _note(waiver: Waiver, covered: Sequence[Result], today: date) -> str:
    days = (waiver.expires - today).days
    if days < 0:
        return (
            f"The waiver of {waiver.check} expired on {waiver.expires} and counts for nothing: "
            f"mend what it excused, or ask {waiver.approver} for a new one."
        )
    if not covered:
        return f"The waiver of {waiver.check} matched no check of this run: correct its name or remove it."
    if not any(result.waiver == waiver for result in covered):
        return f"The waiver of {waiver.check} excused nothing in this run: remove it if it is no longer needed."
    if days <= _SOON_DAYS:
        return f"The waiver of {waiver.check} counts until {waiver.expires} only: mend what it excuses before."
    return ""
