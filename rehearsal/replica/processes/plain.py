"""What stands between a script and the machine in the plain arrangement, where no kernel does."""

from __future__ import annotations

import os
import re
from pathlib import Path

from rehearsal.gateway.description import Gateway
from rehearsal.gateway.target import NotOnThisTargetError
from rehearsal.replica.processes.plan import Plan

MISSING = (
    "a network of its own: servers listen on the machine's loopback, a script has a route out",
    "a disk of limited size",
    "the machine's folders out of sight",
    "resource figures of its own in /proc",
    "limits on memory and processors",
)
_PROGRAMS = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin")
_HARMLESS = re.compile(r"/dev/(null|zero|u?random|std(in|out|err)|fd/\d+)$")
# Addresses, sums, and the operator that looks like a home.
_NO_PATH = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s\"'`|;&<>()]*|\$\(\(.*?\)\)|=~", re.IGNORECASE)
_BETWEEN_WORDS = re.compile(r"[\s;|&()<>\"'`=:,{}]+")
_OPTION = re.compile(r"-+[A-Za-z]?(?=/)")
_NAME = re.compile(r"[\w.@%+*?-]+")
_SCRIPT = re.compile(r"([\w.-][\w./-]*\.sh)\b")


def prepare(script: str, plan: Plan, gateway: Gateway) -> str:
    """Return a script with the runbook's addresses replaced by this replica's.

    Raises NotOnThisTargetError when it, or a script of the gateway directory that it names, reaches for the machine.
    """
    ready = _replaced(script, plan)
    _refuse_paths(ready, plan, "it", own=True)
    for path in _scripts(script, gateway.directory):
        name = str(path.relative_to(gateway.directory))
        _refuse_paths(_replaced(path.read_text(errors="replace"), plan), plan, name, own=False)
    return ready


def _scripts(text: str, directory: Path) -> list[Path]:
    # Those that the text names, those that they name, and so on; a name may be relative to the script's own folder.
    found: list[Path] = []
    waiting = [(text, directory)]
    while waiting:
        text, folder = waiting.pop()
        for name in _SCRIPT.findall(text):
            for path in dict.fromkeys((directory / name, folder / name)):
                if path.is_file() and path not in found:
                    found.append(path)
                    waiting.append((path.read_text(errors="replace"), path.parent))
    return found


def path_inside(path: str, plan: Plan) -> str:
    """Return a path of the replica as the machine sees it. Raises NotOnThisTargetError for one of the machine's own."""
    whole = os.path.normpath(os.path.join(plan.directory, _replaced(path, plan)))  # noqa: PTH118 - no look at the disk
    if whole != plan.root and not whole.startswith(plan.root + "/"):
        msg = f"{path} lies outside the replica, which has no file system of its own (plain processes)"
        raise NotOnThisTargetError(msg)
    return whole


def _replaced(text: str, plan: Plan) -> str:
    for pattern, new in plan.replacements:
        text = re.sub(pattern, new, text)
    return text


def _refuse_paths(text: str, plan: Plan, where: str, *, own: bool) -> None:
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    for word in _BETWEEN_WORDS.split(_NO_PATH.sub(" ", lines)):
        path = _OPTION.sub("", word, count=1)
        if _reaches_out(path, plan.root) and (own or _is_there(path)):
            msg = (
                f"not run: {where} names {path}, which is the machine's own; this replica has no file system of its own"
                " (plain processes)"
            )
            raise NotOnThisTargetError(msg)


def _reaches_out(path: str, root: str) -> bool:
    if ".." in path.split("/") or path.startswith("~"):
        return True
    if not path.startswith("/") or path == root or path.startswith(f"{root}/") or _HARMLESS.match(path):
        return False
    first = path.lstrip("/").split("/")[0]
    if first and (not _NAME.fullmatch(first) or (path.endswith("/") and not _is_there(path))):
        # A pattern of awk or sed: /^Mem/ or /Validity/.
        return False
    return not path.startswith(tuple(f"{folder}/" for folder in _PROGRAMS))


def _is_there(path: str) -> bool:
    # A script of some length holds patterns and pieces of paths: only what begins with a folder of the machine counts.
    first = path.lstrip("/").split("/")[0]
    return path.startswith("~") or (path.startswith("/") and first != "" and os.path.lexists(f"/{first}"))
