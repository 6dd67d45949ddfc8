"""A pytest plugin for a test: checks see something at once, and neither run nor open anything."""

from __future__ import annotations

import pytest

from rehearsal.plugin import STATE, record_of


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let no check ask for a fixture."""
    for item in items:
        getattr(item, "fixturenames").clear()  # noqa: B009  mypy knows no such attribute


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool:
    """Let each check be content."""
    record_of(pyfuncitem, pyfuncitem.config.stash[STATE]).saw("it")
    return True
