"""Withdrawing consent takes one click and deletes the recordings that depended on it."""

from typing import TYPE_CHECKING

from .screens import section

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from .home import Home


async def test_withdrawing_takes_one_click_and_deletes_at_once(
    home: Home, browser: Browser
) -> None:
    await home.keep(1)
    async with home.admin.panel(browser, "consent") as panel:
        await section(panel, "keep").get_by_role("button", name="Take it back").click()
        await panel.sees("Withdrawn. One recording was deleted.")
    assert await home.kept() == 0
