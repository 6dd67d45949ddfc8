"""The corpus: gateways with one known defect each, and healthy ones that do it in another way."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from rehearsal.results.model import Outcome

CORPUS = Path(__file__).with_name("corpus")


class Change(BaseModel):
    """One replacement in one file of the gateway directory."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    file: str
    old: str
    new: str


class Case(BaseModel):
    """One gateway: how it differs from the reference gateway, and what must come of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    corpus: str
    """The file that it stands in, without `.toml`."""
    name: str
    run: tuple[str, ...]
    """Arguments of pytest that select the checks."""
    healthy: bool = False
    worst: Outcome = Outcome.CRITICAL
    """The least that a finding has to be for the defect to count as found."""
    change: tuple[Change, ...] = ()
    everywhere: tuple[Change, ...] = ()
    append: dict[str, str] = {}
    write: dict[str, str] = {}
    mode: dict[str, str] = {}

    def plant(self, reference: Path, folder: Path) -> None:
        """Copy the reference gateway to `folder` and change it. Raises ValueError for a change that changes nothing."""
        shutil.copytree(reference, folder)
        for number, one in enumerate((*self.change, *self.everywhere)):
            text = (folder / one.file).read_text()
            if one.old not in text:
                raise ValueError(f"case '{self.name}': {one.file} does not hold {one.old!r}")
            times = 1 if number < len(self.change) else -1
            (folder / one.file).write_text(text.replace(one.old, one.new, times))
        for name, text in self.append.items():
            with (folder / name).open("a") as file:
                file.write(text)
        for name, text in self.write.items():
            (folder / name).write_text(text)
        for name, mode in self.mode.items():
            (folder / name).chmod(int(mode, 8))


def cases() -> list[Case]:
    """Return all cases of the corpus."""
    files = sorted(CORPUS.glob("*.toml"))
    found: list[dict[str, Any]] = [
        {"corpus": path.stem, **one} for path in files for one in tomllib.loads(path.read_text())["case"]
    ]
    return [Case.model_validate(one) for one in found]
