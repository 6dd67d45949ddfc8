"""`python -m rehearsal.replica.containers.images`: makes the images, a line for each step."""

from __future__ import annotations

import os
import shutil
import sys
import time

from rehearsal.replica.containers.images.build import IMAGES, BuildError, build, inputs, present


def main() -> int:
    """Make what is missing; the exit status is 2 where it can't be made here."""
    started = time.monotonic()

    def say(text: str) -> None:
        sys.stdout.write(f"[{time.monotonic() - started:5.1f} s] {text}\n")
        sys.stdout.flush()

    try:
        digest = inputs()
        if present(digest):
            say(f"all there: {', '.join(IMAGES.values())}")
            return 0
        _demand_tools()
        build(digest, say)
    except BuildError as error:
        sys.stderr.write(f"images: {error}\n")
        return 2
    say("done")
    return 0


def _demand_tools() -> None:
    if os.geteuid() != 0:
        msg = "expected to be root, who alone can unpack Debian's packages into an image; or pull images, see README"
        raise BuildError(msg)
    if shutil.which("mmdebstrap") is None:
        msg = "expected mmdebstrap on PATH, found none; .ci/engine installs it on Debian"
        raise BuildError(msg)


sys.exit(main())
