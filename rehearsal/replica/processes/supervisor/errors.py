"""What a request can't be answered with."""

from __future__ import annotations


class RequestError(Exception):
    """A request that can't be done: one sentence."""
