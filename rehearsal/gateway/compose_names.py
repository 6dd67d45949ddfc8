"""Services by names that a gateway's Compose file does not have, in the document's commands and in scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rehearsal.gateway.compose_faults import Composed, Doubt
from rehearsal.gateway.programs import scripts_in
from rehearsal.runbook import Command

_COMPOSE = re.compile(r"\bdocker(?:-compose|\s+compose)\s+([^;|&<>\n()\"'`]*)")
_ONE = ("exec", "run")
"""Behind their service stands what runs in it, which may be called as one is: `exec db psql -U postgres`."""
_MANY = ("restart", "start", "stop", "kill", "logs", "up", "pull", "build", "rm", "pause", "unpause", "ps")
_WITH_A_VALUE = re.compile(r"(?<=\s)(?:-u|--user|-w|--workdir|-e|--env|-n|--tail|-t|--timeout|--since|--until)[\s=]\S+")
_OF_ANOTHER_FILE = re.compile(r"(?:^|\s)(?:-f|--file|-p|--project-name|--profile)\b")


def nameless(composed: Composed, commands: list[Command]) -> Iterator[Doubt]:
    """Yield each name of a service that Compose would refuse: a replica knows its services by our names, too."""
    called = {ours: name for ours, (name, _) in composed.services.items() if ours not in composed.names}
    texts = [(f"`{one.text}` (line {one.line})", one.text) for one in commands]
    for path, text in scripts_in(composed.gateway.directory):
        lines = [line.strip() for line in text.split("\n")]
        texts += [(f"`{line}` of {path}", line) for line in lines if line[:1] != "#"]
    found = [(word, where) for where, text in texts for word in _services_in(text, composed) if word in called]
    for wrong, where in dict(reversed(found)).items():
        more = len({place for word, place in found if word == wrong}) - 1
        others = f", as {more} more do" if more else ""
        message = f"{where} names a service {wrong}{others}, which {composed.file} has not: there it is {called[wrong]}"
        yield Doubt(message, critical=True)


def _services_in(text: str, composed: Composed) -> Iterator[str]:
    """Yield the words of commands of Compose that stand where services do."""
    known = {*composed.names, *composed.services}
    for found in _COMPOSE.finditer(text):
        verb, *words = _WITH_A_VALUE.sub(" ", found[1]).split() or [""]
        named = [word for word in words if word in known]
        if verb in (*_ONE, *_MANY) and not _OF_ANOTHER_FILE.search(found[1]):
            yield from named[:1] if verb in _ONE else named
