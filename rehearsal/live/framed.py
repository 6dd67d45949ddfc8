"""A script on its way to a host: what surrounds it, and what of the answer is its own."""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

# What a login shell prints before and after, a banner or a greeting, stands outside of the marks. The script and its
# environment come on standard input, where no list of processes shows them, up to a NUL; that input then stays open,
# and when it ends, because this side or the connection is gone, so does all that the script has started.
_FRAME = (
    'IFS= read -r -d "" s; exec 3<&0 </dev/null; '
    "(exec >/dev/null 2>&1; read -r _ <&3; kill -TERM 0) & watch=$!; "
    'printf "\\036MARK begin\\036"; printf "\\036MARK begin\\036" >&2; '
    'bash <(printf %s "$s") 3<&-; code=$?; kill -KILL $watch 2>/dev/null; printf "\\036MARK end %s\\036" "$code"'
)
# The status and those of the last pipe are taken in one assignment: any other command would overwrite them.
_TRAILER = """
__rehearsal=("$?" "${PIPESTATUS[@]}")
printf '\\036MARK pipe %s\\036' "${__rehearsal[*]}"
exit "${__rehearsal[0]}"
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a framed script answered."""

    began: bool
    exit_code: int | None
    """None where it did not come to its end."""
    stdout: str
    stderr: str
    pipe_status: tuple[int, ...]
    astray: bool = False
    """Whether there is no such folder as it was to run in."""


class Framed:
    """One script with its frame."""

    def __init__(self, script: str, directory: str, timeout: float, environment: Mapping[str, str]) -> None:
        self._mark = secrets.token_hex(8)
        self._astray = f"\x1e{self._mark} astray\x1e"
        frame = _FRAME.replace("MARK", self._mark)
        self.command = f"timeout -k 2 {max(1, round(timeout))} bash --norc -c {shlex.quote(frame)}"
        """For the login shell of the host; it ends whatever the script started when its time is over."""
        lines = [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
        lines.append(f"cd -- {shlex.quote(directory)} || {{ printf '{self._astray}'; exit 1; }}")
        self.input = "\n".join([*lines, script]) + _TRAILER.replace("MARK", self._mark) + "\0"

    def answer(self, stdout: str, stderr: str) -> Answer:
        """Take the script's own words out of all that came."""
        began = re.split(f"\x1e{self._mark} begin\x1e", stdout, maxsplit=1)
        pieces = re.split(f"\x1e{self._mark} (pipe|end) ([0-9 ]*)\x1e", began[-1])
        said = dict(zip(pieces[1::3], pieces[2::3], strict=True))
        _, *pipe = map(int, said.get("pipe", "0").split())
        code = int(said["end"]) if "end" in said else None
        # Behind the statuses a trap of the script may speak; behind the end it is the login shell.
        texts = pieces[::3][: -1 if code is not None else None]
        return Answer(
            began=len(began) > 1,
            exit_code=code,
            stdout="".join(texts) if len(began) > 1 else "",
            stderr=re.split(f"\x1e{self._mark} begin\x1e", stderr, maxsplit=1)[-1],
            pipe_status=tuple(pipe) if len(pipe) > 1 else (),
            astray=self._astray in stdout,
        )
