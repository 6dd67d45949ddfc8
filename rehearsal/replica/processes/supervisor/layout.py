"""The replica's folders and files: a copy of the gateway directory, and what the servers expect to find."""

from __future__ import annotations

import os
import re
import shutil

from rehearsal.replica.processes.plan import Plan
from rehearsal.replica.processes.supervisor.copying import copy_folder

_REWRITTEN_LIMIT = 1 << 20


class LayoutError(Exception):
    """A replica's folders that could not be made: one sentence."""


def copy_gateway(source: str, plan: Plan, *, brought: bool) -> list[str]:
    """Copy the gateway directory into the replica, and return what of it is still to be shown there.

    With `brought`, packages of a package manager are copied, too. Raises LayoutError.
    """
    try:
        return copy_folder(source, plan.directory, without=plan.left_out, brought=brought)
    except shutil.Error as error:
        path, _, reason = error.args[0][0]
        raise LayoutError(_sentence(plan, f"{reason} ({os.path.relpath(path, source)})")) from None
    except OSError as error:
        raise LayoutError(_sentence(plan, str(error.strerror))) from None


def make_plain(plan: Plan) -> None:
    """Make the folder of a plain replica, with the copy of the gateway directory and programs in it."""
    # PostgreSQL runs as another user where we are root: it has to pass through, not to look.
    as_root = os.geteuid() == 0
    os.mkdir(plan.root, 0o711 if as_root else 0o700)
    # Packages, too: what a service writes beside them must not land in the machine's own.
    copy_gateway(plan.source, plan, brought=True)
    for source, target in plan.copies:
        shutil.copytree(source, target, symlinks=True)
    os.makedirs(f"{plan.root}/run/postgresql")
    if as_root:
        os.chmod(f"{plan.root}/run/postgresql", 0o777)  # noqa: S103 - the folder above is ours alone
    rewrite(f"{plan.directory}/scripts:{plan.directory}/scripts", plan.replacements)


def make(plan: Plan) -> None:
    """Make the folders, files and links of the plan. What the gateway directory has is left as it is."""
    for folder in plan.folders:
        os.makedirs(folder, exist_ok=True)
    for path in plan.replaced:
        clear_way(path, plan.root)
    for path, content in {**plan.replaced, **plan.files}.items():
        if os.path.lexists(path):
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        mode = 0o755 if content.startswith("#!") else 0o600
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(content)
    for path, target in plan.links.items():
        if not os.path.lexists(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(target, path)


def clear_way(path: str, root: str) -> None:
    """Remove a file, and each link on the way to it: it may lead to the live gateway's own."""
    own = path.removeprefix(root)
    for end in [at for at, char in enumerate(own) if char == "/" and at] + [len(own)]:
        place = root + own[:end]
        if os.path.islink(place) or (place == path and os.path.isfile(place)):
            os.unlink(place)


def rewrite(pair: str, replacements: tuple[tuple[str, str], ...]) -> None:
    """Copy a file or folder with addresses and paths replaced; `pair` is `from:to`, the same twice for in place.

    What is not there stays so.
    """
    source, _, target = pair.partition(":")
    if not os.path.exists(source):
        return
    if source != target:
        shutil.rmtree(target, ignore_errors=True)
        copy = shutil.copytree if os.path.isdir(source) else shutil.copyfile
        copy(source, target)
    files = [target] if os.path.isfile(target) else _files(target)
    for path in files:
        with open(path, "rb") as file:
            before = file.read(_REWRITTEN_LIMIT)
        try:
            text = before.decode()
        except UnicodeDecodeError:
            continue
        for pattern, new in replacements:
            text = re.sub(pattern, new, text)
        if text.encode() != before:
            with open(path, "w") as file:
                file.write(text)


def _sentence(plan: Plan, reason: str) -> str:
    return (
        f"expected to copy {plan.source} into the replica, whose disk has {plan.disk_mib} MiB, got: {reason};"
        " make the folder readable, or replica.disk_mib in gateway.toml larger"
    )


def _files(folder: str) -> list[str]:
    return [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names]
