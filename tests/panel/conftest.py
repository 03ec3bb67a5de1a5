"""Fixtures with a real Home Assistant and browser: a home with one room, and a flat with two."""

from typing import TYPE_CHECKING

import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.one_loop import share_one_loop
from tests.waiting import PATIENCE_SECONDS

from .chromium import ARGUMENTS, CHROMIUM
from .flat import Flat, move_into
from .home import Home, set_up_home
from .house import running_house

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    share_one_loop(items)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def home(folder: Path) -> AsyncIterator[Home]:
    async with running_house(folder / "home", {"Kitchen": "Satellite"}, seals=True) as house:
        yield await set_up_home(house)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def flat(folder: Path, request: pytest.FixtureRequest) -> AsyncIterator[Flat]:
    """Yield a flat for one test module, in which everyone has consented to keeping already."""
    async with move_into(folder / request.module.__name__) as flat:
        await flat.agree()
        yield flat


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def modules(home: Home, browser: Browser) -> AsyncIterator[Page]:
    """Yield a page from which tests can import the panel's modules by their relative names."""
    panels = await home.house.home_assistant.call("get_panels")
    page = await browser.new_page()
    module = panels["indoor-voice"]["config"]["_panel_custom"]["module_url"]
    await page.goto(f"{home.ben.url}{module}")
    yield page
    await page.close()
