"""What a gateway's Compose file says of its services' logs: that they end, that they are kept, and what is in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.gateway.compose_faults import Composed, Doubt
from rehearsal.gateway.postgres_settings import settings_of_postgres

_LOGS_ALL = (("log_statement", "all"), ("log_statement", "mod"), ("log_min_duration_statement", "0"))
_LIMITED = re.compile(
    r"[^\n.]*\b(?:rotat\w+|rotacion\w+|girad\w+)[^\n.]*\b(?:by|pelo) docker\b[^\n.]*"
    r"|[^\n.]*\b(?:docker|json-file|cont[aê]iner\w*)\b[^\n.]*"
    r"(?:max-size|\d+\s*(?:arquivos|files)[^\n.]*\d+\s*[mg]i?b|\d+\s*[mg]i?b[^\n.]*\d+\s*(?:arquivos|files))[^\n.]*",
    re.IGNORECASE,
)
_SHOWN = 120


def doubtful_logs(composed: Composed, document: str) -> Iterator[Doubt]:
    """Yield what is stored and logged, what grows without an end, and what nobody keeps.

    `document` is the text of the runbook, which may promise that logs end.
    """
    if "postgres" in composed.services:
        yield from _talkative(composed)
    yield from _endless_logs(composed, document)
    yield from _unlogged(composed)


def _talkative(composed: Composed) -> Iterator[Doubt]:
    name, said = composed.services["postgres"]
    for setting, value in settings_of_postgres(said, composed.gateway.directory).items():
        if (setting, value.lower()) in _LOGS_ALL:
            yield Doubt(f"{name} logs what is stored ({setting}={value}): the text of each mail stands in its log")


def _endless_logs(composed: Composed, document: str) -> Iterator[Doubt]:
    kept = {name: _keeps_few_logs(said) for name, said in composed.services.values()}
    left = [name for name, few in kept.items() if few is False]
    promise = _promise_of_limits(document)
    if left and (any(kept.values()) or promise):
        why = f"the document promises it: “{promise}”" if promise else "which other services have"
        yield Doubt(f"the logs of {', '.join(left)} grow without an end: no `max-size`, {why}")


def _promise_of_limits(document: str) -> str:
    """Return the sentence that promises that Docker limits its logs; empty where it has none."""
    found = _LIMITED.search(document)
    return " ".join(found[0].split())[:_SHOWN] if found else ""


def _logs_by(said: Mapping[str, Any]) -> tuple[str, bool]:
    logging = said.get("logging") or {}
    return str(logging.get("driver") or "json-file"), "max-size" in (logging.get("options") or {})


def _keeps_few_logs(said: Mapping[str, Any]) -> bool | None:
    """Tell whether Docker throws a service's older lines away; None where Docker does not keep them as files."""
    driver, limited = _logs_by(said)
    return limited or driver == "local" or (False if driver == "json-file" else None)


def _unlogged(composed: Composed) -> Iterator[Doubt]:
    """Yield the services that Docker keeps no log of at all: every command that shows it shows nothing."""
    for name, said in composed.services.values():
        if _logs_by(said)[0] == "none":
            yield Doubt(f"what {name} logs is thrown away (logging driver none): `docker logs` shows nothing of it")
