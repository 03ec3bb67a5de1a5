"""Finds and checks what people see on a page."""

from typing import TYPE_CHECKING

from playwright.async_api import expect

from .home import SCREENSHOTS

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from .people import Panel

_OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


async def check_screen(panel: Panel, name: str) -> None:
    """Take a screenshot, and check accessibility, page width and script errors."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await panel.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    assert await panel.violations() == [], name
    assert not await panel.page.evaluate(_OVERFLOWS), name
    assert panel.errors == [], name


async def every(locator: Locator) -> list[Locator]:
    """Return every element that matches, once there is one: `Locator.all` doesn't wait."""
    await expect(locator.first).to_be_attached()
    return await locator.all()


def section(panel: Panel, purpose: str) -> Locator:
    """Return the section of the page that asks for one consent."""
    return panel.page.locator(f"[data-purpose={purpose}]")
