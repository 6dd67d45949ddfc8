"""What the document promises of the backups of each store: how often, kept how long, where, how often validated."""

from __future__ import annotations

from rehearsal.runbook.model import BackupPolicy, Problem
from rehearsal.runbook.parts import Document, Item, Part
from rehearsal.runbook.schedules import NotAScheduleError, daily_time, interval_days, retention_days
from rehearsal.runbook.vocabulary import canonical, means

CHAPTER = "Automatic Backups"
_LABELS = ("frequency", "retention", "location", "validation")


class _NotAPolicyError(ValueError):
    """A policy that can't be read: what was expected and found, and the line."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def read_policies(document: Document) -> tuple[BackupPolicy, ...]:
    """Read the policy of each store; one that lacks something or makes no sense becomes a problem of the document."""
    found: list[BackupPolicy] = []
    for part in document.parts:
        labelled = [(canonical(label), item) for item in part.items for label in [item.label] if label]
        ours = [(label, item) for label, item in labelled if label in _LABELS]
        under_chapter = bool(part.above) and means(part.above[-1], CHAPTER)
        if ours and (under_chapter or {"frequency", "retention"} <= {label for label, _ in ours}):
            try:
                found.append(_policy(part, ours))
            except _NotAPolicyError as error:
                place = part.place(error.line)
                document.problems.append(Problem("backup", part.heading, str(error), place))
    return tuple(found)


def _policy(part: Part, labelled: list[tuple[str, Item]]) -> BackupPolicy:
    items: dict[str, Item] = {}
    for label, item in labelled:
        if label in items:
            msg = f"expected one line for the {label}, found another at line {items[label].step.line}"
            raise _NotAPolicyError(msg, item.step.line)
        items[label] = item
    for label in ("frequency", "retention", "location"):
        if label not in items or not items[label].value:
            line = items[label].step.line if label in items else part.line
            msg = f"expected a line that names the {label} of its backups, found none"
            raise _NotAPolicyError(msg, line)
    frequency, location = items["frequency"], items["location"]
    validation = items["validation"].value if "validation" in items else ""
    try:
        daily_at = daily_time(frequency.value)
    except NotAScheduleError as error:
        raise _NotAPolicyError(str(error), frequency.step.line) from None
    try:
        retention = retention_days(items["retention"].value)
    except NotAScheduleError as error:
        raise _NotAPolicyError(str(error), items["retention"].step.line) from None
    return BackupPolicy(
        store=part.heading,
        frequency=frequency.value,
        daily_at=daily_at,
        retention_days=retention,
        location=location.codes[0].text if location.codes else location.value,
        validation=validation,
        place=part.place(part.line),
        validation_days=interval_days(validation),
    )
