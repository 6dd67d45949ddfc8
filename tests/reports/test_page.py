from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.reports.demo import demo_report, filled_with
from tests.reports.page import write_page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
HOSTILE = "<img src=x onerror=alert(1)></script></style>\"'>E"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the Chromium that is installed here; without one the tests are skipped, in CI they fail."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        reason = f"no browser found on PATH: install one of {', '.join(BROWSERS)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield started
        started.close()


class Opened:
    """A page in the browser, with what it complained of and asked for."""

    def __init__(self, browser: Browser, path: Path, width: int = 1280) -> None:
        self.complaints: list[str] = []
        self.page: Page = browser.new_page(viewport={"width": width, "height": 900})
        self.page.on("console", lambda message: self.complaints.append(f"console {message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        self.page.on("request", lambda request: self._asked(request.url, path.as_uri()))
        self.page.goto(path.as_uri())

    def _asked(self, url: str, own: str) -> None:
        if url != own:
            self.complaints.append(f"request: {url}")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the page of the demonstration once."""
    return write_page(tmp_path_factory.mktemp("page"), demo_report(), "pt")


def test_opens_without_errors_or_network(browser: Browser, path: Path) -> None:
    """The page is whole in one file: no console message, no request."""
    opened = Opened(browser, path)
    assert opened.page.locator("#results-table > tbody").count() == len(demo_report().results)
    assert opened.complaints == []


def test_words_of_pytest_html_are_not_seen(browser: Browser, path: Path) -> None:
    """Nobody reads `Passed` beside a warning, or the environment of the machine."""
    page = Opened(browser, path).page
    seen = page.locator("body").inner_text()
    assert "Verificação do runbook: reference" in seen
    for word in (
        "Passed",
        "Failed",
        "Summary",
        "Environment",
        "tests took",
        "Report generated",
        "JAVA_HOME",
        "Plugins",
    ):
        assert word not in seen


def test_worst_stands_first_and_language_is_named(browser: Browser, path: Path) -> None:
    """The table begins with what is critical; the page says that it is in Portuguese."""
    page = Opened(browser, path).page
    first = page.locator("#results-table > tbody").first
    assert "crítico" in first.inner_text()
    assert page.locator("html").get_attribute("lang") == "pt-BR"


def test_outcomes_can_be_hidden(browser: Browser, path: Path) -> None:
    """The boxes filter by our outcomes, and what is hidden comes back."""
    page = Opened(browser, path).page
    rows = page.locator("#results-table > tbody:visible")
    box = page.locator("#show-ok")
    box.uncheck()
    assert rows.count() == len(demo_report().results) - 3
    box.check()
    assert rows.count() == len(demo_report().results)


def test_links_reach_their_evidence(browser: Browser, path: Path) -> None:
    """A finding leads to its row."""
    page = Opened(browser, path).page
    link = page.locator(".findings article.critical a", has_text="evidência")
    target = link.get_attribute("href")
    assert target is not None
    assert "test_restore_redis" in page.locator(target).inner_text()


@pytest.mark.parametrize("width", [400, 768, 1280])
def test_nothing_is_wider_than_the_screen(browser: Browser, path: Path, width: int) -> None:
    """The page reads on a phone without scrolling sideways."""
    page = Opened(browser, path, width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_paper_shows_folded_evidence(browser: Browser, path: Path) -> None:
    """On screen evidence of what is ok is folded; in print it is not."""
    page = Opened(browser, path).page
    folded = page.get_by_text("df answered for 2 file systems")
    assert not folded.is_visible()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert folded.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    assert not folded.is_visible()


def test_hostile_text_does_nothing(browser: Browser, tmp_path: Path) -> None:
    """Markup in every string of a report is shown, and runs nowhere."""
    hostile = filled_with(HOSTILE)
    opened = Opened(browser, write_page(tmp_path, hostile, "en"))
    assert opened.complaints == []
    assert opened.page.locator("#results-table > tbody").count() == len(hostile.results)
    assert opened.page.locator("img[src=x]").count() == 0
    assert "onerror=alert(1)" in opened.page.locator("body").inner_text()
