"""What an update of images came to, in the words of a check."""

from __future__ import annotations

from collections.abc import Sequence

from rehearsal.drills.images import ImagesUpdate
from rehearsal.gateway.procedure import has_no_meaning, what_is_wrong
from rehearsal.plugin.record import Record
from rehearsal.runbook import Procedure


def judge_images(seen: ImagesUpdate, written: Procedure, evidence: Record) -> None:
    """Judge all but whether newer images came: backed up first, up again, and nothing lost."""
    evidence.ran_all(seen.run)
    source = evidence.source(written.place)
    if not seen.pulls:
        evidence.critical("expected the section to pull images (`docker-compose pull`), found none", source=source)
    if seen.restarted:
        evidence.critical(
            "expected containers of the new images behind the pull (`up -d`), found a restart, which keeps the old",
            source=evidence.at(written.place, seen.restarted),
        )
    for problem in seen.problems:
        evidence.critical(f"after the update {problem}", source=source)
    for one in seen.differences[:1]:
        evidence.critical(
            f"expected all data to stay, found {len(seen.differences)} differences, such as {one.where}: expected"
            f" {one.expected}, found {one.observed}",
            source=source,
        )
    held = not evidence.findings
    for store, files in seen.backups.items():
        if not files:
            evidence.warning(
                f"expected a backup of {store} before its server is replaced, none was made", source=source
            )
    for command in seen.run.commands:
        if wrong := what_is_wrong(command):
            say = evidence.unknown if has_no_meaning(command) else evidence.warning if held else evidence.critical
            say(f"`{command.command}` {wrong}", source=evidence.at(written.place, command.line))
    if held:
        left_out = ", its pull left out (this replica has no registry)," if seen.without_pull else ""
        evidence.saw(f"after the section{left_out} all runs and nothing is lost")


def judge_pulled(
    pulled: Sequence[str], running: Sequence[str], what: str, written: Procedure, evidence: Record
) -> None:
    """Judge by the images that this machine has, and those that its containers are made from."""
    source = evidence.source(written.place)
    old = ", ".join(service for service in pulled if service not in running)
    if not pulled:
        evidence.critical(f"expected the {what} images, which a registry offers, to be pulled; none was", source=source)
    elif old:
        evidence.critical(f"the {what} images of {old} were pulled, and their containers have others", source=source)
    else:
        evidence.saw(f"the {what} images of {', '.join(pulled)} came from a registry, and run")
