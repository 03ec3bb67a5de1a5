"""Every page is accessible and fits the screen, on a dark phone and on a light desktop."""

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, expect

from .people import DESKTOP, PHONE
from .screens import check_screen, every

if TYPE_CHECKING:
    from .home import Home


@pytest.mark.parametrize(
    ("size", "dark", "where"), [(DESKTOP, False, "desktop-light"), (PHONE, True, "phone-dark")]
)
async def test_every_page_is_accessible_and_fits_the_screen(
    home: Home, browser: Browser, size: tuple[int, int], where: str, *, dark: bool
) -> None:
    await home.keep(2)
    async with home.ben.panel(browser, size=size, dark=dark) as panel:
        page = panel.page
        await panel.sees_heading("Kitchen")
        await check_screen(panel, f"rooms-{where}")
        await panel.open_page("My consent")
        await panel.sees("Yes in Kitchen")
        for details in await every(page.locator("summary")):
            await details.click()
        await check_screen(panel, f"consent-{where}")
        await panel.open_page("Recordings")
        await panel.sees("Your key is locked.")
        await panel.unlock()
        await panel.sees("Your key is unlocked in this browser")
        first = page.get_by_role("article").first
        await first.get_by_role("button", name="Show words").click()
        await first.get_by_role("button", name="Play").click()
        await expect(first.locator("canvas").first).to_be_visible()
        await first.get_by_role("button", name="Pause").click()
        await expect(first).to_contain_text("“Turn on")
        await check_screen(panel, f"recordings-{where}")
        await first.get_by_role("button", name="Delete").click()
        await check_screen(panel, f"deleting-{where}")
        await page.keyboard.press("Escape")
        await panel.open_page("Review")
        await panel.press("Begin")
        await panel.press("Play")
        await expect(page.get_by_role("button", name="Right")).to_be_enabled()
        await page.keyboard.press("?")
        await check_screen(panel, f"review-{where}")
        await panel.open_page("Who listened")
        await panel.sees("The ledger is complete")
        await panel.press("Everything")
        await panel.sees_heading("Everything about you")
        await check_screen(panel, f"ledger-{where}")
    async with home.guest.panel(browser, "recordings", size=size, dark=dark) as panel:
        await panel.sees("Your account isn't linked to a person in this home")
        await check_screen(panel, f"guest-{where}")
