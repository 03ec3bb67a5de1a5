"""Withdrawing takes one click, and what rested on the consent is gone."""

from typing import TYPE_CHECKING

from .test_consent import section

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from .conftest import Home


async def test_taking_it_back_is_one_click_and_deletes_at_once(
    home: Home, browser: Browser
) -> None:
    await home.keep(1)
    async with home.admin.panel(browser, "consent") as panel:
        await section(panel, "keep").get_by_role("button", name="Take it back").click()
        await panel.sees("Taken back. One recording is deleted.")
    assert await home.kept() == 0
