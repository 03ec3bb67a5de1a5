"""A home with one room and several people, a real Home Assistant, and a real browser."""

import shutil
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Final

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from .flat import Flat, move_into
from .furnished import furnished
from .home import Home, furnish
from .people import HOST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

CHROMIUM: Final = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "chromium"
)
"""Whichever of them the machine has; script/bootstrap sees to it that there is one."""
ARGUMENTS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    f"--host-resolver-rules=MAP {HOST} 127.0.0.1",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let all tests use one event loop, that of the house."""
    for item in items:
        if isinstance(item, pytest.Function) and iscoroutinefunction(item.function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def home(folder: Path) -> AsyncIterator[Home]:
    async with furnished(folder / "home", {"Kitchen": "Satellite"}, seals=True) as house:
        yield await furnish(house)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def flat(folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Flat]:
    """A home of a module's own that keeps already, for what is not about how that came to be."""
    async with move_into(folder / request.module.__name__) as flat:
        await flat.agree()
        yield flat


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=15_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def modules(home: Home, browser: Browser) -> AsyncIterator[Page]:
    """Yield a page from which a test imports the panel's modules, by their own names."""
    panels = await home.house.home_assistant.call("get_panels")
    page = await browser.new_page()
    module = panels["indoor-voice"]["config"]["_panel_custom"]["module_url"]
    await page.goto(f"{home.ben.url}{module}")
    yield page
    await page.close()
