"""Every page, on a telephone in the dark and on a desk in the light, is usable by everybody."""

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, expect

from .conftest import SCREENSHOTS
from .people import DESKTOP, PHONE

if TYPE_CHECKING:
    from .conftest import Home
    from .people import Panel

_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


async def look(panel: Panel, name: str) -> None:
    """Keep a picture, and check what is shown."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await panel.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    assert await panel.violations() == [], name
    assert not await panel.page.evaluate(_WIDE), name
    assert panel.errors == [], name


@pytest.mark.parametrize(
    ("size", "dark", "where"), [(DESKTOP, False, "desktop-light"), (PHONE, True, "phone-dark")]
)
async def test_everybody_can_use_every_page_on_every_screen(
    home: Home, browser: Browser, size: tuple[int, int], where: str, *, dark: bool
) -> None:
    await home.keep(2)
    async with home.ben.panel(browser, size=size, dark=dark) as panel:
        page = panel.page
        await panel.sees_heading("Kitchen")
        await look(panel, f"rooms-{where}")
        await panel.turn_to("My consent")
        await panel.sees("Yes in Kitchen")
        for details in await page.locator("summary").all():
            await details.click()
        await look(panel, f"consent-{where}")
        await panel.turn_to("Recordings")
        await panel.sees("Your key is locked.")
        await panel.unlock()
        await panel.sees("Your key is unlocked in this browser")
        first = page.get_by_role("article").first
        await first.get_by_role("button", name="Show the text").click()
        await first.get_by_role("button", name="Play").click()
        await expect(first.locator("canvas").first).to_be_visible()
        await first.get_by_role("button", name="Pause").click()
        await expect(first).to_contain_text("Said: ")
        await look(panel, f"recordings-{where}")
        await first.get_by_role("button", name="Delete").click()
        await look(panel, f"deleting-{where}")
        await page.keyboard.press("Escape")
        await panel.turn_to("Review")
        await panel.press("Begin")
        await panel.press("Play")
        await expect(page.get_by_role("button", name="Right")).to_be_enabled()
        await page.keyboard.press("?")
        await look(panel, f"review-{where}")
        await panel.turn_to("Who listened")
        await panel.sees_heading("Is the ledger whole?")
        await panel.press("Everything")
        await look(panel, f"ledger-{where}")
    async with home.guest.panel(browser, "recordings", size=size, dark=dark) as panel:
        await panel.sees("Your account belongs to none of the people of this home")
        await look(panel, f"guest-{where}")
