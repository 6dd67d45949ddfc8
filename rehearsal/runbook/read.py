"""A file in, a runbook out."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from rehearsal.runbook.document import read_document
from rehearsal.runbook.inline import Written
from rehearsal.runbook.metadata import read_metadata
from rehearsal.runbook.model import Runbook, RunbookError
from rehearsal.runbook.paths import read_paths
from rehearsal.runbook.people import read_contacts, read_escalation
from rehearsal.runbook.policies import read_policies
from rehearsal.runbook.thresholds import read_thresholds

# A rule of dashes above a first heading is no front matter: that begins with a key.
_FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?=[A-Za-z][\w-]*:)(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_NEWLINES = re.compile(r"\r\n?")
# Python's splitlines() ends a line at these and Markdown does not: one way of counting lines is enough.
_NO_NEWLINES = str.maketrans(dict.fromkeys("\v\f\x1c\x1d\x1e\x85\u2028\u2029", " ") | {"\0": "\ufffd"})


def read_runbook(path: Path) -> Runbook:
    """Read a runbook whole; what is wrong in one part of it is kept in `problems`, and raised when it is asked for.

    Raises RunbookError for a document that can't be read at all: missing, unreadable, a directory, not UTF-8, empty,
    or without any heading.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        msg = f"expected a runbook at {path}, found no such file: name one with --runbook FILE"
        raise RunbookError(msg) from None
    except IsADirectoryError:
        msg = f"expected a runbook at {path}, found a directory: name the Markdown file in it"
        raise RunbookError(msg) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        msg = f"expected a runbook at {path}, which can't be read: {reason}"
        raise RunbookError(msg) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        msg = f"{path}:{line}: expected UTF-8 text, found the byte 0x{data[error.start]:02x}: save the file as UTF-8"
        raise RunbookError(msg) from None
    return parse_runbook(text, path, hashlib.sha256(data).hexdigest())


def parse_runbook(text: str, path: Path, sha256: str) -> Runbook:
    """Read the text of a runbook; `path` is what errors name. Raises RunbookError, see `read_runbook`."""
    text = _NEWLINES.sub("\n", text).translate(_NO_NEWLINES)
    if not text.strip():
        msg = f"{path}: expected a runbook, found an empty file"
        raise RunbookError(msg)
    body, front_matter = _without_front_matter(text)
    document = read_document(body)
    titled = [part for part in document.parts if part.plain]
    if not titled:
        msg = f"{path}:1: expected a runbook with at least one heading (`# Title`), found none"
        raise RunbookError(msg)
    about = read_metadata(document, front_matter)
    title = next((part for part in titled if part.level == 1), titled[0])
    return Runbook(
        path=path,
        text=text,
        sha256=sha256,
        title=title.plain,
        version=about.version,
        updated=about.updated,
        owner=about.owner,
        status=about.status,
        last_review=about.last_review,
        next_review=about.next_review,
        approved_by=about.approved_by,
        sections=tuple(part.section() for part in document.parts[1:]),
        thresholds=read_thresholds(document),
        backup_policies=read_policies(document),
        contacts=read_contacts(document),
        escalation=read_escalation(document),
        log_paths=read_paths(document, "log"),
        scripts=read_paths(document, "script"),
        links=tuple(document.links),
        problems=tuple(sorted(document.problems, key=lambda problem: problem.place.line)),
    )


def _without_front_matter(text: str) -> tuple[str, list[Written]]:
    """Return the text with its front matter blanked, so that lines keep their numbers, and the lines of it."""
    match = _FRONT_MATTER.match(text)
    if not match:
        return text, []
    lines = [Written(line, number) for number, line in enumerate(match[1].split("\n"), 2)]
    return "\n" * match[0].count("\n") + text[match.end() :], lines
