"""Home Assistant's own pages on which a person pairs a satellite."""

import re
from typing import Final

from playwright.async_api import Locator, Page, expect

_LOADS_SECONDS: Final = 60.0
DIALOGUE: Final = "dialog-data-entry-flow"


async def press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=re.compile(f"^{name}$", re.IGNORECASE)).click()


async def pair(page: Page, url: str, port: int, code: str) -> None:
    """Add a satellite by its address, and enter its code."""
    await page.goto(f"{url}/config/integrations/dashboard/add?domain=indoor_voice")
    await page.get_by_role("button", name="OK").click(timeout=_LOADS_SECONDS * 1000)
    await page.get_by_text("A satellite: a microphone and loudspeaker in a room").click()
    fields = page.locator("ha-form input")
    await expect(fields).to_have_count(2)
    await fields.nth(0).fill("127.0.0.1")
    await fields.nth(1).fill(str(port))
    await press(page, "Submit")
    await expect(page.get_by_text("speaks its six-digit pairing code")).to_be_visible()
    await expect(fields).to_have_attribute("type", "tel")
    await fields.fill(f"{code[:3]} {code[3:]}")
    await press(page, "Submit")


async def choose_room(page: Page, name: str | None = None) -> None:
    """Choose a satellite's room; None leaves the one that it suggested."""
    await expect(page.get_by_text("Which room is it in?")).to_be_visible()
    if name is not None:
        await page.locator(f"{DIALOGUE} ha-area-picker").click()
        await page.get_by_text(name, exact=True).last.click()
    await press(page, "Finish")


async def ending(page: Page) -> Locator:
    """Return the sentence with which pairing ends, once it is shown."""
    found = page.locator(DIALOGUE).locator("ha-markdown p", has_text="All set")
    await expect(found).to_be_visible()
    return found


async def close(page: Page) -> None:
    """Close the dialogue."""
    dialogue = page.locator(DIALOGUE)
    await dialogue.get_by_text("Close", exact=True).click()
    await expect(dialogue).to_be_hidden()
